//! The bodies of orders: which fields an order has, and which values they may have.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse as _, Response},
};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};

use super::{choices::names, shared::Server};
use crate::{
    answer::Refusal,
    json::{Json, object},
    routes::Operation,
    service::{Fault, PlannedConnection, When},
    world::{AccountType, BankFault, ConnectionSeed, SyncMode},
};

/// The names that the orders of a page of forms offer.
pub(super) fn choices() -> Json {
    let operations = Operation::ALL.iter().map(|operation| operation.id());
    let own = ["fault", "operation", "call"];
    let mut fields = names::<Break>().to_vec();
    fields.retain(|field| !own.contains(field));
    object! {
        "faults": *names::<FaultName>(),
        "fault_fields": fields,
        "operations": operations.collect::<Vec<_>>(),
        "bank": *names::<BankDoes>(),
        "modes": *SyncMode::NAMES,
    }
}

/// Ten years in seconds. Automatic syncs make a long leap of the clock long work.
const TEN_YEARS: u64 = 10 * 366 * 24 * 60 * 60;
/// Ten minutes in milliseconds, the longest time that an order may keep a client waiting.
const TEN_MINUTES: u64 = 10 * 60 * 1_000;

/// The order in the body of a request. A body that is no such order is answered with 400.
pub(super) struct Order<T>(pub(super) T);

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

/// A whole number within bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number<const LEAST: u64, const MOST: u64>(u64);

impl<'de, const LEAST: u64, const MOST: u64> Deserialize<'de> for Number<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?.as_u64();
        number.filter(|number| (LEAST..=MOST).contains(number)).map(Self).ok_or_else(|| {
            D::Error::custom(format_args!("must be a whole number from {LEAST} to {MOST}"))
        })
    }
}

/// Lets time pass.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pass {
    seconds: Option<Number<0, TEN_YEARS>>,
    minutes: Option<Number<0, TEN_YEARS>>,
    hours: Option<Number<0, TEN_YEARS>>,
    days: Option<Number<0, TEN_YEARS>>,
}

impl Pass {
    pub(super) fn span(&self) -> Result<Duration, Refusal> {
        let in_seconds = |count: Option<Number<0, TEN_YEARS>>, length: u64| {
            count.map_or(0, |count| count.0.saturating_mul(length))
        };
        let seconds = in_seconds(self.seconds, 1)
            .saturating_add(in_seconds(self.minutes, 60))
            .saturating_add(in_seconds(self.hours, 60 * 60))
            .saturating_add(in_seconds(self.days, 24 * 60 * 60));
        if (1..=TEN_YEARS).contains(&seconds) {
            return Ok(Duration::from_secs(seconds));
        }
        let message = "say how far in seconds, minutes, hours or days: at least a second, and ten \
                       years at most";
        Err(Refusal::new(400, message))
    }
}

/// Makes a bank user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    pub(super) name: Option<String>,
}

/// Makes a connection.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewConnection {
    /// Id of the bank user.
    pub(super) user: String,
    #[serde(default, with = "Mode")]
    mode: SyncMode,
    failures: Option<Number<0, 3>>,
    login: Option<String>,
    #[serde(default)]
    never_synced: bool,
    credentials: Option<String>,
    consent_valid_until: Option<Date>,
    consent_days: Option<i32>,
    active: Option<bool>,
    message: Option<String>,
    /// What the bank does at the next logins without the user.
    #[serde(default)]
    bank: Vec<Script>,
    /// Accounts that the next sync will find.
    #[serde(default)]
    accounts: Vec<NewAccount>,
    #[serde(default)]
    sync: bool,
}

#[derive(Deserialize)]
#[serde(remote = "SyncMode", rename_all = "lowercase")]
enum Mode {
    Full,
    Shared,
    None,
}

impl NewConnection {
    pub(super) fn plan(self) -> Result<PlannedConnection, Refusal> {
        let failures = self.failures.map_or(0, |failures| failures.0);
        let mut seed =
            ConnectionSeed::new(self.mode).failures(u32::try_from(failures).unwrap_or(u32::MAX));
        if let Some(login) = self.login {
            seed = seed.login(login);
        }
        if self.never_synced {
            seed = seed.never_synced();
        }
        if let Some(half) = self.credentials {
            seed = seed.credentials(half);
        }
        if let Some(day) = self.consent_valid_until {
            seed = seed.consent_valid_until(day);
        }
        if let Some(days) = self.consent_days {
            seed = seed.consent_days(days);
        }
        if let Some(active) = self.active {
            seed = seed.active(active);
        }
        if let Some(message) = self.message {
            seed = seed.message(message);
        }
        Ok(PlannedConnection {
            seed,
            script: self.bank.iter().map(Script::fault).collect::<Result<_, _>>()?,
            accounts: self.accounts.into_iter().map(|account| account.kind).collect(),
            sync: self.sync,
        })
    }
}

/// Has the bank open an account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    #[serde(rename = "type", with = "Kind")]
    pub(super) kind: AccountType,
}

#[derive(Deserialize)]
#[serde(remote = "AccountType", rename_all = "lowercase")]
enum Kind {
    Giro,
    CreditCard,
    Savings,
    Loan,
    Securities,
    Wallet,
    Other,
}

/// What the bank does.
#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum BankDoes {
    WrongPassword,
    Unavailable,
    TanRequired,
    ConsentGone,
    Slow,
}

