//! The sandbox as a program: how it starts, what it prints, how it ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use jiff::Timestamp;

struct Program {
    child: Child,
    address: String,
}

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xs2a-sandbox"))
}

impl Program {
    fn start() -> Self {
        Self::with(&["--api-key", "SECRET-KEY"]).0
    }

    /// Starts the program and waits until it listens; what else it prints can be read.
    fn with(arguments: &[&str]) -> (Self, BufReader<ChildStdout>) {
        let mut child = command()
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        output.read_line(&mut ready).unwrap();
        let address = ready.trim().strip_prefix("listening on http://").unwrap().to_owned();
        (Self { child, address }, output)
    }

    fn get(&self, path: &str) -> String {
        self.get_from("localhost", path)
    }

    fn get_from(&self, host: &str, path: &str) -> String {
        // The credentials are api:SECRET-KEY.
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Basic YXBpOlNFQ1JFVC1LRVk=\r\nconnection: close\r\n\r\n"
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a signal; gives the exit code and the log.
    fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

#[test]
fn it_answers_once_it_says_so_logs_a_line_per_request_and_ends_cleanly_on_both_signals() {
    for signal in ["-INT", "-TERM"] {
        let program = Program::start();
        assert!(program.get("/v1/api/users?q=SECRET-QUERY").starts_with("HTTP/1.1 200"));
        assert!(program.get("/SECRET-PATH").starts_with("HTTP/1.1 404"));
        // A client that has connected and sends nothing does not delay the end.
        let _idle = TcpStream::connect(&program.address).unwrap();
        let (code, log) = program.stop(signal);
        assert_eq!(code, Some(0), "{log}");
        assert_eq!(log.lines().count(), 2, "{log}");
        assert!(log.contains("200 GET /v1/api/users list_users, acted"), "{log}");
        assert!(!log.contains("SECRET"), "{log}");
    }
}

#[test]
fn the_key_is_shown_when_none_was_given() {
    let (program, mut output) = Program::with(&[]);
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "API key: sandbox-api-key\n");
    program.stop("-TERM");

    let (program, mut output) = Program::with(&["--api-key", "SECRET-KEY"]);
    program.stop("-TERM");
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn the_clock_starts_at_the_time_of_the_machine_or_where_it_was_told() {
    let shown = |program: &Program| {
        let answer = program.get("/sandbox/clock");
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        let clock: serde_json::Value = serde_json::from_str(body).unwrap();
        clock["now"].as_str().unwrap().parse::<Timestamp>().unwrap()
    };
    let before = Timestamp::now().as_second();
    let program = Program::start();
    let started = shown(&program).as_second();
    assert!(before <= started && started <= Timestamp::now().as_second());
    program.stop("-TERM");

    let start = "2026-01-31T09:00:00Z";
    let (program, _) = Program::with(&["--starts-at", start]);
    assert_eq!(shown(&program).to_string(), start);
    program.stop("-TERM");
}

#[test]
fn with_real_time_the_clock_runs_without_a_request() {
    let start = "2026-01-31T09:00:00Z";
    let (program, _) = Program::with(&["--starts-at", start, "--real-time"]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while program.get("/sandbox/clock").contains(start) {
        assert!(Instant::now() < deadline, "the clock stands still");
        std::thread::yield_now();
    }
    program.stop("-TERM");
}

#[test]
fn orders_are_taken_under_the_names_that_were_allowed() {
    let (program, _) = Program::with(&["--control-host", "sandbox", "--control-host", "bank"]);
    for (host, status) in [("sandbox", "200"), ("bank", "200"), ("localhost", "200"), ("x", "403")]
    {
        let answer = program.get_from(host, "/sandbox");
        assert_eq!(answer.split(' ').nth(1), Some(status), "{host}");
    }
    program.stop("-TERM");
}

#[test]
fn a_session_that_opens_is_told_with_a_link_to_its_user_s_form() {
    let (program, _) = Program::with(&["--api-key", "SECRET-KEY", "--scenario", "one-morning"]);
    let state = program.get("/sandbox/state");
    let transaction = state.split("\"sessions\":[{\"transaction\":\"").nth(1).unwrap();
    let link =
        format!("http://{}/#session={}", program.address, transaction.split('"').next().unwrap());
    assert!(program.get("/").starts_with("HTTP/1.1 200"));
    let (_, log) = program.stop("-TERM");
    assert!(log.contains(&format!("a wizard session waits for its user: {link}\n")), "{log}");
    assert!(!log.contains("SECRET"), "{log}");
}

#[test]
fn what_keeps_it_from_starting_is_told_in_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, word) in [
        (vec!["--listen", taken.as_str()], "in use"),
        (vec!["--listen", "here"], "--listen"),
        (vec!["--seed", "-1"], "-1"),
        (vec!["--seed", "much"], "much"),
        (vec!["--florp"], "--florp"),
        (vec!["--webhook-url", "ftp://example.com"], "webhook"),
        (vec!["--starts-at", "tomorrow"], "--starts-at"),
        (vec!["--control-host", "http://sandbox"], "host name"),
        (vec!["--scenario", "none.yaml"], "none.yaml cannot be read"),
        (vec!["--scenario", "Cargo.toml"], "Cargo.toml:2:1: "),
    ] {
        let run = command().args(&arguments).output().unwrap();
        let told = String::from_utf8(run.stderr).unwrap();
        assert!(!run.status.success(), "{arguments:?}");
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.starts_with("xs2a-sandbox: ") && told.contains(word), "{told}");
        assert_eq!(run.stdout, b"");
    }
}

