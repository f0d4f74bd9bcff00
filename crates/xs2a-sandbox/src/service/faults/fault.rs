//! What a test can do to a call and to its answer.

use std::time::Duration;

use http::{HeaderName, HeaderValue, header};

use super::edit::Edit;
use crate::{
    answer::{Answer, Body, Refusal},
    json::object,
    line::Ending,
};

/// What happens to a call instead of its plain answer.
///
/// A fault that breaks the connection breaks it below HTTP: a reset is a TCP reset, and a stall is
/// silence on an open connection. Calls on other connections are not disturbed.
///
/// ```
/// use std::time::Duration;
/// use xs2a_sandbox::{Edit, Fault, Sandbox};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// // The second sync from now on is carried out, but its answer is lost.
/// sandbox.fault(Fault::ResetAfterActing).on("sync_connection").call(2);
/// // The next call, whatever it asks for, is answered by a gateway.
/// sandbox.fault(Fault::Html(502)).next();
/// // From now on every list of accounts comes a minute late.
/// sandbox.fault(Fault::Delay(Duration::from_secs(60))).on("list_accounts").always();
/// // The next list of connections has an entry whose counter cannot be read.
/// let odd = Fault::Edit(vec![Edit::set("/data/0/sync_fail_counter", r#""many""#)]);
/// sandbox.fault(odd).on("list_connections").next();
/// // One answer in a hundred has a date that no clock shows.
/// sandbox.fault(Fault::date("Fri, 31 Dec 9980 23:59:59 GMT")).every(100);
/// // Nothing of this is to happen after all.
/// sandbox.clear_faults();
/// # });
/// ```
///
/// # Who answers
///
/// The service's own error is a JSON object with `code`, which repeats the status, and `message`.
/// A gateway in front of the service answers in other forms. Each form takes any status:
///
/// | fault | the body of a 404 |
/// |---|---|
/// | [`Fault::Status`] | `{"code":404,"message":"Not Found"}` |
/// | [`Fault::Html`] | an HTML page |
/// | [`Fault::Empty`] | none |
/// | [`Fault::GatewayJson`] | `{"message":"no Route matched"}` |
/// | [`Fault::json`] | any JSON, such as `{"code":"E_42","message":["a","b"]}` |
///
/// The service does not act on such a call, unless the order says
/// [`FaultRule::after_acting`](crate::FaultRule::after_acting).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The service answers with this status and an error body of its own form, and does not act.
    Status(u16),
    /// The service answers with 429, and does not act.
    Throttle {
        /// Value of the `Retry-After` header. None leaves the header out.
        retry_after: Option<String>,
    },
    /// A gateway answers with this status and an HTML page. The service does not act.
    Html(u16),
    /// A gateway answers with this status and no body. The service does not act.
    Empty(u16),
    /// A gateway answers with this status and JSON of its own, which has a `message` and no `code`.
    /// The service does not act.
    GatewayJson(u16),
    /// A server closes a connection that it takes for idle: it answers with 408,
    /// `Connection: close` and no body, and closes. The service does not act.
    IdleTimeout,
    /// A gateway sends the client to another address. The service does not act.
    Redirect {
        /// Status of the answer, such as 307.
        status: u16,
        /// Value of the `Location` header.
        location: String,
    },
    /// The client gets exactly this answer, which is not held against the spec. The service does
    /// not act.
    Answer {
        /// Status of the answer.
        status: u16,
        /// Content type of the answer.
        content_type: String,
        /// Body of the answer.
        body: String,
    },
    /// The service acts, and the client gets this body in place of the service's own, letter by
    /// letter. Status and content type stay. The body is not held against the spec. A 204 stays
    /// without a body.
    Body(String),
    /// The service acts, and these places of its JSON are changed, one after the other. The changed
    /// answer is not held against the spec. If a place is not there, the client gets a 500 that
    /// names the place: a test with such an edit would have tested nothing.
    Edit(Vec<Edit>),
    /// The service acts, and its answer has this header, in place of one of the same name. See
    /// [`Fault::date`].
    Header {
        /// Name of the header. `Content-Length` and `Transfer-Encoding` cannot be changed.
        name: String,
        /// Value of the header.
        value: String,
    },
    /// The service acts, and the answer is this late, as when the bank takes long to answer. The
    /// delay takes real time, or time of tokio's paused clock.
    Delay(Duration),
    /// The connection is reset after the request was read. The service does not act.
    ResetBeforeActing,
    /// The service acts, and the connection is reset instead of an answer.
    ResetAfterActing,
    /// The connection is closed after the request was read. The service does not act.
    CloseBeforeActing,
    /// The service acts, and the connection is closed without an answer.
    CloseAfterActing,
    /// The request is read, and nothing comes back. The service does not act.
    StallBeforeActing,
    /// The service acts, and nothing comes back.
    StallAfterActing,
    /// The service acts. The head of the answer and half of its body come, and nothing more.
    StallBody,
    /// The service acts. The head of the answer and half of its body come, and the connection is
    /// closed.
    CutBody,
    /// The service acts and answers, and then closes the connection without having announced it:
    /// the next call finds a dead connection in its pool.
    CloseAfterAnswer,
    /// The call is reset, and the service does not act. For this long nothing listens on the port:
    /// every new connection is refused. The time is real time, or time of tokio's paused clock. To
    /// refuse the very first call, use
    /// [`Sandbox::refuse_connections`](crate::Sandbox::refuse_connections).
    Refuse {
        /// How long the port stays closed.
        lasting: Duration,
    },
}

