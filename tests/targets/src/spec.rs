//! A spec that somebody is in the middle of editing.

use xtask::document::Document;
use xtask::{generate, lint};

use crate::seeds::SPEC;

/// The shortest spec that shows most of what a spec may hold.
pub(crate) const SHAPES: &str = include_str!("../../../xtask/tests/fixtures/generate/shapes.yaml");
/// The shortest spec that is sound.
pub(crate) const SOUND: &str = include_str!("../../../xtask/tests/fixtures/lint/sound.yaml");

/// The text of a spec: it becomes a client, or diagnostics that each have a place in it.
pub fn run(data: &[u8]) {
    let document = Document::from_bytes("spec.yaml", data);
    let lines = String::from_utf8_lossy(data).lines().count().max(1);
    let findings = match document {
        Err(findings) => findings,
        Ok(document) => match lint::check(&document) {
            findings if findings.is_empty() => match generate::generate(&document) {
                Ok(made) => {
                    assert!(!made.text.is_empty());
                    return;
                }
                Err(findings) => findings,
            },
            findings => findings,
        },
    };
    assert!(!findings.is_empty(), "refused without a word");
    for finding in &findings {
        assert!((1..=lines).contains(&finding.line) && finding.column >= 1, "{finding}");
        assert!(!finding.message.is_empty());
        assert_ne!(finding.rule, "generate", "only the last net caught this: {finding}");
    }
}

/// The spec and the small ones of the tests.
pub fn seeds() -> Vec<Vec<u8>> {
    [SOUND, SHAPES, SPEC].map(|text| text.as_bytes().to_vec()).to_vec()
}
