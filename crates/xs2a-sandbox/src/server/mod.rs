//! The service on a TCP port: its calls, and the orders of a test under `/sandbox`.

mod calls;
mod control;
mod hosts;
mod orders;
mod response;
mod shared;

use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn_with_state, routing::get};

pub(crate) use shared::{Server, Shared};

/// The routes of this server.
pub(crate) fn router(server: Server) -> Router {
    control::router()
        .route_layer(from_fn_with_state(server.clone(), hosts::guard))
        // This page is for the user, under any name that the client uses for this server.
        .route("/sandbox/bank/{session}", get(control::visit_bank))
        .method_not_allowed_fallback(calls::answer)
        .fallback(calls::answer)
        .layer(DefaultBodyLimit::max(calls::MAX_BODY))
        .with_state(server)
}
