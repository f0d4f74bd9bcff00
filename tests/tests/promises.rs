//! The tests that the table of the promises names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;

#[test]
fn each_test_that_the_promises_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = fs::read_to_string(root.join("docs/promises.md")).unwrap();
    let mut named = 0;
    for span in text.split('`').skip(1).step_by(2) {
        let Some((file, test)) = span.split_once(": ") else { continue };
        let source = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("no {file}"));
        let at =
            source.find(&format!("fn {test}(")).unwrap_or_else(|| panic!("no {test} in {file}"));
        // Attributes stand between the mark of a test and its name.
        let before = &source[source[..at].rfind("\n\n").unwrap_or(0)..at];
        assert!(before.contains("test"), "{test} in {file} is no test");
        named += 1;
    }
    assert!(named > 40, "{named} tests are named");
    for part in text.split("\n## ").skip(1).take(9) {
        let title = part.lines().next().unwrap();
        assert!(part.contains(".rs: "), "nothing holds the crates to \"{title}\"");
    }
}
