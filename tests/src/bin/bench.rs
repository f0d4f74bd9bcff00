//! Measures what the client costs: `cargo xtask bench`.

use std::time::{Duration, Instant};

use clap::Parser;
use futures_util::future::join_all;
use rust_decimal::Decimal;
use tokio::runtime::Runtime;
use xs2a::types::{ConnectionPage, CreateConnectionRequest, Turnovers};
use xs2a::{ErrorKind, RetryPolicy, UserClient};
use xs2a_client::wire::decode;
use xs2a_client::{Client, Credentials};
use xs2a_tests::bench::measure::Comparison;
use xs2a_tests::bench::payloads::{
    PlainConnection, PlainPage, PlainTurnovers, connections, loose_connections, turnovers,
};
use xs2a_tests::bench::server::Server;

/// Measures what the client costs beside what does the same with less, as ratios in one run:
/// candidates take turns, and medians count. Wall-clock figures are this machine's.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Options {}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Options {} = Options::parse();
    decoding();
    calling()?;
    pooling()?;
    fleet()?;
    Ok(())
}

fn decoding() {
    const CONNECTIONS: usize = 100;
    const TURNOVERS: usize = 1000;
    let strict = connections(CONNECTIONS);
    let loose = loose_connections(CONNECTIONS);
    let table = Comparison::of(format!("decode a page of {CONNECTIONS} connections"))
        .with("plain serde structs, dates as text", || {
            serde_json::from_str::<PlainPage>(&strict).map(|page| page.data.len())
        })
        .with("plain serde structs, dates parsed", || {
            serde_json::from_str::<PlainPage>(&strict).map(|page| dates(&page))
        })
        .with("generated types, by serde_json alone", || {
            serde_json::from_str::<ConnectionPage>(&strict).map(|page| page.data.len())
        })
        .with("generated types, as the client decodes", || {
            decode::<ConnectionPage>(strict.as_bytes()).map(|page| page.data.len())
        })
        .with("generated types, as the client decodes, loose JSON", || {
            decode::<ConnectionPage>(loose.as_bytes()).map(|page| page.data.len())
        })
        .run();
    println!("{table}");

    let json = turnovers(TURNOVERS);
    let table = Comparison::of(format!("decode {TURNOVERS} turnovers"))
        .with("plain serde structs, amounts as f64", || {
            serde_json::from_str::<PlainTurnovers<f64>>(&json).map(|all| all.turnovers.len())
        })
        .with("plain serde structs, amounts as exact decimals", || {
            serde_json::from_str::<PlainTurnovers<&serde_json::value::RawValue>>(&json)
                .map(|all| amounts(&all))
        })
        .with("generated types, by serde_json alone", || {
            serde_json::from_str::<Turnovers>(&json).map(|all| all.turnovers.len())
        })
        .with("generated types, as the client decodes", || {
            decode::<Turnovers>(json.as_bytes()).map(|all| all.turnovers.len())
        })
        .run();
    println!("{table}");
}

/// Parses what the plain types left as text, as the generated ones do.
fn dates(page: &PlainPage) -> usize {
    let berlin = jiff::tz::get!("Europe/Berlin");
    let instant = |text: &Option<String>| {
        let civil: jiff::civil::DateTime = text.as_ref()?.parse().ok()?;
        civil.to_zoned_datetime(berlin.clone()).ok()
    };
    let day = |text: &Option<String>| text.as_ref()?.parse::<jiff::civil::Date>().ok();
    page.data
        .iter()
        .map(|connection: &PlainConnection| {
            usize::from(instant(&connection.last_synced).is_some())
                + usize::from(instant(&connection.created_at).is_some())
                + usize::from(day(&connection.consent_valid_until).is_some())
        })
        .sum()
}

fn amounts(all: &PlainTurnovers<&serde_json::value::RawValue>) -> usize {
    all.turnovers
        .iter()
        .filter_map(|turnover| Decimal::from_str_exact(turnover.amount.get()).ok())
        .count()
}

/// Longer than any benchmark.
const HOUR: Duration = Duration::from_secs(3600);

