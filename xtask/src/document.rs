//! The spec as it was read from disk: its values, and the place of each value in the file.

use std::collections::HashMap;

use saphyr::{LoadableYamlNode, MarkedYaml, Marker, Scalar, YamlData};
use serde_json::{Map, Number, Value};

use crate::diagnostic::{Diagnostic, Position};

/// No spec is nested deeper. Deeper nesting is refused, so that no recursive walk overflows the stack.
const MAX_DEPTH: usize = 64;

/// The largest indentation. Each level of block nesting takes at least one character, so this bounds
/// the recursion of the YAML parser, which ends before there is a tree to check.
const MAX_INDENT: usize = 8 * MAX_DEPTH;

/// What the YAML parser says about a key that stands in a mapping for the second time.
const DUPLICATE: &str = "duplicated key in mapping";

/// A YAML document with the position of every key and value.
#[derive(Clone, Debug)]
pub struct Document {
    name: String,
    lines: Vec<String>,
    value: Value,
    places: HashMap<String, Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    key: Option<Position>,
    value: Position,
}

impl Document {
    /// Parses the bytes of a file. Diagnostics call the file by `name`.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, Vec<Diagnostic>> {
        let text = match str::from_utf8(bytes) {
            Ok(text) => return Self::parse(name, text),
            Err(error) => String::from_utf8_lossy(&bytes[..error.valid_up_to()]),
        };
        let line = text.rsplit('\n').next().unwrap_or_default();
        Err(vec![Diagnostic {
            rule: "yaml",
            file: name.to_owned(),
            line: text.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            message: "from here on the file is not UTF-8".to_owned(),
            hint: Some("save it as UTF-8".to_owned()),
            source: Some(line.to_owned()),
        }])
    }

    /// The place itself, or the end of the text where the parser names a line behind it.
    fn within(&self, at: Position) -> Position {
        let last = self.lines.last().map_or(0, |line| line.chars().count());
        let end = Position { line: self.lines.len().max(1), column: last + 1 };
        if at.line > end.line { end } else { at }
    }

    /// Parses YAML text. Diagnostics call the file by `name`.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let mut document = Self {
            name: name.to_owned(),
            lines: text.lines().map(str::to_owned).collect(),
            value: Value::Null,
            places: HashMap::new(),
        };
        let indent = |line: &String| line.len() - line.trim_start_matches([' ', '-', '?']).len();
        if let Some(index) = document.lines.iter().position(|line| indent(line) > MAX_INDENT) {
            let at = Position { line: index + 1, column: 1 };
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(vec![document.diagnostic_at(at, "yaml", message, None)]);
        }
        let roots = MarkedYaml::load_from_str(text).map_err(|error| {
            let at = document.within(position(*error.marker()));
            if error.info() == DUPLICATE {
                return vec![document.second_key(at, document.written_key(at))];
            }
            let hint = document.yaml_hint(at);
            vec![document.diagnostic_at(at, "yaml", error.info().to_owned(), Some(hint))]
        })?;
        match roots.as_slice() {
            [root] => {
                let mut findings = Vec::new();
                document.value = document.convert(root, None, String::new(), 0, &mut findings);
                if findings.is_empty() { Ok(document) } else { Err(findings) }
            }
            [] => Err(vec![document.diagnostic_at(
                Position::START,
                "yaml",
                "the file is empty".to_owned(),
                None,
            )]),
            [_, second, ..] => Err(vec![document.diagnostic_at(
                position(second.span.start),
                "yaml",
                "a second YAML document starts here".to_owned(),
                Some("keep the spec in one document, without `---` in between".to_owned()),
            )]),
        }
    }

    /// The same document under another name.
    pub fn renamed(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }

    /// The name of the file in diagnostics.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole document as JSON, with the keys in the order of the file.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where the value at a JSON pointer starts. If there is no such value, where the nearest
    /// enclosing value starts.
    pub fn locate(&self, pointer: &str) -> Position {
        self.place(pointer).map_or(Position::START, |place| place.value)
    }

    /// Where the key at a JSON pointer starts. For an item of a list, where the item starts.
    pub fn locate_key(&self, pointer: &str) -> Position {
        self.place(pointer).map_or(Position::START, |place| place.key.unwrap_or(place.value))
    }

    /// The text as it was read, with plain ends of lines.
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// The text of a line, counted from 1.
    pub fn source_line(&self, number: usize) -> Option<&str> {
        self.lines.get(number.checked_sub(1)?).map(String::as_str)
    }

    /// A finding about the value at a JSON pointer.
    pub fn diagnose(
        &self,
        pointer: &str,
        rule: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Diagnostic {
        let at = self.locate(pointer);
        self.diagnostic_at(at, rule, message.into(), Some(hint.into()))
    }

    /// A finding about the key at a JSON pointer.
    pub fn diagnose_key(
        &self,
        pointer: &str,
        rule: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Diagnostic {
        let at = self.locate_key(pointer);
        self.diagnostic_at(at, rule, message.into(), Some(hint.into()))
    }

    fn diagnostic_at(
        &self,
        at: Position,
        rule: &'static str,
        message: String,
        hint: Option<String>,
    ) -> Diagnostic {
        Diagnostic {
            rule,
            file: self.name.clone(),
            line: at.line,
            column: at.column,
            message,
            hint,
            source: self.source_line(at.line).map(str::to_owned),
        }
    }

    fn second_key(&self, at: Position, name: &str) -> Diagnostic {
        let message = format!("the key `{name}` stands here a second time");
        let hint = "remove or rename one of the two".to_owned();
        self.diagnostic_at(at, "yaml", message, Some(hint))
    }

    /// What to do about a line that is no YAML: most often it is a text that needs quotes.
    fn yaml_hint(&self, at: Position) -> String {
        let line = self.source_line(at.line).unwrap_or_default();
        if line.trim_start_matches(' ').starts_with('\t') {
            return "indent with blanks, not with tabs".to_owned();
        }
        let entry = line.trim_start_matches([' ', '-']);
        let text = entry.split_once(": ").map(|(key, text)| (key, text.trim()));
        let Some((key, text)) = text.filter(|(key, _)| !key.contains(['"', '\'', '{', '['])) else {
            return "the file has to be valid YAML 1.2".to_owned();
        };
        let begins_a_construct =
            text.starts_with(['`', '@', '*', '&', '!', '%', '[', '{', '>', '|']);
        let is_quoted = text.starts_with(['"', '\'']);
        if !is_quoted && (begins_a_construct || text.contains(": ") || text.ends_with(':')) {
            format!("put the text in quotes: `{key}: '{}'`", text.replace('\'', "''"))
        } else {
            "the file has to be valid YAML 1.2".to_owned()
        }
    }

    /// The key that starts at a place, as the file writes it.
    fn written_key(&self, at: Position) -> &str {
        let line = self.source_line(at.line).unwrap_or_default();
        let start = line.char_indices().nth(at.column - 1).map_or(line.len(), |(index, _)| index);
        let rest = &line[start..];
        match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => rest[1..].split(quote).next().unwrap_or_default(),
            _ => {
                let end = rest.find(": ").or_else(|| rest.rfind(':')).unwrap_or(rest.len());
                rest[..end].trim_end()
            }
        }
    }

    fn place(&self, pointer: &str) -> Option<Place> {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return Some(*place);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }

    fn convert(
        &mut self,
        node: &MarkedYaml<'_>,
        key: Option<Position>,
        pointer: String,
        depth: usize,
        findings: &mut Vec<Diagnostic>,
    ) -> Value {
        // An empty value has no text of its own, so its place is that of its key.
        let at = match (&node.data, key) {
            (YamlData::Value(Scalar::Null), Some(key)) => key,
            _ => position(node.span.start),
        };
        self.places.insert(pointer.clone(), Place { key, value: at });
        if depth > MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            findings.push(self.diagnostic_at(at, "yaml", message, None));
            return Value::Null;
        }
        match &node.data {
            YamlData::Value(scalar) => match scalar {
                Scalar::Null => Value::Null,
                Scalar::Boolean(value) => Value::Bool(*value),
                Scalar::Integer(value) => Value::Number((*value).into()),
                Scalar::FloatingPoint(value) => match Number::from_f64(value.into_inner()) {
                    Some(number) => Value::Number(number),
                    None => {
                        findings.push(self.diagnostic_at(
                            at,
                            "yaml",
                            "JSON has no such number".to_owned(),
                            Some("quote it if it is meant as text".to_owned()),
                        ));
                        Value::Null
                    }
                },
                Scalar::String(value) => Value::String(value.to_string()),
            },
            YamlData::Sequence(items) => Value::Array(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| {
                        let pointer = format!("{pointer}/{index}");
                        self.convert(item, None, pointer, depth + 1, findings)
                    })
                    .collect(),
            ),
            YamlData::Mapping(entries) => {
                let mut map = Map::new();
                for (key, item) in entries {
                    let at = position(key.span.start);
                    let Some(name) = key_text(&key.data) else {
                        findings.push(self.diagnostic_at(
                            at,
                            "yaml",
                            "a key has to be text".to_owned(),
                            Some("quote it if it is meant as text".to_owned()),
                        ));
                        continue;
                    };
                    if map.contains_key(&name) {
                        findings.push(self.second_key(at, &name));
                        continue;
                    }
                    if name == "<<" {
                        findings.push(self.diagnostic_at(
                            at,
                            "yaml",
                            "YAML 1.2 has no merge keys, so nothing would be merged".to_owned(),
                            Some("write the keys out here, or refer to a component".to_owned()),
                        ));
                        continue;
                    }
                    let pointer = child(&pointer, &name);
                    let value = self.convert(item, Some(at), pointer, depth + 1, findings);
                    map.insert(name, value);
                }
                Value::Object(map)
            }
            YamlData::Tagged(_, _)
            | YamlData::Alias(_)
            | YamlData::BadValue
            | YamlData::Representation(..) => {
                findings.push(self.diagnostic_at(
                    at,
                    "yaml",
                    "this value cannot be read as JSON".to_owned(),
                    Some("remove the tag or the broken alias".to_owned()),
                ));
                Value::Null
            }
        }
    }
}

