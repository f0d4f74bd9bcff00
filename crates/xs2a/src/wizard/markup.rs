//! The small markup in the texts of a form: words, links, line breaks.

use std::borrow::Cow;
use std::fmt;

use url::{Url, form_urlencoded};

/// A text of the service whose small markup is read: labels, help texts and messages may have it.
///
/// The forms of the markup are those that the provider's own mobile clients read:
///
/// | in the text | is |
/// |---|---|
/// | `[words\|link::https://…]`, `[words\|https://…]` | [`Span::Link`] |
/// | `[words\|autosubmit::name=value&…]` | [`Span::Submit`] |
/// | `[words\|bold]`, `[words\|italic]` | [`Span::Bold`], [`Span::Italic`] |
/// | `[br]`, `<br>` | [`Span::Break`] |
/// | `&middot;` | the sign `·` |
///
/// Everything else is words, also brackets, HTML and what looks like markup and is none. A link that
/// does not lead to a web page by HTTP or HTTPS, such as `javascript:`, is its words alone. So a
/// program that escapes the words for its output, as it does with any text, shows nothing that it
/// does not know. Reading takes time and memory in proportion to the text. `Display` writes the words
/// without markup.
///
/// ```
/// use xs2a::wizard::{Markup, Span};
///
/// let text = "Read the [terms|link::https://bank.example/terms].[br]Then go on.";
/// let mut html = String::new();
/// for span in Markup(text).spans() {
///     match span {
///         Span::Link { words, url } => html += &format!("<a href=\"{url}\">{words}</a>"),
///         Span::Break => html += "<br>",
///         // A program escapes the words.
///         other => html += other.words(),
///     }
/// }
/// assert_eq!(html, "Read the <a href=\"https://bank.example/terms\">terms</a>.<br>Then go on.");
/// assert_eq!(Markup(text).to_string(), "Read the terms.\nThen go on.");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Markup<'text>(pub &'text str);

/// A part of a text. [`Markup::spans`] gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Span<'text> {
    /// Words as they stand.
    Words(Cow<'text, str>),
    /// Words that stand out.
    Bold(Cow<'text, str>),
    /// Words of another tone.
    Italic(Cow<'text, str>),
    /// Words that lead to a web page.
    Link {
        /// What to show.
        words: Cow<'text, str>,
        /// The address, by HTTP or HTTPS. It has no quotes and no blanks.
        url: String,
    },
    /// Words that choose a way on: [`Wizard::follow`](crate::Wizard::follow) sends the fields.
    Submit {
        /// What to show.
        words: Cow<'text, str>,
        /// Names and values to be sent.
        fields: Vec<(String, String)>,
    },
    /// The end of a line.
    Break,
}

impl<'text> Markup<'text> {
    /// The parts of the text, in their order.
    pub fn spans(self) -> impl Iterator<Item = Span<'text>> {
        Spans { rest: self.0, found: None }
    }
}

impl fmt::Display for Markup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spans().try_for_each(|span| f.write_str(span.words()))
    }
}

impl Span<'_> {
    /// The words without what they do. A line break is `\n`.
    pub fn words(&self) -> &str {
        match self {
            Self::Words(words) | Self::Bold(words) | Self::Italic(words) => words,
            Self::Link { words, .. } | Self::Submit { words, .. } => words,
            Self::Break => "\n",
        }
    }
}

struct Spans<'text> {
    rest: &'text str,
    /// Markup that was found behind words that were given first.
    found: Option<Span<'text>>,
}

impl<'text> Iterator for Spans<'text> {
    type Item = Span<'text>;

    fn next(&mut self) -> Option<Span<'text>> {
        if let Some(found) = self.found.take() {
            return Some(found);
        }
        let text = self.rest;
        if text.is_empty() {
            return None;
        }
        let mut open = None;
        for (at, letter) in text.bytes().enumerate() {
            let (begin, end, span) = match (letter, open) {
                (b'[', _) => {
                    open = Some(at);
                    continue;
                }
                (b']', Some(open)) => (open, at + 1, bracketed(&text[open + 1..at])),
                (b'<', _) => match line_break(&text[at..]) {
                    Some(length) => (at, at + length, Some(Span::Break)),
                    None => continue,
                },
                _ => continue,
            };
            let Some(span) = span else {
                open = None;
                continue;
            };
            self.rest = &text[end..];
            if begin == 0 {
                return Some(span);
            }
            self.found = Some(span);
            return Some(Span::Words(words(&text[..begin])));
        }
        self.rest = "";
        Some(Span::Words(words(text)))
    }
}

