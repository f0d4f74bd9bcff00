//! Puts answers into the loose forms in which the service really writes JSON.
//!
//! The type of a value in the spec decides which forms the value may take. The seed decides which
//! of them it takes. What the value means never changes.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::Value;

use super::spec::SPEC;
use crate::{
    clock,
    json::{Json, ToJson as _, object},
};

/// Puts `value`, an instance of `schema`, into the dialect.
pub(crate) fn loosen(value: &mut Json, schema: &Value, random: &mut fastrand::Rng) {
    let schema = SPEC.schema_of(schema, value);
    match value {
        Json::Bool(flag) => {
            let [word, digit] = if *flag { ["true", "1"] } else { ["false", "0"] };
            let number = i64::from(*flag).to_json();
            *value = pick(random, [value.clone(), word.to_json(), digit.to_json(), number]);
        }
        Json::Number(number) => {
            let text = number.to_string();
            let whole = text.strip_suffix(".0");
            let mut forms = vec![value.clone(), whole.unwrap_or(&text).to_json()];
            forms.extend(whole.and_then(|whole| whole.parse::<i64>().ok()).map(|n| n.to_json()));
            *value = pick(random, forms);
        }
        Json::Text(text) if schema["format"] == "local-date-time" => {
            *text = date_time(text, random);
        }
        Json::List(values) if values.is_empty() => {
            if SPEC.resolve(&schema["items"])["type"] == "string" && random.bool() {
                *value = "".to_json();
            }
        }
        Json::List(values) => {
            for item in values {
                loosen(item, &schema["items"], random);
            }
        }
        Json::Object(fields) => {
            if fields.is_empty() && random.bool() {
                *value = Json::List(Vec::new());
            } else if schema["properties"].is_object() {
                loosen_fields(fields, &schema["properties"], random);
            }
        }
        Json::Null | Json::Text(_) | Json::Verbatim(_) => {}
    }
}

fn loosen_fields(
    fields: &mut IndexMap<String, Json>,
    properties: &Value,
    random: &mut fastrand::Rng,
) {
    for (name, mut value) in std::mem::take(fields) {
        match properties.get(&name) {
            None => {}
            Some(schema) if value == Json::Null => match absent(&name, schema, random) {
                Some(form) => value = form,
                None => continue,
            },
            // The service also says with an empty text that nothing went wrong.
            Some(_) if name == "last_error" && value == "none".to_json() => {
                value = pick(random, ["none".to_json(), "".to_json()]);
            }
            Some(schema) => loosen(&mut value, schema, random),
        }
        fields.insert(name, value);
    }
    // The service sends currencies under both names.
    let has_either = ["currency", "currency_id"].iter().all(|name| !properties[*name].is_null());
    if has_either
        && random.bool()
        && let Some(currency) = fields.shift_remove("currency")
    {
        fields.insert("currency_id".to_owned(), currency);
    }
    if random.u8(..4) == 0 {
        fields.insert("x_not_in_the_spec".to_owned(), object! { "since": 2031 });
    }
}

/// A form of an absent value; none leaves the key out.
fn absent(name: &str, schema: &Value, random: &mut fastrand::Rng) -> Option<Json> {
    let schema = SPEC.schema_of(schema, &Json::Null);
    let mut forms = vec![None, Some(Json::Null)];
    match schema["type"].as_str() {
        Some("object") if matches!(name, "error" | "polling") => {
            forms.extend([Some(Json::Object(IndexMap::new())), Some(Json::List(Vec::new()))]);
        }
        Some("object" | "array") | None => {}
        Some(_) => forms.push(Some("".to_json())),
    }
    if matches!(schema["format"].as_str(), Some("date" | "local-date-time")) {
        forms.push(Some("0000-00-00".to_json()));
    }
    pick(random, forms)
}

/// The same instant in another form.
fn date_time(text: &str, random: &mut fastrand::Rng) -> String {
    let (Some(instant), Some((day, time))) = (clock::parse_instant(text), text.split_once(' '))
    else {
        return text.to_owned();
    };
    let mut forms = vec![
        text.to_owned(),
        format!("{day}T{time}"),
        format!("{text}.000000"),
        format!("{day}T{time}.000"),
        format!("{day}T{time}{}", clock::offset(instant)),
        format!("{text}{}", clock::offset(instant)),
        utc(instant),
    ];
    if time == "00:00:00" {
        forms.push(day.to_owned());
    }
    pick(random, forms)
}

fn utc(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn pick<T>(random: &mut fastrand::Rng, forms: impl Into<Vec<T>>) -> T {
    let mut forms = forms.into();
    forms.swap_remove(random.usize(..forms.len()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    /// Every form that one field takes with many seeds.
    fn forms(schema: &str, canonical: &Value, field: &str) -> BTreeSet<String> {
        (0..300)
            .map(|seed| {
                let mut value = Json::from(canonical.clone());
                loosen(&mut value, SPEC.schema(schema), &mut fastrand::Rng::with_seed(seed));
                value.to_value().get(field).map_or_else(|| "missing".to_owned(), Value::to_string)
            })
            .collect()
    }

    fn set(expected: &[&str]) -> BTreeSet<String> {
        expected.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn each_type_takes_the_forms_that_are_known_of_it() {
        let connection = json!({
            "sync_active": true,
            "sync_fail_counter": 3,
            "sync_message": null,
            "consent_valid_until": null,
            "last_synced": "2026-07-31 00:00:00",
        });
        let of = |field| forms("Connection", &connection, field);
        assert_eq!(of("sync_active"), set(&["true", "\"true\"", "\"1\"", "1"]));
        assert_eq!(of("sync_fail_counter"), set(&["3", "\"3\""]));
        assert_eq!(of("sync_message"), set(&["missing", "null", "\"\""]));
        assert_eq!(of("consent_valid_until"), set(&["missing", "null", "\"\"", "\"0000-00-00\""]));
        assert_eq!(
            of("last_synced"),
            set(&[
                "\"2026-07-31 00:00:00\"",
                "\"2026-07-31T00:00:00\"",
                "\"2026-07-31 00:00:00.000000\"",
                "\"2026-07-31T00:00:00.000\"",
                "\"2026-07-31 00:00:00+02:00\"",
                "\"2026-07-31T00:00:00+02:00\"",
                "\"2026-07-30T22:00:00Z\"",
                "\"2026-07-31\"",
            ])
        );
        assert_eq!(of("x_not_in_the_spec").len(), 2);

        let balance = json!({ "balance": 12.0, "limit": 0.1, "currency": "EUR" });
        let of = |field| forms("Balance", &balance, field);
        assert_eq!(of("balance"), set(&["12.0", "\"12\"", "12"]));
        assert_eq!(of("limit"), set(&["0.1", "\"0.1\""]));
        assert_eq!(of("currency_id"), set(&["missing", "\"EUR\""]));
    }

    #[test]
    fn empty_objects_and_lists_take_their_php_forms() {
        let response = json!({ "code": 200, "error": null, "polling": null, "form": null });
        let of = |field| forms("WizardResponse", &response, field);
        assert_eq!(of("error"), set(&["missing", "null", "{}", "[]"]));
        assert_eq!(of("form"), set(&["missing", "null"]));
        let element = json!({ "type": "select", "failed_validation_rules": [], "options": {} });
        let of = |field| forms("WizardElement", &element, field);
        assert_eq!(of("failed_validation_rules"), set(&["[]", "\"\""]));
        assert_eq!(of("options"), set(&["{}", "[]"]));
    }
}
