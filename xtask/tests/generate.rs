//! What becomes of a spec: the code of every supported construct, and a refusal of every other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod variants;

use variants::Variants;
use xtask::document::Document;
use xtask::generate;

const SHAPES: &str = include_str!("fixtures/generate/shapes.yaml");

fn client(spec: &str) -> String {
    let document = Document::parse("shapes.yaml", spec).unwrap();
    match generate::generate(&document) {
        Ok(made) => made.text,
        Err(findings) => panic!("{}", xtask::diagnostic::render(&findings)),
    }
}

/// The item that starts with this text, up to the end of its block.
fn item<'a>(client: &'a str, start: &str) -> &'a str {
    let at = client.find(start).unwrap_or_else(|| panic!("no `{start}`"));
    let line = client[..at].rfind('\n').unwrap() + 1;
    let end = format!("\n{}}}", &client[line..at]);
    let length = client[at..].find(&end).unwrap();
    &client[at..at + length + end.len()]
}

fn without_docs(item: &str) -> String {
    let lines = item.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_supported_construct_compiles_and_is_documented_without_a_warning() {
    let mut variants = Variants::new("shapes");
    variants.add("shapes", &client(SHAPES), &[]);
    let errors = variants.errors();
    assert!(errors.is_empty(), "{errors:?}");
    let warnings = variants.warnings_of_rustdoc();
    assert!(warnings.is_empty(), "{}", warnings.join("\n"));
}

#[test]
fn a_schema_that_contains_itself_is_boxed() {
    let client = client(SHAPES);
    let thing = item(&client, "pub struct Thing ");
    assert!(thing.contains("pub parent: Option<Box<Thing>>,"), "{thing}");
    let square = item(&client, "pub struct Square ");
    for field in ["around: Box<Shape>,", "within: Option<Box<Shape>>,", "inside: Vec<Shape>,"] {
        assert!(square.contains(field), "{square}");
    }
    let inner = item(&client, "impl Inner ");
    assert!(inner.contains("pub fn next(mut self, next: Inner) -> Self"), "{inner}");
    assert!(inner.contains("self.next = Some(Box::new(next));"), "{inner}");
}

#[test]
fn the_names_that_the_spec_chooses_stand_for_those_on_the_wire() {
    let client = client(SHAPES);
    let thing = without_docs(item(&client, "pub struct Thing "));
    for part in [
        "rename = \"camel_case\"",
        "pub snake_case: Option<bool>",
        "rename = \"2nd\"",
        "pub second: Option<String>",
    ] {
        assert!(thing.contains(part), "no {part} in {thing}");
    }
    let query = item(&client, "impl Query for types::ListThingsQuery");
    assert!(query.contains(r#"pairs.set_if_some("Page", &self.page_of_old);"#), "{query}");
    let request = item(&client, "impl SearchRequest ");
    assert!(request.contains("pub fn clone_value(mut self, clone_value: bool)"), "{request}");
    assert!(item(&client, "pub enum Shape").contains("Quadratic(Square),"));
}

#[test]
fn what_is_deprecated_warns_its_callers_and_says_why() {
    let client = client(SHAPES);
    for (start, note) in [
        ("pub fn print_thing", r"Nobody prints \\<things\\>."),
        ("pub page_of_old: Option", r"Use \\[`page`\\], not \\`this."),
        ("pub fn page_of_old(", r"Use \\[`page`\\], not \\`this."),
        ("pub snake_case: ", "Use `camelCase`."),
        ("Circle(Circle),", "All is square."),
    ] {
        let at = client.find(start).unwrap_or_else(|| panic!("no `{start}`"));
        let before = &client[at.saturating_sub(400)..at];
        let attribute = format!("#[deprecated(note = \"{note}\")]");
        assert!(before.contains(&attribute), "no {attribute} in {before}");
    }
}

#[test]
fn a_body_with_202_and_none_with_204_become_two_variants() {
    let client = client(SHAPES);
    assert_eq!(
        without_docs(item(&client, "pub enum StartThingResponse")),
        "pub enum StartThingResponse { Accepted(Thing), NoContent, }"
    );
    let method = without_docs(item(&client, "pub fn start_thing"));
    assert!(method.contains("-> Call<types::StartThingResponse>"));
    assert!(method.contains("202 => Ok(answer.json()?.map(types::StartThingResponse::Accepted))"));
    assert!(
        method
            .contains("204 => Ok(answer.empty()?.map(|()| types::StartThingResponse::NoContent))")
    );
    assert!(client.contains("(Self::StartThing, 202) => Some(Expected::Body)"));
    assert!(client.contains("(Self::StartThing, 204) => Some(Expected::Nothing)"));
}

#[test]
fn different_bodies_with_200_and_201_become_two_variants() {
    assert_eq!(
        without_docs(item(&client(SHAPES), "pub enum SearchThingsResponse")),
        "pub enum SearchThingsResponse { Ok(Things), Created(Thing), }"
    );
}

#[test]
fn three_shapes_become_three_variants() {
    assert_eq!(
        without_docs(item(&client(SHAPES), "pub enum ChangeThingResponse")),
        "pub enum ChangeThingResponse { Ok(Thing), Accepted(Ticket), NoContent, }"
    );
}

#[test]
fn other_media_types_and_unnamed_statuses_have_their_place_in_it() {
    assert_eq!(
        without_docs(item(&client(SHAPES), "pub enum PrintThingResponse")),
        "pub enum PrintThingResponse { Ok(::bytes::Bytes), PartialContent(::bytes::Bytes), \
         Success, }"
    );
}

#[test]
fn one_shape_needs_no_enumeration() {
    let client = client(SHAPES);
    let method = item(&client, "pub fn list_things");
    assert!(method.contains("-> Call<types::Things>"));
    assert!(method.contains("Call::new(request, Answer::json)"));
    let method = item(&client, "pub fn delete_thing");
    assert!(method.contains("-> Call<()>"));
    assert!(method.contains("Call::new(request, Answer::empty)"));
    assert!(client.contains("(Self::DeleteThing, 200..=299) => Some(Expected::Nothing)"));
}

#[test]
fn the_arguments_follow_the_path_whatever_the_order_of_the_declarations() {
    let client = client(SHAPES);
    let method = item(&client, "pub fn start_thing");
    let arguments: String = method.lines().skip(1).take(5).map(str::trim).collect();
    assert_eq!(
        arguments,
        "&self,thing_id: &ThingId,kind: &types::Kind,day: ::jiff::civil::Date,count: i64,"
    );
    assert!(method.contains("&[&thing_id, &kind, &day, &count]"));
}

#[test]
fn query_parameters_become_a_struct_of_their_operation() {
    let client = client(SHAPES);
    let query = item(&client, "pub struct ListThingsQuery");
    assert!(query.contains("pub page: Option<i64>"));
    assert!(query.contains("pub kind: Kind"));
    assert!(item(&client, "pub struct SearchThingsQuery").contains("pub page: Option<i64>"));
}

#[test]
fn each_kind_of_id_is_a_type_wherever_an_id_stands() {
    let client = client(SHAPES);
    assert!(client.contains("pub struct ThingId(String);"));
    assert!(client.contains("/// Of who makes things, see \\[here\\](<https://example.com>)."));
    assert!(client.contains("ThingKey : ThingId, MakerId"));
    let thing = item(&client, "pub struct Thing {");
    for field in [
        "pub id: ThingId,",
        "pub makers: Vec<MakerId>,",
        "pub parts: IndexMap<String, ThingId>,",
        "pub maker_id: Option<MakerId>,",
    ] {
        assert!(thing.contains(field), "no `{field}` in {thing}");
    }
    assert!(item(&client, "pub struct ListThingsQuery").contains("pub maker_id: Option<MakerId>"));
    let made = without_docs(item(&client, "impl ListThingsQuery"));
    assert!(made.contains("maker_id: impl Into<MakerId>"));
    let made = without_docs(item(&client, "impl SearchRequest"));
    assert!(made.contains("thing_id: impl Into<ThingKey>"));
    assert!(made.contains("pub fn maker_id(mut self, maker_id: impl Into<MakerId>) -> Self"));
    assert!(item(&client, "pub fn delete_thing").contains("thing_id: &ThingKey"));
    assert!(item(&client, "pub fn change_thing").contains("thing_id: &str"));
}

#[test]
fn a_flag_is_a_boolean_for_the_caller_and_1_or_0_on_the_wire() {
    let client = client(SHAPES);
    let query = item(&client, "pub struct ListThingsQuery");
    assert!(query.contains("/// Default: true.\n        pub only_new: Option<bool>,"), "{query}");
    assert!(query.contains("pub with_old: bool,"));
    let written = without_docs(item(&client, "impl Query for types::ListThingsQuery"));
    assert!(written.contains(r#"pairs.set_if_some("only_new", &self.only_new.map(u8::from));"#));
    assert!(written.contains(r#"pairs.set("with_old", &u8::from(self.with_old));"#));
}

#[test]
fn a_value_called_unknown_is_not_the_variant_for_what_is_unknown() {
    let client = client(SHAPES);
    assert_eq!(
        without_docs(item(&client, "pub enum Kind")),
        "pub enum Kind { UnknownByName, SelfValue, V1st, Empty, \
         #[deprecated(note = \"One word \\\\[will\\\\] do, \\\\`or so.\")] TwoWords, TwoWordsMore, Fn, \
         #[deprecated(note = \"It never failed.\")] Failed, LoudFn, Unknown(UnknownValue), }"
    );
    assert!(client.contains(r#""FN" => Self::LoudFn,"#));
    assert!(client.contains(r#""unknown" => Self::UnknownByName"#));
}

#[test]
fn a_closed_enumeration_is_only_sent() {
    assert_eq!(
        without_docs(item(&client(SHAPES), "pub enum Color")),
        "pub enum Color { Red, #[deprecated(note = \"Use `red`.\")] Green, Err, }"
    );
}

#[test]
fn defaults_and_limits_of_the_spec_do_not_reach_the_types() {
    let client = client(SHAPES);
    let thing = item(&client, "pub struct Thing ");
    assert!(thing.contains("pub camel_case: Option<bool>"));
    assert!(thing.contains("pub amount: Decimal"));
    assert!(thing.contains("pub id: ThingId"));
    assert!(item(&client, "pub struct ListThingsQuery").contains("pub new: Option<i32>"));
    assert!(!client.contains("NonZero") && !client.contains("f64"));
    assert!(!client.contains("deny_unknown_fields"));
}

#[test]
fn the_table_says_what_the_spec_says() {
    let client = client(SHAPES);
    let table = item(&client, "impl Operation {");
    for expected in [
        "&[\n        Self::ListThings,\n        Self::SearchThings,",
        r#"Self::ListThings => "list_things""#,
        "Self::ChangeThing => Method::PATCH",
        r#"Self::DeleteThing => "/things/{thing_id}/kinds/{kind}/{day}/{count}""#,
        "Self::SearchThings => RetryClass::Unsent",
        "Self::DeleteThing => RetryClass::Idempotent",
        "Self::ListThings => Scope::ApiKey",
    ] {
        assert!(table.contains(expected), "no `{expected}` in {table}");
    }
}

#[test]
fn two_generations_give_the_same_bytes() {
    assert_eq!(client(SHAPES), client(SHAPES));
}

#[test]
fn what_is_not_supported_is_refused_at_its_place() {
    for (from, to, expected) in [
        (
            "operationId: search_things",
            "operationId: with_credentials",
            "`with_credentials` cannot become the name of a method",
        ),
        (
            "camelCase: {type: boolean, default: false}",
            "camelCase: {type: boolean}\n        camel-case: {type: boolean}",
            "`camel-case` and `camelCase` would both become the field `camel_case`",
        ),
        (
            "enum: [red, green, err]",
            "enum: [red, green, Red]",
            "`Red` and `red` would both become the variant `Red`",
        ),
        (
            "flag: {type: boolean}",
            "flag: {type: boolean, x-secret: true}",
            "`x-secret` beside a number or boolean would be ignored",
        ),
        (
            "    Ticket:\n      type: object\n",
            "    Ticket:\n      type: object\n      x-secret: true\n",
            "`x-secret` is for objects whose keys and values are not known beforehand",
        ),
        (
            "flag: {type: boolean}",
            "flag: {type: boolean, x-id: thing}",
            "`x-id` beside a number or boolean would be ignored",
        ),
        (
            "fn: {type: integer, nullable: true}",
            "fn: {type: integer, format: flag}",
            "the format `flag` is not supported here",
        ),
        (
            "need: {type: string, nullable: true}",
            "need: {type: string, format: date, x-id: thing}",
            "an id has no format",
        ),
        (
            "    Ticket:\n      type: object\n",
            "    MakerId: {type: object}\n    Ticket:\n      type: object\n",
            "`maker` needs a type name that cannot be had",
        ),
        (
            "      description: What it looks like.\n",
            "      nullable: true\n",
            "`nullable` beside a `oneOf` would be ignored",
        ),
        (
            "        flag: {type: boolean}",
            "        flag: {allOf: [{$ref: '#/components/schemas/Ticket'}], format: date}",
            "`format` beside an `allOf` would be ignored",
        ),
        (
            "    Ticket:\n      type: object\n",
            "    Ticket:\n      type: object\n      format: date\n",
            "`format` beside an object would be ignored",
        ),
        (
            "      description: What it looks like.\n",
            "      x-secret: true\n",
            "`x-secret` beside a `oneOf` would be ignored",
        ),
        (
            "        note: {type: string}",
            "        set_new: {type: string}",
            "a setter `set_new` would hide another method of `Inner`",
        ),
        (
            "        around: {$ref: '#/components/schemas/Shape'}",
            "        around: {$ref: '#/components/schemas/Square'}",
            "every `Square` would need another one, without end",
        ),
        ("    Ticket:\n", "    Option:\n", "`Option` cannot become the name of a type"),
        (
            "code: {type: integer, format: int32, x-as-text: true}",
            "code: {type: string}",
            "the client cannot read `message`, `code` and `errors` of `ApiError`",
        ),
        (
            "code: {type: integer, format: int32, x-as-text: true}",
            "status: {type: integer, format: int32, x-as-text: true}",
            "the client cannot read `message`, `code` and `errors` of `ApiError`",
        ),
    ] {
        assert_eq!(SHAPES.matches(from).count(), 1, "`{from}` in the fixture");
        let spec = SHAPES.replace(from, to);
        let document = Document::parse("shapes.yaml", &spec).unwrap();
        let findings = generate::generate(&document).unwrap_err();
        let found = findings.iter().find(|finding| finding.message == expected);
        let found = found.unwrap_or_else(|| panic!("{expected}: {findings:?}"));
        assert!(found.line > 1 && found.column > 1, "{found}");
    }
}

#[test]
fn what_has_not_passed_the_checks_is_refused_where_something_is_missing() {
    for (from, to, line) in [
        (
            "data: {type: array, items: {$ref: '#/components/schemas/Thing'}}",
            "data: {type: array, items: {$ref: '#/components/schemas/Thin'}}",
            "data: {type: array, items: {$ref: '#/components/schemas/Thin'}}",
        ),
        ("      operationId: search_things\n", "", "    post:"),
        (
            "      x-retry: safe\n      security: [{apiKey: []}]",
            "      security: [{apiKey: []}]",
            "    get:",
        ),
        (
            "      security: [{apiKey: []}]",
            "      security: [{apiKey: []}, {}]",
            "      security: [{apiKey: []}, {}]",
        ),
        (
            "        - {name: count, in: path, required: true, schema: {type: integer, format: int64}}\n",
            "",
            "    put:",
        ),
        (
            "        2XX: {$ref: '#/components/responses/Gone'}",
            "        2XX: {$ref: '#/components/responses/Went'}",
            "        2XX: {$ref: '#/components/responses/Went'}",
        ),
        (
            "        '422': {",
            "        default: {",
            "        default: {description: Nothing can be found by it.}",
        ),
        (
            "{name: on, in: query,",
            "{name: on, in: header,",
            "        - {name: on, in: header, schema: {type: string, format: date}}",
        ),
        ("flag: {type: boolean}", "flag: {type: number}", "        flag: {type: number}"),
        ("flag: {type: boolean}", "flag: {type: bolean}", "        flag: {type: bolean}"),
        (
            "circle: '#/components/schemas/Circle'",
            "circle: '#/components/schemas/Round'",
            "          circle: '#/components/schemas/Round'",
        ),
    ] {
        assert_eq!(SHAPES.matches(from).count(), 1, "`{from}` in the fixture");
        let document = Document::parse("shapes.yaml", &SHAPES.replace(from, to)).unwrap();
        let findings = generate::generate(&document).unwrap_err();
        let [finding] = findings.as_slice() else { panic!("{from}: {findings:?}") };
        assert_eq!(finding.message, "this is not what the checks let through", "{from}");
        assert!(finding.source.as_deref().is_some_and(|source| source.contains(line)), "{finding}");
    }
}
