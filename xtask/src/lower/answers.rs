//! progenitor aborts on several shapes of success, so it gets one; the lifted methods handle the real shapes.

use serde_json::json;

use super::Draft;

/// Gives each operation a single success without a body, and no error.
pub fn give_one_answer(draft: &mut Draft) {
    for (_, _, operation) in draft.operations() {
        operation.insert("responses".to_owned(), json!({"204": {"description": ""}}));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::essentials::keep_essentials;

    #[test]
    fn one_bodyless_success_is_left() {
        let mut draft = keep_essentials(&json!({"paths": {"/a": {"get": {"responses": {
            "200": {"description": "one"}, "202": {"description": "two"}, "default": {},
        }}}}}));
        give_one_answer(&mut draft);
        assert_eq!(
            draft.document()["paths"],
            json!({"/a": {"get": {"responses": {"204": {"description": ""}}}}})
        );
    }
}
