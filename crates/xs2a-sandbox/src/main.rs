//! The sandbox as a program.

use std::{io::Write as _, net::SocketAddr, process::ExitCode, time::Duration};

use clap::{Parser, error::ErrorKind};
use jiff::Timestamp;
use xs2a_sandbox::{Builder, Sandbox, StartError};

/// A stand-in for XS2A.api: the service's behaviour on a port of your own, without an API key of
/// the service.
///
/// The first steps, with the program running as `xs2a-sandbox --api-key KEY`:
///
///   curl -u api:KEY -X PUT http://127.0.0.1:4010/v1/api/users \
///        -H 'content-type: application/json' \
///        -d '{"name": "Ada", "email": "ada@example.com"}'
///
/// Next come an access token for the user under /v1/api/users/ID/accesstokens, a connection with
/// that token, and so on as the service documents it. The test bank has country DE and bank code
/// 88888888. Any user name and any PIN log in. The words of a user name, joined by `-`, say what
/// the bank asks for: tan, flicker, captcha, accounts, app, redirect. The PIN, TAN or captcha
/// 000000 is wrong; with the word patient, it can be wrong for ever.
///
/// Open http://127.0.0.1:4010 in a browser to see what your calls do, and to be the user in a
/// wizard session. The log has a link to each session that opens.
///
/// A test orders under /sandbox what it wants to happen: a wrong password, a broken connection,
/// another day. This lists the orders: curl http://127.0.0.1:4010/sandbox
///
/// The clock starts at the time of the machine. After that it moves one second with each request,
/// and by order; with --real-time, it runs. With the same --starts-at and the same seed, the same
/// requests give the same bytes, unless the clock runs. Everything is in memory and gone at the end. The program ends on SIGINT and SIGTERM.
#[derive(Parser)]
#[command(name = "xs2a-sandbox", version, verbatim_doc_comment)]
struct Options {
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4010")]
    listen: SocketAddr,

    /// The API key to accept; without this option the program shows the key that it accepts
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,

    /// Chooses ids, secrets and amounts
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Answer in the loose forms in which the service really writes JSON
    #[arg(long)]
    dialect: bool,

    /// Post every event to this address
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,

    /// What the clock shows at the start, as 2026-01-31T09:00:00Z; without this option, the time of
    /// the machine
    #[arg(long, value_name = "INSTANT")]
    starts_at: Option<Timestamp>,

    /// Let the clock run with the time of the machine; requests do not move it then
    #[arg(long)]
    real_time: bool,

    /// How long a background sync runs on the sandbox's clock, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 1)]
    sync_takes: u64,

    /// Take orders under this name or address of the server, too (may be repeated); without this
    /// option, only under loopback names such as localhost and 127.0.0.1
    #[arg(long, value_name = "NAME")]
    control_host: Vec<String>,

    /// Start with what this file says, or with a scenario that comes with the sandbox: one-morning,
    /// bad-day
    #[arg(long, value_name = "FILE")]
    scenario: Option<String>,

    /// Let the pages of other servers on this machine call the sandbox from a browser (CORS)
    #[arg(long)]
    cors: bool,

    /// Do not log requests
    #[arg(long)]
    quiet: bool,
}

impl Options {
    /// The settings; a sentence if the scenario file cannot be read.
    fn builder(self) -> Result<Builder, String> {
        let mut builder = Sandbox::builder()
            .listen(self.listen)
            .seed(self.seed)
            .dialect(self.dialect)
            .cors(self.cors)
            .sync_takes(Duration::from_secs(self.sync_takes));
        if self.real_time {
            builder = builder.follows_tokio(true).tick(Duration::ZERO);
        }
        builder = match self.starts_at {
            Some(start) => builder.starts_at(start),
            None => builder.starts_at_now(),
        };
        if let Some(key) = self.api_key {
            builder = builder.api_key(key);
        }
        for name in self.control_host {
            builder = builder.control_host(name);
        }
        if let Some(url) = self.webhook_url {
            builder = builder.webhook_url(url);
        }
        if let Some(name) = self.scenario {
            let text = match Sandbox::story(&name) {
                Some(text) => text.to_owned(),
                None => std::fs::read_to_string(&name)
                    .map_err(|error| format!("the scenario {name} cannot be read: {error}"))?,
            };
            builder = builder.scenario(name, text);
        }
        Ok(builder)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::try_parse() {
        Ok(options) => options,
        Err(error) => return explain(&error),
    };
    if !options.quiet {
        tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_target(false)
            .with_level(false)
            .with_ansi(false)
            .with_max_level(tracing::Level::INFO)
            .init();
    }
    // The signals come first: a signal that arrives as soon as the program is ready must not be
    // lost.
    let stopped = match stop_signal() {
        Ok(stopped) => stopped,
        Err(error) => return fail(&format!("signals cannot be received: {error}")),
    };
    let key_was_given = options.api_key.is_some();
    let builder = match options.builder() {
        Ok(builder) => builder,
        Err(sentence) => return fail(&sentence),
    };
    let sandbox = match builder.start().await {
        Ok(sandbox) => sandbox,
        Err(error) => return fail(&reason(&error)),
    };
    print(&format!("listening on {}\n", sandbox.base_url()));
    if !key_was_given {
        print(&format!("API key: {}\n", sandbox.api_key()));
    }
    stopped.await;
    drop(sandbox);
    ExitCode::SUCCESS
}

/// Ends when SIGINT or SIGTERM arrives.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends when Ctrl-C is pressed.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without the signal there is nothing to wait for.
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn reason(error: &StartError) -> String {
    match error {
        StartError::Listen { address, source }
            if source.kind() == std::io::ErrorKind::AddrInUse =>
        {
            format!("{address} is already in use; choose another address with --listen")
        }
        other => other.to_string(),
    }
}

/// Prints the help as it is, and what is wrong with the options in one sentence.
fn explain(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        print(&error.to_string());
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    fail(&format!("{first}; --help lists the options"))
}

/// Prints a text. The program goes on if nobody reads the text, as in `xs2a-sandbox | head -1`.
fn print(text: &str) {
    let mut output = std::io::stdout();
    let _ = output.write_all(text.as_bytes()).and_then(|()| output.flush());
}

fn fail(sentence: &str) -> ExitCode {
    // If nobody reads the sentence, the exit code still tells.
    let _ = writeln!(std::io::stderr(), "xs2a-sandbox: {sentence}");
    ExitCode::from(2)
}
