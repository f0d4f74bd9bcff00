//! The orders of a test over HTTP, under `/sandbox`: what a test in the same process has as
//! methods.

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, Path, State},
    response::Response,
    routing::{get, post},
};
use http::HeaderMap;
use indexmap::IndexMap;

use super::{
    orders::{Break, EveryLogin, NewAccount, NewConnection, NewUser, Order, Pass, Refuse, Script},
    scenario::{self, Flaw, STORIES},
    shared::Server,
};
use crate::{
    answer::{Answer, Outcome, Refusal},
    clock,
    json::{Json, ToJson as _, object},
    line::Grip,
    request::{self, Fields},
    routes::Operation,
    service::Entry,
    world::{self, World, orders},
};

/// What `GET /sandbox` answers.
const OVERVIEW: &[(&str, &str)] = &[
    ("GET /sandbox", "this overview"),
    ("GET /sandbox/clock", "what the sandbox's clock shows"),
    (
        "POST /sandbox/clock",
        "lets time pass, ten years at most: \
         {\"seconds\": 0, \"minutes\": 0, \"hours\": 0, \"days\": 1}",
    ),
    ("GET /sandbox/log", "what was received and carried out"),
    ("GET /sandbox/violations", "what the spec does not allow in requests and answers"),
    ("POST /sandbox/users", "makes a bank user with a token: {\"name\": \"Ada\"}"),
    (
        "POST /sandbox/connections",
        "makes a connection without the wizard: {\"user\": ID, \"mode\": \"full\", \"failures\": 0, \
         \"login\": \"abcdef\", \"never_synced\": false, \"consent_valid_until\": \"2026-05-01\", \
         \"credentials\": \"half\"}; only the user is needed",
    ),
    (
        "POST /sandbox/connections/ID/bank",
        "what the bank does at the next login without the user: {\"next\": \"wrong_password\"}; \
         also unavailable, tan_required, consent_gone, and slow with \"seconds\"",
    ),
    (
        "POST /sandbox/connections/ID/accounts",
        "opens an account, which the next sync finds: {\"type\": \"savings\"}",
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
         which calls: operation, id, answered (a status), and call, times or every (a number); \
         without these, every call",
    ),
    ("DELETE /sandbox/faults", "takes back the faults that have not hit yet"),
    ("POST /sandbox/refuse", "closes the port, for ten minutes at most: {\"millis\": 500}"),
    (
        "POST /sandbox/reset",
        "brings back the start; if a scenario was loaded, the start of the scenario",
    ),
    ("POST /sandbox/scenario", "starts anew with the scenario file in the body"),
    ("GET /sandbox/scenarios", "the names of the scenarios that come with the sandbox"),
    ("POST /sandbox/scenarios/NAME", "starts anew with one of these"),
    (
        "POST /sandbox/users/ID/sessions",
        "opens a wizard session, as the call that creates a connection does: {\"sync_mode\": \"full\"}",
    ),
    ("GET /sandbox/sessions/TRANSACTION", "the form that a wizard session shows"),
    (
        "POST /sandbox/sessions/TRANSACTION",
        "the user fills in the form: {\"USER_NAME\": \"abcdef\"}, or {\"action\": \"back\"}",
    ),
    ("GET /sandbox/state", "users, connections, accounts, sessions and faults, in words"),
    ("GET /sandbox/accounts/ID/turnovers", "the latest turnovers of an account"),
    ("GET /sandbox/log/NUMBER", "one line of the stream: request and answer, without secrets"),
    ("GET /sandbox/stream", "calls and events as they happen, as server-sent events"),
    ("GET /sandbox/choices", "the names that orders accept"),
];

/// The routes of the orders.
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
        .route("/sandbox/faults", post(arm).delete(clear))
        .route("/sandbox/refuse", post(refuse))
        .route("/sandbox/reset", post(reset))
        .route("/sandbox/scenario", post(load))
        .route("/sandbox/scenarios", get(stories))
        .route("/sandbox/scenarios/{name}", post(load_story))
        .route("/sandbox/users/{id}/sessions", post(open_session))
        .route("/sandbox/sessions/{transaction}", get(show_form).post(answer_form))
}

