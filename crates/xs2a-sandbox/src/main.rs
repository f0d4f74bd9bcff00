//! The sandbox as a program of its own.

use std::{net::SocketAddr, process::ExitCode, time::Duration};

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
/// and then an access token for her under /v1/api/users/ID/accesstokens, a connection with that
/// token, and so on as the service documents it. The test bank is country DE, bank code 88888888;
/// any user name and PIN log in. The words of a user name, joined by `-`, say what the bank asks
/// for: tan, flicker, captcha, accounts, app, redirect. The PIN, TAN or captcha 000000 is wrong.
///
/// What a test wants to happen (a wrong password, a broken connection, another day) is ordered
/// under /sandbox, which also lists what can be ordered: curl http://127.0.0.1:4010/sandbox
///
/// The same seed and the same requests give the same bytes. The clock moves one second with each
/// request, and by order. Everything is in memory and gone at the end. Ends on SIGINT and SIGTERM.
#[derive(Parser)]
#[command(name = "xs2a-sandbox", version, verbatim_doc_comment)]
struct Options {
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4010")]
    listen: SocketAddr,

    /// The API key to accept
    #[arg(long, value_name = "KEY", default_value = "sandbox-api-key", hide_default_value = true)]
    api_key: String,

    /// Chooses ids, secrets and amounts
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,

    /// Answer in the loose forms in which the service really writes JSON
    #[arg(long)]
    dialect: bool,

    /// Post every event to this address
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,

    /// What the clock shows at the start, as 2026-01-31T09:00:00Z
    #[arg(long, value_name = "INSTANT")]
    starts_at: Option<Timestamp>,

    /// How long a background sync runs on the sandbox's clock, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 1)]
    sync_takes: u64,

    /// Do not log requests
    #[arg(long)]
    quiet: bool,
}

impl Options {
    fn builder(self) -> Builder {
        let mut builder = Sandbox::builder()
            .listen(self.listen)
            .api_key(self.api_key)
            .seed(self.seed)
            .dialect(self.dialect)
            .sync_takes(Duration::from_secs(self.sync_takes));
        if let Some(start) = self.starts_at {
            builder = builder.starts_at(start);
        }
        if let Some(url) = self.webhook_url {
            builder = builder.webhook_url(url);
        }
        builder
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
    // Listening for signals comes first: none that arrives once it is ready may be lost.
    let stopped = match stop_signal() {
        Ok(stopped) => stopped,
        Err(error) => return fail(&format!("signals cannot be received: {error}")),
    };
    let sandbox = match options.builder().start().await {
        Ok(sandbox) => sandbox,
        Err(error) => return fail(&reason(&error)),
    };
    println!("listening on {}", sandbox.base_url());
    stopped.await;
    drop(sandbox);
    ExitCode::SUCCESS
}

/// Ends with SIGINT or SIGTERM.
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

/// Ends with Ctrl-C.
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

/// Help goes out as it is; what is wrong with the options, in one sentence.
fn explain(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        print!("{error}");
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    fail(&format!("{first}; --help tells what there is"))
}

fn fail(sentence: &str) -> ExitCode {
    eprintln!("xs2a-sandbox: {sentence}");
    ExitCode::from(2)
}