/// The pointer to a member of the value at `pointer`.
pub fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Statuses of responses are often written as bare numbers, so numbers count as text, too.
fn key_text<'a>(key: &YamlData<'a, MarkedYaml<'a>>) -> Option<String> {
    match key {
        YamlData::Value(Scalar::String(text)) => Some(text.to_string()),
        YamlData::Value(Scalar::Integer(number)) => Some(number.to_string()),
        _ => None,
    }
}

fn position(marker: Marker) -> Position {
    Position { line: marker.line().max(1), column: marker.col() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Document {
        Document::parse("spec.yaml", text).unwrap()
    }

    fn refusal(text: &str) -> String {
        let findings = Document::parse("spec.yaml", text).unwrap_err();
        findings[0].to_string().lines().next().unwrap().to_owned()
    }

    fn at(line: usize, column: usize) -> Position {
        Position { line, column }
    }

    #[test]
    fn keys_and_values_are_found_where_they_stand() {
        let document = parse("paths:\n  /a/{id}:\n    get: {x: [1, two]}\n");
        assert_eq!(document.locate_key("/paths"), at(1, 1));
        assert_eq!(document.locate_key("/paths/~1a~1{id}"), at(2, 3));
        assert_eq!(document.locate("/paths/~1a~1{id}"), at(3, 5));
        assert_eq!(document.locate("/paths/~1a~1{id}/get/x/1"), at(3, 18));
        assert_eq!(document.locate_key("/paths/~1a~1{id}/get/x/1"), at(3, 18));
    }

    #[test]
    fn what_does_not_exist_is_located_at_its_nearest_ancestor() {
        let document = parse("a:\n  b: 1\n");
        assert_eq!(document.locate("/a/b/c/d"), at(2, 6));
        assert_eq!(document.locate("/z"), at(1, 1));
    }

    #[test]
    fn an_empty_value_is_located_at_its_key() {
        let document = parse("a: 1\nb:\nc: 2\n");
        assert_eq!(document.locate("/b"), at(2, 1));
    }

    #[test]
    fn aliases_are_resolved() {
        let document = parse("a: &x {b: 1}\nc: *x\n");
        assert_eq!(document.value()["c"]["b"], 1);
        assert_eq!(document.locate("/c"), at(2, 4));
    }

    #[test]
    fn keys_keep_the_order_of_the_file_and_statuses_are_text() {
        let document = parse("z: 1\na: 2\n200: 3\n");
        let keys: Vec<_> = document.value().as_object().unwrap().keys().collect();
        assert_eq!(keys, ["z", "a", "200"]);
    }

    #[test]
    fn broken_yaml_is_a_diagnostic_with_its_place() {
        let refused = refusal("a: 1\n  b: [\n");
        assert!(refused.starts_with("spec.yaml:2:"), "{refused}");
        assert!(refused.ends_with("[yaml]"), "{refused}");
    }

    #[test]
    fn a_text_that_needs_quotes_is_shown_with_them() {
        let plain = "the file has to be valid YAML 1.2";
        for (text, hint) in [
            ("a: b: c\n", "put the text in quotes: `a: 'b: c'`"),
            ("- a: It's: so\n", "put the text in quotes: `a: 'It''s: so'`"),
            ("x:\n  a: `b` is\n", "put the text in quotes: `a: '`b` is'`"),
            ("a: @b\n", "put the text in quotes: `a: '@b'`"),
            ("a: *b* c\n", "put the text in quotes: `a: '*b* c'`"),
            ("a: [b] c\n", "put the text in quotes: `a: '[b] c'`"),
            ("a:\n\tb: 1\n", "indent with blanks, not with tabs"),
            ("a: \"b\n", plain),
            ("a: 'b' c\n", plain),
        ] {
            let findings = Document::parse("spec.yaml", text).unwrap_err();
            assert_eq!(findings[0].hint.as_deref(), Some(hint), "{text}");
        }
    }

    #[test]
    fn what_is_not_utf8_is_a_diagnostic_with_its_place() {
        let findings = Document::from_bytes("spec.yaml", b"a: 1\nb: \xc3\xa4\xff\n").unwrap_err();
        assert_eq!(
            findings[0].to_string(),
            "spec.yaml:2:5: from here on the file is not UTF-8 [yaml]\n  \
             |\n2 | b: \u{e4}\n  |     ^\nhelp: save it as UTF-8\n"
        );
    }

    #[test]
    fn a_text_that_breaks_off_is_refused_at_its_end() {
        for (text, place) in [("a: {b: 1", "1:9"), ("a: {b: 1\n", "1:9"), ("a: 1\nb", "2:2")] {
            let refusal = refusal(text);
            assert!(refusal.starts_with(&format!("spec.yaml:{place}: ")), "{text:?}: {refusal}");
        }
    }

    #[test]
    fn a_duplicate_key_is_refused_at_its_second_place() {
        for (text, place, key) in [
            ("a: 1\nb: 2\na: 3\n", "3:1", "a"),
            ("x: {a: 1, a: 3}\n", "1:11", "a"),
            ("a/b:c:\n  1\na/b:c:\n  2\n", "3:1", "a/b:c"),
            ("\"a: b\": 1\n'a: b': 3\n", "2:1", "a: b"),
            ("? \u{e4}\n: 1\n? \u{e4}\n: 3\n", "3:3", "\u{e4}"),
        ] {
            let expected =
                format!("spec.yaml:{place}: the key `{key}` stands here a second time [yaml]");
            assert_eq!(refusal(text), expected, "{text}");
        }
        assert_eq!(
            refusal("200: 1\n'200': 3\n"),
            "spec.yaml:2:1: the key `200` stands here a second time [yaml]"
        );
    }

    #[test]
    fn a_merge_key_is_refused_since_nothing_would_be_merged() {
        assert_eq!(
            refusal("a: &x {b: 1}\nc:\n  <<: *x\n"),
            "spec.yaml:3:3: YAML 1.2 has no merge keys, so nothing would be merged [yaml]"
        );
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        assert_eq!(refusal("a: .nan\n"), "spec.yaml:1:4: JSON has no such number [yaml]");
        assert_eq!(refusal("true: 1\n"), "spec.yaml:1:1: a key has to be text [yaml]");
        assert_eq!(
            refusal("a: !x {b: 1}\n"),
            "spec.yaml:1:4: this value cannot be read as JSON [yaml]"
        );
        assert_eq!(refusal(""), "spec.yaml:1:1: the file is empty [yaml]");
        assert_eq!(
            refusal("a: 1\n---\nb: 2\n"),
            "spec.yaml:3:1: a second YAML document starts here [yaml]"
        );
    }

    #[test]
    fn absurd_nesting_is_a_diagnostic() {
        let refused = refusal(&format!("{}{}", "[".repeat(100), "]".repeat(100)));
        assert!(refused.contains("nested more than 64 levels"), "{refused}");
        for absurd in ["[", "{a: ", "- ", "? ", "- ? "] {
            let refused = refusal(&absurd.repeat(10_000));
            assert!(refused.ends_with("[yaml]"), "{absurd}: {refused}");
        }
        let stairs: String = (0..2_000).map(|level| " ".repeat(level) + "a:\n").collect();
        assert_eq!(refusal(&stairs), "spec.yaml:514:1: nested more than 64 levels deep [yaml]");
    }
}
