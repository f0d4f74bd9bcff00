//! Each form of each type, in required, optional and nullable fields, read in both ways.

use std::fmt::Debug;

use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::decode::{Decoded, decode_within, read_in_full, stream};
use super::{
    Canonical, DecodeError, Described, Json, Lenient, Properties, Prose, any_object,
    optional_object, read_object, required_object,
};
use crate::{BankDate, UnknownVariant};

/// Reads a body in both ways. The first way may leave a body to the second, but it reads nothing
/// otherwise than the second.
fn decode<T: Lenient + PartialEq + Debug>(json: &[u8]) -> Result<T, DecodeError> {
    let text = String::from_utf8_lossy(json);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let in_full = read_in_full::<T>(text, 10_000).map(|decoded| decoded.value);
    if let Some(streamed) = stream::<T>(text, 10_000) {
        assert_eq!(Ok(&streamed), in_full.as_ref(), "{text}");
    }
    assert_eq!(super::decode::<T>(json), in_full, "{text}");
    in_full
}

/// A field as the generator writes one: required (or nullable, when `T` is an `Option`).
#[derive(Debug, PartialEq)]
struct Required<T> {
    field: T,
}

/// A field as the generator writes one: not required.
#[derive(Debug, PartialEq)]
struct Optional<T> {
    field: Option<T>,
}

/// Writes how objects are read, as the generator does: each property with its position, the way in which
/// it is read, and whether it has to be there.
macro_rules! described {
    ($(
        $object:ident $(<$argument:ident>)? $(= $bare:literal)?
        { $($position:literal $name:ident: $need:ident $way:ident),* }
    )*) => {$(
        impl $(<$argument: Lenient>)? Described for $object $(<$argument>)? {
            const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];
            $(const BARE: Option<&'static str> = Some($bare);)?

            fn position(name: &str) -> usize {
                match name {
                    $(stringify!($name) => $position,)*
                    _ => Self::NAMES.len(),
                }
            }

            fn read_from<P: Properties>(properties: &mut P) -> Result<Self, P::Error> {
                $(let mut $name = None;)*
                while let Some(position) = properties.next()? {
                    match position {
                        $($position => properties.$way(&mut $name),)*
                        _ => properties.ignore(),
                    }?;
                }
                Ok(Self { $($name: described!(@$need properties $name)),* })
            }
        }
    )*};
    (@required $properties:ident $name:ident) => {
        $properties.present($name, stringify!($name))?
    };
    (@optional $properties:ident $name:ident) => {
        $name.unwrap_or_default()
    };
}

/// What `objects!` does, for a struct with a type argument.
macro_rules! generic {
    ($($object:ident),*) => {$(
        impl<T: Lenient> Lenient for $object<T> {
            fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                required_object(deserializer)
            }

            fn optional<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<Self>, D::Error> {
                optional_object(deserializer)
            }

            fn read(json: Json<'_>) -> Result<Self, DecodeError> {
                read_object(&json.object(None)?)
            }

            fn read_optional(json: Json<'_>) -> Result<Option<Self>, DecodeError> {
                let object = json.optional_object(None)?;
                object.as_ref().map(read_object).transpose()
            }
        }

        impl<'de, T: Lenient> Deserialize<'de> for $object<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                any_object(stringify!($object), deserializer)
            }
        }
    )*};
}

generic! { Required, Optional }

#[derive(Debug, PartialEq, Serialize)]
struct Reason {
    message: String,
}

#[derive(Debug, Default, PartialEq, Serialize)]
struct Polling {
    interval: Option<u64>,
    words: Option<String>,
}

#[derive(Debug, PartialEq)]
struct Group {
    elements: Vec<Part>,
}

described! {
    Required<T> { 0 field: required read }
    Optional<T> { 0 field: optional read }
    Reason { 0 message: required read }
    Polling = "interval" { 0 interval: optional forgive, 1 words: optional forgive_prose }
    Group { 0 elements: optional read }
}

#[derive(Debug, PartialEq)]
enum Part {
    Reason(Reason),
    Group(Group),
    Unknown(UnknownVariant),
}

impl Part {
    fn from_json(json: Json<'_>) -> Self {
        let Ok(object) = json.object(None) else {
            return Self::Unknown(UnknownVariant::new(json, "type"));
        };
        let read = match &*object.text_of("type") {
            "reason" => read_object(&object).map(Self::Reason),
            "group" => read_object(&object).map(Self::Group),
            _ => return Self::Unknown(UnknownVariant::of(&object, "type", None)),
        };
        read.unwrap_or_else(|reason| {
            Self::Unknown(UnknownVariant::of(&object, "type", Some(reason)))
        })
    }
}

/// A kind that is made from any text.
#[derive(Debug, PartialEq)]
struct Kind(String);

