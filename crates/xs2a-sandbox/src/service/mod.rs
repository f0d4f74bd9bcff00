//! From a request to an answer: routing, credentials, faults, the spec, and the world behind them.

mod dialect;
mod exchange;
mod faults;
mod judge;
#[cfg(test)]
mod properties;
mod record;
mod scenario;
mod spec;
mod trail;
mod webhook;

use std::sync::Arc;

use http::{Method, header};
use jiff::Timestamp;
use tokio::time::Instant;

use faults::Hit;
pub(crate) use faults::{Aim, Faults, Portion, When};
pub use faults::{Edit, Fault};
pub use judge::{Side, Violation};
pub use record::Entry;
use record::Log;
pub(crate) use scenario::{PlannedConnection, PlannedUser, Scenario};
use spec::SPEC;
pub(crate) use spec::SPEC_TEXT;
use trail::Trail;
pub(crate) use webhook::Post;

use crate::{
    answer::{Answer, Body, Refusal},
    clock,
    json::Json,
    request::{Call, Fields, Query, Received},
    routes::{self, Operation, Target},
    world::{self, Caller, Settings, World, orders},
};

/// What a service is made from.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) api_key: String,
    pub(crate) world: Settings,
    /// Whether the sandbox's clock runs with the clock of tokio.
    pub(crate) follows_tokio: bool,
    /// Whether answers are put into the dialect.
    pub(crate) dialect: bool,
    /// Whether requests and answers are held against the spec.
    pub(crate) judged: bool,
    /// Where events are delivered.
    pub(crate) post: Option<Post>,
    /// What the service starts with, if not with nothing.
    pub(crate) scenario: Option<Arc<Scenario>>,
    /// The address of this server, for links to the page. None before the server listens.
    pub(crate) address: Option<String>,
}

