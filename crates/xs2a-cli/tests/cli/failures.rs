//! What goes wrong: two lines, and an exit code by kind.

use xs2a_sandbox::{BankFault, ConnectionSeed, Fault, SyncMode};

use crate::stage::{KEY, Run, Stage, bare, finish};

/// The last two lines say what happened and what to do, and nothing else is printed.
fn told_in_two_lines(run: &Run) {
    let lines: Vec<_> = run.stderr.lines().collect();
    let [.., what, next] = lines.as_slice() else { panic!("{run:?}") };
    assert!(what.starts_with("error: ") && next.starts_with("next:  "), "{run:?}");
    assert!(next.len() > "next:  ".len(), "{run:?}");
    for wrong in ["panicked", "backtrace", "Error {", "Some(", "\u{1b}["] {
        assert!(!run.stderr.contains(wrong), "{run:?}");
    }
    assert_eq!(run.stdout, "", "{run:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_outcome_has_its_exit_code_and_two_lines() {
    let stage = Stage::new().await;
    let add = |seed: ConnectionSeed| stage.sandbox.add_connection(&stage.ada, seed);
    let full = || ConnectionSeed::new(SyncMode::Full);
    let (last, disabled) = (add(full().failures(2)), add(full().failures(3)));
    let (shared, none) =
        (add(ConnectionSeed::new(SyncMode::Shared)), add(ConnectionSeed::new(SyncMode::None)));
    let (wrong, tan) = (add(full()), add(full()));
    stage.sandbox.fail_next_sync(&wrong, BankFault::WrongPassword);
    stage.sandbox.fail_next_sync(&tan, BankFault::TanRequired);

    let rows: &[(&[&str], i32, &str)] = &[
        (&["connections", "shw"], 2, "shw"),
        (&["connections", "show"], 2, "<ID>"),
        (&["users", "create", "Ada"], 2, "<EMAIL>"),
        (&["connections", "show", "no-such"], 3, "404"),
        (&["connections", "sync", &none], 4, "connections reset"),
        (&["connections", "sync", &tan], 4, "connections reset"),
        (&["connections", "sync", &last], 5, "--spend-last-attempt"),
        (&["connections", "sync", &last, "--no-wait"], 5, "--spend-last-attempt"),
        (&["connections", "sync", &disabled], 5, "connections delete"),
        (&["connections", "sync", &shared], 5, "--credentials-file"),
        (&["connections", "sync", &wrong], 9, "connections show"),
        (&["connections", "delete", &wrong], 2, "--yes"),
        (&["connections", "resume"], 3, "connections sync"),
        (&["connections", "reset", &shared], 2, "--credentials-to"),
        (&["connections", "list", "--base-url", "http://127.0.0.1:9"], 7, "--base-url"),
        (&["connections", "list", "--base-url", "http://example.com"], 2, "https"),
        (&["connections", "list", "--state-dir", "/dev/null/x"], 1, "another place"),
        (&["fleet", "status", "--store", "/no/such/folder/fleet.db"], 1, "path"),
        (&["tokens", "list", "no-such"], 3, "404"),
        (&["turnovers", "list", "no-such"], 3, "404"),
    ];
    for (arguments, code, word) in rows {
        let run = stage.run(arguments);
        assert_eq!(run.code, *code, "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(word), "{arguments:?} without {word}: {run:?}");
        told_in_two_lines(&run);
    }
    // What was refused by rule was not sent.
    for id in [&last, &disabled, &shared, &none] {
        assert_eq!(stage.sandbox.counts(id).syncs_received, 0);
    }
    let spent = stage.run(&["connections", "sync", &last, "--spend-last-attempt"]);
    assert_eq!((spent.code, stage.sandbox.counts(&last).syncs_acted), (0, 1), "{spent:?}");

    stage.sandbox.fault(Fault::Throttle { retry_after: None }).on("list_users").every(1);
    stage.sandbox.fault(Fault::Throttle { retry_after: None }).on("list_events").every(1);
    let run = stage.run(&["users", "list"]);
    assert_eq!(run.code, 7, "{run:?}");
    told_in_two_lines(&run);
}

#[test]
fn a_command_without_a_key_says_where_a_key_comes_from() {
    for (arguments, word) in
        [(["users", "list"], "XS2A_API_KEY"), (["connections", "list"], "XS2A_ACCESS_TOKEN")]
    {
        let mut command = bare(&arguments);
        command.env("HOME", "/nonexistent");
        let run = finish(command, "");
        assert!(run.code == 2 && run.stderr.contains(word), "{run:?}");
        told_in_two_lines(&run);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_refused_and_not_repeated_to_the_screen() {
    let stage = Stage::new().await;
    let mut command = stage.command(&["users", "list"]);
    command.env("XS2A_API_KEY", format!("{KEY}-wrong"));
    let run = stage.holds_no_secret(finish(command, ""));
    assert_eq!(run.code, 6, "{run:?}");
    told_in_two_lines(&run);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_steers_a_terminal_is_not_printed_as_it_came() {
    let stage = Stage::new().await;
    let evil =
        ConnectionSeed::new(SyncMode::Full).failures(1).message("red \u{1b}[31m \u{7} words");
    let id = stage.sandbox.add_connection(&stage.ada, evil);
    for arguments in [&["connections", "show", id.as_str()][..], &["connections", "list"]] {
        let run = stage.run(arguments);
        assert!(run.code == 0 && !run.stdout.contains(['\u{1b}', '\u{7}']), "{run:?}");
    }
}

#[test]
fn the_help_teaches_by_example_and_names_the_exit_codes() {
    let help = finish(bare(&["--help"]), "");
    assert_eq!(help.code, 0);
    for word in ["Examples:", "xs2a connections sync ID", "130", "XS2A_API_KEY"] {
        assert!(help.stdout.contains(word), "{word}: {}", help.stdout);
    }
    let none = finish(bare(&[]), "");
    assert!(none.code == 2 && none.stderr.contains("Examples:"), "{none:?}");
    assert_eq!(none.stdout, "");
}
