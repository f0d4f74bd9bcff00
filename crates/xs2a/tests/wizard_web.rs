//! The wizard in a web app, as the example `wizard_web` has it: two processes share a folder, and one
//! of them is killed between two forms.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use reqwest::header::LOCATION;
use xs2a_sandbox::{Edit, Fault, Sandbox};

/// A process of the web app.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(sandbox: &Sandbox, folder: &Path) -> Self {
        let mut child = Command::new(example())
            .args(["127.0.0.1:0", folder.to_str().unwrap()])
            .env("XS2A_API_KEY", sandbox.api_key())
            .env("XS2A_BASE_URL", sandbox.base_url())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect(&line).to_owned();
        Self { child, address }
    }
}

/// A process ends without a word to anybody.
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The example, built once. Cargo builds the examples for all tests of the package, and not for this
/// one alone.
fn example() -> &'static Path {
    static EXAMPLE: LazyLock<PathBuf> = LazyLock::new(|| {
        let arguments = ["build", "--quiet", "--package", "xs2a", "--example", "wizard_web"];
        assert!(Command::new(env!("CARGO")).args(arguments).status().unwrap().success());
        let test = std::env::current_exe().unwrap();
        let name = format!("wizard_web{}", std::env::consts::EXE_SUFFIX);
        test.parent().unwrap().parent().unwrap().join("examples").join(name)
    });
    &EXAMPLE
}

struct Browser(reqwest::Client);

impl Browser {
    fn new() -> Self {
        // With `rustls-ring`, a client of ours sets the provider that reqwest asks of every client.
        let ours = xs2a::ApiClient::builder("key").base_url("http://127.0.0.1:1").build();
        drop(ours.unwrap());
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self(http.no_proxy().build().unwrap())
    }

    async fn get(&self, process: &Process, path: &str) -> String {
        let response = self.0.get(format!("{}{path}", process.address)).send().await.unwrap();
        response.text().await.unwrap()
    }

    /// Posts a form, and gives where the answer leads.
    async fn post(&self, process: &Process, path: &str, pairs: &[(&str, &str)]) -> String {
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request = self.0.post(format!("{}{path}", process.address)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let response = request.send().await.unwrap();
        response.headers()[LOCATION].to_str().unwrap().to_owned()
    }
}

const BANK: [(&str, &str); 2] = [("country_id", "DE"), ("bank_code", "88888888")];

/// What the test bank rejects.
const WRONG_PIN: &str = "000000";

fn login<'a>(user: &'a str, pin: &'a str) -> [(&'a str, &'a str); 3] {
    [("USER_NAME", user), ("USER_PIN", pin), ("privacy_policy", "on")]
}

#[tokio::test]
async fn a_login_goes_on_in_another_process_and_tells_why_a_pin_was_rejected() {
    let sandbox = Sandbox::builder().starts_at_now().start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (first, browser) = (Process::start(&sandbox, folder.path()), Browser::new());

    let login_page = browser.post(&first, "/logins", &[]).await;
    assert!(browser.get(&first, &login_page).await.contains("bank_code"));
    browser.post(&first, &login_page, &BANK).await;
    drop(first);

    let second = Process::start(&sandbox, folder.path());
    assert!(browser.get(&second, &login_page).await.contains("USER_PIN"));
    browser.post(&second, &login_page, &login("abcdef", WRONG_PIN)).await;
    let rejected = browser.get(&second, &login_page).await;
    assert!(rejected.contains("role=alert") && rejected.contains("USER_PIN"), "{rejected}");
    assert!(!rejected.contains(WRONG_PIN), "{rejected}");
    // Loaded again, the page says the same, and nothing is sent to the bank.
    assert_eq!(browser.get(&second, &login_page).await, rejected);

    browser.post(&second, &login_page, &login("abcdef", "123456")).await;
    assert!(browser.get(&second, &login_page).await.contains("Connected to Testbank"));
    assert!(browser.get(&second, &login_page).await.contains("Connected to Testbank"));
    assert_no_secret(folder.path(), &[WRONG_PIN, "123456", "abcdef"]);
}

#[tokio::test]
async fn an_approval_in_the_app_is_waited_for_by_reloads_in_any_process() {
    let sandbox = Sandbox::builder().starts_at_now().start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (first, browser) = (Process::start(&sandbox, folder.path()), Browser::new());
    let login_page = browser.post(&first, "/logins", &[]).await;
    browser.get(&first, &login_page).await;
    browser.post(&first, &login_page, &BANK).await;
    browser.get(&first, &login_page).await;
    browser.post(&first, &login_page, &login("app", "123456")).await;
    assert!(browser.get(&first, &login_page).await.contains("approve in the app"));
    drop(first);

    let second = Process::start(&sandbox, folder.path());
    let mut reloads = 0;
    while !browser.get(&second, &login_page).await.contains("Connected to Testbank") {
        reloads += 1;
        assert!(reloads < 100, "the approval is never seen");
    }
}

#[tokio::test]
async fn the_markup_of_a_text_becomes_html_and_nothing_else_does() {
    let sandbox = Sandbox::builder().starts_at_now().start().await.unwrap();
    let text = "<script>[Terms|link::https://bank.example/t][br][x|link::javascript:alert(1)]";
    let edits = vec![
        Edit::set("/form/elements/0/label", serde_json::to_string(text).unwrap()),
        Edit::set("/form/elements/-", format!(r#"{{"type":"help_text","text":"{text}"}}"#)),
    ];
    sandbox.fault(Fault::Edit(edits)).on("advance_wizard").always();
    let folder = tempfile::tempdir().unwrap();
    let (process, browser) = (Process::start(&sandbox, folder.path()), Browser::new());
    let login_page = browser.post(&process, "/logins", &[]).await;
    let page = browser.get(&process, &login_page).await;
    let html = "&lt;script&gt;<a href=\"https://bank.example/t\" rel=noreferrer>Terms</a><br>x";
    assert_eq!(page.matches(html).count(), 2, "{page}");
    assert!(!page.contains("javascript") && !page.contains("<script"), "{page}");
}

/// What the folder keeps holds neither what the user entered nor a key.
fn assert_no_secret(folder: &Path, entered: &[&str]) {
    for file in std::fs::read_dir(folder).unwrap() {
        let kept = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for secret in entered {
            assert!(!kept.contains(secret), "{secret} in {kept}");
        }
        assert!(!kept.contains("key"), "{kept}");
    }
}
