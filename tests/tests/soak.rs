//! A short soak: a few dozen random scenarios, always the same ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use xs2a_tests::soak::promises::{Promise, judge};
use xs2a_tests::soak::{Summary, play};

#[test]
fn the_promises_hold_whatever_the_network_and_the_banks_do() {
    let mut summary = Summary::default();
    for seed in 0..24 {
        let evidence = play(seed);
        let verdict = judge(&evidence);
        summary.add(&evidence, &verdict);
        for broken in &verdict.broken {
            println!("seed {seed}: {broken}");
        }
    }
    println!("{summary}");
    assert!(summary.is_clean());
    for promise in Promise::ALL {
        assert!(summary.checked(promise) > 0, "{promise} was held against nothing");
    }
}
