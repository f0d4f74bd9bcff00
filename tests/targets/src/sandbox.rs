//! Whatever a client sends to the sandbox, over a socket.

use std::cell::Cell;
use std::time::Duration;

use base64::Engine as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;
use xs2a::Operation;
use xs2a_sandbox::{ConnectionSeed, Sandbox, Side, SyncMode};

const KEY: &str = "key-of-the-fuzzer";

/// After so many inputs the sandbox forgets what it was told.
const INPUTS_PER_WORLD: u32 = 200;

/// The bytes of requests. The sandbox answers by the spec or refuses, and serves the next caller.
pub fn run(data: &[u8]) {
    SERVER.with(|server| server.send(data));
}

/// A request of each operation and each order of the control, whole and cut.
pub fn seeds() -> Vec<Vec<u8>> {
    let (token, connection) =
        SERVER.with(|server| (server.token.clone(), server.connection.clone()));
    let mut seeds = Vec::new();
    for operation in Operation::ALL {
        let path = operation.path_template().replace("{connection_id}", &connection);
        for (secret, body) in [(KEY, "{}"), (&token, r#"{"sync_mode":"full","force":true}"#)] {
            seeds.push(request(operation.method().as_str(), &path, secret, body));
        }
    }
    for (path, body) in [
        ("/sandbox/advance", r#"{"seconds":60}"#),
        ("/sandbox/faults", r#"{"fault":"html","status":502,"on":"get_connection"}"#),
        ("/sandbox/reset", "{}"),
        ("/sandbox/users", r#"{"name":"Ada"}"#),
        ("/nowhere", "["),
    ] {
        seeds.push(request("POST", path, KEY, body));
    }
    let first = seeds[0].clone();
    seeds.push(first[..first.len() / 2].to_vec());
    seeds.push([first.clone(), first].concat());
    seeds.push(
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            .to_vec(),
    );
    seeds
}

fn request(method: &str, path: &str, secret: &str, body: &str) -> Vec<u8> {
    let secret = base64::engine::general_purpose::STANDARD.encode(format!("api:{secret}"));
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {secret}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

thread_local! {
    static SERVER: Server = Server::new();
}

/// A sandbox on a paused clock.
struct Server {
    runtime: Runtime,
    sandbox: Sandbox,
    token: String,
    connection: String,
    inputs: Cell<u32>,
}

impl Server {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let sandbox = Sandbox::builder().seed(1).api_key(KEY).judged(true).start();
        let sandbox = runtime.block_on(sandbox).expect("a free port");
        let ada = sandbox.add_user("Ada");
        let connection = sandbox.add_connection(&ada, ConnectionSeed::new(SyncMode::Full));
        let token = ada.token().to_owned();
        Self { runtime, sandbox, token, connection, inputs: Cell::new(0) }
    }

    fn send(&self, data: &[u8]) {
        self.runtime.block_on(async {
            // An input may have told it to refuse connections for a while.
            self.sandbox.clear_faults();
            self.sandbox.accept_connections().await;
            exchange(self.sandbox.base_url(), data).await;
            self.sandbox.clear_faults();
            self.sandbox.accept_connections().await;
            let key = self.sandbox.api_key();
            let answer =
                exchange(self.sandbox.base_url(), &request("GET", "/v1/api/users", &key, "")).await;
            assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        });
        let violations = self.sandbox.violations();
        let ours = violations.iter().find(|violation| violation.side == Side::Response);
        assert!(ours.is_none(), "{ours:?}");
        if self.inputs.replace(self.inputs.get() + 1) == INPUTS_PER_WORLD {
            self.inputs.set(0);
            self.sandbox.reset();
        }
    }
}

/// Sends bytes, and reads what comes back until nothing more does.
async fn exchange(base_url: &str, data: &[u8]) -> Vec<u8> {
    let address = base_url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("the sandbox listens");
    let mut answer = Vec::new();
    // A server that has heard enough may close before all is sent.
    let talk = async {
        let _ = stream.write_all(data).await;
        let _ = stream.shutdown().await;
        let _ = stream.read_to_end(&mut answer).await;
    };
    let _ = timeout(Duration::from_secs(600), talk).await;
    answer
}
