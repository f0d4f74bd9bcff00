//! From a request to an answer: routing, credentials, faults, the spec, and the world behind them.

mod dialect;
mod faults;
mod judge;
#[cfg(test)]
mod properties;
mod record;
mod spec;
mod webhook;

use http::{Method, header};
use jiff::Timestamp;
use serde_json::json;

use faults::Hit;
pub(crate) use faults::{Aim, Faults, Portion, When};
pub use faults::{Edit, Fault};
pub use judge::{Side, Violation};
pub use record::Entry;
use record::Log;
use spec::SPEC;
pub(crate) use webhook::Post;

use crate::{
    answer::{Answer, Body, Refusal},
    request::{Call, Fields, Query, Received},
    routes::{self, Operation, Target},
    world::{self, Caller, Settings, World, orders},
};

/// What a service is made from.
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

/// What goes back to the client, and what breaks on the way.
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

    /// Brings back the start: state, clock, faults and log.
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
                    .with_header(header::ALLOW, &allowed.join(", "));
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

        match operation {
            Operation::GetConnection => orders::count_look(&mut self.world, path[0]),
            Operation::SyncConnection => orders::count_sync(&mut self.world, path[0]),
            _ => {}
        }
        let hit = self.faults.before_acting(operation, &path);
        let (answer, acted, hit) = match hit.as_ref().and_then(Hit::instead_of_acting) {
            Some(answer) => (answer, false, hit),
            None => {
                let answer = self.act(operation, path.clone(), received);
                let acted = answer.is_success();
                let late = self.faults.once_answered(operation, &path, answer.status);
                let hit = hit.or(late);
                let answer = match &hit {
                    Some(hit) => hit.change(answer),
                    None => answer,
                };
                (answer, acted, hit)
            }
        };
        let fault = hit.map(|hit| hit.fault);
        self.log.push(Entry {
            at: self.now(),
            operation: Some(operation.id()),
            method: received.method.to_string(),
            path: received.path.to_owned(),
            status: answer.status,
            acted,
            fault: fault.as_ref().map(Fault::name),
            client: received.client(),
        });
        Sent { answer, fault, now: self.now() }
    }

    /// The answer to a request for no operation. The log does not show the path, which may hold
    /// anything.
    fn no_operation(&mut self, received: &Received<'_>, answer: Answer) -> Sent {
        self.log.push(Entry {
            at: self.now(),
            operation: None,
            method: received.method.to_string(),
            path: "(no such operation)".to_owned(),
            status: answer.status,
            acted: false,
            fault: None,
            client: received.client(),
        });
        Sent { answer, fault: None, now: self.now() }
    }

    /// Carries out the operation. The answer is judged before it is put into the dialect.
    fn act(&mut self, operation: Operation, path: Vec<&str>, received: &Received<'_>) -> Answer {
        let outcome = self.call(operation, path, received);
        let mut answer = outcome.unwrap_or_else(Answer::from);
        if answer.as_is {
            return answer;
        }
        if self.plan.judged {
            let broken = judge::response(operation, &answer);
            self.log.violated(Side::Response, operation, broken);
        }
        if self.plan.dialect
            && let Body::Json(body) = &mut answer.body
        {
            let error = json!({ "$ref": "#/components/schemas/ApiError" });
            let schema = SPEC
                .response(operation, answer.status)
                .map_or(&error, |response| &response["content"]["application/json"]["schema"]);
            dialect::loosen(body, schema, &mut self.random);
        }
        answer
    }

    fn call(
        &mut self,
        operation: Operation,
        path: Vec<&str>,
        received: &Received<'_>,
    ) -> Result<Answer, Refusal> {
        let caller = self.caller(received)?;
        let call = Call {
            operation,
            path,
            query: Query::parse(received.query),
            body: Fields::read(received.body.clone()?)?,
            base_url: received.base_url(),
        };
        self.change(|world| world::answer(world, &caller, &call))
    }

    fn caller(&self, received: &Received<'_>) -> Result<Caller, Refusal> {
        let Some(secret) = received.secret() else {
            return Err(Refusal::new(
                401,
                "HTTP Basic credentials with the user name api are needed",
            ));
        };
        if secret == self.plan.api_key {
            return Ok(Caller::ApiKey);
        }
        match self.world.user_of_token(&secret) {
            Some(user) => Ok(Caller::User(user.to_owned())),
            None => Err(Refusal::new(401, "The key or token is unknown or has expired")),
        }
    }
}