/// Everything behind one listening address.
pub(crate) struct Service {
    plan: Plan,
    world: World,
    faults: Faults,
    pub(crate) log: Log,
    pub(crate) trail: Trail,
    /// Chooses the forms of the dialect.
    random: fastrand::Rng,
    /// Up to when the sandbox's clock has followed the clock of tokio.
    followed: Instant,
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
        Self::with_trail(plan, Trail::default())
    }

    fn with_trail(plan: Plan, trail: Trail) -> Self {
        let mut settings = plan.world.clone();
        let scenario = plan.scenario.clone();
        settings.start =
            scenario.as_ref().and_then(|scenario| scenario.start).unwrap_or(settings.start);
        let mut service = Self {
            world: World::new(settings),
            faults: Faults::default(),
            log: Log::default(),
            trail,
            random: fastrand::Rng::with_seed(!plan.world.seed),
            followed: Instant::now(),
            plan,
        };
        if let Some(scenario) = scenario {
            service.set_up(&scenario);
        }
        service
    }

    fn set_up(&mut self, scenario: &Scenario) {
        self.change(|world| {
            for (login, fault) in &scenario.logins {
                orders::set_login(world, login.clone(), *fault);
            }
            for planned in &scenario.users {
                for _ in 0..planned.count {
                    let (name, token) = (planned.name.clone(), planned.token.clone());
                    let (user, _) = orders::add_user(world, name, token);
                    for connection in &planned.connections {
                        connection.make(world, &user);
                    }
                }
            }
            if let Some(span) = scenario.passes {
                world::advance(world, span);
            }
        });
        for (fault, aim) in &scenario.faults {
            // The scenario has tried whether the fault can be armed.
            let _ = self.arm(fault.clone(), aim.clone());
        }
    }

    /// Brings back the start: state, clock, faults and log. With a scenario, its own start.
    pub(crate) fn reset(&mut self) {
        let mut trail = std::mem::take(&mut self.trail);
        trail.clear();
        *self = Self::with_trail(self.plan.clone(), trail);
    }

    /// Starts anew with this scenario.
    pub(crate) fn load(&mut self, scenario: Scenario) {
        self.plan.scenario = Some(Arc::new(scenario));
        self.reset();
    }

    /// Lets the time pass that has passed on the clock of tokio, if the sandbox's clock follows it.
    pub(crate) fn catch_up(&mut self) {
        if self.plan.follows_tokio {
            let passed = self.followed.elapsed();
            self.followed += passed;
            self.change(|world| world::advance(world, passed));
        }
    }

    pub(crate) fn api_key(&self) -> &str {
        &self.plan.api_key
    }

    /// What the clock shows at the start, if a scenario does not say otherwise.
    pub(crate) fn start(&self) -> Timestamp {
        self.plan.world.start
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world.now()
    }

    /// Does something to the world, and delivers the events that come of it.
    pub(crate) fn change<T>(&mut self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = change(&mut self.world);
        for event in self.world.take_outbox() {
            let (line, detail) = exchange::show_event(&event);
            self.trail.push(line, detail);
            if event.opens_a_session()
                && let (Some(address), Some(transaction)) = (&self.plan.address, &event.transaction)
            {
                tracing::info!(
                    "a wizard session waits for its user: {address}/#session={transaction}"
                );
            }
            if let Some(post) = &self.plan.post {
                let mut event = event.json();
                if self.plan.dialect {
                    dialect::loosen(&mut event, SPEC.schema("Event"), &mut self.random);
                }
                post.send(event);
            }
        }
        self.trail.touch();
        result
    }

    /// The state as people see it: the world and the faults that wait for their calls.
    pub(crate) fn overview(&self) -> Json {
        world::overview::overview(&self.world)
            .with("now", self.now().to_string())
            .with("berlin", clock::local(self.now()))
            .with("faults", self.faults.armed().collect::<Vec<_>>())
            .without(&[&self.plan.api_key])
    }

    /// Has a fault wait for its calls.
    pub(crate) fn arm(&mut self, fault: Fault, aim: Aim) -> Result<(), String> {
        self.trail.touch();
        self.faults.arm(fault, aim)
    }

    /// Takes back the faults that have not hit yet.
    pub(crate) fn clear_faults(&mut self) {
        self.faults.clear();
        self.trail.touch();
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

        // The call comes before what it causes.
        let number = self.trail.push(Json::Null, Json::Null);
        let caller = self.caller_in_words(received);
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
        let entry = Entry {
            at: self.now(),
            operation: Some(operation.id()),
            method: received.method.to_string(),
            path: received.path.to_owned(),
            status: answer.status,
            acted,
            fault: fault.as_ref().map(Fault::name),
            client: received.client(),
        };
        let (line, detail) = exchange::show(&entry, operation, received, &caller, &answer);
        self.trail.replace(number, line, detail);
        self.log.push(entry);
        Sent { answer, fault, now: self.now() }
    }

    /// The answer to a request for no operation. The log does not show the path, which may hold
    /// anything.
    fn no_operation(&mut self, received: &Received<'_>, answer: Answer) -> Sent {
        let entry = Entry {
            at: self.now(),
            operation: None,
            method: received.method.to_string(),
            path: "(no such operation)".to_owned(),
            status: answer.status,
            acted: false,
            fault: None,
            client: received.client(),
        };
        self.trail.push(entry.json(), Json::Null);
        self.log.push(entry);
        Sent { answer, fault: None, now: self.now() }
    }

    /// Carries out the operation. The answer is judged before it is put into the dialect.
    fn act(&mut self, operation: Operation, path: Vec<&str>, received: &Received<'_>) -> Answer {
        let outcome = self.call(operation, path, received);
        let mut answer = outcome.unwrap_or_else(Answer::from);
        if answer.verbatim {
            return answer;
        }
        if self.plan.judged {
            let broken = judge::response(operation, &answer);
            self.log.violated(Side::Response, operation, broken);
        }
        if self.plan.dialect
            && let Body::Json(body) = &mut answer.body
        {
            let schema = SPEC.schema_of_answer(operation, answer.status);
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

    fn caller_in_words(&self, received: &Received<'_>) -> String {
        match self.caller(received) {
            Ok(Caller::ApiKey) => "the API key".to_owned(),
            Ok(Caller::User(user)) => format!("an access token of the user {user}"),
            Err(refusal) => format!("none that are accepted: {}", refusal.message),
        }
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
