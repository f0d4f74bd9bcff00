//! One scenario: a world and its troubles drawn from a seed, played until everybody is done.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tracing_subscriber::fmt::format::{FmtSpan, Writer};
use tracing_subscriber::fmt::time::FormatTime;
use xs2a::types::{CreateConnectionRequest, EventPage, SyncConnectionRequest};
use xs2a::{
    ApiClient, ConnectionId, Delivery, Operation, RetryBudget, RetryPolicy, UserAuth, UserClient,
};
use xs2a_sandbox::{BankFault, BankUser, ConnectionSeed, Entry, Fault, Sandbox, SyncMode};

use super::actors::{Actor, LOGINS, builder, pick};
use super::evidence::{Evidence, Outage, Request, ThirdFailure, What};
use super::sabotage::Sabotage;
use super::stage::{Patience, Pen, Stage};

/// Plays the scenario of a seed, with a rule broken on purpose or none. Its clock stands still while there is anything to do and jumps
/// ahead when there is not, so that hours take milliseconds.
///
/// # Panics
/// When the machine has no port left to listen on.
pub fn play(seed: u64, sabotage: Option<Sabotage>) -> Evidence {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let began = runtime.block_on(async { Instant::now() });
    let notes = Arc::new(Mutex::new(Evidence::default()));
    let pen = Pen(Arc::clone(&notes));
    // What crates log the old way is captured, too; another scenario may have seen to it already.
    tracing_log::LogTracer::init().ok();
    let logs = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
        .with_ansi(false)
        .with_timer(Elapsed(began))
        .with_writer(move || pen.clone())
        .finish();
    tracing::subscriber::with_default(logs, || {
        runtime.block_on(scenario(fastrand::Rng::with_seed(seed), &notes, sabotage));
        drop(runtime);
    });
    std::mem::take(&mut *notes.lock().unwrap_or_else(PoisonError::into_inner))
}

/// The time in the logs: the scenario's own, from its beginning.
struct Elapsed(Instant);

impl FormatTime for Elapsed {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        write!(writer, "{:10.3}", self.0.elapsed().as_secs_f64())
    }
}

async fn scenario(
    mut random: fastrand::Rng,
    notes: &Arc<Mutex<Evidence>>,
    sabotage: Option<Sabotage>,
) {
    let key = format!("key{:016x}", random.u64(..));
    let sandbox = Sandbox::builder()
        .seed(random.u64(..))
        .api_key(&key)
        .sync_takes(Duration::from_secs(random.u64(0..40)))
        .dialect(random.bool())
        .judged(true)
        .start()
        .await
        .expect("a port of loopback is free");
    let stage = Arc::new(Stage::new(sandbox, Arc::clone(notes), sabotage));
    stage.keep_secret(&key);
    let pacing = tokio::spawn({
        let stage = Arc::clone(&stage);
        async move { stage.pace().await }
    });
    if random.u8(0..6) == 0 {
        outage(&stage, &mut random, notes).await;
    } else {
        everyday(&stage, &mut random).await;
    }
    pacing.abort();
    stage.sandbox.clear_faults();
    stage.sandbox.accept_connections().await;
    // What runs in the background comes to its end.
    stage.sandbox.advance(Duration::from_secs(600));
    let requests: Vec<Request> = stage.sandbox.log().iter().map(request).collect();
    let third_failures = third_failures(&stage.sandbox, &requests).await;
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    notes.requests = requests;
    notes.third_failures = third_failures;
    notes.violations = stage.sandbox.violations().iter().map(ToString::to_string).collect();
}

/// Several users with several connections, programs that work for them, and troubles of every kind.
async fn everyday(stage: &Arc<Stage>, random: &mut fastrand::Rng) {
    let mut programs = Vec::new();
    for user in 0..random.u32(1..4) {
        let bank_user = new_user(stage);
        for program in 0..random.u32(1..3) {
            let connections =
                (0..random.u32(1..4)).map(|_| new_connection(stage, random, &bank_user)).collect();
            let name = format!("user-{user}-program-{program}");
            let actor =
                Actor::new(Arc::clone(stage), random.fork(), &name, bank_user.clone(), connections);
            let steps = random.u32(5..15);
            programs.push(async move { actor.run(steps).await });
        }
    }
    let share = pick(random, &[0.0, 0.03, 0.1, 0.3]);
    for request in 1..600 {
        if random.f64() < share {
            let fault = random_fault(random);
            stage.sandbox.fault(fault).call(request);
        }
    }
    for _ in 0..random.u32(0..6) {
        let fault = random_fault(random);
        let precious = pick(
            random,
            &[
                "sync_connection",
                "create_connection",
                "create_access_token",
                "get_connection",
                "advance_wizard",
            ],
        );
        let call = random.usize(1..6);
        stage.sandbox.fault(fault).on(precious).call(call);
    }
    if random.u8(0..4) == 0 {
        storm(stage, random);
    }
    let leaps = random.u64(..);
    let leaping = tokio::spawn({
        let stage = Arc::clone(stage);
        async move { leap(&stage, fastrand::Rng::with_seed(leaps)).await }
    });
    join_all(programs).await;
    leaping.abort();
}

