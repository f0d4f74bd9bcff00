#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| xs2a_fuzz_targets::forms::run(data));
