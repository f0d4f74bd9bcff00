//! Bank users and their access tokens.

use indexmap::IndexSet;
use jiff::{Timestamp, civil::DateTime};

use crate::{
    clock,
    json::{Json, object},
};

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) created_at: Timestamp,
    /// Ids of the connections, in the order in which they were made.
    pub(crate) connections: IndexSet<String>,
}

#[derive(Clone)]
pub(crate) struct AccessToken {
    pub(crate) id: String,
    /// Id of the bank user.
    pub(crate) user: String,
    pub(crate) secret: String,
    pub(crate) valid_until: Until,
    pub(crate) created_at: Timestamp,
}

/// The end of a token. The service answers with the text that was sent. An end that was sent with
/// an offset or as a bare day comes back in the service's own form.
#[derive(Clone)]
pub(crate) struct Until {
    instant: Timestamp,
    text: String,
}

impl Until {
    pub(crate) fn at(instant: Timestamp) -> Self {
        let text = clock::local(instant);
        Self { instant, text }
    }

    pub(crate) fn read(text: String) -> Option<Self> {
        let instant = clock::parse_instant(&text)?;
        let is_own_form = text
            .parse::<DateTime>()
            .is_ok_and(|civil| civil.strftime("%Y-%m-%d %H:%M:%S").to_string() == text);
        Some(if is_own_form { Self { instant, text } } else { Self::at(instant) })
    }
}

// The secret must not be printed.
impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken")
            .field("id", &self.id)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl User {
    pub(crate) fn json(&self) -> Json {
        object! {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "testmode": true,
            "created_at": clock::local(self.created_at),
            "object": "bank_user",
        }
    }
}

impl AccessToken {
    pub(crate) fn is_valid_at(&self, now: Timestamp) -> bool {
        now < self.valid_until.instant
    }

    pub(crate) fn json(&self) -> Json {
        object! {
            "id": self.id,
            "token": self.secret,
            "valid_until": self.valid_until.text,
            "created_at": clock::local(self.created_at),
            "object": "bank_user_access_token",
        }
    }
}
