//! The example shows one trace, with the server's side of each attempt below its call.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn the_calls_and_the_servers_side_of_them_are_one_trace() {
    let run = Command::new(env!("CARGO_BIN_EXE_opentelemetry-example")).output().unwrap();
    let shown = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success(), "{shown}{}", String::from_utf8_lossy(&run.stderr));
    assert!(shown.contains("\ntraces: 1\nprogram: night\n  program: xs2a.sync\n"), "{shown}");
    let call = "    program: POST /v1/api/connections/{connection_id}/sync\n      service: POST\n";
    assert!(shown.contains(call), "{shown}");
    let count = |what| shown.matches(what).count();
    assert_eq!(count("service: "), count("  program: GET ") + count("  program: POST "), "{shown}");
}
