//! A short soak: a few random scenarios, always the same ones. `.ci/run` plays a thousand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use clap::ValueEnum as _;
use xs2a_tests::soak::promises::{Promise, judge};
use xs2a_tests::soak::{Sabotage, Summary, play};

#[test]
fn the_promises_hold_whatever_the_network_the_banks_the_stores_and_the_clocks_do() {
    let mut summary = Summary::default();
    for seed in 0..24 {
        let evidence = play(seed, None);
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

#[test]
fn a_rule_that_is_broken_on_purpose_is_noticed() {
    for &sabotage in Sabotage::value_variants() {
        let notices = |seed| {
            let broken = judge(&play(seed, Some(sabotage))).broken;
            broken.iter().any(|broken| broken.promise == sabotage.breaks())
        };
        let seed = (0..100).find(|seed| notices(*seed));
        println!("{sabotage}: noticed at seed {seed:?}");
        assert!(seed.is_some(), "{sabotage} goes unnoticed");
    }
}