/// What stands between brackets, if it is markup.
fn bracketed(inner: &str) -> Option<Span<'_>> {
    if inner.eq_ignore_ascii_case("br") {
        return Some(Span::Break);
    }
    let (shown, does) = inner.split_once('|').filter(|(_, does)| !does.contains('|'))?;
    let shown = words(shown);
    if let Some(fields) = does.strip_prefix("autosubmit::") {
        let fields = form_urlencoded::parse(fields.as_bytes()).into_owned().collect();
        return Some(Span::Submit { words: shown, fields });
    }
    match (does, does.strip_prefix("link::")) {
        ("bold", _) => Some(Span::Bold(shown)),
        ("italic", _) => Some(Span::Italic(shown)),
        (_, Some(link)) => Some(match web_page(link) {
            Some(url) => Span::Link { words: shown, url },
            None => Span::Words(shown),
        }),
        (link, None) => web_page(link).map(|url| Span::Link { words: shown, url }),
    }
}

/// The address of a web page, as a browser would write it.
fn web_page(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    // What stands before an `@` only passes for the name of another host.
    let is_plain = url.username().is_empty() && url.password().is_none();
    let is_web = matches!(url.scheme(), "http" | "https");
    (is_web && is_plain).then(|| String::from(url).replace('\'', "%27"))
}

/// How long the line break is that a text begins with.
fn line_break(text: &str) -> Option<usize> {
    let is_first =
        |form: &&str| text.get(..form.len()).is_some_and(|first| first.eq_ignore_ascii_case(form));
    ["<br>", "<br/>", "<br />"].into_iter().find(is_first).map(str::len)
}