impl From<String> for Kind {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A map that has a name, and may be replaced by the value of a key.
#[derive(Debug, PartialEq)]
struct Named(IndexMap<String, Value>);

super::objects! { Reason, Polling, Group }
super::maps! { Named = "alone" }
super::unions! { Part }
super::texts! { Kind }

fn required<T: Lenient + PartialEq + Debug>(json: &str) -> Result<T, String> {
    let read = decode::<Required<T>>(format!(r#"{{"field":{json}}}"#).as_bytes());
    read.map(|read| read.field).map_err(|error| error.to_string())
}

fn optional<T: Lenient + PartialEq + Debug>(json: &str) -> Result<Option<T>, String> {
    let read = decode::<Optional<T>>(format!(r#"{{"field":{json}}}"#).as_bytes());
    read.map(|read| read.field).map_err(|error| error.to_string())
}

/// Required, nullable and optional fields read each form alike.
#[track_caller]
fn accepts<T: Lenient + PartialEq + Debug>(value: &T, forms: &[&str]) {
    for form in forms {
        assert_eq!(required::<T>(form).as_ref(), Ok(value), "required {form}");
        assert_eq!(required::<Option<T>>(form).unwrap().as_ref(), Some(value), "nullable {form}");
        assert_eq!(optional::<T>(form).unwrap().as_ref(), Some(value), "optional {form}");
    }
}

#[track_caller]
fn refuses<T: Lenient + PartialEq + Debug>(expected: &str, forms: &[&str]) {
    let message = format!("expected {expected} at `field`");
    for form in forms {
        assert_eq!(required::<T>(form).unwrap_err(), message, "required {form}");
        assert_eq!(required::<Option<T>>(form).unwrap_err(), message, "nullable {form}");
        assert_eq!(optional::<T>(form).unwrap_err(), message, "optional {form}");
    }
}

/// Absent forms are `None` where that is possible. Elsewhere they are an error that names the field.
#[track_caller]
fn is_absent<T: Lenient + PartialEq + Debug>(expected: &str, forms: &[&str]) {
    for form in forms {
        let message = format!("expected {expected} at `field`");
        assert_eq!(required::<T>(form).unwrap_err(), message, "required {form}");
        assert_eq!(required::<Option<T>>(form), Ok(None), "nullable {form}");
        assert_eq!(optional::<T>(form), Ok(None), "optional {form}");
    }
    let missing = decode::<Required<T>>(b"{}").unwrap_err().to_string();
    assert_eq!(missing, "expected a value, the field is missing at `field`");
    assert_eq!(decode::<Optional<T>>(b"{}"), Ok(Optional { field: None }));
}

const AMOUNT: &str = "an amount of at most 28 digits, such as 12.34";
const DATE: &str = "a date such as 2026-01-31";
const DATE_TIME: &str = "a date-time such as 2026-01-31 10:11:12";

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn booleans_arrive_as_booleans_strings_and_numbers() {
    accepts(&true, &["true", r#""true""#, r#""1""#, "1", r#""Y""#, r#""yes""#, r#""TRUE""#]);
    accepts(&false, &["false", r#""false""#, r#""0""#, "0", r#""N""#, r#""no""#, r#""False""#]);
    is_absent::<bool>("a boolean", &["null", r#""""#]);
    refuses::<bool>("a boolean", &["2", "-1", "0.5", r#""ja""#, r#""on""#, "[]", "{}", "[true]"]);
}

#[test]
fn integers_arrive_as_numbers_and_strings() {
    accepts(&3_i64, &["3", r#""3""#, "3.0", "3.00"]);
    accepts(&-3_i64, &["-3", r#""-3""#]);
    accepts(&3_i32, &["3", r#""3""#]);
    accepts(&3_u32, &["3", r#""3""#]);
    accepts(&i64::MAX, &["9223372036854775807", r#""9223372036854775807""#]);
    accepts(&u64::MAX, &["18446744073709551615", r#""18446744073709551615""#]);
    is_absent::<i64>("an integer", &["null", r#""""#, "false"]);
    refuses::<i64>("an integer", &["3.5", r#""3.5""#, "true", "[]", "{}", "18446744073709551615"]);
    refuses::<i64>("an integer", &["1e300", r#""3 ""#, r#""1e3""#]);
    refuses::<u64>("an integer that is not negative", &["-1", r#""-1""#]);
}

#[test]
fn strings_arrive_as_numbers_and_booleans_too() {
    accepts(&"x".to_owned(), &[r#""x""#]);
    accepts(&"88888888".to_owned(), &["88888888", r#""88888888""#]);
    accepts(&"-1".to_owned(), &["-1"]);
    accepts(&"true".to_owned(), &["true"]);
    accepts(&"0000-00-00".to_owned(), &[r#""0000-00-00""#]);
    refuses::<String>("a string", &["[]", "{}", r#"["x"]"#]);
    is_absent::<String>("a string", &["null"]);
}

#[test]
fn a_number_in_the_place_of_a_text_keeps_its_digits() {
    for digits in [
        "210000000003139471430009017",
        "99999999999999999999",
        "18446744073709551616",
        "-9223372036854775809",
        "12.50",
        "1.0",
        "0.10000000000000000001",
        "1e5",
        "1E+5",
        "-0",
        "1e400",
        "7",
    ] {
        accepts(&digits.to_owned(), &[digits]);
        accepts(&Kind(digits.to_owned()), &[digits]);
        accepts(&vec![digits.to_owned(), "a".to_owned()], &[&format!(r#"[{digits},"a"]"#)]);
    }
}

#[test]
fn text_that_was_cut_within_a_character_is_read() {
    accepts(&"a\u{fffd}\u{fffd}\u{fffd}".to_owned(), &[r#""a\ud83d""#]);
    accepts(&"\u{1f600}\n\"".to_owned(), &[r#""\ud83d\ude00\n\"""#, "\"\u{1f600}\\n\\\"\""]);
    let latin = b"{\"field\":\"M\xfcller\"}";
    assert_eq!(decode::<Required<String>>(latin).unwrap().field, "M\u{fffd}ller");
}

#[test]
fn false_stands_for_nothing_where_a_text_may_be_absent() {
    assert_eq!(required::<String>("false"), Ok("false".to_owned()));
    assert_eq!(optional::<String>("false"), Ok(None));
    assert_eq!(required::<Option<Kind>>("false"), Ok(None));
}

#[test]
fn only_a_required_string_may_be_empty() {
    assert_eq!(required::<String>(r#""""#), Ok(String::new()));
    assert_eq!(required::<Option<String>>(r#""""#), Ok(None));
    assert_eq!(optional::<String>(r#""""#), Ok(None));
}

#[test]
fn types_made_from_text_are_read_as_strings_are() {
    accepts(&Kind("K.1.2".to_owned()), &[r#""K.1.2""#]);
    accepts(&Kind("7".to_owned()), &["7"]);
    is_absent::<Kind>("a string", &["null"]);
    assert_eq!(optional::<Kind>(r#""""#), Ok(None));
}

#[test]
fn amounts_arrive_as_numbers_and_strings_and_keep_every_digit() {
    accepts(&decimal("12.34"), &["12.34", r#""12.34""#, "1.234e1", "1.234E+1", "1234e-2"]);
    accepts(&decimal("12"), &["12", r#""12""#, "12.0", "1.2e1", r#""\u00312""#]);
    accepts(&decimal("-0.01"), &["-0.01", r#""-0.01""#]);
    accepts(&decimal("0.1"), &["0.1", r#""0.1""#]);
    accepts(&decimal("131072.01"), &["131072.01", r#""131072.01""#]);
    accepts(&decimal("123456789012345.67"), &["123456789012345.67", r#""123456789012345.67""#]);
    let longest = "12345678901234567890123456.78";
    accepts(&decimal(longest), &[longest, &format!("{longest:?}")]);
    is_absent::<Decimal>(AMOUNT, &["null", r#""""#, "false"]);
    assert_eq!(required::<Decimal>("12.30").unwrap().to_string(), "12.30");
}

#[test]
fn an_amount_that_is_not_a_number_is_an_error_and_never_a_guess() {
    let garbage = [
        r#""12,34""#,
        r#""+12.34""#,
        r#""12,345.60""#,
        r#""12.345,60""#,
        r#""12 €""#,
        r#""1_000""#,
        r#""+1""#,
        r#"".5""#,
        r#""5.""#,
        r#""-""#,
        r#""NaN""#,
        r#""1e""#,
        r#""0x10""#,
        r#"" 1""#,
        "true",
        "[]",
        "{}",
        "[1]",
        "1e99",
        "1e-99",
        "1e99999999999",
        "1.00000000000000000000000000000000001",
        "123456789012345678901234567890.1",
    ];
    refuses::<Decimal>(AMOUNT, &garbage);
}

#[test]
fn date_times_without_an_offset_are_local_time_in_berlin() {
    let winter = instant("2026-01-31T09:11:12Z");
    accepts(
        &winter,
        &[
            r#""2026-01-31 10:11:12""#,
            r#""2026-01-31T10:11:12""#,
            r#""2026-01-31T10:11:12+01:00""#,
            r#""2026-01-31 10:11:12+01:00""#,
            r#""2026-01-31T10:11:12+0100""#,
            r#""2026-01-31T09:11:12Z""#,
            r#""2026-01-31 10:11:12.000""#,
            r#""2026-01-31T10:11:12.000000+01:00""#,
            r#""2026-01-31T04:11:12-05:00""#,
        ],
    );
    let fraction = instant("2026-01-31T09:11:12.345678Z");
    accepts(&fraction, &[r#""2026-01-31 10:11:12.345678""#, r#""2026-01-31T09:11:12.345678Z""#]);
    accepts(&instant("2026-07-31T08:11:12Z"), &[r#""2026-07-31 10:11:12""#]);
    accepts(&instant("2026-01-30T23:00:00Z"), &[r#""2026-01-31""#]);
    accepts(&instant("2026-07-30T22:00:00Z"), &[r#""2026-07-31""#]);
    is_absent::<Timestamp>(
        DATE_TIME,
        &[
            "null",
            r#""""#,
            "false",
            r#""0000-00-00""#,
            r#""0000-00-00 00:00:00""#,
            r#""0000-01-01""#,
            r#""-0001-11-30 00:00:00""#,
            r#""-0001-11-30T00:00:00+00:53""#,
        ],
    );
    refuses::<Timestamp>(
        DATE_TIME,
        &[
            r#""yesterday""#,
            r#""2026-02-30 10:11:12""#,
            r#""2026-01-31 25:00:00""#,
            "1769850672",
            "true",
            "[]",
            "{}",
            r#""2026-01-31T10:11:12[America/New_York]""#,
            r#""31.01.2026""#,
            r#""-""#,
            r#""-1""#,
            r#""-000a-11-30""#,
            r#""0000""#,
        ],
    );
}

#[test]
fn the_repeated_autumn_hour_is_read_as_the_earlier_one() {
    accepts(&instant("2026-10-25T00:30:00Z"), &[r#""2026-10-25 02:30:00""#]);
    accepts(&instant("2026-10-25T01:30:00Z"), &[r#""2026-10-25 02:30:00+01:00""#]);
    accepts(&instant("2026-10-25T02:00:00Z"), &[r#""2026-10-25 03:00:00""#]);
}

#[test]
fn the_skipped_spring_hour_is_moved_on() {
    accepts(&instant("2026-03-29T01:30:00Z"), &[r#""2026-03-29 02:30:00""#]);
    accepts(&instant("2026-03-29T01:00:00Z"), &[r#""2026-03-29 03:00:00""#]);
}

#[test]
fn an_instant_past_all_calendars_is_the_last_one() {
    accepts(&Timestamp::MAX, &[r#""9999-12-31 23:59:59""#, r#""9999-12-31T23:59:59Z""#]);
}

#[test]
fn dates_arrive_as_dates_and_date_times() {
    let day: Date = "2026-01-31".parse().unwrap();
    accepts(
        &day,
        &[
            r#""2026-01-31""#,
            r#""2026-01-31 10:11:12""#,
            r#""2026-01-31T23:59:59.999""#,
            r#""2026-01-31T00:00:00+01:00""#,
            r#""2026-01-30T23:00:00Z""#,
            r#""2026-01-31T00:00:00Z""#,
        ],
    );
    accepts(
        &"9999-12-31".parse::<Date>().unwrap(),
        &[r#""9999-12-31""#, r#""9999-12-31 23:59:59""#],
    );
    is_absent::<Date>(DATE, &["null", r#""""#, r#""0000-00-00""#, r#""0000-00-00 00:00:00""#]);
    is_absent::<Date>(DATE, &["false", r#""-0001-11-30""#, r#""-0001-11-30 00:00:00""#]);
    refuses::<Date>(DATE, &[r#""2026-02-30""#, "20260131", r#""31.01.2026""#, "[]", "{}"]);
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_day_of_a_bank_that_its_month_lacks_is_the_last_day_of_the_month() {
    for (sent, day) in [
        ("2026-02-30", "2026-02-28"),
        ("2026-02-29", "2026-02-28"),
        ("2028-02-30", "2028-02-29"),
        ("2026-02-31", "2026-02-28"),
        ("2026-04-31", "2026-04-30"),
        ("2026-02-30 10:11:12", "2026-02-28"),
        ("2026-02-30T23:30:00Z", "2026-02-28"),
    ] {
        let read = required::<BankDate>(&format!("{sent:?}")).unwrap();
        assert_eq!(read, day.parse::<Date>().unwrap(), "{sent}");
        assert_eq!(read.moved_from().as_deref(), Some(&sent[..10]));
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(written, format!("{:?}", &sent[..10]));
        assert_eq!(serde_json::from_str::<BankDate>(&written).unwrap(), read);
    }
    let as_sent = BankDate::from(jiff::civil::date(2026, 1, 31));
    accepts(
        &as_sent,
        &[r#""2026-01-31""#, r#""2026-01-31 10:11:12""#, r#""2026-01-31T00:00:00Z""#],
    );
    assert_eq!(as_sent.moved_from(), None);
    is_absent::<BankDate>(DATE, &["null", r#""""#, "false", r#""0000-00-00""#, r#""-0001-11-30""#]);
    let impossible = [
        r#""2026-02-32""#,
        r#""2026-02-00""#,
        r#""2026-13-30""#,
        r#""2026-00-30""#,
        r#""2026-02-30x""#,
        r#""2026-02-+9""#,
        r#""30.02.2026""#,
        r#""2026-2-30""#,
        r#""20260230""#,
        "20260230",
        r#""2026-02-3\u00e4""#,
    ];
    refuses::<BankDate>(DATE, &impossible);
    refuses::<Date>(DATE, &[r#""2026-02-30""#, r#""2026-02-29""#, r#""2026-04-31""#]);
}

#[test]
fn a_list_out_of_which_something_was_taken_is_read_in_its_order() {
    accepts(&texts(&["b", "d"]), &[r#"{"1":"b","3":"d"}"#]);
    let error = required::<Vec<String>>(r#"{"1":"b","x":"d"}"#).unwrap_err();
    assert_eq!(error, "expected a string at `field[0]`");
}

#[test]
fn an_empty_list_takes_many_forms() {
    accepts(&texts(&[]), &["[]", "{}"]);
    for form in ["null", r#""""#, "false"] {
        assert_eq!(required::<Vec<String>>(form), Ok(Vec::new()));
        assert_eq!(optional::<Vec<String>>(form), Ok(None));
    }
    accepts(&texts(&["a", "1"]), &[r#"["a",1]"#]);
}

#[test]
fn what_stands_alone_in_the_place_of_a_list_is_its_only_element() {
    accepts(&texts(&["a"]), &[r#""a""#]);
    accepts(&texts(&["1"]), &["1"]);
    accepts(&texts(&["true"]), &["true"]);
    accepts(&vec![Reason { message: "no".to_owned() }], &[r#"{"message":"no"}"#]);
    accepts(&vec![texts(&["1", "0"]), texts(&["10"])], &[r#"[[1,0],"10"]"#]);
}

#[test]
fn a_null_among_texts_is_no_text() {
    accepts(&texts(&["a", "b"]), &[r#"["a",null,"b"]"#]);
    accepts(&texts(&[]), &["[null]"]);
    let error = required::<Vec<u64>>("[1,null]").unwrap_err();
    assert_eq!(error, "expected an integer that is not negative at `field[1]`");
    let map = IndexMap::from([("a".to_owned(), String::new()), ("b".to_owned(), "x".to_owned())]);
    accepts(&map, &[r#"{"a":null,"b":"x"}"#]);
}

#[test]
fn an_empty_map_takes_many_forms() {
    let none: IndexMap<String, u64> = IndexMap::new();
    accepts(&none, &["[]", "{}"]);
    for form in ["null", r#""""#, "false"] {
        assert_eq!(required::<IndexMap<String, u64>>(form), Ok(IndexMap::new()));
        assert_eq!(optional::<IndexMap<String, u64>>(form), Ok(None));
    }
    let entries = IndexMap::from([("0".to_owned(), 5_u64), ("1".to_owned(), 6)]);
    accepts(&entries, &[r#"{"0":5,"1":"6"}"#, r#"["5",6]"#]);
    accepts(&IndexMap::from([("0".to_owned(), "a".to_owned())]), &[r#""a""#, r#"["a"]"#]);
}

#[test]
fn a_map_with_a_name_is_read_as_it_is_or_from_what_stands_in_its_place() {
    let alone = |value: Value| Named([("alone".to_owned(), value)].into());
    accepts(&alone(json!("half")), &[r#"{"alone":"half"}"#, r#""half""#]);
    accepts(&alone(json!(7)), &[r#"{"alone":7}"#, "7"]);
    let digits = "123456789012345678901234567890";
    accepts(&alone(json!(digits)), &[digits, &format!(r#"{{"alone":{digits}}}"#)]);
    accepts(&Named([("0".to_owned(), json!("half"))].into()), &[r#"["half"]"#]);
    assert_eq!(optional::<Named>("false"), Ok(None));
    refuses::<Named>("a map", &[r#""[secret]""#]);
}

#[test]
fn an_object_without_properties_is_absent_where_it_may_be() {
    is_absent::<Reason>("an object", &["null", r#""""#, "false"]);
    for form in ["{}", "[]"] {
        assert_eq!(optional::<Reason>(form), Ok(None));
        assert_eq!(optional::<Polling>(form), Ok(None));
        assert_eq!(required::<Option<Polling>>(form), Ok(None));
        assert_eq!(required::<Polling>(form), Ok(Polling::default()));
        let error = required::<Reason>(form).unwrap_err();
        assert_eq!(error, "expected a value, the field is missing at `field.message`");
    }
    accepts(&Reason { message: "1".to_owned() }, &[r#"{"message":1,"more":[]}"#]);
    refuses::<Reason>("an object", &[r#"["x"]"#, r#""x""#, "1", "true"]);
}

#[test]
fn what_stands_in_the_place_of_an_object_is_the_value_of_one_property() {
    accepts(&Polling { interval: Some(5), words: None }, &["5", r#""5""#, r#"{"interval":5}"#]);
    assert_eq!(optional::<Polling>("false"), Ok(None));
}

#[test]
fn what_cannot_be_read_in_a_frame_is_given_up_and_reported() {
    let read = |json: &str| {
        let Decoded { value, skipped } =
            decode_within::<Required<Polling>>(json.as_bytes(), 100).unwrap();
        let skipped: Vec<String> = skipped.iter().map(ToString::to_string).collect();
        (value.field, skipped)
    };
    let expected = "an integer that is not negative";
    for form in [r#"{"interval":"soon"}"#, r#"{"interval":-1}"#, r#"{"interval":[]}"#, "true"] {
        assert_eq!(
            read(&format!(r#"{{"field":{form}}}"#)),
            (Polling::default(), vec![format!("expected {expected} at `field.interval`")])
        );
    }
    let twice = r#"{"field":{"interval":1,"interval":2,"words":"x"}}"#;
    assert_eq!(
        read(twice),
        (
            Polling { interval: None, words: Some("x".to_owned()) },
            vec!["expected the field once at `field.interval`".to_owned()]
        )
    );
    for often in [r#""interval":"x","interval":"y""#, r#""interval":1,"interval":2,"interval":3"#] {
        let (read, skipped) = read(&format!(r#"{{"field":{{{often}}}}}"#));
        assert_eq!(read, Polling::default(), "{often}");
        assert_eq!(skipped, ["expected the field once at `field.interval`"], "{often}");
    }
}

#[test]
fn from_any_deserializer_an_object_may_be_an_empty_list_and_errors_name_the_property() {
    let read = |json: &str| serde_json::from_str::<Optional<bool>>(json);
    assert_eq!(read("[]").unwrap(), Optional { field: None });
    assert!(read("[true]").unwrap_err().to_string().contains("expected an object"));
    let twice = read(r#"{"field":true,"field":true}"#).unwrap_err();
    assert!(twice.to_string().starts_with("duplicate field `field`"), "{twice}");
    let missing = serde_json::from_str::<Required<bool>>("[]").unwrap_err();
    assert!(missing.to_string().starts_with("missing field `field`"), "{missing}");
}

#[test]
fn words_for_people_are_read_in_whatever_form_they_come() {
    let read = |json: &str| {
        let json = format!(r#"{{"field":{{"words":{json}}}}}"#);
        decode::<Required<Polling>>(json.as_bytes()).unwrap().field.words
    };
    for (form, words) in [
        (r#""a""#, "a"),
        (r#"["a","b"]"#, "a, b"),
        (r#"["a",null,["b"]]"#, "a, b"),
        (r#"{"email":["taken","too long"],"pin":"wrong"}"#, "email: taken, too long, pin: wrong"),
        ("12.50", "12.50"),
        ("true", "true"),
    ] {
        assert_eq!(read(form).as_deref(), Some(words), "{form}");
    }
    for form in ["null", r#""""#, "false", "[]", "{}"] {
        assert_eq!(read(form), None, "{form}");
    }
    type Errors = IndexMap<String, Vec<String>>;
    let reading = super::json::Reading::new(100, 100);
    let errors = r#"{"email":["taken",{"rule":"short"}],"pin":"wrong","zip":null}"#;
    let errors = Errors::read_prose(Json::new(errors, &reading)).unwrap();
    let expected = [
        ("email".to_owned(), texts(&["taken", "rule: short"])),
        ("pin".to_owned(), texts(&["wrong"])),
        ("zip".to_owned(), texts(&[])),
    ];
    assert_eq!(errors, Errors::from(expected));
}

#[test]
fn free_form_json_stays_as_it_is() {
    let free = json!({"a": [1, -2, 0.5, null, true, "x", {"b": {}}]});
    accepts(&free, &[&free.to_string()]);
    accepts(&json!(0), &["0"]);
    assert_eq!(optional::<Value>("null"), Ok(None));
    assert_eq!(optional::<Value>(r#""""#), Ok(None));
    assert_eq!(required::<Value>("null"), Ok(Value::Null));
}

#[test]
fn what_cannot_be_read_as_an_element_is_kept_as_it_was_sent() {
    let reason = Part::Reason(Reason { message: "no".to_owned() });
    accepts(
        &reason,
        &[r#"{"type":"reason","message":"no"}"#, r#"{"message":"no","type":"reason"}"#],
    );
    for (json, tag, reason) in [
        (r#"{"type":"hologram", "depth":1.50}"#, "hologram", None),
        (r#"{"depth":3}"#, "", None),
        (r#"{"type":["reason"]}"#, "", None),
        (r#"{"type":"reason"}"#, "reason", Some("a value, the field is missing")),
        (r#"{"type":"reason","message":{"pin":"1"}}"#, "reason", Some("a string")),
        ("null", "", None),
        (r#""reason""#, "", None),
        ("7", "", None),
        ("[1]", "", None),
    ] {
        let Ok(Part::Unknown(unknown)) = required::<Part>(json) else { panic!("{json} is known") };
        assert_eq!((unknown.json(), unknown.tag()), (json, tag));
        assert_eq!(unknown.reason().map(DecodeError::expected), reason, "{json}");
        assert!(!format!("{unknown:?}").contains("pin"), "{unknown:?}");
    }
}

#[test]
fn a_broken_element_costs_nothing_that_stands_beside_it() {
    let json = r#"{"type":"group","elements":[{"type":"reason","message":"a"},
        {"type":"reason","message":{"pin":"secret"}},{"type":"group","elements":
        [{"type":"reason","message":"b"},{"type":"reason"}]}]}"#;
    let Ok(Part::Group(group)) = required::<Part>(json) else { panic!("no group") };
    let [Part::Reason(_), Part::Unknown(broken), Part::Group(inner)] = &*group.elements else {
        panic!("{group:?}")
    };
    assert_eq!(broken.reason().unwrap().path(), "field.elements[1].message");
    assert_eq!(broken.text("type"), Some("reason"));
    assert!(matches!(&*inner.elements, [Part::Reason(_), Part::Unknown(_)]), "{inner:?}");
}

#[test]
fn keys_that_nobody_declared_are_ignored() {
    let json = br#"{"new":{"deep":[1]},"field":"1","$serde_json::private::RawValue":"["}"#;
    assert!(decode::<Required<bool>>(json).unwrap().field);
    let marked = br#"{"$serde_json::private::Number":"1","field":true}"#;
    assert!(
        read_in_full::<Required<bool>>(str::from_utf8(marked).unwrap(), 9).unwrap().value.field
    );
}

#[test]
fn errors_name_the_field_and_never_show_the_payload() {
    let cases: [(&str, &str); 8] = [
        (
            r#"{"field":"hunter2, expected hunter2 at line 1 column 9"}"#,
            "expected a boolean at `field`",
        ),
        (r#"{"field":{"hunter2":"hunter2"}}"#, "expected a boolean at `field`"),
        (r#"{"field":72}"#, "expected a boolean at `field`"),
        (r#"{"field":true,"field":false}"#, "expected the field once at `field`"),
        (r#"{"hunter2":true,"hunter2"#, "expected the rest of the JSON at line 1, column 24"),
        (r#"{"Hunter2":hunter2}"#, "expected valid JSON at line 1, column 12"),
        (r#""hunter2""#, "expected an object"),
        (r#"{"field":true} hunter2"#, "expected nothing more"),
    ];
    for (json, expected) in cases {
        let error = decode::<Required<bool>>(json.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{json}");
        assert!(!format!("{error:?}{error}").contains("unter2"), "{error:?}");
    }
}

#[test]
fn an_error_inside_a_map_does_not_show_the_key() {
    let entries = r#"{"a":1,"hunter2":{"hunter3":"hunter4"}}"#;
    let error = required::<IndexMap<String, u64>>(entries).unwrap_err();
    assert_eq!(error, "expected an integer that is not negative at `field.*`");
    let nested = r#"{"hunter2":{"message":["hunter3"]}}"#;
    let error = required::<IndexMap<String, Reason>>(nested).unwrap_err();
    assert_eq!(error, "expected a string at `field.*.message`");
}

#[test]
fn a_body_cannot_nest_deeper_than_the_stack() {
    let nested = |depth: usize, inner: &str| {
        let opened = r#"{"type":"group","elements":["#.repeat(depth);
        format!(r#"{{"field":{opened}{inner}{}}}"#, "]}".repeat(depth))
    };
    let depth_of = |json: &str| {
        let mut part = &decode::<Required<Part>>(json.as_bytes()).unwrap().field;
        let mut depth = 0;
        while let Part::Group(group) = part {
            (part, depth) = (&group.elements[0], depth + 1);
        }
        (depth, matches!(part, Part::Reason(_)))
    };
    let reason = r#"{"type":"reason","message":"x"}"#;
    assert_eq!(depth_of(&nested(30, reason)), (30, true));
    // What is deeper is one element that is not known.
    assert_eq!(depth_of(&nested(100, reason)), (31, false));
    assert_eq!(depth_of(&nested(20_000, reason)), (31, false));
    for bomb in ["[", r#"{"a":"#, r#"{"type":"group","elements":["#] {
        let json = format!(r#"{{"field":{}"#, bomb.repeat(20_000));
        assert!(decode::<Required<Part>>(json.as_bytes()).is_err());
        assert!(decode::<Required<Value>>(json.as_bytes()).is_err());
        assert!(decode::<Required<Decimal>>(json.as_bytes()).is_err());
        assert!(decode::<Required<IndexMap<String, String>>>(json.as_bytes()).is_err());
    }
    let closed = format!(r#"{{"field":{}{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    assert!(decode::<Required<Value>>(closed.as_bytes()).is_err());
    assert!(decode::<Required<Vec<Vec<String>>>>(closed.as_bytes()).is_err());
    let raw = json!({"$serde_json::private::RawValue": "[[[]]]"});
    accepts(&raw, &[&raw.to_string()]);
}

#[test]
fn a_body_cannot_have_more_elements_than_memory_is_meant_for() {
    let list = |count: usize| format!(r#"{{"field":[{}]}}"#, vec!["1"; count].join(","));
    let map = |count: usize| {
        let entries: Vec<String> = (0..count).map(|key| format!(r#""{key}":1"#)).collect();
        format!(r#"{{"field":{{{}}}}}"#, entries.join(","))
    };
    fn read<T: Lenient + Debug>(json: &str) -> Result<(), String> {
        let read = decode_within::<Required<T>>(json.as_bytes(), 200);
        read.map(drop).map_err(|error| error.to_string())
    }
    for json in [list(200), map(200)] {
        assert_eq!(read::<Vec<String>>(&json), Ok(()));
        assert_eq!(read::<IndexMap<String, String>>(&json), Ok(()));
        assert_eq!(read::<Value>(&json), Ok(()));
    }
    let too_many = Err("expected at most 200 elements in its lists".to_owned());
    for json in [list(300), map(300)] {
        assert_eq!(read::<Vec<String>>(&json), too_many);
        assert_eq!(read::<IndexMap<String, String>>(&json), too_many);
        assert_eq!(read::<Value>(&json), too_many);
        assert_eq!(
            read::<Polling>(&json),
            if json.contains('[') { too_many.clone() } else { Ok(()) }
        );
    }
    let nested = format!(r#"{{"field":[{}]}}"#, vec!["[1,1,1,1,1]"; 50].join(","));
    assert_eq!(read::<Vec<Vec<String>>>(&nested), too_many);
    let parts =
        format!(r#"{{"field":{{"type":"group","elements":[{}]}}}}"#, vec!["{}"; 300].join(","));
    assert_eq!(read::<Part>(&parts), too_many);
}

/// What is promised of the memory of an answer rests on this: an element for each 32 bytes of the
/// limit, in a list that may have grown to twice of what it holds.
#[test]
fn an_element_is_small_enough_for_what_is_promised_of_the_memory_of_an_answer() {
    use crate::generated::types::*;
    let sizes = [
        size_of::<AccessToken>(),
        size_of::<Account>(),
        size_of::<BankCode>(),
        size_of::<BankUser>(),
        size_of::<Connection>(),
        size_of::<Event>(),
        size_of::<Turnover>(),
        size_of::<WizardElement>(),
        size_of::<MultiOption>(),
        size_of::<crate::UnreadableEntry>(),
        size_of::<Value>(),
    ];
    let largest = sizes.into_iter().max().unwrap();
    assert!(largest <= 576, "{sizes:?}");
    assert!(2 * largest / 32 < 40);
}

/// The text of a form with groups inside one another, and of as many elements in the innermost one.
fn nested_groups(depth: usize, elements: usize) -> String {
    let open = r#"{"type":"group","elements":["#.repeat(depth);
    let inner = vec![r#"{"type":"reason","message":"x"}"#; elements].join(",");
    format!("{open}{inner}{}", "]}".repeat(depth))
}

#[test]
fn a_form_is_read_once_however_deep_its_groups_are_nested() {
    let body = nested_groups(25, 2_000);
    let Part::Group(mut group) = super::decode::<Part>(body.as_bytes()).unwrap() else {
        panic!("no group")
    };
    for _ in 1..25 {
        let Some(Part::Group(inner)) = group.elements.pop() else { panic!("no group") };
        group = inner;
    }
    assert_eq!(group.elements.len(), 2_000);
    assert!(group.elements.iter().all(|part| matches!(part, Part::Reason(_))));
}

#[test]
fn a_byte_order_mark_before_the_json_is_skipped() {
    let body = b"\xef\xbb\xbf{\"field\":true}";
    assert_eq!(decode::<Required<bool>>(body), Ok(Required { field: true }));
}

#[derive(Serialize)]
struct Written<T: Canonical> {
    #[serde(serialize_with = "crate::wire::canonical")]
    field: T,
}

fn written<T: Canonical>(field: T) -> String {
    let json = serde_json::to_string(&Written { field }).unwrap();
    json.strip_prefix(r#"{"field":"#).unwrap().strip_suffix('}').unwrap().to_owned()
}

#[test]
fn amounts_are_written_as_numbers_with_all_their_digits() {
    assert_eq!(written(decimal("123456789012345.67")), "123456789012345.67");
    assert_eq!(written(decimal("-0.01")), "-0.01");
    assert_eq!(written(vec![decimal("12.30")]), "[12.30]");
    assert_eq!(written(None::<Decimal>), "null");
    assert_eq!(written(IndexMap::from([("EUR".to_owned(), Some(decimal("1")))])), r#"{"EUR":1}"#);
}

#[test]
fn date_times_are_written_as_local_time_and_with_an_offset_only_where_that_is_not_enough() {
    assert_eq!(written(instant("2026-01-31T09:11:12.9Z")), r#""2026-01-31 10:11:12""#);
    assert_eq!(written(instant("2026-07-31T08:11:12Z")), r#""2026-07-31 10:11:12""#);
    assert_eq!(written(instant("2026-10-25T00:30:00.5Z")), r#""2026-10-25 02:30:00""#);
    assert_eq!(written(instant("2026-10-25T01:30:00.5Z")), r#""2026-10-25 02:30:00+01:00""#);
    assert_eq!(written(instant("2026-10-25T02:30:00Z")), r#""2026-10-25 03:30:00""#);
}

/// Instants around both changes of the clock, of many years, and anywhere else.
fn whole_seconds() -> impl Strategy<Value = Timestamp> {
    let change =
        (1996..2100_i16, prop::bool::ANY, -7200..7200_i64).prop_map(|(year, spring, offset)| {
            let month = if spring { 3 } else { 10 };
            let sunday = jiff::civil::date(year, month, 1)
                .nth_weekday_of_month(-1, jiff::civil::Weekday::Sunday)
                .unwrap();
            let change = sunday.at(1, 0, 0, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC).unwrap();
            change.timestamp().as_second() + offset
        });
    prop_oneof![change, -2_000_000_000..4_000_000_000_i64, 0..200_000_000_000_i64]
        .prop_map(|second| Timestamp::from_second(second).unwrap())
}

/// Any decimal of up to 28 digits.
fn amounts() -> impl Strategy<Value = Decimal> {
    let bound = 10_i128.pow(28);
    (1 - bound..bound, 0..=28_u32)
        .prop_map(|(mantissa, scale)| Decimal::from_i128_with_scale(mantissa, scale))
}

fn any_json() -> impl Strategy<Value = Value> {
    let texts = prop_oneof![
        any::<String>(),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2})?([+-][0-9]{2}:?[0-9]{2}|Z)?",
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,12})?",
        Just("type".to_owned()),
        Just("group".to_owned()),
        "(-?0{0,4}-)?[a-zA-Z0]{0,3}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts.clone().prop_map(Value::from),
    ];
    let keys = prop_oneof![
        Just("field"),
        Just("type"),
        Just("elements"),
        Just("message"),
        Just("interval"),
        Just("0"),
        Just("1"),
        Just("x")
    ];
    leaf.prop_recursive(4, 32, 4, move |inner| {
        let keys = keys.clone();
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys, inner), 0..4).prop_map(|entries| {
                entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            }),
        ]
    })
}

/// Reads the bytes as every type. Only panics matter, and not the result.
fn read_as_everything(json: &[u8]) {
    fn read<T: Lenient + PartialEq + Debug>(json: &[u8]) {
        let _ = decode::<T>(json);
        let _ = decode::<Option<T>>(json);
        let _ = decode::<Vec<T>>(json);
        let _ = decode::<IndexMap<String, T>>(json);
        let _ = decode::<Required<T>>(json);
        let _ = decode::<Optional<T>>(json);
    }
    read::<bool>(json);
    read::<i32>(json);
    read::<i64>(json);
    read::<u32>(json);
    read::<u64>(json);
    read::<String>(json);
    read::<Decimal>(json);
    read::<Timestamp>(json);
    read::<Date>(json);
    read::<BankDate>(json);
    read::<Value>(json);
    read::<Part>(json);
    read::<Kind>(json);
    read::<Reason>(json);
    read::<Polling>(json);
    read::<Named>(json);
}

proptest! {
    #[test]
    fn every_amount_comes_back_with_all_its_digits(amount in amounts()) {
        let json = written(amount);
        let read = required::<Decimal>(&json).unwrap();
        prop_assert_eq!(read, amount);
        prop_assert_eq!(read.scale(), amount.scale());
        prop_assert_eq!(required::<Decimal>(&format!("\"{amount}\"")).unwrap(), amount);
        prop_assert_eq!(written(read), json);
    }

    #[test]
    fn every_instant_comes_back(instant in whole_seconds()) {
        let json = written(instant);
        prop_assert_eq!(required::<Timestamp>(&json).unwrap(), instant, "{}", json);
    }

    #[test]
    fn every_date_comes_back(day in -200_000..2_000_000_i64) {
        let epoch = jiff::civil::date(1970, 1, 1);
        let date = epoch.checked_add(jiff::Span::new().days(day)).unwrap();
        let json = serde_json::to_string(&date).unwrap();
        prop_assert_eq!(required::<Date>(&json).unwrap(), date);
    }

    #[test]
    fn every_scalar_comes_back(flag: bool, signed: i64, unsigned: u64, text: String) {
        prop_assert_eq!(required::<bool>(&flag.to_string()).unwrap(), flag);
        prop_assert_eq!(required::<i64>(&signed.to_string()).unwrap(), signed);
        prop_assert_eq!(required::<u64>(&unsigned.to_string()).unwrap(), unsigned);
        prop_assert_eq!(required::<String>(&json!(text).to_string()).unwrap(), text);
    }

    #[test]
    fn no_json_makes_decoding_panic(json in any_json()) {
        read_as_everything(json.to_string().as_bytes());
    }

    #[test]
    fn no_bytes_make_decoding_panic(json in any_json(), cut: usize, noise: Vec<u8>) {
        let json = json.to_string().into_bytes();
        read_as_everything(&json[..cut % (json.len() + 1)]);
        read_as_everything(&noise);
    }
}

/// Opening a value reads through its text, so a large body in 25 groups would be read a hundred times.
#[test]
fn a_large_body_is_read_through_sixteen_times_at_most_however_deep_it_is_nested() {
    use super::json::{Json, Reading};
    let megabytes = |count: usize| count * 1024 * 1024;
    assert_eq!(Reading::new(megabytes(14), 1).readable().get(), megabytes(14 * 16));
    assert_eq!(Reading::new(megabytes(1), 1).readable().get(), megabytes(64));

    let mut elements = vec![r#"{"type":"text","name":"a"}"#; 2_000].join(",");
    for _ in 0..25 {
        elements = format!(
            r#"{{"type":"multi","name":"m","elements":[{{"value":"v","elements":[{elements}]}}]}}"#
        );
    }
    let form = format!(r#"{{"form":{{"name":"login","elements":[{elements}]}}}}"#);
    let reading = Reading::new(form.len(), 1_000_000);
    reading.readable().set(16 * form.len());
    let response = crate::types::WizardResponse::read(Json::new(&form, &reading)).unwrap();
    // Nearly all of it was used, and what was left over is one element that is not known.
    assert!(reading.readable().get() < form.len());
    let shown = format!("{:?}", response.form.unwrap().elements);
    assert!(shown.contains("Unknown") && shown.contains("Multi"), "{shown}");
}
