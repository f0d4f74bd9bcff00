//! A real terminal: what a person sees, through tmux. Where there is no tmux, each test says so.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use xs2a_sandbox::{ConnectionSeed, SyncMode};

use crate::stage::{KEY, PIN, Stage, wait_until};

/// A terminal of its own, with a server of its own.
struct Terminal {
    server: String,
}

impl Terminal {
    /// Opens a terminal in which the command runs. `None` where there is no tmux.
    fn open(
        stage: &Stage,
        width: u32,
        environment: &[(&str, &str)],
        arguments: &str,
    ) -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            println!("skipped: tmux is not installed");
            return None;
        }
        static OPENED: AtomicUsize = AtomicUsize::new(0);
        let socket = stage.path(&format!("tmux-{}", OPENED.fetch_add(1, Ordering::Relaxed)));
        let terminal = Self { server: socket.to_str().unwrap().to_owned() };
        let program = env!("CARGO_BIN_EXE_xs2a");
        let given = [
            ("XS2A_BASE_URL", stage.sandbox.base_url()),
            ("XS2A_API_KEY", KEY),
            ("XS2A_ACCESS_TOKEN", stage.ada.token()),
            ("XDG_STATE_HOME", stage.folder.path().to_str().unwrap()),
        ];
        // A file, so that the secrets of the test are in no process list either.
        let lines: String = given
            .iter()
            .chain(environment)
            .map(|(name, value)| format!("export {name}='{value}'\n"))
            .chain([
                format!("{program} {arguments}\n"),
                "echo \"exit code $?\"; sleep 600\n".into(),
            ])
            .collect();
        let script = stage.secret_file("session.sh", &lines);
        let command = format!("sh {}", script.display());
        let size = [width.to_string(), "45".to_owned()];
        terminal.tmux(&["new-session", "-d", "-x", &size[0], "-y", &size[1], &command]);
        Some(terminal)
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut tmux = Command::new("tmux");
        tmux.args(["-S", &self.server, "-f", "/dev/null"]).args(arguments);
        let output = tmux.env("LC_ALL", "C.UTF-8").env("TERM", "xterm-256color").output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// All that the terminal has shown.
    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-S", "-"])
    }

    fn colours(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-e", "-S", "-"])
    }

    /// Waits until the terminal shows the text so many times.
    fn shows(&self, text: &str, times: usize) {
        wait_until(&format!("{text} on {}", self.screen()), || {
            let screen = self.screen();
            assert!(!screen.contains(PIN), "the PIN shows: {screen}");
            screen.matches(text).count() >= times
        });
    }

    fn types(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
        self.tmux(&["send-keys", "Enter"]);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-S", &self.server, "kill-server"]).output();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_walks_through_wrong_pin_tan_and_approval() {
    let stage = Stage::new().await;
    let Some(terminal) = Terminal::open(&stage, 100, &[], "connections add --mode full") else {
        return;
    };
    terminal.shows("Country", 1);
    terminal.types("");
    terminal.shows("Bank code", 1);
    terminal.types("88888888");
    for (pin, times) in [("000000", 1), (PIN, 2)] {
        terminal.shows("User name", times);
        terminal.types("app-tan");
        terminal.shows("PIN", times);
        terminal.types(pin);
        terminal.shows("privacy policy", times);
        terminal.types("y");
    }
    terminal.shows("was rejected", 1);
    // The app of the bank is polled until the third poll approves.
    terminal.shows("TAN", 1);
    terminal.types("123456");
    terminal.shows("connected: ", 1);
    terminal.shows("exit code 0", 1);
    let screen = terminal.screen();
    assert!(!screen.contains("000000") && !screen.contains("123456"), "{screen}");
    assert!(screen.contains("healthy; the service syncs it by itself"), "{screen}");
    assert_eq!(stage.items(&["connections", "list"]).len(), 1);
    assert_eq!(stage.sandbox.violations(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn esc_goes_back_to_the_form_before_and_ctrl_c_ends() {
    let stage = Stage::new().await;
    let Some(terminal) = Terminal::open(&stage, 100, &[], "connections add") else { return };
    terminal.shows("Country", 1);
    terminal.types("");
    terminal.shows("Bank code", 1);
    terminal.types("88888888");
    terminal.shows("User name", 1);
    terminal.tmux(&["send-keys", "Escape"]);
    terminal.shows("Country", 2);
    terminal.tmux(&["send-keys", "C-c"]);
    terminal.shows("exit code 130", 1);
    assert!(terminal.screen().contains("error: ended by Ctrl-C"), "{}", terminal.screen());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_needs_the_user_goes_on_at_the_terminal() {
    let stage = Stage::new().await;
    let seed = ConnectionSeed::new(SyncMode::None).login("tan").never_synced();
    let id = stage.sandbox.add_connection(&stage.ada, seed);
    let sync = format!("connections sync {id}");
    let Some(terminal) = Terminal::open(&stage, 100, &[], &sync) else { return };
    terminal.shows("Is the user here", 1);
    terminal.types("y");
    terminal.shows("User name", 1);
    terminal.types("tan");
    terminal.shows("PIN", 1);
    terminal.types(PIN);
    terminal.shows("privacy policy", 1);
    terminal.types("y");
    terminal.shows("TAN", 1);
    terminal.types("123456");
    terminal.shows("synced at", 1);
    terminal.shows("exit code 0", 1);
    assert_eq!(stage.sandbox.counts(&id).syncs_received, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_asks_at_the_terminal() {
    let stage = Stage::new().await;
    let id = stage.sandbox.add_connection(&stage.ada, ConnectionSeed::new(SyncMode::Full));
    let delete = format!("connections delete {id}");
    let Some(terminal) = Terminal::open(&stage, 100, &[], &delete) else { return };
    terminal.shows(&format!("Delete connection {id}?"), 1);
    terminal.types("");
    terminal.shows("exit code 130", 1);
    assert_eq!(stage.items(&["connections", "list"]).len(), 1);
    drop(terminal);
    let Some(terminal) = Terminal::open(&stage, 100, &[], &delete) else { return };
    terminal.shows(&format!("Delete connection {id}?"), 1);
    terminal.types("y");
    terminal.shows("exit code 0", 1);
    assert!(stage.items(&["connections", "list"]).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_as_wide_as_the_terminal_and_coloured_unless_nobody_wants_colours() {
    let stage = Stage::new().await;
    let seed = ConnectionSeed::new(SyncMode::Full).failures(2);
    let id = stage.sandbox.add_connection(&stage.ada, seed);
    for (environment, coloured) in [(&[][..], true), (&[("NO_COLOR", "1")], false)] {
        let Some(terminal) = Terminal::open(&stage, 80, environment, "connections list") else {
            return;
        };
        terminal.shows("exit code 0", 1);
        // The next step is longer than what is left of the line, and is wrapped.
        let screen = terminal.screen();
        assert!(!screen.contains("stop and tell the user: one more failure disables"), "{screen}");
        let flat: Vec<_> = screen.split_whitespace().collect();
        assert!(flat.contains(&id.as_str()), "an id is whole: {screen}");
        assert!(flat.contains(&"disables") && flat.contains(&"NEXT"), "{screen}");
        let colours = terminal.colours();
        assert_eq!(colours.contains("\u{1b}[38;5;11mfailing"), coloured, "{colours:?}");
        assert!(coloured || !colours.contains('\u{1b}'), "{colours:?}");
    }
}
