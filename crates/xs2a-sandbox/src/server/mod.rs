//! The service on a TCP port: its calls, the orders of a test under `/sandbox`, and the page at `/`.

mod calls;
mod control;
mod hosts;
mod orders;
mod page;
mod response;
mod scenario;
mod shared;
mod watch;

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn_with_state, routing::get};

pub(crate) use scenario::{STORIES, read as read_scenario};
pub(crate) use shared::{Server, Shared};

/// The routes of this server.
pub(crate) fn router(server: Server) -> Router {
    let router = control::router()
        .merge(watch::router())
        .merge(page::router())
        .route_layer(from_fn_with_state(server.clone(), hosts::guard))
        // This page is for the user, under any name that the client uses for this server.
        .route("/sandbox/bank/{session}", get(control::visit_bank))
        .route("/openapi.yaml", get(page::spec))
        .route("/healthz", get(page::health))
        .method_not_allowed_fallback(calls::answer)
        .fallback(calls::answer)
        .layer(DefaultBodyLimit::max(calls::MAX_BODY))
        .with_state(server.clone());
    if server.cors { router.layer(hosts::local_pages()) } else { router }
}
