//! The orders of a test over HTTP, under `/sandbox`: what a test in the same process has as
//! methods.

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, Path, State},
    response::Response,
    routing::{delete, get, post},
};
use http::HeaderMap;
use indexmap::IndexMap;

use super::{
    orders::{
        Break, EveryLogin, Forms, NewAccount, NewConnections, NewUsers, NextSync, Order, Pass,
        Refuse,
    },
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
    service::{Entry, PlannedConnection},
    world::{self, Counts, Posted, World, orders},
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
    (
        "GET /sandbox/counts",
        "looks, syncs, sessions and failures of all connections together, and of each one",
    ),
    (
        "POST /sandbox/users",
        "makes a bank user with a token: {\"name\": \"Ada\"}; many with \"count\"; each with \
         \"connections\": [{\"mode\": \"full\", \"count\": 3}]",
    ),
    ("DELETE /sandbox/users/ID", "deletes a bank user and everything that belongs to the user"),
    (
        "POST /sandbox/connections",
        "makes a connection without the wizard: {\"user\": ID, \"mode\": \"full\", \"failures\": 0, \
         \"login\": \"abcdef\", \"never_synced\": false, \"consent_valid_until\": \"2026-05-01\", \
         \"credentials\": \"half\", \"accounts\": true, \"synced_ago\": 3600}; only the user is needed; \
         many with \"count\", their last syncs over \"spread\" seconds",
    ),
    ("GET /sandbox/connections/ID/counts", "looks, syncs, sessions and failures of the connection"),
    (
        "GET /sandbox/connections/ID/sessions",
        "transactions of the wizard sessions that syncs and resets have opened",
    ),
    (
        "POST /sandbox/connections/ID/bank",
        "how the next sync without the user goes: {\"next\": \"wrong_password\"}; also unavailable, \
         tan_required, consent_gone, and slow with \"seconds\"; \"begins_after\" and \"shows_after\" \
         in seconds",
    ),
    (
        "POST /sandbox/connections/ID/accounts",
        "opens an account, which the next sync finds: {\"type\": \"savings\"}",
    ),
    (
        "POST /sandbox/logins/USER_NAME",
        "what the bank does at every login with this user name: {\"bank\": \"wrong_password\"}, or null",
    ),
    (
        "POST /sandbox/logins/USER_NAME/forms",
        "what the wizard shows in sessions of this user name: {\"forms\": [{\"form\": {\"name\": \"tan\", \
         \"elements\": []}}]}; each with form or answer, and until_poll, for_good or requires; at the \
         end finish or fail",
    ),
    ("DELETE /sandbox/logins/USER_NAME/forms", "the wizard shows its own forms again"),
    ("POST /sandbox/forms", "the same for the next session that is opened, from its first form on"),
    (
        "GET /sandbox/sessions/TRANSACTION/posts",
        "what was posted to a wizard session, with the values",
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
        .route("/sandbox/counts", get(all_counts))
        .route("/sandbox/users", post(add_users))
        .route("/sandbox/users/{id}", delete(delete_user))
        .route("/sandbox/connections", post(add_connections))
        .route("/sandbox/connections/{id}/counts", get(counts))
        .route("/sandbox/connections/{id}/sessions", get(sessions))
        .route("/sandbox/connections/{id}/bank", post(plan_sync))
        .route("/sandbox/connections/{id}/accounts", post(open_account))
        .route("/sandbox/logins/{login}", post(set_login))
        .route("/sandbox/logins/{login}/forms", post(set_forms).delete(unset_forms))
        .route("/sandbox/forms", post(script_next_session))
        .route("/sandbox/sessions/{transaction}/posts", get(posts))
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

async fn add_users(State(server): State<Server>, Order(order): Order<NewUsers>) -> Response {
    let now = server.shared.lock().now();
    let made = order.plans(now).map(|plans| {
        let add = |world: &mut World| {
            let (id, token) = orders::add_user(world, order.name(), order.token.clone());
            let connections: Vec<Json> =
                plans.iter().filter_map(|plan| connection_json(world, &id, plan)).collect();
            object! { "id": id, "token": token, "connections": connections }
        };
        server.shared.lock().change(|world| match order.count() {
            None => add(world),
            Some(count) => {
                let users: Vec<Json> = (0..count).map(|_| add(world)).collect();
                object! { "users": users }
            }
        })
    });
    server.respond(made.map(|made| Answer::json(201, made)))
}

/// Makes a connection; gives what the test needs to know of it.
fn connection_json(world: &mut World, user: &str, plan: &PlannedConnection) -> Option<Json> {
    let id = plan.make(world, user)?;
    let credentials = orders::credentials(world, &id);
    Some(object! { "id": id, "credentials": credentials })
}

async fn delete_user(State(server): State<Server>, Path(id): Path<String>) -> Response {
    let found = server.shared.lock().change(|world| orders::delete_user(world, &id));
    server.respond(done(found))
}

async fn add_connections(
    State(server): State<Server>,
    Order(order): Order<NewConnections>,
) -> Response {
    let now = server.shared.lock().now();
    let outcome = || {
        let (user, plans) = (order.user()?, order.plans(now)?);
        let made: Option<Vec<Json>> = server
            .shared
            .lock()
            .change(|world| plans.iter().map(|plan| connection_json(world, user, plan)).collect());
        let mut made = made.ok_or_else(Refusal::not_found)?;
        Ok(Answer::json(
            201,
            if order.is_list() {
                object! { "connections": made }
            } else {
                made.remove(0)
            },
        ))
    };
    server.respond(outcome())
}

fn counts_json(counts: &Counts) -> Json {
    object! {
        "looks": counts.looks,
        "syncs_received": counts.syncs_received,
        "syncs_acted": counts.syncs_acted,
        "syncs_overlapping": counts.syncs_overlapping,
        "automatic_syncs": counts.automatic_syncs,
        "most_syncs_in_24_hours": counts.most_syncs_in_24_hours,
        "sessions": counts.sessions,
        "successes": counts.successes,
        "failures": counts.failures,
        "third_failures": counts.third_failures,
    }
}

async fn all_counts(State(server): State<Server>) -> Response {
    let body = server.shared.lock().look(|world| {
        let each = orders::all_counts(world);
        let each = each.map(|(id, counts)| (id.to_owned(), counts_json(&counts)));
        object! {
            "total": counts_json(&orders::total_counts(world)),
            "connections": Json::Object(each.collect()),
        }
    });
    server.respond(Ok(Answer::json(200, body)))
}

async fn counts(State(server): State<Server>, Path(id): Path<String>) -> Response {
    let found = server.shared.lock().look(|world| orders::counts(world, &id));
    let outcome = found.map(|counts| Answer::json(200, counts_json(&counts)));
    server.respond(outcome.ok_or_else(Refusal::not_found))
}

async fn sessions(State(server): State<Server>, Path(id): Path<String>) -> Response {
    let found = server.shared.lock().look(|world| orders::sessions(world, &id));
    let outcome = found.map(|sessions| Answer::json(200, object! { "transactions": sessions }));
    server.respond(outcome.ok_or_else(Refusal::not_found))
}

/// 200 if there was something to carry out the order on.
fn done(found: bool) -> Outcome {
    if found { Ok(Answer::acknowledged()) } else { Err(Refusal::not_found()) }
}

async fn plan_sync(
    State(server): State<Server>,
    Path(id): Path<String>,
    Order(order): Order<NextSync>,
) -> Response {
    let outcome = order.plan().and_then(|plan| {
        done(server.shared.lock().change(|world| orders::plan_sync(world, &id, plan)))
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

async fn set_forms(
    State(server): State<Server>,
    Path(login): Path<String>,
    Order(order): Order<Forms>,
) -> Response {
    let outcome = order.script().map(|script| {
        server.shared.lock().change(|world| orders::set_forms(world, login, Some(script)));
        Answer::acknowledged()
    });
    server.respond(outcome)
}

async fn unset_forms(State(server): State<Server>, Path(login): Path<String>) -> Response {
    server.shared.lock().change(|world| orders::set_forms(world, login, None));
    server.respond(Ok(Answer::acknowledged()))
}

async fn script_next_session(State(server): State<Server>, Order(order): Order<Forms>) -> Response {
    let outcome = order.script().map(|script| {
        server.shared.lock().change(|world| orders::script_next_session(world, script));
        Answer::acknowledged()
    });
    server.respond(outcome)
}

async fn posts(State(server): State<Server>, Path(transaction): Path<String>) -> Response {
    let found = server.shared.lock().look(|world| {
        let show = |posted: &Posted| {
            object! { "at": posted.at().to_string(), "values": posted.values() }
        };
        Some(orders::posts(world, &transaction)?.map(show).collect::<Vec<Json>>())
    });
    let outcome = found.map(|posts| Answer::json(200, object! { "posts": posts }));
    server.respond(outcome.ok_or_else(Refusal::not_found))
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
    let start = server.shared.lock().start();
    let scenario = scenario::read(text, start).map_err(|flaw| {
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
