//! How the server's words are shown, logged and stored: this file has the whole rule.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

use crate::Secret;
use crate::secret::CONCEALED;

/// How many characters are quoted at most.
const LIMIT: usize = 300;

/// How many bytes of secrets that overlap are looked through. A longer run ends the quotation.
const LONGEST_RUN: usize = 4096;

/// The server's words, fit to be printed, logged and stored.
///
/// A server may repeat what it was sent, may write without end, and may write what a terminal obeys.
/// So three things change, and nothing else:
///
/// - Each of the secrets becomes `[secret]`: as it is, as JSON, percent-encoded, and as HTTP Basic.
///   A secret of one or two characters stays, and so does `true`: a country or a tick stands in many
///   words.
/// - Control characters, line breaks, and marks that change the direction of text are escaped, such
///   as `\n` and `\u{202e}`.
/// - At most 300 characters are left; `…` stands for the rest.
///
/// What was quoted stays the same when it is quoted again.
///
/// ```
/// use xs2a_client::{Secret, quote};
///
/// let pin = Secret::from("123456");
/// assert_eq!(quote("123456 is\nwrong", [&pin]), r"[secret] is\nwrong");
/// ```
pub fn quote<'a>(words: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let forms: Vec<Secret> = secrets.into_iter().flat_map(forms).collect();
    let mut quotation = Quotation::default();
    let mut rest = words;
    while let Some(first) = rest.chars().next() {
        let concealed = secret_run(rest, &forms);
        let has_room = match concealed {
            0 if is_escaped(first) => quotation.add(&first.escape_default().to_string()),
            0 => quotation.add(first.encode_utf8(&mut [0; 4])),
            _ => quotation.add(CONCEALED),
        };
        if !has_room {
            break;
        }
        if concealed > LONGEST_RUN {
            quotation.is_cut = true;
            break;
        }
        rest = rest.get(concealed.max(first.len_utf8())..).unwrap_or_default();
    }
    quotation.end()
}

#[derive(Default)]
struct Quotation {
    text: String,
    characters: usize,
    /// How much of the text stays where more follows than there is room for.
    kept: usize,
    is_cut: bool,
}

impl Quotation {
    /// Whether there was room for the piece.
    fn add(&mut self, piece: &str) -> bool {
        self.characters += piece.chars().count();
        if self.characters > LIMIT {
            self.is_cut = true;
            return false;
        }
        self.text.push_str(piece);
        // The mark for the rest takes the place of one character.
        if self.characters < LIMIT {
            self.kept = self.text.len();
        }
        true
    }

    fn end(mut self) -> String {
        if self.is_cut {
            self.text.truncate(self.kept);
            self.text.push('…');
        }
        self.text
    }
}

fn is_escaped(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// The texts that a secret is found by, before any encoding of single characters.
fn forms(secret: &Secret) -> Vec<Secret> {
    let plain = secret.expose();
    if plain.chars().count() <= 2 || plain == "true" {
        return Vec::new();
    }
    let pair = Secret::from(format!("api:{plain}"));
    let encoded = [&pair, secret]
        .map(|text| text.expose().as_bytes())
        .map(|bytes| [BASE64_STANDARD_NO_PAD.encode(bytes), BASE64_URL_SAFE_NO_PAD.encode(bytes)]);
    let encoded = encoded.into_iter().flatten().map(Secret::from);
    std::iter::once(secret.clone()).chain(encoded).collect()
}

/// How many bytes at the start of the text are a secret, with the secrets that overlap it.
fn secret_run(text: &str, forms: &[Secret]) -> usize {
    let longest = |text: &str| {
        forms.iter().filter_map(|form| length_of(form.expose(), text)).max().unwrap_or(0)
    };
    let mut end = longest(text);
    let mut at = 0;
    while at < end && end <= LONGEST_RUN {
        if let Some(rest) = text.get(at..) {
            end = end.max(at + longest(rest));
        }
        at += 1;
    }
    end
}

/// The length of the secret at the start of the text, in whichever encoding it stands there.
fn length_of(secret: &str, text: &str) -> Option<usize> {
    let rest = text
        .strip_prefix(secret)
        .or_else(|| after_json(secret, text))
        .or_else(|| after_percent(secret, text))?;
    Some(text.len() - rest.len())
}

/// What follows the secret where any of its characters may be escaped as in JSON.
fn after_json<'t>(secret: &str, text: &'t str) -> Option<&'t str> {
    secret.chars().try_fold(text, |text, character| match text.strip_prefix('\\') {
        None => text.strip_prefix(character),
        Some(escaped) if escaped.starts_with('u') => {
            character.encode_utf16(&mut [0; 2]).iter().try_fold(text, |text, unit| {
                let digits = text.strip_prefix("\\u")?;
                let is_unit = u16::from_str_radix(digits.get(..4)?, 16) == Ok(*unit);
                is_unit.then(|| digits.get(4..))?
            })
        }
        Some(escaped) => escaped.strip_prefix(match character {
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '"' | '\\' | '/' => character,
            _ => return None,
        }),
    })
}

