//! One call and its answer, and what may be shown of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::forms::kind;

/// A call and its answer.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    /// Id of the operation in the spec.
    pub(super) operation: &'static str,
    /// Method, in capitals.
    pub(super) method: String,
    /// Path and query, as sent.
    pub(super) target: String,
    /// The JSON that was sent.
    pub(super) sent: Option<String>,
    /// Status of the answer.
    pub(super) status: u16,
    /// Media type of the answer, without its parameters.
    pub(super) media_type: Option<String>,
    /// Time of the answer, by the clock of the service.
    pub(super) date: Option<Timestamp>,
    /// How long the service asks to wait.
    pub(super) retry_after: Option<u64>,
    /// Body of the answer.
    pub(super) body: Vec<u8>,
}

impl Exchange {
    /// The body, if it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
    }

    /// Method, path and status, as in `GET /v1/events: 200`.
    pub(super) fn title(&self, secrets: &Secrets) -> String {
        secrets.conceal(&format!("{} {}: {}", self.method, self.target, self.status))
    }

    /// The answer as it may be shown: `shown` are the keys whose values are
    /// no secrets.
    pub(super) fn shown(&self, secrets: &Secrets, shown: &BTreeSet<String>) -> String {
        match self.json() {
            Some(json @ (Value::Object(_) | Value::Array(_))) => {
                cut(&secrets.conceal(&visible(&json, shown).to_string()))
            }
            Some(json) => kind(&json).to_owned(),
            // What a success says in another form than JSON may be a secret.
            None if self.status < 400 && !self.body.is_empty() => {
                let media_type = self.media_type.as_deref().unwrap_or("no content type");
                format!("{} bytes, {media_type}", self.body.len())
            }
            None => cut(&secrets.conceal(&String::from_utf8_lossy(&self.body))),
        }
    }

    /// The request body as it may be shown.
    pub(super) fn shown_request(
        &self,
        secrets: &Secrets,
        shown: &BTreeSet<String>,
    ) -> Option<String> {
        let sent = self.sent.as_deref()?;
        let sent = match serde_json::from_str(sent) {
            Ok(json) => visible(&json, shown).to_string(),
            Err(_) => sent.to_owned(),
        };
        Some(cut(&secrets.conceal(&sent)))
    }
}

/// How much of a body is shown.
const SHOWN: usize = 600;

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Keys whose values are never shown.
const SECRET_KEYS: [&str; 6] =
    ["token", "wizard_session_key", "key", "credentials", "additional_data", "USER_PIN"];

/// What stands in the place of a secret.
const CONCEALED: &str = "***";

/// The JSON without secrets. The texts under a key that the spec does not know may be secrets, too:
/// a renamed token is still a token.
fn visible(json: &Value, shown: &BTreeSet<String>) -> Value {
    match json {
        Value::Object(map) => {
            let members = map.iter().map(|(key, value)| {
                let is_secret = SECRET_KEYS.contains(&key.as_str());
                let value = if is_secret {
                    Value::from(CONCEALED)
                } else if shown.contains(key) || value.is_object() || value.is_array() {
                    visible(value, shown)
                } else {
                    Value::String(format!("*** ({})", kind(value)))
                };
                (key.clone(), value)
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(|item| visible(item, shown)).collect(),
        _ => json.clone(),
    }
}

/// The secrets that have come up, longest first.
#[derive(Clone, Default)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    /// A text that must not be shown from now on. Very short texts would hide half of a report.
    pub(super) fn learn(&mut self, secret: &str) {
        if secret.len() >= 4 && !self.0.iter().any(|known| known == secret) {
            self.0.push(secret.to_owned());
            self.0.sort_by_key(|known| std::cmp::Reverse(known.len()));
        }
    }

    /// Learns what stands under a key of a secret.
    pub(super) fn learn_from(&mut self, json: &Value) {
        match json {
            Value::Object(map) => {
                for (key, value) in map {
                    if SECRET_KEYS.contains(&key.as_str()) {
                        self.learn_all(value);
                    } else {
                        self.learn_from(value);
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_from(item)),
            _ => {}
        }
    }

    fn learn_all(&mut self, json: &Value) {
        match json {
            Value::String(text) => self.learn(text),
            Value::Object(map) => map.values().for_each(|value| self.learn_all(value)),
            Value::Array(items) => items.iter().for_each(|item| self.learn_all(item)),
            _ => {}
        }
    }

    /// The text without the secrets.
    pub(super) fn conceal(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, CONCEALED))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_shown_nowhere_not_even_under_another_key() {
        let mut secrets = Secrets::default();
        secrets.learn_from(&json!({"data": [{"token": "bat-f60c7be2"}]}));
        assert_eq!(secrets.conceal("<p>bat-f60c7be2</p>"), "<p>***</p>");

        let shown_keys = BTreeSet::from(["id".to_owned()]);
        let shown =
            visible(&json!({"id": "u-1", "accessToken": "secret", "key": "k"}), &shown_keys);
        assert_eq!(shown, json!({"id": "u-1", "accessToken": "*** (a text)", "key": "***"}));
    }
}
