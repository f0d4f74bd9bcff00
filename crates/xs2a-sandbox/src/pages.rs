//! Lists, which the service answers page by page.

use crate::{
    answer::{Answer, Outcome},
    json::{Json, object},
    request::Query,
};

const DEFAULT_PER_PAGE: usize = 15;
const MAX_PER_PAGE: usize = 100;

/// The page of `entries` that `query` asks for; `path` is the address of the list.
pub(crate) fn page<T>(
    path: &str,
    query: &Query,
    entries: &[T],
    show: impl Fn(&T) -> Json,
) -> Outcome {
    let current = query.count("page", 1)?;
    let per_page = query.count("per_page", DEFAULT_PER_PAGE)?.min(MAX_PER_PAGE);
    let last = entries.len().div_ceil(per_page).max(1);
    let start = (current - 1).saturating_mul(per_page).min(entries.len());
    let shown: Vec<Json> = entries.iter().skip(start).take(per_page).map(show).collect();
    let position = |number: usize| (!shown.is_empty()).then_some(number);
    let next = (current < last).then_some(current + 1);
    // From a page behind the end, the previous page is the last one.
    let previous = (current > 1).then_some((current - 1).min(last));
    Ok(Answer::json(
        200,
        object! {
            "total": entries.len(),
            "per_page": per_page,
            "current_page": current,
            "last_page": last,
            "next_page_url": next.map(|number| url(path, query, number, per_page)),
            "prev_page_url": previous.map(|number| url(path, query, number, per_page)),
            "from": position(start + 1),
            "to": position(start + shown.len()),
            "data": shown,
        },
    ))
}

/// The address of another page. It is relative, so that the same requests give the same bytes
/// wherever the server listens.
fn url(path: &str, query: &Query, number: usize, per_page: usize) -> String {
    let mut parameters = url::form_urlencoded::Serializer::new(String::new());
    parameters
        .append_pair("page", &number.to_string())
        .append_pair("per_page", &per_page.to_string())
        .extend_pairs(query.0.iter().filter(|(name, _)| name != "page" && name != "per_page"));
    format!("{path}?{}", parameters.finish())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{answer::Body, json::ToJson as _};

    fn shown(raw_query: &str, total: usize) -> Value {
        let entries: Vec<usize> = (1..=total).collect();
        match page("/list", &Query::parse(raw_query), &entries, |n| n.to_json()).map(|a| a.body) {
            Ok(Body::Json(value)) => value.to_value(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pages_have_no_addresses_beyond_their_ends() {
        let first = shown("per_page=2", 3);
        assert_eq!(first["next_page_url"], "/list?page=2&per_page=2");
        assert_eq!(first["prev_page_url"], Value::Null);
        let last = shown("per_page=2&page=2", 3);
        assert_eq!(last["next_page_url"], Value::Null);
        assert_eq!(last["prev_page_url"], "/list?page=1&per_page=2");
        assert_eq!((&last["from"], &last["to"]), (&json!(3), &json!(3)));
        assert_eq!(shown("per_page=2&page=9", 3)["prev_page_url"], "/list?page=2&per_page=2");
    }

    #[test]
    fn an_empty_page_has_no_positions() {
        for (raw, total) in [("", 0), ("page=9", 3)] {
            let empty = shown(raw, total);
            assert_eq!(empty["data"], json!([]));
            assert_eq!((&empty["from"], &empty["to"]), (&Value::Null, &Value::Null));
            assert_eq!(empty["last_page"], 1);
        }
    }

    #[test]
    fn empty_parameters_count_as_not_sent_and_nonsense_is_refused() {
        assert_eq!(shown("page=&per_page=", 1)["per_page"], 15);
        for raw in ["page=0", "page=-1", "per_page=many", "page=1.5"] {
            assert!(page("/list", &Query::parse(raw), &[1_u16], |n| n.to_json()).is_err(), "{raw}");
        }
    }
}