#[test]
fn the_help_teaches() {
    let help = command().arg("--help").output().unwrap();
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    for word in [
        "curl",
        "88888888",
        "/sandbox",
        "--seed",
        "--starts-at",
        "--real-time",
        "--control-host",
        "--scenario",
        "--cors",
        "SIGTERM",
    ] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn output_that_nobody_reads_is_no_error() {
    let start = |arguments: &[&str]| {
        let mut child = command()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        child
    };
    let help = start(&["--help"]).wait_with_output().unwrap();
    assert!(help.status.success(), "{help:?}");

    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let child = start(&["--listen", &free, "--quiet"]);
    let program = Program { child, address: free };
    let deadline = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect(&program.address).is_err() {
        assert!(Instant::now() < deadline, "the program does not listen");
        std::thread::yield_now();
    }
    assert!(program.get("/sandbox").starts_with("HTTP/1.1 200"));
    assert_eq!(program.stop("-TERM"), (Some(0), String::new()));
}

/// Skipped if there is no curl.
#[test]
fn the_orders_of_the_readme_are_taken_when_pasted() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("skipped: there is no curl");
        return;
    }
    let blocks = include_str!("../README.md").split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split("```").next());
    let orders: Vec<&str> = blocks.filter(|block| block.contains("/sandbox")).collect();
    assert_eq!(orders.len(), 4);
    for block in orders {
        let program = Program::start();
        let lines = block.replace("127.0.0.1:4010", &program.address);
        let lines = lines.replace("curl -s", "curl -s --fail-with-body");
        let output = Command::new("sh").args(["-c", &lines]).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        // The last line of a block may ask for a transaction that is not there.
        let refusals: Vec<&str> =
            printed.split_inclusive('}').filter(|part| part.contains(r#""code":4"#)).collect();
        let expected = usize::from(block.contains("TRANSACTION"));
        assert_eq!(refusals.len(), expected, "{refusals:?}");
        program.stop("-TERM");
    }
}

/// Skipped if there is no curl.
#[test]
fn the_lines_of_the_readme_work_when_pasted() {
    let has_curl = Command::new("curl").arg("--version").output().is_ok();
    if !has_curl {
        eprintln!("skipped: there is no curl");
        return;
    }
    let program = Program::start();
    let readme = include_str!("../README.md");
    let lines = readme
        .split("```sh\n")
        .filter_map(|block| block.split("```").next())
        .find(|block| block.contains("accesstokens"))
        .unwrap()
        .replace("127.0.0.1:4010", &program.address)
        .replace("api:KEY", "api:SECRET-KEY");
    let output = Command::new("sh").args(["-c", &lines]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let statuses: Vec<&str> = printed
        .lines()
        .filter(|line| line.len() == 3 && line.bytes().all(|byte| byte.is_ascii_digit()))
        .collect();
    // Three steps of the wizard, the list, sync, reset, balance, turnovers, delete, and gone.
    let expected = ["200", "200", "200", "200", "204", "202", "200", "200", "200", "404"];
    assert_eq!(statuses, expected, "{printed}");
    program.stop("-TERM");
}
