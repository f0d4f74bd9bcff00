//! Nights of a large fleet in virtual time: within every limit at every second, and a word on
//! everyone.
//!
//! `FLEET_NIGHT=1000000 cargo test --release -p xs2a-tests --test fleet_night -- --nocapture` is a night
//! of a million connections; by default the nights are small ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use xs2a_tests::night::{Size, pass, peak_memory};

fn size() -> Size {
    match std::env::var("FLEET_NIGHT").map(|number| number.parse::<usize>().unwrap()) {
        Ok(connections) => {
            let per_second = u32::try_from(connections / 10_000).unwrap().max(1);
            Size { connections, per_user: 20, hours: 5, nights: 1, per_second, at_once: 300 }
        }
        Err(_) => Size {
            connections: 7_500,
            per_user: 20,
            hours: 1,
            nights: 2,
            per_second: 3,
            at_once: 20,
        },
    }
}

#[tokio::test(start_paused = true)]
async fn a_night_stays_within_every_limit_and_says_a_word_on_everyone() {
    let size = size();
    let summary = pass(size).await;
    let counts = &summary.counts;
    println!("{size:?}\n{summary:#?}");
    println!(
        "{:.2} requests and {:.0} µs for each connection and night; peak memory {}",
        counts.requests as f64 / size.connections as f64 / size.nights as f64,
        summary.took.as_secs_f64() * 1e6 / size.connections as f64 / size.nights as f64,
        peak_memory(),
    );
    assert_eq!((summary.unreported, summary.missed_twice, summary.open), (0, 0, 0));
    for words in &summary.nights {
        for word in ["succeeded", "watched", "failed", "parked", "user_needed", "not_reached"] {
            assert!(words.contains_key(word), "{word} never happened: {words:?}");
        }
    }
    for happened in [counts.lost, counts.late, counts.throttled, counts.by_itself, counts.logged_in]
    {
        assert!(happened > 0, "{counts:?}");
    }
}
