//! The forms of the output, and who reads them.

use std::io::{BufRead, BufReader, Read};

use xs2a_sandbox::{ConnectionSeed, SyncMode};

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_has_enough_ends_the_command_quietly() {
    let stage = Stage::with(|builder| builder.judged(false)).await;
    // More than a pipe holds.
    let seed = ConnectionSeed::new(SyncMode::Full).without_accounts();
    stage.sandbox.add_connections(&stage.ada, vec![seed; 700]);
    for format in ["csv", "table", "json"] {
        let mut child = stage.command(&["connections", "list", "-o", format]).spawn().unwrap();
        let mut reader = BufReader::with_capacity(16, child.stdout.take().unwrap());
        let mut first = vec![0; 16];
        reader.read_exact(&mut first).unwrap();
        drop(reader);
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!((ended.status.code(), told.as_str()), (Some(0), ""), "{format}");
    }
    let limited = stage.run(&["connections", "list", "-o", "csv", "--limit", "3"]);
    assert_eq!(limited.stdout.lines().count(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_list_is_an_empty_list_in_every_form() {
    let stage = Stage::new().await;
    assert!(stage.items(&["connections", "list"]).is_empty());
    let table = stage.run(&["connections", "list"]);
    assert_eq!((table.stdout.as_str(), table.stderr.as_str()), ("", "none\n"));
    let csv = stage.run(&["connections", "list", "-o", "csv"]);
    assert!(csv.stdout.starts_with("id,bank_name,") && csv.stdout.lines().count() == 1, "{csv:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_told_as_they_come() {
    let stage = Stage::new().await;
    let arguments = ["events", "follow", "-o", "json", "--pause", "1"];
    let mut child = stage.command(&arguments).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (told, line) = std::sync::mpsc::channel();
    std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| told.send(line)));
    crate::stage::wait_until("two looks", || stage.sandbox.received("list_events") > 1);
    let id = stage.sandbox.add_connection(&stage.ada, ConnectionSeed::new(SyncMode::Full));
    let line = line.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    let event = &crate::stage::items_of(&line)[0];
    assert!(event["type"].as_str().unwrap().contains("connection"), "{id}: {event}");
    crate::stage::signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
