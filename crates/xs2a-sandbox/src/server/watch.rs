//! What people watch: the state in words, and the log as it grows.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    extract::{Path, State},
    response::{
        IntoResponse as _, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::get,
};
use futures_util::stream;

use super::{orders, shared::Server};
use crate::{
    answer::{Answer, Refusal},
    json::{Json, object},
    world::overview,
};

/// What changes within this time is told together.
const PACE: Duration = Duration::from_millis(100);

pub(super) fn router() -> Router<Server> {
    Router::new()
        .route("/sandbox/state", get(state))
        .route("/sandbox/choices", get(choices))
        .route("/sandbox/accounts/{id}/turnovers", get(turnovers))
        .route("/sandbox/log/{number}", get(line))
        .route("/sandbox/stream", get(follow))
}

async fn state(State(server): State<Server>) -> Response {
    let state = server.shared.lock().overview();
    server.respond(Ok(Answer::json(200, state)))
}

async fn choices(State(server): State<Server>) -> Response {
    server.respond(Ok(Answer::json(200, orders::choices())))
}

/// 200 with what was found.
fn respond(server: &Server, found: Option<Json>) -> Response {
    server.respond(found.map(|json| Answer::json(200, json)).ok_or_else(Refusal::not_found))
}

async fn turnovers(State(server): State<Server>, Path(id): Path<String>) -> Response {
    let found = server.shared.lock().look(|world| overview::turnovers(world, &id));
    respond(&server, found)
}

async fn line(State(server): State<Server>, Path(number): Path<String>) -> Response {
    let number = number.parse().ok();
    let found = number.and_then(|number| server.shared.lock().trail.line(number));
    respond(&server, found)
}

/// The lines that are kept, and from then on each change: the new lines, if there are any, and the
/// number of the oldest line that is still kept.
async fn follow(State(server): State<Server>) -> Response {
    let mut changes = server.shared.lock().trail.watch();
    changes.mark_changed();
    let changes = stream::unfold((server, changes, 0), |(server, mut changes, seen)| async move {
        changes.changed().await.ok()?;
        tokio::time::sleep(PACE).await;
        changes.mark_unchanged();
        let (told, next) = {
            let service = server.shared.lock();
            let trail = &service.trail;
            (object! { "first": trail.first(), "lines": trail.since(seen) }, trail.next())
        };
        let event = Event::default().data(told.to_string());
        Some((Ok::<_, Infallible>(event), (server, changes, next)))
    });
    Sse::new(changes).keep_alive(KeepAlive::default()).into_response()
}
