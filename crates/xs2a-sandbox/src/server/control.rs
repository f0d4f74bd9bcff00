//! The controls over HTTP, under `/sandbox`: what a test in process has as methods.

use std::time::Duration;

use axum::{
    Router,
    extract::{ConnectInfo, Path, State},
    response::Response,
    routing::{get, post},
};
use bytes::Bytes;
use indexmap::IndexMap;

use super::{response::Http, shared::Server};
use crate::{
    answer::{Answer, Outcome, Refusal},
    clock,
    json::{Json, ToJson as _, object},
    line::Grip,
    request::Fields,
    routes::Operation,
    service::{Entry, Fault, When},
    world::{self, AccountType, BankFault, ConnectionSeed, SyncMode, orders},
};

/// What there is, for whoever looks at `/sandbox`.
const OVERVIEW: &[(&str, &str)] = &[
    ("GET /sandbox", "this overview"),
    ("GET /sandbox/clock", "what the sandbox's clock shows"),
    (
        "POST /sandbox/clock",
        "lets time pass: {\"seconds\": 0, \"minutes\": 0, \"hours\": 0, \"days\": 1}",
    ),
    ("GET /sandbox/log", "what was received and acted on"),
    ("GET /sandbox/violations", "what the spec does not allow of requests and answers"),
    ("POST /sandbox/users", "a bank user with a token: {\"name\": \"Ada\"}"),
    (
        "POST /sandbox/connections",
        "a connection without a wizard: {\"user\": ID, \"mode\": \"full\", \"failures\": 0, \"login\": \"abcdef\"}",
    ),
    (
        "POST /sandbox/connections/ID/bank",
        "what the bank does at the next login without the user: {\"next\": \"wrong_password\"}; \
         also unavailable, tan_required, consent_gone, slow with \"seconds\"",
    ),
    (
        "POST /sandbox/connections/ID/accounts",
        "an account that the next sync finds: {\"type\": \"savings\"}",
    ),
    (
        "POST /sandbox/logins/USER_NAME",
        "what the bank does at every login with this user name: {\"bank\": \"wrong_password\"}, or null",
    ),
    ("POST /sandbox/sessions/TRANSACTION/approve", "the user approves what the wizard waits for"),
    (
        "POST /sandbox/sessions/TRANSACTION/complete",
        "the user walks through the rest of the wizard",
    ),
    (
        "POST /sandbox/faults",
        "breaks a call: {\"fault\": \"reset_after_acting\", \"operation\": \"sync_connection\", \"call\": 2}; \
         without operation any, without call every one",
    ),
    ("DELETE /sandbox/faults", "takes back what has not hit"),
    ("POST /sandbox/refuse", "nothing listens for so long: {\"millis\": 500}"),
    ("POST /sandbox/reset", "back to the start"),
];

pub(super) fn router() -> Router<Server> {
    Router::new()
        .route("/sandbox", get(overview))
        .route("/sandbox/clock", get(clock).post(advance))
        .route("/sandbox/log", get(log))
        .route("/sandbox/violations", get(violations))
        .route("/sandbox/users", post(add_user))
        .route("/sandbox/connections", post(add_connection))
        .route("/sandbox/connections/{id}/bank", post(script))
        .route("/sandbox/connections/{id}/accounts", post(open_account))
        .route("/sandbox/logins/{login}", post(set_login))
        .route("/sandbox/sessions/{transaction}/approve", post(approve))
        .route("/sandbox/sessions/{transaction}/complete", post(complete))
        .route("/sandbox/bank/{session}", get(visit_bank))
        .route("/sandbox/faults", post(arm).delete(clear))
        .route("/sandbox/refuse", post(refuse))
        .route("/sandbox/reset", post(reset))
}

fn respond(server: &Server, outcome: Outcome) -> Response {
    let now = server.shared.lock().now();
    Http::new(outcome.unwrap_or_else(Answer::from), now).into()
}

