//! Two states of a spec.

use xtask::diff::changes;
use xtask::document::Document;
use xtask::lint;

use crate::spec::{SHAPES, SOUND};
use crate::{of_two_parts, two_parts};

/// The old text, a line of three dashes, and the new text. Either is taken only if it is sound, as
/// the command takes it.
pub fn run(data: &[u8]) {
    let (old, new) = two_parts(data);
    let (Some(old), Some(new)) = (sound(old), sound(new)) else { return };
    for (old, new) in [(&old, &new), (&new, &old)] {
        let is_same =
            old.value() == new.value() && format!("{}", old.value()) == format!("{}", new.value());
        let changes = changes(old, new);
        assert_eq!(changes.is_empty(), is_same, "{changes:?}");
        for change in &changes {
            assert!(!change.line.is_empty() && !change.subject.is_empty(), "{change:?}");
        }
    }
}

fn sound(text: &[u8]) -> Option<Document> {
    let document = Document::from_bytes("spec.yaml", text).ok()?;
    lint::check(&document).is_empty().then_some(document)
}

/// A spec beside itself, and beside a small change of it.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for text in [SOUND, SHAPES] {
        seeds.push(of_two_parts(text, text));
        seeds.push(of_two_parts(text, text.replacen("description: ", "description: Now ", 1)));
        seeds.push(of_two_parts(text, text.replacen("type: string", "type: integer", 1)));
        seeds.push(of_two_parts(text, text.replacen("safe", "idempotent", 1)));
    }
    seeds.push(of_two_parts(SOUND, SHAPES));
    seeds
}
