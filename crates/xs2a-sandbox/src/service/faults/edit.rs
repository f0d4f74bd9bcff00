//! Changes in the JSON of an answer.

use serde::de::IgnoredAny;

use crate::json::Json;

/// A change at one place in the JSON of an answer, for [`Fault::Edit`](crate::Fault::Edit).
///
/// The place is a JSON pointer (RFC 6901), as `/data/0/sync_fail_counter`. The new value is sent
/// letter by letter: a number keeps its digits, an object the order and the blanks of its text.
///
/// ```
/// use xs2a_sandbox::{Edit, Fault, Sandbox};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// // The next list of turnovers has a first row without an amount, an odd purpose in the second,
/// // and one more row at its end.
/// let odd = Fault::Edit(vec![
///     Edit::remove("/turnovers/0/amount"),
///     Edit::set("/turnovers/1/purpose", "[210000000003139471430009017]"),
///     Edit::set("/turnovers/-", r#"{"amount": "12,34"}"#),
/// ]);
/// sandbox.fault(odd).on("get_account_turnovers").next();
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pointer: String,
    /// The new value as JSON. None removes what is there.
    json: Option<String>,
}

impl Edit {
    /// Puts this JSON at the place. A field that is not there yet is added to its object. At the
    /// end of a list, `-` stands for a new entry.
    pub fn set(pointer: impl Into<String>, json: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), json: Some(json.into()) }
    }

    /// Removes the field of an object or the entry of a list that is at the place.
    pub fn remove(pointer: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), json: None }
    }

    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Changes the JSON. False if there is no such place.
    pub(super) fn apply(&self, json: &mut Json) -> bool {
        json.edit(&self.pointer, self.json.clone().map(Json::Verbatim))
    }

    /// Why the edit fits no answer at all, if it is so.
    pub(super) fn flaw(&self) -> Option<String> {
        if !(self.pointer.is_empty() || self.pointer.starts_with('/')) {
            return Some(format!("pointer: {:?} does not start with a slash", self.pointer));
        }
        let json = self.json.as_ref()?;
        let error = serde_json::from_str::<IgnoredAny>(json).err()?;
        Some(format!("set: the new value of {:?} is not JSON: {error}", self.pointer))
    }
}
