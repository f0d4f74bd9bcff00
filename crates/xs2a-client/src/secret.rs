//! Text that must not be printed.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

/// A key, token, password or anything else that must not end up in a log.
///
/// `Debug` shows that there is a secret and nothing of it; there is no `Display`. The memory is
/// wiped when the secret is dropped. It serializes as its text, because that is how it is sent.
///
/// ```
/// use xs2a_client::Secret;
///
/// let pin = Secret::from("123456");
/// assert_eq!(format!("{pin:?}"), "Secret(…)");
/// assert_eq!(pin.expose(), "123456");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself, to be handed on and never to be kept or printed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self(Zeroizing::new(secret))
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self::from(secret.to_owned())
    }
}

impl From<&Secret> for Secret {
    fn from(secret: &Secret) -> Self {
        secret.clone()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

crate::wire::texts! { Secret }

/// A text without these secrets, nor their forms in JSON and in HTTP Basic: for what a server says
/// that may repeat what it was sent.
///
/// ```
/// use xs2a_client::{Secret, conceal};
///
/// let pin = Secret::from("123456");
/// assert_eq!(conceal("123456 is wrong".to_owned(), [&pin]), "[secret] is wrong");
/// ```
pub fn conceal<'a>(text: String, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let secrets = secrets.into_iter().map(Secret::expose);
    // A country or a tick is no secret, and would tear the text to pieces.
    let mut forms: Vec<Secret> = secrets
        .filter(|secret| secret.len() > 2 && *secret != "true")
        .flat_map(|secret| {
            let json = Secret::from(serde_json::to_string(secret).unwrap_or_default());
            let user = Secret::from(format!("api:{secret}"));
            let basic = BASE64_STANDARD.encode(user.expose());
            let inner = json.expose().strip_prefix('"').and_then(|json| json.strip_suffix('"'));
            [secret, inner.unwrap_or(secret), &basic].map(Secret::from)
        })
        .collect();
    // The longest first: none is cut by another that it contains.
    forms.sort_by_key(|form| std::cmp::Reverse(form.expose().len()));
    forms.iter().fold(text, |text, form| text.replace(form.expose(), "[secret]"))
}
