//! From an HTTP request to an answer: routing, credentials, faults, and the world behind them.

use http::{HeaderMap, Method, header};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    answer::{Answer, Body, Call, Fields, Query, Refusal},
    dialect,
    faults::{Fault, Faults},
    judge::{self, Side},
    record::{Entry, Log},
    routes::{self, Operation, Target},
    spec::SPEC,
    webhook::Post,
    world::{Caller, Settings, World},
};

/// What a service is made of.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) api_key: String,
    pub(crate) world: Settings,
    /// Whether answers are put into the dialect.
    pub(crate) dialect: bool,
    /// Whether requests and answers are held against the spec.
    pub(crate) judged: bool,
    /// Where events are delivered.
    pub(crate) post: Option<Post>,
}

/// Everything behind one listening address.
pub(crate) struct Service {
    plan: Plan,
    world: World,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    /// Chooses the forms of the dialect.
    random: fastrand::Rng,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("world", &self.world).finish_non_exhaustive()
    }
}

/// A request as it came off the wire; the body, or why there is none.
#[derive(Debug)]
pub(crate) struct Received<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Result<&'a [u8], Refusal>,
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
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            world: World::new(plan.world.clone()),
            faults: Faults::default(),
            log: Log::default(),
            random: fastrand::Rng::with_seed(!plan.world.seed),
            plan,
        }
    }

    /// Back to the start: state, clock, faults and log.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.plan.clone());
    }

    pub(crate) fn api_key(&self) -> &str {
        &self.plan.api_key
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Does something to the world, and delivers the events that come of it.
    pub(crate) fn change<T>(&mut self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = change(&mut self.world);
        for event in self.world.take_outbox() {
            if let Some(post) = &self.plan.post {
                let mut event = event.json();
                if self.plan.dialect {
                    dialect::loosen(&mut event, SPEC.schema("Event"), &mut self.random);
                }
                post.send(event);
            }
        }
        result
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.world)
    }

    pub(crate) fn handle(&mut self, received: &Received<'_>) -> Sent {
        let (operation, path) = match routes::find(received.method, received.path) {
            Target::Operation(operation, path) => (operation, path),
            Target::WrongMethod(allowed) => {
                let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
                let answer = Answer::from(Refusal::new(405, "Method not allowed"))
                    .with_header("allow", allowed.join(", "));
                return self.no_operation(received, answer);
            }
            Target::Unknown => {
                return self.no_operation(received, Refusal::new(404, "No such path").into());
            }
        };
        if self.plan.judged {
            let broken = judge::request(operation, received);
            self.log.violated(Side::Request, operation, broken);
        }

        let fault = self.faults.next(operation);
        let instead = fault.as_ref().and_then(Fault::instead_of_acting);
        let acts = instead.is_none();
        let mut answer = instead
            .unwrap_or_else(|| self.act(operation, path, received).unwrap_or_else(Answer::from));
        if acts {
            if self.plan.judged {
                let broken = judge::response(operation, &answer);
                self.log.violated(Side::Response, operation, broken);
            }
            if self.plan.dialect {
                self.put_into_dialect(operation, &mut answer);
            }
        }
        self.log.push(Entry {
            at: self.now(),
            operation: Some(operation.id()),
            method: received.method.to_string(),
            path: received.path.to_owned(),
            status: answer.status,
            acted: acts && answer.is_success(),
            fault: fault.as_ref().map(Fault::name),
            client: client_name(received.headers),
        });
        Sent { answer, fault, now: self.now() }
    }

    /// An answer to what is no operation. Its path is not taken down: nobody knows what is in it.
    fn no_operation(&mut self, received: &Received<'_>, answer: Answer) -> Sent {
        self.log.push(Entry {
            at: self.now(),
            operation: None,
            method: received.method.to_string(),
            path: "(no such operation)".to_owned(),
            status: answer.status,
            acted: false,
            fault: None,
            client: client_name(received.headers),
        });
        Sent { answer, fault: None, now: self.now() }
    }

    fn put_into_dialect(&mut self, operation: Operation, answer: &mut Answer) {
        let Body::Json(body) = &mut answer.body else {
            return;
        };
        let fallback = json!({ "$ref": "#/components/schemas/ApiError" });
        let schema = SPEC
            .response(operation, answer.status)
            .map_or(&fallback, |response| &response["content"]["application/json"]["schema"]);
        dialect::loosen(body, schema, &mut self.random);
    }

    fn act(
        &mut self,
        operation: Operation,
        path: Vec<&str>,
        received: &Received<'_>,
    ) -> Result<Answer, Refusal> {
        let caller = self.caller(received.headers)?;
        let body = received.body.clone()?;
        let call = Call {
            operation,
            path,
            query: Query::parse(received.query),
            body: Fields::read(body)?,
            base_url: base_url(received.headers),
        };
        self.change(|world| world.call(&caller, &call))
    }

    /// Basic credentials with the user name `api`.
    fn caller(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let secret = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(password_of_api)
            .ok_or_else(|| {
                Refusal::new(401, "HTTP Basic credentials with the user name api are needed")
            })?;
        if secret == self.plan.api_key {
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
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}

fn password_of_api(header: &str) -> Option<String> {
    use base64::Engine as _;

    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    (user == "api").then(|| password.to_owned())
}