/// When the service acts on a call that a fault hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acting {
    /// An answer stands in for what the service would do.
    Replaced,
    /// The call is lost on the way to the service.
    Never,
    /// The service acts.
    Always,
}

impl Fault {
    /// The client gets this status and this JSON. The service does not act. Made for errors in
    /// shapes that the spec does not have:
    ///
    /// ```
    /// use xs2a_sandbox::{Fault, Sandbox};
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let sandbox = Sandbox::start().await.unwrap();
    /// let odd = Fault::json(422, r#"{"message":"Invalid","errors":{"email":["taken"]}}"#);
    /// sandbox.fault(odd).on("create_user").next();
    /// # });
    /// ```
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Answer { status, content_type: JSON.to_owned(), body: body.into() }
    }

    /// The service acts, and this is the `Date` header of its answer. Without the fault, the header
    /// tells what the sandbox's clock shows. [`Fault`] has an example.
    pub fn date(value: impl Into<String>) -> Self {
        Self::Header { name: header::DATE.to_string(), value: value.into() }
    }

    pub(super) fn acting(&self) -> Acting {
        match self {
            Self::Status(_)
            | Self::Throttle { .. }
            | Self::Html(_)
            | Self::Empty(_)
            | Self::GatewayJson(_)
            | Self::IdleTimeout
            | Self::Redirect { .. }
            | Self::Answer { .. } => Acting::Replaced,
            Self::ResetBeforeActing
            | Self::CloseBeforeActing
            | Self::StallBeforeActing
            | Self::Refuse { .. } => Acting::Never,
            Self::Body(_)
            | Self::Edit(_)
            | Self::Header { .. }
            | Self::Delay(_)
            | Self::ResetAfterActing
            | Self::CloseAfterActing
            | Self::StallAfterActing
            | Self::StallBody
            | Self::CutBody
            | Self::CloseAfterAnswer => Acting::Always,
        }
    }

    /// The answer with which the fault stands in for the service. A fault that lets no answer
    /// through has a 503, which only the log shows.
    pub(super) fn answer(&self) -> Answer {
        match self {
            Self::Status(status) => error(*status),
            Self::Throttle { retry_after: None } => error(429),
            Self::Throttle { retry_after: Some(wait) } => {
                error(429).with_header(header::RETRY_AFTER, wait)
            }
            Self::Html(status) => Answer::raw(
                *status,
                "text/html",
                format!(
                    "<html><head><title>{status}</title></head><body><h1>{status}</h1><p>gateway</p></body></html>\n"
                ),
            ),
            Self::Empty(status) => Answer::empty(*status),
            Self::GatewayJson(status) => {
                let message = if *status == 404 { "no Route matched" } else { reason(*status) };
                Answer::json(*status, object! { "message": message })
            }
            Self::IdleTimeout => Answer::empty(408).with_header(header::CONNECTION, "close"),
            Self::Redirect { status, location } => {
                Answer::empty(*status).with_header(header::LOCATION, location)
            }
            Self::Answer { status, content_type, body } => {
                Answer::raw(*status, content_type.clone(), body.clone())
            }
            _ => error(503),
        }
    }

    /// What the fault makes of the answer of a service that has acted.
    pub(super) fn change(&self, mut answer: Answer) -> Answer {
        match self {
            Self::Body(body) => {
                let content_type = match answer.body {
                    Body::Raw { content_type, .. } => content_type,
                    Body::Empty | Body::Json(_) => JSON.to_owned(),
                };
                answer.body = Body::Raw { content_type, bytes: body.clone().into_bytes() };
                answer
            }
            Self::Edit(edits) => {
                let Body::Json(json) = &mut answer.body else {
                    return misfit("The answer that was to be edited has no JSON");
                };
                match edits.iter().find(|edit| !edit.apply(json)) {
                    None => answer,
                    Some(edit) => misfit(&format!(
                        "The answer that was to be edited has no place {:?}",
                        edit.pointer()
                    )),
                }
            }
            Self::Header { name, value } => match name.parse() {
                Ok(name) => answer.with_header(name, value),
                Err(_) => answer,
            },
            _ => answer,
        }
    }

    /// Why the fault can do nothing at all, if it is so.
    pub(super) fn flaw(&self) -> Option<String> {
        match self {
            Self::Edit(edits) if edits.is_empty() => Some("edits: there is none".to_owned()),
            Self::Edit(edits) => edits.iter().find_map(Edit::flaw),
            Self::Header { name, value } => match name.parse::<HeaderName>() {
                Ok(name) if [header::CONTENT_LENGTH, header::TRANSFER_ENCODING].contains(&name) => {
                    Some(format!("name: {name} cannot be changed"))
                }
                Ok(_) if HeaderValue::from_str(value).is_ok() => None,
                Ok(_) => Some("value: no header can have this value".to_owned()),
                Err(_) => Some("name: is not the name of a header".to_owned()),
            },
            _ => None,
        }
    }

    /// How much of the answer is let through and how the connection ends, if the fault breaks it.
    pub(crate) fn on_the_wire(&self) -> Option<(Portion, Ending)> {
        Some(match self {
            Self::ResetBeforeActing | Self::ResetAfterActing | Self::Refuse { .. } => {
                (Portion::Nothing, Ending::Reset)
            }
            Self::CloseBeforeActing | Self::CloseAfterActing => (Portion::Nothing, Ending::Close),
            Self::StallBeforeActing | Self::StallAfterActing => (Portion::Nothing, Ending::Silence),
            Self::StallBody => (Portion::Half, Ending::Silence),
            Self::CutBody => (Portion::Half, Ending::Close),
            Self::CloseAfterAnswer | Self::IdleTimeout => (Portion::All, Ending::Close),
            _ => return None,
        })
    }

    /// The name of the fault in an order and in the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Throttle { .. } => "throttle",
            Self::Html(_) => "html",
            Self::Empty(_) => "empty",
            Self::GatewayJson(_) => "gateway_json",
            Self::IdleTimeout => "idle_timeout",
            Self::Redirect { .. } => "redirect",
            Self::Answer { .. } => "answer",
            Self::Body(_) => "body",
            Self::Edit(_) => "edit",
            Self::Header { .. } => "header",
            Self::Delay(_) => "delay",
            Self::ResetBeforeActing => "reset_before_acting",
            Self::ResetAfterActing => "reset_after_acting",
            Self::CloseBeforeActing => "close_before_acting",
            Self::CloseAfterActing => "close_after_acting",
            Self::StallBeforeActing => "stall_before_acting",
            Self::StallAfterActing => "stall_after_acting",
            Self::StallBody => "stall_body",
            Self::CutBody => "cut_body",
            Self::CloseAfterAnswer => "close_after_answer",
            Self::Refuse { .. } => "refuse",
        }
    }
}

/// How much of an answer is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Portion {
    Nothing,
    /// The head and half of the body. Without a body, half of the head.
    Half,
    All,
}

const JSON: &str = "application/json";

fn error(status: u16) -> Answer {
    Refusal::new(status, reason(status)).into()
}

fn reason(status: u16) -> &'static str {
    let status = http::StatusCode::from_u16(status).ok();
    status.and_then(|status| status.canonical_reason()).unwrap_or("Error")
}

/// The answer to a call whose answer the fault does not fit.
fn misfit(message: &str) -> Answer {
    tracing::warn!("{message}");
    Refusal::new(500, message).into()
}