async fn overview(State(server): State<Server>) -> Response {
    let overview: IndexMap<String, Json> =
        OVERVIEW.iter().map(|(call, does)| ((*call).to_owned(), does.to_json())).collect();
    respond(&server, Ok(Answer::json(200, Json::Object(overview))))
}

fn clock_json(server: &Server) -> Answer {
    let now = server.shared.lock().now();
    Answer::json(200, object! { "now": now.to_string(), "berlin": clock::local(now) })
}

async fn clock(State(server): State<Server>) -> Response {
    respond(&server, Ok(clock_json(&server)))
}

async fn advance(State(server): State<Server>, body: Bytes) -> Response {
    let outcome = span(&body).map(|span| {
        server.shared.lock().change(|world| world::advance(world, span));
        clock_json(&server)
    });
    respond(&server, outcome)
}

fn span(body: &[u8]) -> Result<Duration, Refusal> {
    const UNITS: [(&str, u64); 4] =
        [("seconds", 1), ("minutes", 60), ("hours", 60 * 60), ("days", 24 * 60 * 60)];
    // Daily syncs make a long leap long work.
    const MAX: u64 = 10 * 366 * 24 * 60 * 60;

    let body = Fields::read(body)?;
    let mut seconds = 0_u64;
    for (name, length) in UNITS {
        let count = body.count(name)?.unwrap_or_default().unsigned_abs();
        seconds = seconds.saturating_add(count.saturating_mul(length));
    }
    if seconds == 0 || seconds > MAX {
        return Err(Refusal::invalid(
            "Say how far: seconds, minutes, hours or days, ten years at most",
        ));
    }
    Ok(Duration::from_secs(seconds))
}

async fn log(State(server): State<Server>) -> Response {
    let entry = |entry: &Entry| {
        object! {
            "at": entry.at.to_string(),
            "operation": entry.operation,
            "method": entry.method,
            "path": entry.path,
            "status": entry.status,
            "acted": entry.acted,
            "fault": entry.fault,
        }
    };
    let (entries, counts) = {
        let service = server.shared.lock();
        let entries: Vec<Json> = service.log.entries().map(entry).collect();
        let counts: IndexMap<String, Json> = Operation::ALL
            .iter()
            .map(|operation| operation.id())
            .filter(|id| service.log.received(id) > 0)
            .map(|id| {
                let (received, acted) = (service.log.received(id), service.log.acted(id));
                (id.to_owned(), object! { "received": received, "acted": acted })
            })
            .collect();
        (entries, counts)
    };
    let body = object! { "operations": Json::Object(counts), "requests": entries };
    respond(&server, Ok(Answer::json(200, body)))
}

async fn violations(State(server): State<Server>) -> Response {
    let violations: Vec<String> =
        server.shared.lock().log.violations().map(ToString::to_string).collect();
    respond(&server, Ok(Answer::json(200, object! { "violations": violations })))
}

async fn add_user(State(server): State<Server>, body: Bytes) -> Response {
    let outcome = Fields::read(&body).and_then(|body| body.text("name")).map(|name| {
        let name = name.unwrap_or_else(|| "Ada".to_owned());
        let (id, token) = server.shared.lock().change(|world| orders::add_user(world, name));
        Answer::json(201, object! { "id": id, "token": token })
    });
    respond(&server, outcome)
}

async fn add_connection(State(server): State<Server>, body: Bytes) -> Response {
    respond(&server, connection(&server, &body))
}

