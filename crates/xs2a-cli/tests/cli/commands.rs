//! Every command, once, against the sandbox.

use std::collections::BTreeSet;

use serde_json::Value;
use xs2a_sandbox::{ConnectionSeed, SyncMode};

use crate::stage::{PIN, Stage, bare, finish, items_of};

/// Runs commands and remembers which.
struct Story {
    stage: Stage,
    told: BTreeSet<String>,
}

impl Story {
    /// A command that changes something.
    fn act(&mut self, leaf: &str, arguments: &[&str]) -> Value {
        self.answer(leaf, arguments, "")
    }

    fn answer(&mut self, leaf: &str, arguments: &[&str], input: &str) -> Value {
        self.told.insert(leaf.to_owned());
        let command: Vec<_> = leaf.split(' ').chain(arguments.iter().copied()).collect();
        let items = self.stage.items_with(&command, input);
        items.into_iter().next().unwrap_or_default()
    }

    /// A command that changes nothing: in all three forms, which say the same.
    fn ask(&mut self, leaf: &str, arguments: &[&str]) -> Vec<Value> {
        self.told.insert(leaf.to_owned());
        let command: Vec<_> = leaf.split(' ').chain(arguments.iter().copied()).collect();
        let items = self.stage.items(&command);
        let csv = self.stage.run(&[command.as_slice(), &["-o", "csv"]].concat());
        let mut reader = csv::Reader::from_reader(csv.stdout.as_bytes());
        let names: BTreeSet<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), items.len(), "{csv:?}");
        if let Some(Value::Object(item)) = items.first() {
            assert_eq!(names, item.keys().cloned().collect(), "{leaf}");
        }
        let table = self.stage.run(&command);
        assert_eq!(table.code, 0, "{table:?}");
        assert!(items.is_empty() == table.stdout.is_empty(), "{table:?}");
        items
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_does_what_its_name_says() {
    let stage = Stage::new().await;
    let healthy = ConnectionSeed::new(SyncMode::Full);
    let id = stage.sandbox.add_connection(&stage.ada, healthy.clone());
    let (store, token) = (stage.path("fleet.db"), stage.path("token"));
    let (store, token) = (store.to_str().unwrap().to_owned(), token.to_str().unwrap().to_owned());
    let manual = stage.path("man");
    let mut story = Story { stage, told: BTreeSet::new() };

    let erika = story.act("users create", &["Erika Mustermann", "erika@example.com"]);
    let erika = text(&erika["id"]);
    assert_eq!(story.ask("users list", &[]).len(), 2);
    assert_eq!(story.ask("users show", &[&erika])[0]["name"], "Erika Mustermann");

    let made = story.act("tokens create", &[&erika, "--to", &token]);
    let token_id = text(&made["id"]);
    assert_eq!(story.ask("tokens list", &[&erika]).len(), 1);
    story.ask("tokens show", &[&erika, &token_id]);
    let longer = story.act("tokens refresh", &[&erika, &token_id, "--hours", "5"]);
    assert!(text(&longer["valid_until"]) > text(&made["valid_until"]));
    // The file holds the token, and the token opens the user's calls.
    let none = story.stage.items(&["connections", "list", "--token-file", &token]);
    assert!(none.is_empty(), "{none:?}");

    assert_eq!(story.ask("connections list", &[])[0]["id"], *id);
    let shown = &story.ask("connections show", &[&id])[0];
    assert_eq!((&shown["state"], &shown["calls_left"]), (&"automatic".into(), &3.into()));
    let synced = story.act("connections sync", &[&id]);
    assert_eq!(synced["outcome"], "succeeded");
    assert_eq!(story.stage.items(&["connections", "show", &id])[0]["calls_left"], 2);
    let started = story.act("connections sync", &[&id, "--no-wait"]);
    assert_eq!(started["outcome"], "still_running");
    assert_eq!(story.act("connections resume", &[])["outcome"], "succeeded");
    assert_eq!(story.stage.sandbox.acted("sync_connection"), 2);

    let login = format!("DE\n88888888\nabcdef\n{PIN}\ny\n");
    let added = story.answer("connections add", &["--mode", "full"], &login);
    let transaction = text(&added["transaction"]);
    assert_eq!(story.ask("sessions show", &[&transaction])[0]["finished"], true);
    let added = text(&added["id"]);
    // A login that ends in the second in which the one before ended cannot be told from it.
    story.stage.sandbox.advance(std::time::Duration::from_secs(60));
    story.answer("connections reset", &[&added], &format!("abcdef\n{PIN}\ny\n"));
    story.act("connections delete", &[&added, "--yes"]);
    assert_eq!(story.stage.items(&["connections", "list"]).len(), 1);

    let accounts = story.ask("accounts list", &["--connection", &id]);
    let account = text(&accounts[0]["id"]);
    story.ask("accounts show", &[&account]);
    let balance = &story.ask("balance", &[&account])[0];
    assert!(text(&balance["booked"]).parse::<f64>().is_ok(), "{balance}");
    let all = story.ask("turnovers list", &[&account]).len();
    assert!(all > 0);
    story.act("turnovers mark-seen", &[&account]);
    assert!(story.stage.items(&["turnovers", "list", &account, "--new"]).is_empty());
    story.act("accounts delete", &[&account, "--yes"]);
    assert_eq!(story.ask("accounts list", &["--connection", &id]).len(), accounts.len() - 1);

    let events = story.ask("events list", &["--limit", "2"]);
    assert_eq!(events.len(), 2);
    story.ask("events show", &[&text(&events[0]["id"])]);
    let since = ["--since", "2020-01-01T00:00:00Z", "--limit", "2"];
    assert_eq!(story.ask("events follow", &since).len(), 2);
    story.ask("banks list", &["--country", "AT"]);
    story.ask("banks show", &["88888888"]);
    assert!(!story.ask("banks search", &["test", "--limit", "2"]).is_empty());

    let full = ConnectionSeed::new(SyncMode::None);
    story.stage.sandbox.add_connection(&story.stage.ada, full);
    let enrolled = story.act("fleet enrol", &["--store", &store]);
    assert_eq!((&enrolled["connections"], &enrolled["new"]), (&2.into(), &2.into()));
    let one = ["fleet", "enrol", &erika, "--store", &store];
    assert_eq!(story.stage.items(&one)[0]["connections"], 0);
    let night = ["--once", "--night", "00:00-23:59", "--zone", "UTC", "--store", &store];
    story.act("fleet run", &night);
    assert_eq!(story.ask("fleet status", &["--store", &store])[0]["enrolled"], 2);
    story.ask("fleet parked", &["--store", &store, "--limit", "5"]);

    story.act("tokens delete", &[&erika, &token_id, "--yes"]);
    story.act("users delete", &[&erika, "--yes"]);
    assert_eq!(story.stage.sandbox.violations(), []);

    for shell in ["bash", "zsh", "fish"] {
        let script = finish(bare(&["completions", shell]), "").stdout;
        assert!(script.contains("mark-seen"), "{shell}: {script}");
    }
    story.told.insert("completions".to_owned());
    let page = finish(bare(&["man"]), "").stdout;
    assert!(page.contains(".TH xs2a 1"), "{page}");
    story.told.insert("man".to_owned());

    // The manual has a page for every command; those without commands below have been told.
    let run = finish(bare(&["man", "--to", manual.to_str().unwrap()]), "");
    assert_eq!(run.code, 0, "{run:?}");
    let pages: BTreeSet<String> = std::fs::read_dir(&manual)
        .unwrap()
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .map(|name| name.trim_end_matches(".1").to_owned())
        .collect();
    let has_below = |page: &str| pages.iter().any(|other| other.starts_with(&format!("{page}-")));
    let leaves = pages.iter().filter(|page| !has_below(page));
    let leaves: BTreeSet<_> = leaves.map(|page| page.trim_start_matches("xs2a-")).collect();
    let told: BTreeSet<_> = story.told.iter().map(|leaf| leaf.replace(' ', "-")).collect();
    assert_eq!(told.iter().map(String::as_str).collect::<BTreeSet<_>>(), leaves);
}

#[test]
#[cfg(feature = "sandbox")]
fn the_embedded_sandbox_needs_no_key_and_has_connections_in_every_state() {
    let run = finish(bare(&["--sandbox", "connections", "list", "-o", "json"]), "");
    assert_eq!(run.code, 0, "{run:?}");
    let found: BTreeSet<_> =
        items_of(&run.stdout).iter().map(|connection| text(&connection["state"])).collect();
    let states = ["automatic", "consent_expired", "disabled", "failing", "needs_credentials"];
    for state in states.into_iter().chain(["needs_user"]) {
        assert!(found.contains(state), "{state}: {found:?}");
    }
    // Each time the same ids: what one command shows, the next can act on.
    let again = finish(bare(&["--sandbox", "connections", "list", "-o", "json"]), "");
    let ids = |json: &str| items_of(json).iter().map(|it| text(&it["id"])).collect::<Vec<_>>();
    assert_eq!(ids(&run.stdout), ids(&again.stdout));
}