/// For a while every call of some kinds is answered 401, whatever its token.
fn storm(stage: &Stage, random: &mut fastrand::Rng) {
    stage.meet("401 storm");
    let first = random.usize(1..40);
    for call in first..first + random.usize(5..60) {
        let operations = ["get_connection", "sync_connection", "list_accounts", "advance_wizard"];
        for operation in operations {
            stage.sandbox.fault(Fault::Status(401)).on(operation).call(call);
        }
    }
    for call in 1..random.usize(1..20) {
        let status = pick(random, &[401, 403, 404, 500]);
        stage.sandbox.fault(Fault::Status(status)).on("create_access_token").call(call);
    }
}

/// Now and then hours or days go by for the service: it syncs by itself, tokens and consents end.
async fn leap(stage: &Stage, mut random: fastrand::Rng) {
    loop {
        tokio::time::sleep(Duration::from_secs(random.u64(10..600))).await;
        let hours = random.u64(1..72);
        stage.sandbox.advance(Duration::from_secs(hours * 3600));
    }
}

/// Nothing works, for a client that goes on calling; and then everything does again.
async fn outage(stage: &Arc<Stage>, random: &mut fastrand::Rng, notes: &Mutex<Evidence>) {
    let bank_user = new_user(stage);
    let id = new_connection(stage, random, &bank_user);
    let budget = RetryBudget::new(random.u32(0..20), pick(random, &[0.0, 0.1, 0.5]));
    let policy = RetryPolicy::default().with_max_attempts(random.u32(1..9));
    let budget_in_force = match stage.sabotage {
        Some(Sabotage::RepeatWithoutBudget) => RetryBudget::new(100_000, 1.0),
        _ => budget,
    };
    let refuses_tokens = random.u32(0..7) == 0;
    let auth = if refuses_tokens {
        let api = builder(ApiClient::builder(stage.sandbox.api_key()), stage, "outage");
        let api = api.retry_budget(budget_in_force).build().expect("the settings are fine");
        let lifetime = SignedDuration::from_secs(3_600);
        UserAuth::from(api.access_tokens(bank_user.id()).source(lifetime))
    } else {
        UserAuth::from(bank_user.token())
    };
    let user = builder(UserClient::builder(auth), stage, "outage")
        .retry(policy.clone())
        .retry_budget(budget_in_force)
        .seed(random.u64(..))
        .build()
        .expect("the settings are fine");
    let connections = user.connections();
    if refuses_tokens {
        stage.meet("401 without end");
        for operation in ["get_connection", "sync_connection", "create_connection"] {
            stage.sandbox.fault(Fault::Status(401)).on(operation).always();
        }
        if random.bool() {
            stage.sandbox.fault(Fault::Status(404)).on("refresh_access_token").always();
        }
    } else {
        break_down(stage, random).await;
    }
    // One after the other, so that it can be told which request was sent for which call.
    for _ in 0..random.u32(20..120) {
        let operation = pick(
            random,
            &[
                Operation::SyncConnection,
                Operation::CreateConnection,
                Operation::GetConnection,
                Operation::GetConnection,
            ],
        );
        let call = async {
            let connections = &connections;
            match operation {
                Operation::SyncConnection => {
                    let request = SyncConnectionRequest::new();
                    connections.sync_without_rules(&id, &request).await.map(drop)
                }
                Operation::CreateConnection => {
                    connections.create(&CreateConnectionRequest::new()).await.map(drop)
                }
                _ => connections.get(&id).await.map(drop),
            }
        };
        let (what, deadline) = (What::Operation(operation), policy.deadline_of(operation));
        stage.call("outage", what, Some(deadline), Patience::Endless, call).await;
    }
    notes.lock().unwrap_or_else(PoisonError::into_inner).outages.push(Outage {
        client: "outage".to_owned(),
        burst: budget.burst(),
        refill: budget.refill(),
    });
}

/// From now on nothing works, in one way or another.
async fn break_down(stage: &Stage, random: &mut fastrand::Rng) {
    match random.u32(0..6) {
        0 => stage.sandbox.refuse_connections().await,
        1 => stage.sandbox.fault(Fault::Html(502)).always(),
        2 => stage.sandbox.fault(Fault::ResetBeforeActing).always(),
        3 => stage.sandbox.fault(Fault::StallBeforeActing).always(),
        4 => stage.sandbox.fault(Fault::CloseBeforeActing).always(),
        _ => stage.sandbox.fault(Fault::Throttle { retry_after: None }).always(),
    }
}

fn new_user(stage: &Stage) -> BankUser {
    let bank_user = stage.sandbox.add_user("Ada");
    stage.keep_secret(bank_user.token());
    bank_user
}

