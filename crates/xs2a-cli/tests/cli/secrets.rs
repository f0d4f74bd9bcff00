//! Where secrets come from, and where they are not.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use xs2a_sandbox::{BankFault, ConnectionSeed, SyncMode, SyncPlan};

use crate::stage::{HALF, KEY, PIN, Stage, finish, signal, wait_until};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_read_from_a_file_that_nobody_else_may_read() {
    let stage = Stage::new().await;
    let key = stage.secret_file("key", &format!("{KEY}\n"));
    let token = stage.secret_file("token", stage.ada.token());
    let (key, token) = (key.to_str().unwrap(), token.to_str().unwrap());
    let asks = |arguments: &[&str]| {
        let mut command = stage.command(arguments);
        command.env_remove("XS2A_API_KEY").env_remove("XS2A_ACCESS_TOKEN");
        stage.holds_no_secret(finish(command, ""))
    };
    let with_key = ["users", "list", "--api-key-file", key];
    let with_token = ["connections", "list", "--token-file", token];
    let as_user = ["connections", "list", "--api-key-file", key, "--user", stage.ada.id()];
    for arguments in [&with_key[..], &with_token, &as_user] {
        assert_eq!(asks(arguments).code, 0, "{arguments:?}");
    }
    for bits in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(key, fs::Permissions::from_mode(bits)).unwrap();
        let refused = asks(&with_key);
        assert_eq!(refused.code, 2, "{bits:o}: {refused:?}");
        assert!(refused.stderr.contains(&format!("chmod 600 {key}")), "{refused:?}");
    }
    assert_eq!(asks(&["users", "list", "--api-key-file", "/no/such/file"]).code, 1);
    // No option takes a secret as its value.
    for option in ["--api-key", "--token", "--pin", "--password", "--credentials"] {
        assert_eq!(asks(&["connections", "list", option, "x"]).code, 2, "{option}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_command_keeps_is_its_owners_alone_and_without_secrets() {
    let stage = Stage::new().await;
    let id = stage
        .sandbox
        .add_connection(&stage.ada, ConnectionSeed::new(SyncMode::Shared).credentials(HALF));
    let half = stage.secret_file("half", HALF);
    let sync = ["connections", "sync", &id, "--credentials-file", half.to_str().unwrap()];
    let run = stage.run(&sync);
    assert_eq!(run.code, 0, "{run:?}");

    let to = stage.path("new-half");
    let add = ["connections", "add", "--mode", "shared", "--credentials-to", to.to_str().unwrap()];
    let run = stage.run_with(&add, &format!("DE\n88888888\nabcdef\n{PIN}\ny\n"));
    assert_eq!(run.code, 0, "{run:?}");
    let handed_over = fs::read_to_string(&to).unwrap();
    assert!(!handed_over.trim().is_empty() && !run.stdout.contains(handed_over.trim()));
    assert!(!run.stderr.contains(handed_over.trim()));
    // A file that is there is not written over.
    assert_eq!(stage.run(&add).code, 1);
    assert_eq!(fs::read_to_string(&to).unwrap(), handed_over);

    let token = stage.path("ada-token");
    let made = stage.run(&["tokens", "create", stage.ada.id(), "--to", token.to_str().unwrap()]);
    let secret = fs::read_to_string(&token).unwrap();
    assert!(!made.stdout.contains(secret.trim()) && !made.stderr.contains(secret.trim()));

    let stored = stage.path("state/xs2a/syncs.db");
    assert_eq!([mode(&stored), mode(&to), mode(&token)], [0o600; 3]);
    let bytes = fs::read(&stored).unwrap();
    for secret in [KEY, PIN, HALF, stage.ada.token()] {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg(target_os = "linux")]
async fn the_process_list_shows_no_secret() {
    let stage = Stage::new().await;
    let id = stage
        .sandbox
        .add_connection(&stage.ada, ConnectionSeed::new(SyncMode::Shared).credentials(HALF));
    stage
        .sandbox
        .plan_next_sync(&id, SyncPlan::from(BankFault::Slow(std::time::Duration::from_secs(3600))));
    let half = stage.secret_file("half", HALF);
    let key = stage.secret_file("key", KEY);
    let arguments = ["connections", "sync", &id, "--credentials-file", half.to_str().unwrap()];
    let arguments = [&arguments[..], &["--api-key-file", key.to_str().unwrap()]].concat();
    let mut child = stage.command(&arguments).spawn().unwrap();
    wait_until("the sync", || stage.sandbox.acted("sync_connection") == 1);
    let list = fs::read_to_string(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert!(list.contains("--credentials-file"), "{list}");
    for secret in [KEY, HALF, stage.ada.token()] {
        assert!(!list.contains(secret), "{secret}: {list}");
    }
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