fn calling() -> Result<(), Box<dyn std::error::Error>> {
    for count in [1, 100] {
        let server = Server::start(&connections(count), HOUR);
        let runtime = runtime()?;
        let bare = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("{}/v1/api/connections?page=1&per_page={count}", server.url());
        let http = reqwest::Client::builder().no_proxy().build()?;
        let generated = Client::new(server.url().parse()?, http, Credentials::new("token"));
        let query =
            xs2a::types::ListConnectionsQuery::new().page(1).per_page(i32::try_from(count)?);
        let user = UserClient::builder("token").base_url(server.url()).build()?;
        let ours = user.connections();
        let per_page = u32::try_from(count)?;
        let table = Comparison::of(format!("GET a page of {count} over loopback"))
            .with("reqwest and plain serde structs", || {
                runtime.block_on(async {
                    let request = bare.get(&url).basic_auth("api", Some("token"));
                    let body = request.send().await?.bytes().await?;
                    Ok::<_, Box<dyn std::error::Error>>(
                        serde_json::from_slice::<PlainPage>(&body)?.data.len(),
                    )
                })
            })
            .with("the generated client", || {
                runtime.block_on(async {
                    let page = generated.list_connections(&query).await;
                    page.map(|page| page.into_inner().data.len())
                })
            })
            .with("the ergonomic client", || {
                runtime.block_on(async {
                    let page = ours.list().per_page(per_page).page(1).await;
                    page.map(|page| page.items.len())
                })
            })
            .run();
        println!("{table}");
    }
    Ok(())
}

fn pooling() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start(&connections(1), HOUR);
    let runtime = runtime()?;
    let client =
        |idle| UserClient::builder("token").base_url(server.url()).idle_timeout(idle).build();
    let (pooled, unpooled) = (client(HOUR)?.connections(), client(Duration::ZERO)?.connections());
    let table = Comparison::of("one call after the other, plain HTTP over loopback")
        .with("connections kept for the next call", || {
            runtime
                .block_on(async { pooled.list().per_page(1).page(1).await.map(|page| page.total) })
        })
        .with("a connection for each call (idle_timeout of zero)", || {
            runtime.block_on(async {
                unpooled.list().per_page(1).page(1).await.map(|page| page.total)
            })
        })
        .run();
    println!("{table}");
    Ok(())
}

/// How long the server of the fleet keeps an idle connection: seconds, in reality.
const SERVER_IDLE: Duration = Duration::from_millis(250);
/// How long a worker pauses at most between two calls: twice as long.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
const WORKERS: u64 = 400;
const FLEET_RUNS: Duration = Duration::from_secs(6);

/// Many processes that call now and then, and a server that closes idle connections without a word.
fn fleet() -> Result<(), Box<dyn std::error::Error>> {
    println!(
        "{WORKERS} clients that pause for 0 to {} ms, a server that closes connections idle for {} ms",
        LONGEST_PAUSE.as_millis(),
        SERVER_IDLE.as_millis()
    );
    println!(
        "  {:<40} {:>6} {:>16} {:>20}",
        "idle_timeout of the clients", "calls", "new conn. / 100", "fate unknown / 10k"
    );
    for (name, idle) in [
        ("zero: a connection for each call", Duration::ZERO),
        ("half of the server's", SERVER_IDLE / 2),
        ("nine tenths of the server's", SERVER_IDLE * 9 / 10),
        ("twice the server's", SERVER_IDLE * 2),
    ] {
        let session = r#"{"wizard_session_key":"wsk-1","transaction":"tra-1"}"#;
        let server = Server::start(session, SERVER_IDLE);
        let client = || {
            UserClient::builder("token")
                .base_url(server.url())
                .idle_timeout(idle)
                .retry(RetryPolicy::off())
                .build()
        };
        let clients = (0..WORKERS).map(|_| client()).collect::<Result<Vec<_>, _>>()?;
        let workers = clients
            .iter()
            .zip(0..)
            .map(|(client, seed)| worker(client.connections(), fastrand::Rng::with_seed(seed)));
        let results = runtime()?.block_on(join_all(workers));
        let calls: u32 = results.iter().map(|(calls, _)| calls).sum();
        let unknown: u32 = results.iter().map(|(_, unknown)| unknown).sum();
        println!(
            "  {name:<40} {calls:>6} {:>16.1} {:>20.1}",
            server.connections() as f64 * 100.0 / f64::from(calls),
            f64::from(unknown) * 10_000.0 / f64::from(calls)
        );
    }
    Ok(())
}

/// Calls for a while, with pauses. How often it called, and how often it does not know what became
/// of the call.
async fn worker(connections: xs2a::Connections, mut random: fastrand::Rng) -> (u32, u32) {
    let (mut calls, mut unknown) = (0, 0);
    let request = CreateConnectionRequest::new();
    let started = Instant::now();
    while started.elapsed() < FLEET_RUNS {
        tokio::time::sleep(LONGEST_PAUSE.mul_f64(random.f64())).await;
        calls += 1;
        let result = connections.create(&request).await;
        let kind = result.err().map(|error| error.kind());
        unknown += u32::from(matches!(kind, Some(ErrorKind::Interrupted | ErrorKind::Timeout)));
    }
    (calls, unknown)
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