async fn overview(State(server): State<Server>) -> Response {
    let lines = OVERVIEW.iter().map(|(order, effect)| ((*order).to_owned(), effect.to_json()));
    server.respond(Ok(Answer::json(200, Json::Object(lines.collect()))))
}

async fn clock(State(server): State<Server>) -> Response {
    server.respond(Ok(clock_answer(&server)))
}

fn clock_answer(server: &Server) -> Answer {
    let now = server.shared.lock().now();
    Answer::json(200, object! { "now": now.to_string(), "berlin": clock::local(now) })
}

async fn advance(State(server): State<Server>, Order(order): Order<Pass>) -> Response {
    let outcome = order.span().map(|span| {
        server.shared.lock().change(|world| world::advance(world, span));
        clock_answer(&server)
    });
    server.respond(outcome)
}

async fn log(State(server): State<Server>) -> Response {
    let body = {
        let service = server.shared.lock();
        let mut counts = IndexMap::new();
        for id in Operation::ALL.iter().map(|operation| operation.id()) {
            let (received, acted) = (service.log.received(id), service.log.acted(id));
            if received > 0 {
                counts.insert(id.to_owned(), object! { "received": received, "acted": acted });
            }
        }
        let entries: Vec<Json> = service.log.entries().map(Entry::json).collect();
        object! { "operations": Json::Object(counts), "requests": entries }
    };
    server.respond(Ok(Answer::json(200, body)))
}

async fn violations(State(server): State<Server>) -> Response {
    let violations: Vec<String> =
        server.shared.lock().log.violations().map(ToString::to_string).collect();
    server.respond(Ok(Answer::json(200, object! { "violations": violations })))
}

async fn add_user(State(server): State<Server>, Order(order): Order<NewUser>) -> Response {
    let name = order.name.unwrap_or_else(|| "Ada".to_owned());
    let (id, token) = server.shared.lock().change(|world| orders::add_user(world, name, None));
    server.respond(Ok(Answer::json(201, object! { "id": id, "token": token })))
}

async fn add_connection(
    State(server): State<Server>,
    Order(order): Order<NewConnection>,
) -> Response {
    let user = order.user.clone();
    let outcome = order.plan().and_then(|planned| {
        let made = server.shared.lock().change(|world| {
            let id = planned.make(world, &user)?;
            let credentials = orders::credentials(world, &id);
            Some(object! { "id": id, "credentials": credentials })
        });
        made.map(|made| Answer::json(201, made)).ok_or_else(Refusal::not_found)
    });
    server.respond(outcome)
}

/// 200 if there was something to carry out the order on.
fn done(found: bool) -> Outcome {
    if found { Ok(Answer::acknowledged()) } else { Err(Refusal::not_found()) }
}

async fn script(
    State(server): State<Server>,
    Path(id): Path<String>,
    Order(order): Order<Script>,
) -> Response {
    let outcome = order.fault().and_then(|fault| {
        done(server.shared.lock().change(|world| orders::plan_sync(world, &id, fault.into())))
    });
    server.respond(outcome)
}

async fn set_login(
    State(server): State<Server>,
    Path(login): Path<String>,
    Order(order): Order<EveryLogin>,
) -> Response {
    let outcome = order.fault().map(|fault| {
        server.shared.lock().change(|world| orders::set_login(world, login, fault));
        Answer::acknowledged()
    });
    server.respond(outcome)
}

async fn open_account(
    State(server): State<Server>,
    Path(id): Path<String>,
    Order(order): Order<NewAccount>,
) -> Response {
    let found = server.shared.lock().change(|world| orders::open_account(world, &id, order.kind));
    server.respond(done(found))
}

async fn approve(State(server): State<Server>, Path(transaction): Path<String>) -> Response {
    let found = server.shared.lock().change(|world| orders::approve(world, &transaction));
    server.respond(done(found))
}

