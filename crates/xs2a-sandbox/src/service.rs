//! From an HTTP request to an answer: routing, credentials, faults, and the world behind them.

use http::{HeaderMap, Method, header};
use jiff::Timestamp;

use crate::{
    answer::{Answer, Call, Fields, Query, Refusal},
    faults::{Fault, Faults},
    record::{Entry, Log},
    routes::{self, Operation, Target},
    world::{Caller, Settings, World},
};

/// Everything behind one listening address.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) api_key: String,
    pub(crate) settings: Settings,
    pub(crate) world: World,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
}

/// A request as it came off the wire; the body is none when it was too large.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Option<&'a [u8]>,
}

/// What goes back onto the wire, and what breaks on the way.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) answer: Answer,
    pub(crate) fault: Option<Fault>,
    /// What the sandbox's clock shows.
    pub(crate) now: Timestamp,
}

impl Service {
    pub(crate) fn new(api_key: String, settings: Settings) -> Self {
        Self {
            api_key,
            world: World::new(settings.clone()),
            settings,
            faults: Faults::default(),
            log: Log::default(),
        }
    }

    /// Back to the start: state, clock, faults and log.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.api_key.clone(), self.settings.clone());
    }

    pub(crate) fn handle(&mut self, received: &Received<'_>) -> Sent {
        let (operation, path) = match routes::find(received.method, received.path) {
            Target::Operation(operation, path) => (operation, path),
            Target::WrongMethod(allowed) => {
                let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
                let answer = Answer::from(Refusal::new(405, "Method not allowed"))
                    .with_header("allow", allowed.join(", "));
                return self.refused(received, answer);
            }
            Target::Unknown => {
                return self.refused(received, Refusal::new(404, "No such path").into());
            }
        };
        let fault = self.faults.next(operation);
        let (answer, acted) = match fault.as_ref().and_then(Fault::instead_of_acting) {
            Some(answer) => (answer, false),
            None => {
                let answer = self
                    .act(operation, path, received)
                    .unwrap_or_else(Answer::from);
                let acted = answer.is_success();
                (answer, acted)
            }
        };
        self.log.push(Entry {
            operation: Some(operation),
            method: received.method.clone(),
            path: received.path.to_owned(),
            status: answer.status,
            acted,
            fault: fault.clone(),
            client: client_name(received.headers),
        });
        Sent {
            answer,
            fault,
            now: self.world.now(),
        }
    }

    fn refused(&mut self, received: &Received<'_>, answer: Answer) -> Sent {
        self.log.push(Entry {
            operation: None,
            method: received.method.clone(),
            path: received.path.to_owned(),
            status: answer.status,
            acted: false,
            fault: None,
            client: client_name(received.headers),
        });
        Sent {
            answer,
            fault: None,
            now: self.world.now(),
        }
    }

    fn act(
        &mut self,
        operation: Operation,
        path: Vec<&str>,
        received: &Received<'_>,
    ) -> Result<Answer, Refusal> {
        let caller = self.caller(received.headers)?;
        let body = received
            .body
            .ok_or_else(|| Refusal::new(413, "The request is too large"))?;
        let call = Call {
            operation,
            path,
            query: Query::parse(received.query),
            body: fields(body)?,
            base_url: base_url(received.headers),
        };
        self.world.call(&caller, &call)
    }

    /// Basic credentials with the user name `api`.
    fn caller(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let secret = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(password_of_api)
            .ok_or_else(|| {
                Refusal::new(
                    401,
                    "HTTP Basic credentials with the user name api are needed",
                )
            })?;
        if secret == self.api_key {
            return Ok(Caller::ApiKey);
        }
        self.world
            .user_of_token(&secret)
            .map(Caller::User)
            .ok_or_else(|| Refusal::new(401, "The key or token is unknown or has expired"))
    }
}

/// How the client names itself, where it does.
fn client_name(headers: &HeaderMap) -> Option<String> {
    let name = headers.get("x-client")?.to_str().ok()?;
    Some(name.to_owned())
}

/// How the client names this server.
fn base_url(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}

fn password_of_api(header: &str) -> Option<String> {
    use base64::Engine as _;

    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(encoded.trim())
        .ok()?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    (user == "api").then(|| password.to_owned())
}

/// The body as an object; none, `null` and the empty list of PHP count as an empty one.
fn fields(body: &[u8]) -> Result<Fields, Refusal> {
    use serde_json::Value;

    if body.trim_ascii().is_empty() {
        return Ok(Fields::default());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(Fields(fields)),
        Ok(Value::Null) => Ok(Fields::default()),
        Ok(Value::Array(list)) if list.is_empty() => Ok(Fields::default()),
        Ok(_) => Err(Refusal::new(400, "The body must be a JSON object")),
        Err(_) => Err(Refusal::new(400, "The body is not valid JSON")),
    }
}