fn connection(server: &Server, body: &[u8]) -> Outcome {
    let body = Fields::read(body)?;
    let user = body.text("user")?.ok_or_else(|| Refusal::invalid("The user is required"))?;
    let mode = body.choice("mode", SyncMode::NAMES)?.and_then(SyncMode::from_name);
    let mut seed = ConnectionSeed::new(mode.unwrap_or_default());
    let failures = body.count("failures")?.unwrap_or_default();
    seed = seed.failures(u32::try_from(failures.min(3)).unwrap_or_default());
    if let Some(login) = body.text("login")? {
        seed = seed.login(login);
    }
    if body.flag("never_synced")? {
        seed = seed.never_synced();
    }
    if let Some(half) = body.text("credentials")? {
        seed = seed.credentials(half);
    }
    if let Some(day) = body.text("consent_valid_until")? {
        let invalid = |_| Refusal::invalid("The consent_valid_until must be a day as YYYY-MM-DD");
        seed = seed.consent_valid_until(day.parse().map_err(invalid)?);
    }
    let mut service = server.shared.lock();
    let id = service
        .change(|world| orders::add_connection(world, &user, &seed))
        .ok_or_else(Refusal::not_found)?;
    let credentials = service.look(|world| orders::credentials(world, &id));
    Ok(Answer::json(201, object! { "id": id, "credentials": credentials }))
}

/// What the bank shall do, under this name in the body.
fn bank_fault(body: &Fields, name: &str) -> Result<Option<BankFault>, Refusal> {
    let names = ["wrong_password", "unavailable", "tan_required", "consent_gone", "slow"];
    Ok(match body.choice(name, &names)? {
        None => None,
        Some("wrong_password") => Some(BankFault::WrongPassword),
        Some("unavailable") => Some(BankFault::Unavailable),
        Some("tan_required") => Some(BankFault::TanRequired),
        Some("consent_gone") => Some(BankFault::ConsentGone),
        Some(_) => {
            let seconds = body.count("seconds")?.unwrap_or(10 * 60).unsigned_abs();
            Some(BankFault::Slow(Duration::from_secs(seconds)))
        }
    })
}

/// 200 where something was found to do it to.
fn done(found: bool) -> Outcome {
    if found { Ok(Answer::acknowledged()) } else { Err(Refusal::not_found()) }
}

async fn script(State(server): State<Server>, Path(id): Path<String>, body: Bytes) -> Response {
    let outcome = Fields::read(&body)
        .and_then(|body| bank_fault(&body, "next"))
        .and_then(|fault| fault.ok_or_else(|| Refusal::invalid("Say what the bank does next")))
        .and_then(|fault| {
            done(server.shared.lock().change(|world| orders::script(world, &id, fault)))
        });
    respond(&server, outcome)
}

async fn set_login(
    State(server): State<Server>,
    Path(login): Path<String>,
    body: Bytes,
) -> Response {
    let outcome = Fields::read(&body).and_then(|body| bank_fault(&body, "bank")).map(|fault| {
        server.shared.lock().change(|world| orders::set_login(world, login, fault));
        Answer::acknowledged()
    });
    respond(&server, outcome)
}

async fn open_account(
    State(server): State<Server>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let kind = |body: Fields| {
        let name = body.text("type")?.unwrap_or_default();
        let found = AccountType::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| Refusal::invalid("The type is not that of an account"))
    };
    let outcome = Fields::read(&body).and_then(kind).and_then(|kind| {
        done(server.shared.lock().change(|world| orders::open_account(world, &id, kind)))
    });
    respond(&server, outcome)
}

async fn approve(State(server): State<Server>, Path(transaction): Path<String>) -> Response {
    let found = server.shared.lock().change(|world| orders::approve(world, &transaction));
    respond(&server, done(found))
}

async fn complete(State(server): State<Server>, Path(transaction): Path<String>) -> Response {
    let connection =
        server.shared.lock().change(|world| orders::complete_session(world, &transaction));
    let outcome = connection
        .map(|id| Answer::json(200, object! { "connection": id }))
        .ok_or_else(Refusal::not_found);
    respond(&server, outcome)
}

/// The address at the bank that a redirect form sends the user to: being there approves.
async fn visit_bank(State(server): State<Server>, Path(session): Path<String>) -> Response {
    let found = server.shared.lock().change(|world| orders::approve(world, &session));
    let page = "<!doctype html><title>Testbank</title><p>Thank you. You can go back now.</p>\n";
    let outcome = done(found).map(|_| Answer::raw(200, "text/html; charset=utf-8", page));
    respond(&server, outcome)
}