fn new_connection(stage: &Stage, random: &mut fastrand::Rng, user: &BankUser) -> ConnectionId {
    let half = format!("half{:016x}", random.u64(..));
    stage.keep_secret(&half);
    let mode = pick(random, &[SyncMode::Full, SyncMode::Full, SyncMode::Shared, SyncMode::None]);
    let mut seed = ConnectionSeed::new(mode)
        .failures(random.u32(0..8).saturating_sub(4))
        .login(pick(random, &LOGINS))
        .credentials(half);
    if random.u8(0..5) == 0 {
        seed = seed.never_synced();
    }
    if random.u8(0..4) == 0 {
        seed = seed.active(false);
    }
    if random.u8(0..8) == 0 {
        seed = seed.consent_valid_until(jiff::civil::date(2026, 1, random.i8(1..=31)));
    }
    let id = stage.sandbox.add_connection(user, seed);
    for _ in 0..random.u32(0..5) {
        let fault = pick(
            random,
            &[
                BankFault::WrongPassword,
                BankFault::WrongPassword,
                BankFault::Unavailable,
                BankFault::TanRequired,
                BankFault::ConsentGone,
                BankFault::Slow(Duration::from_secs(120)),
            ],
        );
        stage.sandbox.fail_next_sync(&id, fault);
    }
    id.into()
}

fn random_fault(random: &mut fastrand::Rng) -> Fault {
    let seconds = Duration::from_secs(random.u64(0..90));
    let wait = pick(random, &["0", "2", "100", "soon", "Sat, 31 Jan 2026 09:00:30 GMT"]);
    let faults = [
        Fault::Status(pick(random, &[400, 401, 403, 408, 409, 422, 425, 500, 503])),
        Fault::Throttle { retry_after: None },
        Fault::Throttle { retry_after: Some(wait.to_owned()) },
        Fault::Html(pick(random, &[403, 500, 502, 503, 504])),
        Fault::Empty(pick(random, &[500, 503])),
        Fault::GatewayJson(pick(random, &[404, 502])),
        Fault::IdleTimeout,
        Fault::date(pick(random, &["Fri, 31 Dec 9980 23:59:59 GMT", "yesterday"])),
        Fault::Redirect { status: 307, location: "https://example.com/".to_owned() },
        Fault::Delay(seconds),
        Fault::ResetBeforeActing,
        Fault::ResetAfterActing,
        Fault::CloseBeforeActing,
        Fault::CloseAfterActing,
        Fault::StallBeforeActing,
        Fault::StallAfterActing,
        Fault::StallBody,
        Fault::CutBody,
        Fault::CloseAfterAnswer,
        Fault::Refuse { lasting: seconds },
    ];
    pick(random, &faults)
}

fn request(entry: &Entry) -> Request {
    let named = |operation: &&Operation| Some(operation.id()) == entry.operation;
    Request {
        at: entry.at,
        client: entry.client.clone().unwrap_or_default(),
        operation: Operation::ALL.iter().find(named).copied(),
        path: entry.path.clone(),
        status: entry.status,
        acted: entry.acted,
        fault: entry.fault,
    }
}

/// The third failures that the sandbox's events tell of, with the requests that led to them.
async fn third_failures(sandbox: &Sandbox, requests: &[Request]) -> Vec<ThirdFailure> {
    let url = format!(
        "{}/v1/events?per_page=1000000&type=bank_connection.sync_failed",
        sandbox.base_url()
    );
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build();
    let answer = http
        .expect("an HTTP client")
        .get(url)
        .basic_auth("api", Some(sandbox.api_key()))
        .send()
        .await
        .expect("the sandbox answers");
    let text = answer.text().await.expect("the sandbox answers");
    let page: EventPage = serde_json::from_str(&text).expect("the sandbox answers with a page");
    let mut second_failures = HashMap::new();
    let mut third_failures = Vec::new();
    for event in page.data {
        let at = event.created_at;
        let connection = Delivery::from(event).connection().expect("the event of a connection");
        match connection.sync_fail_counter {
            2 => drop(second_failures.insert(connection.id, at)),
            3 => {
                let second = second_failures.get(&connection.id).copied().flatten();
                third_failures.extend(third_failure(connection.id, second, requests));
            }
            _ => {}
        }
    }
    third_failures
}

/// What led to the third failure of a connection whose second one was recorded at an instant; none
/// where it was not a sync that was called for.
fn third_failure(
    connection: ConnectionId,
    second: Option<Timestamp>,
    requests: &[Request],
) -> Option<ThirdFailure> {
    let path = format!("/v1/api/connections/{connection}");
    let sync = format!("{path}/sync");
    // The sync that began last is the one that failed. Where the sync needed the user, the user has
    // failed in the wizard, and no call is to blame.
    let request = requests.iter().rposition(|request| {
        request.acted
            && request.operation == Some(Operation::SyncConnection)
            && request.path == sync
    })?;
    let look = requests[..request].iter().rfind(|look| {
        look.acted
            && look.operation == Some(Operation::GetConnection)
            && look.path == path
            && look.client == requests[request].client
    });
    let foreseeable = match (second, look) {
        (Some(second), Some(look)) => second <= look.at,
        _ => true,
    };
    (requests[request].status == 204).then_some(ThirdFailure { connection, request, foreseeable })
}
