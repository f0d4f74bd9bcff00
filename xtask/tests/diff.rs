//! What the classifier makes of single changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use xtask::diff::{Change, Impact, changes};
use xtask::document::Document;

const SOUND: &str = include_str!("fixtures/lint/sound.yaml");

/// Texts of the fixture, and what to write in their place.
type Edits<'a> = &'a [(&'a str, &'a str)];
type Expected<'a> = &'a [(Impact, &'a str)];

fn changed(edits: Edits<'_>) -> Vec<Change> {
    let old = Document::parse("old.yaml", SOUND).unwrap();
    let mut text = SOUND.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    changes(&old, &Document::parse("new.yaml", &text).unwrap())
}

use Impact::{Breaking, Compatible, Documentation, Spec};

#[test]
fn single_changes_are_told_apart() {
    let table: &[(Edits<'_>, Expected<'_>)] = &[
        (
            &[("operationId: get_user", "operationId: get_owner")],
            &[(Breaking, "Renamed `get_user` to `get_owner`.")],
        ),
        (
            &[("/v1/users:", "/v2/users:")],
            &[(Compatible, "`get_user` calls GET /v2/users (before GET /v1/users).")],
        ),
        (
            &[("        - apiKey: []", "        - accessToken: []")],
            &[(Breaking, "`get_user` takes an access token (before the API key).")],
        ),
        (
            &[
                ("/v1/connections/{connection_id}:", "/v1/connections/{id}:"),
                (
                    "      x-retry: idempotent\n      parameters:\n        - $ref: '#/components/parameters/ConnectionId'",
                    "      x-retry: idempotent\n      parameters:\n        - {name: id, in: path, required: true, schema: {type: string, x-id: connection}}",
                ),
            ],
            &[
                (
                    Documentation,
                    "The argument `connection_id` of `delete_connection` is called `id`.",
                ),
                (Documentation, "Reworded the description of `id` of `delete_connection`."),
            ],
        ),
        (
            &[(
                "      name: connection_id\n      in: path\n      required: true\n      description: Id of the connection.\n      schema:\n        type: string\n        x-id: connection\n",
                "      name: connection_id\n      in: path\n      required: true\n      description: Id of the connection.\n      schema:\n        type: string\n        format: date\n",
            )],
            &[(
                Breaking,
                "The path argument `connection_id` of `delete_connection` and `sync_connection` is `Date` (before `&ConnectionId`).",
            )],
        ),
        (
            &[(
                "        type: integer\n        format: int32\n        default: 1",
                "        type: integer\n        format: int64\n        default: 1",
            )],
            &[(Breaking, "`ListConnectionsQuery::page` is `Option<i64>` (before `Option<i32>`).")],
        ),
        (
            &[("      parameters:\n        - $ref: '#/components/parameters/Page'\n", "")],
            &[(Breaking, "`list_connections` no longer takes a query.")],
        ),
        (
            &[("        '204':\n          description: The sync has started.\n", "")],
            &[(
                Breaking,
                "`sync_connection` returns `WizardSession` (before `SyncConnectionResponse`), for status 202.",
            )],
        ),
        (
            &[(
                "        '200':\n          description: The user.",
                "        '201':\n          description: The user.",
            )],
            &[
                (Compatible, "`get_user` also succeeds with status 201."),
                (Compatible, "`get_user` no longer succeeds with status 200."),
            ],
        ),
        (
            &[("          x-optional-body: true\n", "")],
            &[(
                Breaking,
                "`delete_connection` returns `Acknowledgement` (before `()`), for status 2XX.",
            )],
        ),
        (
            &[(
                "      required: [id]\n      properties:\n        id:\n          description: Id of the user.",
                "      properties:\n        id:\n          description: Id of the user.",
            )],
            &[(Breaking, "`User::id` is `Option<UserId>` (before `UserId`).")],
        ),
        (
            &[(
                "    SyncConnectionRequest:\n",
                "    SyncConnectionRequest:\n      additionalProperties: {type: string, description: Further wishes.}\n",
            )],
            &[(
                Compatible,
                "Added `SyncConnectionRequest::extra: IndexMap<String, String>`: Further wishes.",
            )],
        ),
        (
            &[("      required: [data]\n", "")],
            &[(Compatible, "`ConnectionPage::data` is optional, and still `Vec<Connection>`.")],
        ),
        (
            &[
                ("        force:\n", "        forced:\n"),
                ("      example:\n        force: true", "      example:\n        forced: true"),
            ],
            &[(Breaking, "Renamed `SyncConnectionRequest::force` to `forced`.")],
        ),
        (
            &[("      enum: [full, shared, none]", "      enum: [full, none]")],
            &[(Breaking, "Removed `SyncMode::Shared` (`shared`).")],
        ),
        (
            &[("      enum: [full, shared, none]", "      enum: [none, shared, more, full]")],
            &[
                (
                    Compatible,
                    "The values of `SyncMode` come in the order None, Shared, Full (before Full, Shared, None).",
                ),
                (Compatible, "Added `SyncMode::More` (`more`)."),
            ],
        ),
        (
            &[("      x-extensible-enum: true\n", "")],
            &[(Breaking, "`SyncMode` is closed: `SyncMode::Unknown` is gone.")],
        ),
        (
            &[("          format: local-date-time\n", "          format: date-time\n")],
            &[(
                Compatible,
                "`Connection::last_synced` has the format date-time (before local-date-time), and still is `Option<Timestamp>`.",
            )],
        ),
        (
            &[(
                "          x-assumed: true\n          x-optional-body",
                "          x-optional-body",
            )],
            &[(Spec, "Confirmed the answer 2XX of `delete_connection`: no assumption any more.")],
        ),
        (
            &[("  version: 1.0.0", "  version: 1.1.0")],
            &[(Documentation, "The version of the API is 1.1.0 (before 1.0.0).")],
        ),
        (
            &[("https://api.example", "https://eu.api.example")],
            &[(
                Compatible,
                "The service is at https://eu.api.example (before https://api.example).",
            )],
        ),
        (
            &[("        last_synced:\n", "        lastSynced:\n")],
            &[(
                Compatible,
                "`Connection::last_synced` is `lastSynced` on the wire (before `last_synced`).",
            )],
        ),
        (
            &[
                ("        last_synced:\n", "        lastSynced:\n"),
                ("          format: local-date-time\n", "          format: date\n"),
                ("'2026-01-31 10:11:12'", "'2026-01-31'"),
            ],
            &[
                (
                    Breaking,
                    "`Connection::last_synced` is `Option<Date>` (before `Option<Timestamp>`).",
                ),
                (
                    Compatible,
                    "`Connection::last_synced` is `lastSynced` on the wire (before `last_synced`).",
                ),
            ],
        ),
        (
            &[("      enum: [full, shared, none]", "      enum: [none, half, SHARED]")],
            &[
                (Breaking, "Removed `SyncMode::Full` (`full`)."),
                (
                    Compatible,
                    "The values of `SyncMode` come in the order None, Shared (before Shared, None).",
                ),
                (Compatible, "Added `SyncMode::Half` (`half`)."),
                (Compatible, "`SyncMode::Shared` is `SHARED` on the wire (before `shared`)."),
            ],
        ),
        (
            &[("        default: 1", "        default: 2")],
            &[(Compatible, "`ListConnectionsQuery::page` defaults to `2` (before `1`).")],
        ),
        (
            &[("        '404':\n          $ref: '#/components/responses/NotFound'\n", "")],
            &[(
                Documentation,
                "`delete_connection` is no longer documented to be refused with status 404.",
            )],
        ),
        (
            &[("      example: con-1", "      example: con-2")],
            &[(Spec, "Changed parts of the spec that the client does not show.")],
        ),
        (
            &[(
                "        2XX:\n          description: It is gone.\n          x-assumed: true\n",
                "        '200':\n          description: It is gone.\n",
            )],
            &[(Compatible, "`delete_connection` succeeds with status 200 (before 2XX).")],
        ),
        (
            &[(
                "      summary: Get the user\n      description: The one user of this account.\n",
                "      description: The one user of this account.\n      summary: Get the user\n",
            )],
            &[(Spec, "Changed the order of the spec.")],
        ),
        (&[("info:\n", "# A comment.\ninfo:\n")], &[]),
    ];
    for (edits, expected) in table {
        let found = changed(edits);
        let found: Vec<_> =
            found.iter().map(|change| (change.impact, change.line.as_str())).collect();
        assert_eq!(found, *expected, "{edits:?}");
    }
}

/// Properties of a request, by name and type, in their order.
fn request(properties: &[(&str, &str)]) -> Document {
    request_with("", properties)
}

/// The same, all of them required: as `new` takes them.
fn required(properties: &[(&str, &str)]) -> Document {
    let names: Vec<_> = properties.iter().map(|(name, _)| *name).collect();
    request_with(&format!("      required: [{}]\n", names.join(", ")), properties)
}

fn request_with(required: &str, properties: &[(&str, &str)]) -> Document {
    let properties: String = properties
        .iter()
        .map(|(name, ty)| format!("        {name}: {{description: A wish., {ty}}}\n"))
        .collect();
    let (head, tail) = SOUND.split_once("    SyncConnectionRequest:\n").unwrap();
    let (_, tail) = tail.split_once("    WizardSession:\n").unwrap();
    let text = format!(
        "{head}    SyncConnectionRequest:\n      type: object\n{required}      \
         properties:\n{properties}    WizardSession:\n{tail}"
    );
    Document::parse("spec.yaml", &text).unwrap()
}

#[test]
fn a_field_that_is_gone_is_told_although_another_spelling_stands_in_its_place() {
    let old = request(&[("bic", "type: string"), ("productId", "type: string")]);
    let new = request(&[("product_id", "type: string"), ("months", "type: boolean")]);
    let found = changes(&old, &new);
    let found: Vec<_> = found.iter().map(|change| (change.impact, change.line.as_str())).collect();
    let request = "SyncConnectionRequest";
    assert_eq!(
        found,
        [
            (Breaking, format!("Removed `{request}::bic: Option<String>`.").as_str()),
            (
                Compatible,
                &format!(
                    "`{request}::product_id` is `product_id` on the wire (before `productId`)."
                )
            ),
            (Compatible, &format!("Added `{request}::months: Option<bool>`: A wish.")),
        ]
    );
}

#[test]
fn a_rename_that_moves_an_argument_of_new_breaks_its_callers_and_says_so() {
    let (text, secret, number) =
        ("type: string", "type: string, format: password", "type: integer, format: int32");
    let moved = |old: &str, new: &str| {
        Some(format!(
            "behaviour: `new` takes ({new}) (before ({old})): calls still compile, and send each \
             value in the place of another"
        ))
    };
    for (old, new, line, note) in [
        (
            [("bic", text), ("name", text)],
            [("sort_code", text), ("name", text)],
            "Renamed `SyncConnectionRequest::bic` to `sort_code`.",
            moved("bic, name", "name, sort_code"),
        ),
        (
            [("bic", text), ("pin", secret)],
            [("sort_code", text), ("pin", secret)],
            "Renamed `SyncConnectionRequest::bic` to `sort_code`.",
            moved("bic, pin", "pin, sort_code"),
        ),
        (
            [("bic", text), ("name", text)],
            [("code", text), ("name", text)],
            "Renamed `SyncConnectionRequest::bic` to `code`.",
            None,
        ),
        (
            [("bic", text), ("months", number)],
            [("sort_code", text), ("months", number)],
            "Renamed `SyncConnectionRequest::bic` to `sort_code`.",
            None,
        ),
    ] {
        let found = changes(&required(&old), &required(&new));
        let found: Vec<_> =
            found.iter().map(|change| (change.impact, &*change.line, &change.note)).collect();
        assert_eq!(found, [(Breaking, line, &note)]);
    }
}

#[test]
fn new_takes_its_arguments_in_the_order_that_the_report_says() {
    let spec = required(&[
        ("productKey", "type: string"),
        ("product_id", "type: string"),
        ("bic", "type: string"),
    ]);
    let client = xtask::generate::generate(&spec).unwrap().text;
    let (_, request) = client.split_once("impl SyncConnectionRequest {").unwrap();
    let (_, arguments) = request.split_once("pub fn new(").unwrap();
    let (arguments, _) = arguments.split_once(')').unwrap();
    let idents: Vec<_> =
        arguments.lines().filter_map(|line| Some(line.split_once(':')?.0.trim())).collect();
    assert_eq!(idents, ["bic", "product_id", "product_key"]);
}

#[test]
fn properties_of_an_object_that_had_none_make_a_struct_of_a_map() {
    let found = changes(&request(&[]), &request(&[("bic", "type: string")]));
    assert_eq!(found[0].impact, Breaking);
    assert_eq!(found[0].line, "`SyncConnectionRequest` is a struct (before a map).");
}

#[test]
fn path_arguments_that_change_places_break_their_callers() {
    let path = |path: &str| {
        let text = SOUND.replacen("/v1/connections/{connection_id}/sync:", path, 1).replacen(
            "      x-retry: unsent\n      parameters:\n",
            "      x-retry: unsent\n      parameters:\n        - {name: part, in: path, required: true, schema: {type: string, x-id: connection}}\n",
            1,
        );
        Document::parse("spec.yaml", &text).unwrap()
    };
    let (old, new) = (path("/v1/{connection_id}/{part}:"), path("/v1/{part}/{connection_id}:"));
    let found = changes(&old, &new);
    assert_eq!(found[0].impact, Breaking);
    assert_eq!(
        found[0].line,
        "The path arguments of `sync_connection` are (part, connection_id) (before (connection_id, part))."
    );
}

#[test]
fn breaking_changes_come_first() {
    let found = changed(&[
        ("  version: 1.0.0", "  version: 1.1.0"),
        ("      enum: [full, shared, none]", "      enum: [full, none, partial, more]"),
        ("        balance:\n", "        saldo:\n"),
    ]);
    let impacts: Vec<_> = found.iter().map(|change| change.impact).collect();
    let mut sorted = impacts.clone();
    sorted.sort();
    assert_eq!(impacts, sorted);
    assert_eq!(impacts.first(), Some(&Breaking));
    assert_eq!(impacts.last(), Some(&Documentation));
}

#[test]
fn a_change_is_found_where_it_stands() {
    let found =
        changed(&[("      enum: [full, shared, none]", "      enum: [full, shared, none, half]")]);
    let place = found[0].position.unwrap();
    let line = SOUND.lines().position(|line| line.contains("enum: [full")).unwrap() + 1;
    assert_eq!((place.line, place.column), (line, 34));
}

#[test]
fn the_version_of_the_crates_carries_that_of_the_api() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let version = manifest["workspace"]["package"]["version"].as_str().unwrap();
    let spec = std::fs::read_to_string(root.join("spec/xs2a.yaml")).unwrap();
    let spec = Document::parse("spec/xs2a.yaml", &spec).unwrap();
    let api = spec.value()["info"]["version"].as_str().unwrap();
    let (_, metadata) = version.split_once('+').unwrap();
    assert_eq!(metadata, format!("api.{api}"));
}
