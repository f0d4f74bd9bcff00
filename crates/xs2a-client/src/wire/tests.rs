//! Each form of each type, in required, optional and nullable fields.

use indexmap::IndexMap;
use jiff::Timestamp;
use jiff::civil::Date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::{Canonical, Lenient, Tagged, decode};

/// A field as the generator writes one: required (or nullable, when `T` is an `Option`).
#[derive(Debug, Deserialize)]
#[serde(bound = "T: Lenient")]
struct Required<T> {
    #[serde(deserialize_with = "crate::wire::lenient")]
    field: T,
}

/// A field as the generator writes one: not required.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: Lenient")]
struct Optional<T> {
    #[serde(default, deserialize_with = "crate::wire::lenient")]
    field: Option<T>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Reason {
    #[serde(deserialize_with = "crate::wire::lenient")]
    message: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Polling {
    #[serde(default, deserialize_with = "crate::wire::lenient")]
    interval: Option<u64>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Group {
    #[serde(deserialize_with = "crate::wire::lenient")]
    elements: Vec<Part>,
}

#[derive(Debug, PartialEq)]
enum Part {
    Reason(Reason),
    Group(Group),
    Unknown(String, String),
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tagged = Tagged::read(deserializer, "type")?;
        match tagged.tag() {
            "reason" => tagged.decode().map(Self::Reason),
            "group" => tagged.decode().map(Self::Group),
            tag => {
                let json =
                    serde_json::to_string(tagged.json()).map_err(serde::de::Error::custom)?;
                Ok(Self::Unknown(tag.to_owned(), json))
            }
        }
    }
}

#[derive(Debug, PartialEq)]
struct Kind(String);

impl From<String> for Kind {
    fn from(text: String) -> Self {
        Self(text)
    }
}

super::objects! { Required<bool>, Reason, Polling, Group, Part }
super::texts! { Kind }

fn required<T: Lenient>(json: &str) -> Result<T, String> {
    let json = format!(r#"{{"field":{json}}}"#);
    let decoded = super::decode::deserialize::<_, Wrapped<Required<T>>>(
        &mut serde_json::Deserializer::from_str(&json),
    );
    decoded.map(|wrapped| wrapped.0.field).map_err(|error| error.to_string())
}

fn optional<T: Lenient>(json: &str) -> Result<Option<T>, String> {
    let json = format!(r#"{{"field":{json}}}"#);
    let decoded = super::decode::deserialize::<_, Wrapped<Optional<T>>>(
        &mut serde_json::Deserializer::from_str(&json),
    );
    decoded.map(|wrapped| wrapped.0.field).map_err(|error| error.to_string())
}

/// A derived type that is read as `objects!` reads it.
struct Wrapped<T>(T);

impl<T: serde::de::DeserializeOwned> Lenient for Wrapped<T> {
    fn required<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::required_object(deserializer).map(Wrapped)
    }

    fn optional<'de, D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Self>, D::Error> {
        Ok(super::optional_object(deserializer)?.map(Wrapped))
    }
}

/// Required, nullable and optional fields read each form alike.
#[track_caller]
fn accepts<T: Lenient + PartialEq + std::fmt::Debug>(value: &T, forms: &[&str]) {
    for form in forms {
        assert_eq!(required::<T>(form).as_ref(), Ok(value), "required {form}");
        assert_eq!(required::<Option<T>>(form).unwrap().as_ref(), Some(value), "nullable {form}");
        assert_eq!(optional::<T>(form).unwrap().as_ref(), Some(value), "optional {form}");
    }
}

#[track_caller]
fn refuses<T: Lenient + PartialEq + std::fmt::Debug>(expected: &str, forms: &[&str]) {
    let message = format!("expected {expected} at `field`");
    for form in forms {
        assert_eq!(required::<T>(form).unwrap_err(), message, "required {form}");
        assert_eq!(required::<Option<T>>(form).unwrap_err(), message, "nullable {form}");
        assert_eq!(optional::<T>(form).unwrap_err(), message, "optional {form}");
    }
}

/// Absent forms are `None` where that is possible. Elsewhere they are an error that names the field.
#[track_caller]
fn is_absent<T: Lenient + PartialEq + std::fmt::Debug>(expected: &str, forms: &[&str]) {
    for form in forms {
        let message = format!("expected {expected} at `field`");
        assert_eq!(required::<T>(form).unwrap_err(), message, "required {form}");
        assert_eq!(required::<Option<T>>(form), Ok(None), "nullable {form}");
        assert_eq!(optional::<T>(form), Ok(None), "optional {form}");
    }
    let missing = decode::<Wrapped<Required<T>>>(b"{}").map(|wrapped| wrapped.0.field);
    let missing = missing.unwrap_err().to_string();
    assert_eq!(missing, "expected a value, the field is missing at `field`");
    assert_eq!(decode::<Wrapped<Optional<T>>>(b"{}").map(|wrapped| wrapped.0.field), Ok(None));
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
    accepts(&true, &["true", r#""true""#, r#""1""#, "1"]);
    accepts(&false, &["false", r#""false""#, r#""0""#, "0"]);
    is_absent::<bool>("a boolean", &["null", r#""""#]);
    refuses::<bool>("a boolean", &["2", "-1", "0.5", r#""yes""#, "[]", "{}", "[true]"]);
}

#[test]
fn integers_arrive_as_numbers_and_strings() {
    accepts(&3_i64, &["3", r#""3""#]);
    accepts(&-3_i64, &["-3", r#""-3""#]);
    accepts(&3_i32, &["3", r#""3""#]);
    accepts(&3_u32, &["3", r#""3""#]);
    accepts(&i64::MAX, &["9223372036854775807", r#""9223372036854775807""#]);
    accepts(&u64::MAX, &["18446744073709551615", r#""18446744073709551615""#]);
    is_absent::<i64>("an integer", &["null", r#""""#]);
    refuses::<i64>("an integer", &["3.5", r#""3.5""#, "true", "[]", "{}", "18446744073709551615"]);
    refuses::<i64>("an integer", &["1e300", r#""3 ""#, r#""1e3""#]);
    refuses::<u64>("an integer that is not negative", &["-1", r#""-1""#]);
}

#[test]
fn strings_arrive_as_numbers_and_booleans_too() {
    accepts(&"x".to_owned(), &[r#""x""#]);
    accepts(&"88888888".to_owned(), &["88888888", r#""88888888""#]);
    accepts(&"-1".to_owned(), &["-1"]);
    accepts(&"1.5".to_owned(), &["1.5"]);
    accepts(&"true".to_owned(), &["true"]);
    accepts(&"0000-00-00".to_owned(), &[r#""0000-00-00""#]);
    refuses::<String>("a string", &["[]", "{}", r#"["x"]"#]);
    is_absent::<String>("a string", &["null"]);
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
    is_absent::<Decimal>(AMOUNT, &["null", r#""""#]);
    assert_eq!(required::<Decimal>("12.30").unwrap().to_string(), "12.30");
}

#[test]
fn an_amount_that_is_not_a_number_is_an_error_and_never_a_guess() {
    let garbage = [
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
        &["null", r#""""#, r#""0000-00-00""#, r#""0000-00-00 00:00:00""#],
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
    refuses::<Date>(DATE, &[r#""2026-02-30""#, "20260131", r#""31.01.2026""#, "[]", "{}"]);
}

#[test]
fn a_list_out_of_which_something_was_taken_is_read_in_its_order() {
    accepts(&["b", "d"].map(str::to_owned).to_vec(), &[r#"{"1":"b","3":"d"}"#]);
    refuses::<Vec<String>>("a list", &[r#"{"":"b"}"#, r#"{"1":"b","x":"d"}"#]);
}

#[test]
fn an_empty_list_takes_many_forms() {
    let none: Vec<String> = Vec::new();
    accepts(&none, &["[]", "{}"]);
    for form in ["null", r#""""#] {
        assert_eq!(required::<Vec<String>>(form), Ok(Vec::new()));
        assert_eq!(optional::<Vec<String>>(form), Ok(None));
    }
    accepts(&vec!["a".to_owned(), "1".to_owned()], &[r#"["a",1]"#]);
    refuses::<Vec<String>>("a list", &[r#"{"a":1}"#, r#""a""#, "1", "true"]);
}

#[test]
fn an_empty_map_takes_many_forms() {
    let none: IndexMap<String, u64> = IndexMap::new();
    accepts(&none, &["[]", "{}"]);
    for form in ["null", r#""""#] {
        assert_eq!(required::<IndexMap<String, u64>>(form), Ok(IndexMap::new()));
        assert_eq!(optional::<IndexMap<String, u64>>(form), Ok(None));
    }
    let entries = IndexMap::from([("0".to_owned(), 5_u64), ("1".to_owned(), 6)]);
    accepts(&entries, &[r#"{"0":5,"1":"6"}"#, r#"["5",6]"#]);
    refuses::<IndexMap<String, u64>>("a map", &[r#""a""#, "1", "true"]);
}

#[test]
fn an_object_without_properties_is_absent_where_it_may_be() {
    is_absent::<Reason>("an object", &["null", r#""""#]);
    for form in ["{}", "[]"] {
        assert_eq!(optional::<Reason>(form), Ok(None));
        assert_eq!(optional::<Polling>(form), Ok(None));
        assert_eq!(required::<Option<Polling>>(form), Ok(None));
        assert_eq!(required::<Polling>(form), Ok(Polling { interval: None }));
        let error = required::<Reason>(form).unwrap_err();
        assert_eq!(error, "expected a value, the field is missing at `field.message`");
    }
    accepts(&Reason { message: "1".to_owned() }, &[r#"{"message":1,"more":[]}"#]);
    refuses::<Reason>("an object", &[r#"["x"]"#, r#""x""#, "1", "true"]);
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
fn an_unknown_kind_keeps_its_json_and_a_broken_known_one_is_an_error() {
    let reason = Part::Reason(Reason { message: "no".to_owned() });
    accepts(
        &reason,
        &[r#"{"type":"reason","message":"no"}"#, r#"{"message":"no","type":"reason"}"#],
    );
    let unknown = json!({"type": "hologram", "depth": 3});
    accepts(&Part::Unknown("hologram".to_owned(), unknown.to_string()), &[&unknown.to_string()]);
    let untyped = json!({"depth": 3});
    accepts(&Part::Unknown(String::new(), untyped.to_string()), &[&untyped.to_string()]);
    let broken = r#"{"type":"group","elements":[{"type":"reason","message":"a"},{"type":"reason","message":{"pin":"secret"}}]}"#;
    let error = required::<Part>(broken).unwrap_err();
    assert_eq!(error, "expected a string at `field.elements[1].message`");
}

#[test]
fn keys_that_nobody_declared_are_ignored() {
    let json = br#"{"new":{"deep":[1]},"field":"1","$serde_json::private::RawValue":"["}"#;
    assert!(decode::<Required<bool>>(json).unwrap().field);
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
    let nested = r#"{"hunter2":{"message":[]}}"#;
    let error = required::<IndexMap<String, Reason>>(nested).unwrap_err();
    assert_eq!(error, "expected a string at `field.*.message`");
}

#[test]
fn a_body_cannot_nest_deeper_than_the_stack() {
    let depth = 60;
    let nested =
        format!("{}{}", r#"{"type":"group","elements":["#.repeat(depth), "]}".repeat(depth));
    let json = format!(r#"{{"field":{nested}}}"#);
    assert!(decode::<Wrapped<Required<Part>>>(json.as_bytes()).is_ok());
    for bomb in ["[", r#"{"a":"#, r#"{"type":"group","elements":["#] {
        let json = format!(r#"{{"field":{}"#, bomb.repeat(100_000));
        assert!(decode::<Wrapped<Required<Part>>>(json.as_bytes()).is_err());
        assert!(decode::<Wrapped<Required<Value>>>(json.as_bytes()).is_err());
        assert!(decode::<Wrapped<Required<Decimal>>>(json.as_bytes()).is_err());
        assert!(decode::<Wrapped<Required<IndexMap<String, String>>>>(json.as_bytes()).is_err());
    }
    let raw = json!({"$serde_json::private::RawValue": "[[[]]]"});
    accepts(&raw, &[&raw.to_string()]);
}

/// A map of maps of maps.
#[derive(Debug, PartialEq)]
struct Tree(IndexMap<String, Tree>);

impl Lenient for Tree {
    fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Lenient::required(deserializer).map(Self)
    }

    fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(Lenient::optional(deserializer)?.map(Self))
    }
}

#[test]
fn a_map_of_maps_cannot_nest_deeper_than_the_stack() {
    let nested =
        |depth| format!("{}{}", r#"{"a":"#.repeat(depth), "{}".to_owned() + &"}".repeat(depth));
    assert!(decode::<Tree>(nested(60).as_bytes()).is_ok());
    assert!(decode::<Tree>(nested(100_000).as_bytes()).is_err());
    let brackets = format!(r#"{{"a":{{"{}\"":{{}}}}}}"#, "[".repeat(1_000));
    assert!(decode::<Tree>(brackets.as_bytes()).is_ok());
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
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        texts.clone().prop_map(Value::from),
    ];
    let keys =
        prop_oneof![Just("field"), Just("type"), Just("elements"), Just("message"), Just("x")];
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
    fn read<T: Lenient>(json: &[u8]) {
        let _ = decode::<T>(json);
        let _ = decode::<Option<T>>(json);
        let _ = decode::<Vec<T>>(json);
        let _ = decode::<IndexMap<String, T>>(json);
        let _ = decode::<Wrapped<Required<T>>>(json);
        let _ = decode::<Wrapped<Optional<T>>>(json);
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
    read::<Value>(json);
    read::<Part>(json);
    read::<Kind>(json);
    read::<Reason>(json);
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
