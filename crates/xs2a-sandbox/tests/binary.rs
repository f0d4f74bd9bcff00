//! The sandbox as a program: how it starts, what it says, how it ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

struct Program {
    child: Child,
    address: String,
}

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xs2a-sandbox"))
}

impl Program {
    fn start() -> Self {
        let mut child = command()
            .args(["--listen", "127.0.0.1:0", "--api-key", "SECRET-KEY"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        output.read_line(&mut ready).unwrap();
        let address = ready.trim().strip_prefix("listening on http://").unwrap().to_owned();
        Self { child, address }
    }

    fn get(&self, path: &str) -> String {
        // The credentials are api:SECRET-KEY.
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: sandbox\r\nauthorization: Basic YXBpOlNFQ1JFVC1LRVk=\r\nconnection: close\r\n\r\n"
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a signal, and gives the code of the exit and what was logged.
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
        // Somebody who has connected and says nothing does not hold up the end.
        let _idle = TcpStream::connect(&program.address).unwrap();
        let (code, log) = program.stop(signal);
        assert_eq!(code, Some(0), "{log}");
        assert_eq!(log.lines().count(), 2, "{log}");
        assert!(log.contains("200 GET /v1/api/users list_users, acted"), "{log}");
        assert!(!log.contains("SECRET"), "{log}");
    }
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
    for word in ["curl", "88888888", "/sandbox", "--seed", "--dialect", "SIGTERM"] {
        assert!(help.contains(word), "{word}");
    }
}

/// Skipped where there is no curl.
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
