//! No type prints the secrets that it contains, or serializes them unless it is told to.
//!
//! The generator lists every type. This module makes values of each type, with a canary in the place
//! of each secret.

use std::fmt::Debug;

use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};

use crate::generated::canaries;
use crate::secret::exposed;
use crate::wire::{Lenient, decode};
use crate::{BankDate, Entries, Secret};

const CANARY: &str = "canary-3f9a";

/// How deep lists are nested that contain lists of their own kind.
const DEPTH: usize = 3;

/// A type whose values can be made with canaries.
pub(crate) trait Canary: Sized {
    /// One value, or one value of each kind.
    fn all(depth: usize) -> Vec<Self>;

    fn one(depth: usize) -> Self {
        Self::all(depth).remove(0)
    }

    /// A value where there may be none.
    fn optional(depth: usize) -> Option<Self> {
        Some(Self::one(depth))
    }
}

macro_rules! harmless {
    ($($harmless:ty),* $(,)?) => {$(
        impl Canary for $harmless {
            fn all(_: usize) -> Vec<Self> {
                vec![Self::default()]
            }
        }
    )*};
}

harmless! { bool, i32, i64, String, Decimal, Value, jiff::Timestamp, jiff::civil::Date }

impl Canary for BankDate {
    fn all(_: usize) -> Vec<Self> {
        vec![jiff::civil::Date::default().into()]
    }
}

/// Ids are made from any text.
macro_rules! ids {
    ($($id:ident),* $(,)?) => {$(
        impl $crate::canary::Canary for $crate::$id {
            fn all(_: usize) -> Vec<Self> {
                vec!["".into()]
            }
        }
    )*};
}

impl Canary for Secret {
    fn all(_: usize) -> Vec<Self> {
        vec![CANARY.into()]
    }
}

impl<T: Canary> Canary for Option<T> {
    fn all(depth: usize) -> Vec<Self> {
        vec![T::optional(depth)]
    }
}

/// What contains itself comes to an end.
impl<T: Canary> Canary for Box<T> {
    fn all(depth: usize) -> Vec<Self> {
        T::all(depth.saturating_sub(1)).into_iter().map(Box::new).collect()
    }

    fn optional(depth: usize) -> Option<Self> {
        depth.checked_sub(1).map(T::one).map(Box::new)
    }
}

impl<T: Canary> Canary for Vec<T> {
    fn all(depth: usize) -> Vec<Self> {
        vec![depth.checked_sub(1).map(T::all).unwrap_or_default()]
    }
}

impl<T: Canary> Canary for Entries<T> {
    fn all(depth: usize) -> Vec<Self> {
        let json = format!("[\"{CANARY}\"]");
        vec![Self::from(Vec::one(depth)).with_unreadable(0, &json)]
    }
}

impl<T: Canary> Canary for IndexMap<String, T> {
    fn all(depth: usize) -> Vec<Self> {
        let values = depth.checked_sub(1).map(T::all).unwrap_or_default();
        vec![values.into_iter().map(|value| ("entry".to_owned(), value)).collect()]
    }
}

/// An object whose keys and values are not known beforehand.
pub(crate) fn free() -> IndexMap<String, Value> {
    IndexMap::from([("entry".to_owned(), json!({ CANARY: [CANARY] }))])
}

/// A member of a union that this version does not know.
pub(crate) fn unknown<T: Lenient>() -> T {
    let json = format!(r#"{{"type": "hologram", "value": "{CANARY}"}}"#);
    decode(json.as_bytes()).unwrap()
}

/// Implements [`Canary`] for a type, according to its construct.
macro_rules! canary {
    ($construct:ident $name:ident $($members:tt)?) => {
        impl $crate::canary::Canary for $name {
            fn all(depth: usize) -> Vec<Self> {
                $crate::canary::values!($construct $name depth $($members)?)
            }
        }
    };
}

/// Names every type.
macro_rules! all {
    ($($name:ident),* $(,)?) => {
        pub(crate) fn all() -> Vec<(&'static str, Vec<Box<dyn $crate::canary::Shown>>)> {
            vec![$((stringify!($name), $crate::canary::shown::<$name>())),*]
        }
    };
}

macro_rules! values {
    (structure $name:ident $depth:ident { $($field:ident),* $(,)? }) => {
        vec![$name { $($field: $crate::canary::Canary::one($depth)),* }]
    };
    (map $name:ident $depth:ident) => { vec![$name($crate::canary::Canary::one($depth))] };
    (secret $name:ident $depth:ident) => {{
        let _ = $depth;
        vec![$name($crate::canary::free())]
    }};
    (enumeration $name:ident $depth:ident) => {{
        let _ = $depth;
        $name::KNOWN.to_vec()
    }};
    (union $name:ident $depth:ident { $($variant:ident),* $(,)? }) => {
        match $depth {
            0 => vec![$crate::canary::unknown()],
            _ => vec![
                $($name::$variant($crate::canary::Canary::one($depth)),)*
                $crate::canary::unknown(),
            ],
        }
    };
    (sent_union $name:ident $depth:ident { $($variant:ident),* $(,)? }) => {
        vec![$($name::$variant($crate::canary::Canary::one($depth))),*]
    };
}

pub(crate) use {all, canary, ids, values};

/// The ways in which a value is shown.
pub(crate) trait Shown {
    fn printed(&self) -> String;
    fn written(&self) -> String;
    fn exposed(&self) -> String;
}

impl<T: Debug + Serialize> Shown for T {
    fn printed(&self) -> String {
        format!("{self:?} {self:#?}")
    }

    fn written(&self) -> String {
        serde_json::to_string(self).unwrap()
    }

    fn exposed(&self) -> String {
        let mut json = Vec::new();
        exposed::serialize(self, &mut serde_json::Serializer::new(&mut json)).unwrap();
        String::from_utf8(json).unwrap()
    }
}

pub(crate) fn shown<T: Canary + Shown + 'static>() -> Vec<Box<dyn Shown>> {
    T::all(DEPTH).into_iter().map(|value| Box::new(value) as Box<dyn Shown>).collect()
}

#[test]
fn no_type_shows_the_secrets_that_it_holds_unless_it_is_told_to() {
    let mut secret = Vec::new();
    for (name, values) in canaries::all() {
        for value in values {
            if value.exposed().contains(CANARY) {
                secret.push(name);
            }
            for shown in [value.printed(), value.written()] {
                assert!(!shown.contains(CANARY), "{name} shows its secret: {shown}");
            }
        }
    }
    for name in [
        "AccessTokenPage",
        "AdditionalData",
        "ConnectionPage",
        "EventData",
        "MultiOption",
        "Session",
        "SessionParameters",
        "SyncConnectionRequest",
        "WizardElement",
        "WizardRequest",
        "WizardResponse",
        "WizardSession",
    ] {
        assert!(secret.contains(&name), "{name} holds no canary, only these do: {secret:?}");
    }
}