/// What follows the secret where any of its bytes may be percent-encoded, as in a path or a form.
fn after_percent<'t>(secret: &str, text: &'t str) -> Option<&'t str> {
    let mut at = 0;
    for byte in secret.bytes() {
        match (text.as_bytes().get(at)?, byte) {
            (b'%', _) => {
                let digits = text.get(at + 1..at + 3)?;
                if u8::from_str_radix(digits, 16) != Ok(byte) {
                    return None;
                }
                at += 3;
            }
            (b'+', b' ') => at += 1,
            (same, _) if *same == byte => at += 1,
            _ => return None,
        }
    }
    text.get(at..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::BASE64_STANDARD;
    use proptest::prelude::*;

    const SECRET: &str = r#"tö/k"e\n +&😀"#;

    fn quoted(words: &str) -> String {
        quote(words, [&Secret::from(SECRET)])
    }

    #[test]
    fn a_secret_is_concealed_in_every_form_that_a_server_may_repeat() {
        let json = serde_json::to_string(SECRET).unwrap();
        let json = json.trim_matches('"').to_owned();
        let ascii: String = SECRET.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        let every_byte: String = SECRET.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let percent =
            percent_encoding::utf8_percent_encode(SECRET, percent_encoding::NON_ALPHANUMERIC);
        let form = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect::<String>();
        let basic = BASE64_STANDARD.encode(format!("api:{SECRET}"));
        for form in [
            SECRET.to_owned(),
            json.replace('/', "\\/"),
            json,
            ascii.to_lowercase(),
            ascii,
            every_byte,
            percent.to_string(),
            percent.to_string().to_lowercase(),
            form,
            basic.trim_end_matches('=').to_owned(),
            basic.trim_end_matches('=').replace('/', "\\/").replace('+', "%2B"),
            BASE64_STANDARD_NO_PAD.encode(SECRET),
            BASE64_URL_SAFE_NO_PAD.encode(format!("api:{SECRET}")),
        ] {
            assert_eq!(quoted(&format!("no {form}, sorry")), "no [secret], sorry", "{form}");
        }
    }

    #[test]
    fn the_longest_secret_is_concealed_and_so_are_secrets_that_overlap() {
        let secrets = ["abc", "abcdef", "efgh"].map(Secret::from);
        assert_eq!(quote("abcdefghi abc", &secrets), "[secret]i [secret]");
        assert_eq!(quote("abab", [&Secret::from("aba")]), "[secret]b");
    }

    #[test]
    fn a_country_and_a_tick_are_no_secrets() {
        let secrets = ["DE", "1", "", "true"].map(Secret::from);
        assert_eq!(quote("true: 1 bank in DE", &secrets), "true: 1 bank in DE");
    }

    #[test]
    fn what_a_terminal_or_a_log_would_obey_is_escaped() {
        assert_eq!(
            quoted("a\r\nERROR b\u{1b}[2J\u{202e}c\u{2066}\u{85}\u{2028}ü€"),
            r"a\r\nERROR b\u{1b}[2J\u{202e}c\u{2066}\u{85}\u{2028}ü€"
        );
    }

    #[test]
    fn three_hundred_characters_are_left_and_no_part_of_a_secret() {
        let whole = "ü".repeat(300);
        assert_eq!(quoted(&whole), whole);
        let cut = quoted(&"ü".repeat(10_000_000));
        assert_eq!(cut, format!("{}…", "ü".repeat(299)));
        for before in 280..=300 {
            let words = format!("{}{SECRET}{SECRET} more", "x".repeat(before));
            let shown = quoted(&words);
            assert!(shown.chars().count() <= 300);
            assert!(!shown.contains('ö'), "{before}: {shown}");
        }
    }

    #[test]
    fn secrets_that_overlap_without_end_are_looked_through_only_so_far() {
        let words = "a".repeat(10_000_000);
        assert_eq!(quote(&words, [&Secret::from("aaaa")]), "[secret]…");
    }

    proptest! {
        #[test]
        fn a_quotation_is_short_harmless_and_stays_the_same(words in any::<String>(), pin in "[0-9]{4}") {
            let pin = Secret::from(pin);
            let words = words + pin.expose();
            let shown = quote(&words, [&pin]);
            prop_assert!(shown.chars().count() <= LIMIT);
            prop_assert!(!shown.contains(is_escaped) && !shown.contains(pin.expose()));
            prop_assert_eq!(quote(&shown, [&pin]), shown);
        }
    }
}