async fn complete(State(server): State<Server>, Path(transaction): Path<String>) -> Response {
    let connection =
        server.shared.lock().change(|world| orders::complete_session(world, &transaction));
    let outcome = connection
        .map(|id| Answer::json(200, object! { "connection": id }))
        .ok_or_else(Refusal::not_found);
    server.respond(outcome)
}

/// The page of the bank that a redirect form sends the user to. The visit approves the login.
pub(super) async fn visit_bank(
    State(server): State<Server>,
    Path(session): Path<String>,
) -> Response {
    let found = server.shared.lock().change(|world| orders::approve(world, &session));
    let page = "<!doctype html><title>Testbank</title><p>Thank you. You can go back now.</p>\n";
    let outcome = done(found).map(|_| Answer::raw(200, "text/html; charset=utf-8", page));
    server.respond(outcome)
}

async fn arm(State(server): State<Server>, Order(order): Order<Break>) -> Response {
    let armed = || {
        let aim = order.aim()?;
        let fault = order.fault()?;
        let armed = server.shared.lock().arm(fault, aim);
        armed.map_err(|reason| Refusal::new(400, reason))?;
        Ok(Answer::acknowledged())
    };
    server.respond(armed())
}

async fn clear(State(server): State<Server>) -> Response {
    server.shared.lock().clear_faults();
    server.respond(Ok(Answer::acknowledged()))
}

async fn refuse(
    State(server): State<Server>,
    ConnectInfo(grip): ConnectInfo<Grip>,
    Order(order): Order<Refuse>,
) -> Response {
    server.refuse_for(order.lasting(), &grip).await;
    server.respond(Ok(Answer::acknowledged()))
}

async fn reset(State(server): State<Server>) -> Response {
    server.shared.lock().reset();
    server.respond(Ok(Answer::acknowledged()))
}

/// Starts anew with the scenario in this text.
fn start_with(server: &Server, text: &str) -> Outcome {
    let scenario = scenario::read(text).map_err(|flaw| {
        let Flaw { line, column, message } = flaw;
        Refusal::new(400, format!("line {line}, column {column}: {message}"))
    })?;
    server.shared.lock().load(scenario);
    Ok(Answer::acknowledged())
}

async fn load(State(server): State<Server>, body: Bytes) -> Response {
    let text = std::str::from_utf8(&body);
    let text = text.map_err(|_| Refusal::new(400, "the file is not UTF-8"));
    server.respond(text.and_then(|text| start_with(&server, text)))
}

async fn stories(State(server): State<Server>) -> Response {
    let names = STORIES.map(|(name, _)| name);
    server.respond(Ok(Answer::json(200, object! { "scenarios": names })))
}

async fn load_story(State(server): State<Server>, Path(name): Path<String>) -> Response {
    let story = STORIES.iter().find(|(known, _)| *known == name);
    let outcome = story.ok_or_else(Refusal::not_found);
    server.respond(outcome.and_then(|(_, text)| start_with(&server, text)))
}

async fn open_session(
    State(server): State<Server>,
    Path(user): Path<String>,
    body: Bytes,
) -> Response {
    let outcome = Fields::read(&body).and_then(|fields| {
        server.shared.lock().change(|world| orders::open_session(world, &user, &fields))
    });
    let opened = outcome.map(|id| Answer::json(201, object! { "transaction": id }));
    server.respond(opened)
}

async fn show_form(
    State(server): State<Server>,
    Path(transaction): Path<String>,
    headers: HeaderMap,
) -> Response {
    play_user(&server, &transaction, None, &headers)
}

async fn answer_form(
    State(server): State<Server>,
    Path(transaction): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match Fields::read(&body) {
        Ok(values) => play_user(&server, &transaction, Some(values), &headers),
        Err(refusal) => server.respond(Err(refusal)),
    }
}

fn play_user(
    server: &Server,
    transaction: &str,
    values: Option<Fields>,
    headers: &HeaderMap,
) -> Response {
    let base_url = request::base_url(headers);
    let play = |world: &mut World| orders::play_user(world, transaction, values, &base_url);
    let outcome = server.shared.lock().change(play);
    server.respond(outcome.map(|json| Answer::json(200, json)))
}
