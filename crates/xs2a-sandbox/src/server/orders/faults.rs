//! Orders that break calls.

use std::time::Duration;

use serde::Deserialize;

use super::{
    bounds::{Millis, Number},
    verbatim::{Verbatim, even_null},
};
use crate::{
    answer::Refusal,
    routes::Operation,
    service::{Aim, Edit, Fault, Faults, When},
};

/// Closes the port for a while.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Refuse {
    millis: Option<Millis>,
}

impl Refuse {
    pub(in crate::server) fn lasting(&self) -> Duration {
        self.millis.map_or(HALF_A_SECOND, Millis::millis)
    }
}

/// How long the port is closed if the order does not say so.
const HALF_A_SECOND: Duration = Duration::from_millis(500);
/// How late an answer is if the order does not say so.
const A_SECOND: Duration = Duration::from_secs(1);

/// Breaks calls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Break {
    fault: FaultName,
    operation: Option<OperationId>,
    id: Option<String>,
    answered: Option<Number<200, 599>>,
    #[serde(default)]
    after_acting: bool,
    call: Option<Number<1, 1_000_000>>,
    times: Option<Number<1, 1_000_000>>,
    every: Option<Number<1, 1_000_000>>,
    status: Option<Number<200, 599>>,
    retry_after: Option<RetryAfter>,
    location: Option<String>,
    content_type: Option<String>,
    body: Option<String>,
    name: Option<String>,
    value: Option<String>,
    edits: Option<Vec<Change>>,
    millis: Option<Millis>,
}

/// One change in the JSON of an answer: a new value, or the removal of the old one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    pointer: String,
    #[serde(default, deserialize_with = "even_null")]
    set: Option<Verbatim>,
    #[serde(default)]
    remove: bool,
}

impl Change {
    fn edit(self) -> Result<Edit, Refusal> {
        match (self.set, self.remove) {
            (Some(json), false) => Ok(Edit::set(self.pointer, json.get())),
            (None, true) => Ok(Edit::remove(self.pointer)),
            _ => Err(Refusal::new(400, "edits: each one needs either set or remove")),
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FaultName {
    Status,
    Throttle,
    Html,
    Empty,
    GatewayJson,
    IdleTimeout,
    Redirect,
    Answer,
    Body,
    Edit,
    Header,
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
    /// The calls that are to be hit, and the fault. Both make sense together.
    pub(in crate::server) fn parts(self) -> Result<(Aim, Fault), Refusal> {
        let aim = self.aim()?;
        let fault = self.fault()?;
        Faults::check(&fault, &aim).map_err(|reason| Refusal::new(400, reason))?;
        Ok((aim, fault))
    }

    /// The calls that are to be hit.
    pub(in crate::server) fn aim(&self) -> Result<Aim, Refusal> {
        let when = match (self.call, self.times, self.every) {
            (None, None, None) => When::Always,
            (Some(number), None, None) => When::Call(number.count()),
            (None, Some(number), None) => When::Times(number.count()),
            (None, None, Some(number)) => When::Every(number.count()),
            _ => return Err(Refusal::new(400, "only one of call, times and every can be given")),
        };
        Ok(Aim {
            operation: self.operation.as_ref().map(|id| id.0),
            id: self.id.clone(),
            answered: self.answered.and_then(|status| u16::try_from(status.get()).ok()),
            after_acting: self.after_acting,
            when,
        })
    }

    /// The fault. A field that does not belong to the fault is refused.
    pub(in crate::server) fn fault(mut self) -> Result<Fault, Refusal> {
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
            FaultName::GatewayJson => Fault::GatewayJson(self.status(404)),
            FaultName::IdleTimeout => Fault::IdleTimeout,
            FaultName::Redirect => Fault::Redirect {
                status: self.status(307),
                location: self.location.take().unwrap_or("http://127.0.0.1:9/".to_owned()),
            },
            FaultName::Answer => Fault::Answer {
                status: self.status(200),
                content_type: self.content_type.take().unwrap_or("application/json".to_owned()),
                body: self.body.take().unwrap_or_default(),
            },
            FaultName::Body => Fault::Body(self.body.take().unwrap_or_default()),
            FaultName::Edit => {
                let edits = needed("edits", self.edits.take())?;
                Fault::Edit(edits.into_iter().map(Change::edit).collect::<Result<_, _>>()?)
            }
            FaultName::Header => Fault::Header {
                name: needed("name", self.name.take())?,
                value: needed("value", self.value.take())?,
            },
            FaultName::Delay => Fault::Delay(self.millis.take().map_or(A_SECOND, Millis::millis)),
            FaultName::ResetBeforeActing => Fault::ResetBeforeActing,
            FaultName::ResetAfterActing => Fault::ResetAfterActing,
            FaultName::CloseBeforeActing => Fault::CloseBeforeActing,
            FaultName::CloseAfterActing => Fault::CloseAfterActing,
            FaultName::StallBeforeActing => Fault::StallBeforeActing,
            FaultName::StallAfterActing => Fault::StallAfterActing,
            FaultName::StallBody => Fault::StallBody,
            FaultName::CutBody => Fault::CutBody,
            FaultName::CloseAfterAnswer => Fault::CloseAfterAnswer,
            FaultName::Refuse => {
                let millis = self.millis.take();
                Fault::Refuse { lasting: millis.map_or(HALF_A_SECOND, Millis::millis) }
            }
        };
        let left = [
            ("status", self.status.is_some()),
            ("retry_after", self.retry_after.is_some()),
            ("location", self.location.is_some()),
            ("content_type", self.content_type.is_some()),
            ("body", self.body.is_some()),
            ("name", self.name.is_some()),
            ("value", self.value.is_some()),
            ("edits", self.edits.is_some()),
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
        let status = self.status.take().and_then(|status| u16::try_from(status.get()).ok());
        status.unwrap_or(default)
    }
}

/// The value of a field without which the fault makes no sense.
fn needed<T>(name: &str, value: Option<T>) -> Result<T, Refusal> {
    value.ok_or_else(|| Refusal::new(400, format!("missing field `{name}`")))
}
