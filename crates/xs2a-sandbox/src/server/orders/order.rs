//! The body of a request as an order.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse as _, Response},
};
use serde::de::DeserializeOwned;

use crate::{answer::Refusal, server::shared::Server};

/// The order in the body of a request. A body that is no such order is answered with 400.
pub(in crate::server) struct Order<T>(pub(in crate::server) T);

impl<T: DeserializeOwned> FromRequest<Server> for Order<T> {
    type Rejection = Response;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Response> {
        let body = Bytes::from_request(request, server).await;
        let body = body.map_err(|rejection| rejection.into_response())?;
        read(&body).map(Self).map_err(|refusal| server.respond(Err(refusal)))
    }
}

/// Reads an order. An empty body and `null` stand for an order without fields.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = match body.trim_ascii() {
        b"" | b"null" => b"{}",
        body => body,
    };
    let mut json = serde_json::Deserializer::from_slice(body);
    let order = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let reason = error.into_inner();
        Refusal::new(
            400,
            if field == "." { reason.to_string() } else { format!("{field}: {reason}") },
        )
    })?;
    json.end().map_err(|error| Refusal::new(400, error.to_string()))?;
    Ok(order)
}