impl BankDoes {
    fn fault(self, seconds: Option<Number<0, TEN_YEARS>>) -> Result<BankFault, Refusal> {
        if seconds.is_some() && self != Self::Slow {
            return Err(Refusal::new(400, "seconds: only slow takes seconds"));
        }
        Ok(match self {
            Self::WrongPassword => BankFault::WrongPassword,
            Self::Unavailable => BankFault::Unavailable,
            Self::TanRequired => BankFault::TanRequired,
            Self::ConsentGone => BankFault::ConsentGone,
            Self::Slow => {
                let seconds = seconds.map_or(10 * 60, |seconds| seconds.0);
                BankFault::Slow(Duration::from_secs(seconds))
            }
        })
    }
}

/// What the bank does at the next login without the user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    next: BankDoes,
    seconds: Option<Number<0, TEN_YEARS>>,
}

impl Script {
    pub(super) fn fault(&self) -> Result<BankFault, Refusal> {
        self.next.fault(self.seconds)
    }
}

/// What the bank does at every login with a user name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EveryLogin {
    bank: Option<BankDoes>,
    seconds: Option<Number<0, TEN_YEARS>>,
}

impl EveryLogin {
    pub(super) fn fault(&self) -> Result<Option<BankFault>, Refusal> {
        self.bank.map(|bank| bank.fault(self.seconds)).transpose()
    }
}

/// Closes the port for a while.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refuse {
    millis: Option<Number<0, TEN_MINUTES>>,
}

impl Refuse {
    pub(super) fn lasting(&self) -> Duration {
        millis(self.millis, 500)
    }
}

fn millis(millis: Option<Number<0, TEN_MINUTES>>, default: u64) -> Duration {
    Duration::from_millis(millis.map_or(default, |millis| millis.0))
}

/// Breaks calls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Break {
    fault: FaultName,
    operation: Option<OperationId>,
    call: Option<Number<1, 1_000_000>>,
    status: Option<Number<200, 599>>,
    retry_after: Option<RetryAfter>,
    location: Option<String>,
    content_type: Option<String>,
    body: Option<String>,
    millis: Option<Number<0, TEN_MINUTES>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FaultName {
    Status,
    Throttle,
    Html,
    Empty,
    Redirect,
    Answer,
    Delay,
    ResetBeforeActing,
    ResetAfterActing,
    CloseBeforeActing,
    CloseAfterActing,
    StallBeforeActing,
    StallAfterActing,
    StallBody,
    CutBody,
    CloseAfterAnswer,
    Refuse,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct OperationId(Operation);

impl TryFrom<String> for OperationId {
    type Error = &'static str;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        Operation::from_id(&id).map(Self).ok_or("there is no such operation")
    }
}

/// The value of a `Retry-After` header: seconds, or any text.
#[derive(Deserialize)]
#[serde(untagged)]
enum RetryAfter {
    Seconds(u64),
    Text(String),
}

impl Break {
    pub(super) fn operation(&self) -> Option<Operation> {
        self.operation.as_ref().map(|id| id.0)
    }

    pub(super) fn when(&self) -> When {
        match self.call {
            None => When::Always,
            Some(number) => When::Call(usize::try_from(number.0).unwrap_or(usize::MAX)),
        }
    }

    /// The fault. A field that does not belong to the fault is refused.
    pub(super) fn fault(mut self) -> Result<Fault, Refusal> {
        let fault = match self.fault {
            FaultName::Status => Fault::Status(self.status(500)),
            FaultName::Throttle => Fault::Throttle {
                retry_after: self.retry_after.take().map(|wait| match wait {
                    RetryAfter::Seconds(seconds) => seconds.to_string(),
                    RetryAfter::Text(text) => text,
                }),
            },
            FaultName::Html => Fault::Html(self.status(502)),
            FaultName::Empty => Fault::Empty(self.status(500)),
            FaultName::Redirect => Fault::Redirect {
                status: self.status(307),
                location: self.location.take().unwrap_or("http://127.0.0.1:9/".to_owned()),
            },
            FaultName::Answer => Fault::Answer {
                status: self.status(200),
                content_type: self.content_type.take().unwrap_or("application/json".to_owned()),
                body: self.body.take().unwrap_or_default(),
            },
            FaultName::Delay => Fault::Delay(millis(self.millis.take(), 1_000)),
            FaultName::ResetBeforeActing => Fault::ResetBeforeActing,
            FaultName::ResetAfterActing => Fault::ResetAfterActing,
            FaultName::CloseBeforeActing => Fault::CloseBeforeActing,
            FaultName::CloseAfterActing => Fault::CloseAfterActing,
            FaultName::StallBeforeActing => Fault::StallBeforeActing,
            FaultName::StallAfterActing => Fault::StallAfterActing,
            FaultName::StallBody => Fault::StallBody,
            FaultName::CutBody => Fault::CutBody,
            FaultName::CloseAfterAnswer => Fault::CloseAfterAnswer,
            FaultName::Refuse => Fault::Refuse { lasting: millis(self.millis.take(), 500) },
        };
        let left = [
            ("status", self.status.is_some()),
            ("retry_after", self.retry_after.is_some()),
            ("location", self.location.is_some()),
            ("content_type", self.content_type.is_some()),
            ("body", self.body.is_some()),
            ("millis", self.millis.is_some()),
        ];
        match left.iter().find(|(_, is_left)| *is_left) {
            None => Ok(fault),
            Some((field, _)) => {
                let message = format!("{field}: does not belong to the fault {}", fault.name());
                Err(Refusal::new(400, message))
            }
        }
    }

    fn status(&mut self, default: u16) -> u16 {
        let status = self.status.take().and_then(|status| u16::try_from(status.0).ok());
        status.unwrap_or(default)
    }
}