fn words(text: &str) -> Cow<'_, str> {
    match text.contains("&middot;") {
        true => Cow::Owned(text.replace("&middot;", "·")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(text: &str) -> Vec<Span<'_>> {
        Markup(text).spans().collect()
    }

    fn link<'text>(words: &'text str, url: &str) -> Span<'text> {
        Span::Link { words: words.into(), url: url.to_owned() }
    }

    #[test]
    fn each_form_of_the_markup_is_read() {
        let fields =
            vec![("action".to_owned(), "next".to_owned()), ("tab".to_owned(), "a b".to_owned())];
        for (text, expected) in [
            ("", vec![]),
            ("plain, words", vec![Span::Words("plain, words".into())]),
            (
                "[terms, privacy|link::https://x.de/a?b=c]",
                vec![link("terms, privacy", "https://x.de/a?b=c")],
            ),
            ("[terms|https://x.de]", vec![link("terms", "https://x.de/")]),
            (
                "[on|autosubmit::action=next&tab=a%20b]",
                vec![Span::Submit { words: "on".into(), fields }],
            ),
            ("[a|bold][b|italic]", vec![Span::Bold("a".into()), Span::Italic("b".into())]),
            (
                "a[br]<br><BR /><br/>",
                vec![Span::Words("a".into()), Span::Break, Span::Break, Span::Break, Span::Break],
            ),
            ("a &middot; b", vec![Span::Words("a · b".into())]),
            ("[[x|bold]", vec![Span::Words("[".into()), Span::Bold("x".into())]),
        ] {
            assert_eq!(spans(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_markup_is_words_as_they_stand() {
        for text in [
            "[",
            "]",
            "][",
            "[]",
            "[|]",
            "a [1] b",
            "[EUR|USD]",
            "[a|b|c]",
            "[a|bold|x]",
            "[a|javascript:alert(1)]",
            "<b>x</b>",
            "<script>",
            "<br",
            "<brx>",
            "&amp;",
            "[a\u{202e}|x]",
            "ä[ö]ü<",
        ] {
            assert_eq!(spans(text), [Span::Words(text.into())]);
        }
    }

    #[test]
    fn a_link_leads_to_a_web_page_or_is_its_words_alone() {
        for target in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "//x.de",
            "/terms",
            "",
            "http://",
            "https://bank.de@evil.example/",
            "https://a:b@evil.example",
        ] {
            assert_eq!(
                spans(&format!("[words|link::{target}]")),
                [Span::Words("words".into())],
                "{target}"
            );
        }
        let quotes = spans("[words|https://x.de/\"onclick='x' <a>]");
        assert_eq!(quotes, [link("words", "https://x.de/%22onclick=%27x%27%20%3Ca%3E")]);
        let query = spans("[words|https://x.de?\"'<#\"'<`]");
        assert_eq!(query, [link("words", "https://x.de/?%22%27%3C#%22%27%3C%60")]);
    }

    #[test]
    fn a_text_of_brackets_is_read_once() {
        for hostile in ["[", "]", "[|", "[a|", "<br", "[[]", "&middot"] {
            let text = hostile.repeat(200_000);
            assert_eq!(spans(&text), [Span::Words(Cow::Borrowed(&*text))], "{hostile}");
        }
        assert_eq!(Markup(&"[br]".repeat(200_000)).spans().count(), 200_000);
    }

    /// A part of a text, and how it is written.
    fn part() -> impl Strategy<Value = (String, Span<'static>)> {
        let words = "[a-zA-ZäöüÄ ,.!&;:/=-]{1,12}";
        prop_oneof![
            Just(("[br]".to_owned(), Span::Break)),
            Just(("<br>".to_owned(), Span::Break)),
            words.prop_map(|it| (format!("[{it}|bold]"), Span::Bold(it.into()))),
            words.prop_map(|it| (format!("[{it}|italic]"), Span::Italic(it.into()))),
            (words, "https?://[a-z]{1,9}\\.de/[a-z0-9?=&#./-]{0,9}").prop_filter_map(
                "dots",
                |(it, url)| {
                    let whole = Url::parse(&url).ok()?.to_string();
                    Some((
                        format!("[{it}|link::{url}]"),
                        Span::Link { words: it.into(), url: whole },
                    ))
                }
            ),
            (words, prop::collection::vec(("[a-z_]{1,9}", ".{0,9}"), 0..3)).prop_map(
                |(it, fields)| {
                    let mut query = form_urlencoded::Serializer::new(String::new());
                    let query = query.extend_pairs(&fields).finish();
                    (
                        format!("[{it}|autosubmit::{query}]"),
                        Span::Submit { words: it.into(), fields },
                    )
                }
            ),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_is_written_as_markup_is_read_again(
            parts in prop::collection::vec(("[a-zäöü ,.&;:/=-]{1,9}", part()), 0..8), end in "[a-z]{0,3}",
        ) {
            let (mut text, mut expected) = (String::new(), Vec::new());
            for (words, (written, span)) in parts {
                text.push_str(&words);
                text.push_str(&written);
                expected.extend([Span::Words(words.into()), span]);
            }
            text.push_str(&end);
            expected.extend((!end.is_empty()).then(|| Span::Words(end.into())));
            prop_assert_eq!(spans(&text), expected);
        }

        #[test]
        fn no_text_yields_more_than_it_has_nor_a_link_that_is_no_web_page(
            text in prop_oneof![".*", "(\\[|\\]|\\||<br>|br|link::|https://|autosubmit::|a|=|&|@|\"|'|>|&middot;|ä){0,40}"],
        ) {
            let found = spans(&text);
            prop_assert!(found.len() <= text.len());
            let mut length = 0;
            for span in &found {
                length += span.words().len();
                if let Span::Link { url, .. } = span {
                    prop_assert!(url.starts_with("https://") || url.starts_with("http://"));
                    prop_assert!(!url.contains(['"', '\'', '<', '>', ' ']));
                }
            }
            prop_assert!(length <= text.len());
            prop_assert_eq!(Markup(&text).to_string().len(), length);
        }
    }
}
