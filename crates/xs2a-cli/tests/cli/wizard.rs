//! The wizard line by line, as a program that pipes the answers in meets it.

use xs2a_sandbox::{ConnectionSeed, SyncMode};

use crate::stage::{PIN, Run, Stage};

async fn add(login: &str) -> (Stage, Run) {
    let stage = Stage::new().await;
    let run = stage.run_with(&["connections", "add"], &format!("DE\n88888888\n{login}"));
    (stage, run)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_question_can_be_answered_with_a_line() {
    let rows = [
        ("plain", format!("abcdef\n{PIN}\ny\n"), ""),
        ("wrong PIN", format!("abcdef\n000000\ny\nabcdef\n{PIN}\ny\n"), "was rejected"),
        ("wrong TAN", format!("tan\n{PIN}\ny\n000000\n123456\n"), "`TAN` was rejected"),
        ("approval", format!("app\n{PIN}\ny\n"), "approved the login elsewhere"),
        ("captcha", format!("captcha\n{PIN}\ny\nabc\n"), ".png"),
        ("flicker", format!("flicker\n{PIN}\ny\n123456\n"), ".html"),
        ("accounts", format!("accounts\n{PIN}\ny\ny\ny\ny\n"), ""),
    ];
    for (name, login, word) in rows {
        let (stage, run) = add(&login).await;
        assert_eq!(run.code, 0, "{name}: {run:?}");
        assert!(run.stderr.contains(word) && run.stderr.contains("connected: "), "{name}: {run:?}");
        assert_eq!(stage.items(&["connections", "list"]).len(), 1, "{name}");
        assert_eq!(stage.sandbox.violations(), []);
        // What was written for the eyes is gone with the question.
        let file = run.stderr.split_whitespace().find(|word| word.ends_with(".png"));
        assert!(file.is_none_or(|file| !std::path::Path::new(file).exists()), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_ways_to_log_in_and_hidden_fields_are_answered() {
    for (code, login) in
        [("88888889", format!("\nabcdef\n{PIN}\ny\n")), ("88888890", format!("abcdef\n{PIN}\ny\n"))]
    {
        let stage = Stage::new().await;
        let lines = format!("DE\n{code}\n{login}");
        let run = stage.run_with(&["connections", "add"], &lines);
        assert_eq!(run.code, 0, "{code}: {run:?}");
        assert_eq!(stage.items(&["connections", "list"]).len(), 1, "{code}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_of_the_input_and_a_bank_that_has_enough_are_told() {
    let (_stage, run) = add("abcdef\n").await;
    assert!(run.code == 2 && run.stderr.contains("PIN: the input ended"), "{run:?}");
    let wrong = "abcdef\n000000\ny\n".repeat(3);
    let (stage, run) = add(&wrong).await;
    assert!(run.code == 9 && run.stderr.contains("the wizard session has failed"), "{run:?}");
    assert!(stage.items(&["connections", "list"]).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_renews_the_login_of_a_connection_on_its_last_attempt() {
    let stage = Stage::new().await;
    let seed = ConnectionSeed::new(SyncMode::Full).failures(2).login("tan");
    let seed = seed.last_synced(stage.sandbox.now() - std::time::Duration::from_secs(3600));
    let id = stage.sandbox.add_connection(&stage.ada, seed);
    let lines = format!("tan\n{PIN}\ny\n123456\n");
    let shown = &stage.items_with(&["connections", "reset", &id], &lines)[0];
    assert_eq!((&shown["state"], &shown["failures"]), (&"automatic".into(), &0.into()), "{shown}");
}