async fn arm(State(server): State<Server>, body: Bytes) -> Response {
    let outcome = Fields::read(&body).and_then(|body| {
        let (fault, operation, when) = (fault(&body)?, operation(&body)?, when(&body)?);
        server.shared.lock().faults.arm(fault, operation, when);
        Ok(Answer::acknowledged())
    });
    respond(&server, outcome)
}

async fn clear(State(server): State<Server>) -> Response {
    server.shared.lock().faults.clear();
    respond(&server, Ok(Answer::acknowledged()))
}

fn operation(body: &Fields) -> Result<Option<Operation>, Refusal> {
    let Some(id) = body.text("operation")? else {
        return Ok(None);
    };
    let found = Operation::ALL.iter().copied().find(|known| known.id() == id);
    found.map(Some).ok_or_else(|| Refusal::invalid("There is no such operation"))
}

fn when(body: &Fields) -> Result<When, Refusal> {
    Ok(match body.count("call")? {
        None => When::Always,
        Some(number) => When::Call(usize::try_from(number.max(1)).unwrap_or(usize::MAX)),
    })
}

fn fault(body: &Fields) -> Result<Fault, Refusal> {
    let status = |default: u16| match body.count("status")? {
        None => Ok(default),
        Some(status @ 200..=599) => Ok(u16::try_from(status).unwrap_or(default)),
        Some(_) => Err(Refusal::invalid("The status must be one from 200 to 599")),
    };
    let millis = |default: u64| {
        let millis = body.count("millis")?;
        Ok(Duration::from_millis(millis.map_or(default, i64::unsigned_abs)))
    };
    let text =
        |name: &str, default: &str| Ok(body.text(name)?.unwrap_or_else(|| default.to_owned()));
    let name = body.text("fault")?.unwrap_or_default();
    Ok(match name.as_str() {
        "status" => Fault::Status(status(500)?),
        "throttle" => Fault::Throttle { retry_after: body.text("retry_after")? },
        "html" => Fault::Html(status(502)?),
        "empty" => Fault::Empty(status(500)?),
        "redirect" => Fault::Redirect {
            status: status(307)?,
            location: text("location", "http://127.0.0.1:9/")?,
        },
        "answer" => Fault::Answer {
            status: status(200)?,
            content_type: text("content_type", "application/json")?,
            body: text("body", "")?,
        },
        "delay" => Fault::Delay(millis(1_000)?),
        "reset_before_acting" => Fault::ResetBeforeActing,
        "reset_after_acting" => Fault::ResetAfterActing,
        "close_before_acting" => Fault::CloseBeforeActing,
        "close_after_acting" => Fault::CloseAfterActing,
        "stall_before_acting" => Fault::StallBeforeActing,
        "stall_after_acting" => Fault::StallAfterActing,
        "stall_body" => Fault::StallBody,
        "cut_body" => Fault::CutBody,
        "close_after_answer" => Fault::CloseAfterAnswer,
        "refuse" => Fault::Refuse { lasting: millis(500)? },
        _ => return Err(Refusal::invalid("There is no such fault")),
    })
}

async fn refuse(
    State(server): State<Server>,
    ConnectInfo(grip): ConnectInfo<Grip>,
    body: Bytes,
) -> Response {
    let millis = Fields::read(&body).and_then(|body| body.count("millis"));
    match millis {
        Ok(millis) => {
            let lasting = Duration::from_millis(millis.map_or(500, i64::unsigned_abs));
            server.refuse_for(lasting, &grip).await;
            respond(&server, Ok(Answer::acknowledged()))
        }
        Err(refusal) => respond(&server, Err(refusal)),
    }
}

async fn reset(State(server): State<Server>) -> Response {
    server.shared.lock().reset();
    respond(&server, Ok(Answer::acknowledged()))
}
