//! The service on a TCP port: its calls, and the orders of a test under `/sandbox`.

mod calls;
mod control;
mod response;
mod shared;

use axum::{Router, extract::DefaultBodyLimit};

pub(crate) use shared::{Server, Shared};

/// The routes of this server.
pub(crate) fn router(server: Server) -> Router {
    control::router()
        .method_not_allowed_fallback(calls::answer)
        .fallback(calls::answer)
        .layer(DefaultBodyLimit::max(calls::MAX_BODY))
        .with_state(server)
}
