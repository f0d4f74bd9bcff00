//! What the classifier makes of single changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use xtask::diff::{Change, Impact, changes};
use xtask::document::Document;

const SOUND: &str = include_str!("fixtures/lint/sound.yaml");

/// Texts of the fixture, and what to write in their place.
type Edits<'a> = &'a [(&'a str, &'a str)];
/// Names and types.
type Properties<'a> = &'a [(&'a str, &'a str)];
/// Lines with their notes.
type Lines<'a> = &'a [(String, Option<&'a str>)];
type Expected<'a> = &'a [(Impact, &'a str)];

fn changed(edits: Edits<'_>) -> Vec<Change> {
    compared(SOUND, &replaced(SOUND, edits))
}

fn replaced(text: &str, edits: Edits<'_>) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

fn compared(old: &str, new: &str) -> Vec<Change> {
    let parsed = |text| Document::parse("spec.yaml", text).unwrap();
    changes(&parsed(old), &parsed(new))
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
        (
            &[(
                "      description: One login at one bank.\n",
                "      description: |\n        One login at\n        one bank.\n",
            )],
            &[(Documentation, "Changed where lines of descriptions end.")],
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
fn arguments_of_new_that_change_places_break_callers_and_say_where_no_compiler_sees_it() {
    let (text, secret, id, number) = (
        "type: string",
        "type: string, format: password",
        "type: string, x-id: user",
        "type: integer, format: int32",
    );
    let silent =
        Some("behaviour: calls still compile, and send each value in the place of another");
    let moved = |new: &str, old: &str| {
        format!("`SyncConnectionRequest::new` takes ({new}) (before ({old})).")
    };
    let table: &[(Properties<'_>, Properties<'_>, Lines<'_>)] = &[
        (
            &[("bic", text), ("name", text)],
            &[("name", text), ("bic", text)],
            &[(moved("name, bic", "bic, name"), silent)],
        ),
        (
            &[("bic", text), ("pin", secret)],
            &[("pin", secret), ("bic", text)],
            &[(moved("pin, bic", "bic, pin"), silent)],
        ),
        (
            &[("bic", text), ("user_id", id)],
            &[("user_id", id), ("bic", text)],
            &[(moved("user_id, bic", "bic, user_id"), silent)],
        ),
        (
            &[("bic", text), ("months", number)],
            &[("months", number), ("bic", text)],
            &[(moved("months, bic", "bic, months"), None)],
        ),
        (
            &[("bic", text), ("name", text)],
            &[("sort_code", text), ("name", text)],
            &[("Renamed `SyncConnectionRequest::bic` to `sort_code`.".to_owned(), None)],
        ),
        (
            &[("bic", text), ("name", text)],
            &[("name", text), ("code", text)],
            &[
                ("Removed `SyncConnectionRequest::bic: String`.".to_owned(), None),
                (moved("name, code", "bic, name"), silent),
                (
                    "Added `SyncConnectionRequest::code: String`: A wish.".to_owned(),
                    Some("it is required, so `new` has one more argument"),
                ),
            ],
        ),
    ];
    for (old, new, expected) in table {
        let mut found: Vec<_> = changes(&required(old), &required(new))
            .into_iter()
            .map(|change| {
                assert_eq!(change.impact, Breaking);
                (change.line, change.note)
            })
            .collect();
        let mut expected: Vec<_> =
            expected.iter().map(|(line, note)| (line.clone(), note.map(str::to_owned))).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
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
    assert_eq!(idents, ["product_key", "product_id", "bic"]);
}

fn noted(edits: Edits<'_>) -> Vec<(Impact, String, Option<String>)> {
    let found = changed(edits).into_iter();
    found.map(|change| (change.impact, change.line, change.note)).collect()
}

#[test]
fn what_can_be_read_and_for_how_long_is_said_to_change() {
    let history = "        history:
          description: What was.
          type: array
          items: {$ref: '#/components/schemas/User'}
          example: []
";
    let entries = history.replace("array\n", "array\n          x-entries: true\n");
    let connection = "      description: One login at one bank.
      type: object
      required: [id]
";
    let base =
        replaced(SOUND, &[("        sync_mode:\n", &format!("{history}        sync_mode:\n"))]);
    let lines = |edits: Edits<'_>| -> Vec<(Impact, String, Option<String>)> {
        let found = compared(&base, &replaced(&base, edits)).into_iter();
        found.map(|change| (change.impact, change.line, change.note)).collect()
    };
    let other = "behaviour: no code changes, but other answers can be read";
    for (from, to, impact, line, note) in [
        (
            history,
            &*entries,
            Breaking,
            "`Connection::history` is `Entries<User>` (before `Vec<User>`).",
            None,
        ),
        (
            connection,
            &format!("{connection}      x-frame: true\n"),
            Compatible,
            "A property of `Connection` that cannot be read is absent.",
            Some("behaviour: the answer was an error before, and says now what is absent"),
        ),
        (
            "      description: One login at one bank.\n",
            "      description: One login at one bank.\n      x-bare: id\n",
            Compatible,
            "What stands in the place of a whole `Connection` is read as its `id`.",
            Some(other),
        ),
        (
            "          description: The success in words.\n",
            "          description: The success in words.\n          x-prose: true\n",
            Compatible,
            "`Acknowledgement::message` is also read from a list or an object of words.",
            Some(other),
        ),
        (
            history,
            &history.replace("array\n", "array\n          x-keyed: true\n"),
            Breaking,
            "`Connection::history` is `IndexMap<String, User>` (before `Vec<User>`).",
            None,
        ),
        (
            "          format: local-date-time\n",
            "          format: date\n          x-clamp-day: true\n",
            Breaking,
            "`Connection::last_synced` is `Option<BankDate>` (before `Option<Timestamp>`).",
            None,
        ),
        (
            "      x-timeout: 20\n",
            "      x-timeout: 180\n",
            Compatible,
            "An attempt of `list_connections` may take 180 s (before 20 s).",
            None,
        ),
        (
            "      x-timeout: 20\n",
            "      x-timeout: 10\n",
            Compatible,
            "An attempt of `list_connections` may take 10 s (before 20 s).",
            Some("behaviour: who waits longer gives up now"),
        ),
        (
            "      x-body-limit: 256\n",
            "      x-body-limit: 64\n",
            Compatible,
            "An answer of `list_connections` may have 64 KiB (before 256 KiB).",
            Some("behaviour: a longer answer is an error now"),
        ),
    ] {
        let expected = (impact, line.to_owned(), note.map(str::to_owned));
        assert_eq!(lines(&[(from, to)]), [expected], "{from} becomes {to}");
    }
}

#[test]
fn a_type_that_is_only_sent_from_now_on_can_no_longer_be_read() {
    let body = "      requestBody:
        description: What to say.
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Acknowledgement'}}}
";
    let found =
        noted(&[("      x-retry: idempotent\n", &format!("      x-retry: idempotent\n{body}"))]);
    let lines: Vec<_> = found.iter().map(|(impact, line, _)| (*impact, line.as_str())).collect();
    assert_eq!(
        lines,
        [
            (Breaking, "`delete_connection` takes a body: `&Acknowledgement`."),
            (Breaking, "`Acknowledgement` is only sent now, so it has no `Deserialize`."),
            (Compatible, "`Acknowledgement` is sent now, so it has `new` and setters."),
        ]
    );
}

#[test]
fn other_media_types_of_bytes_are_told_alone_and_beside_other_changes() {
    let json = "            application/json:
              schema:
                $ref: '#/components/schemas/User'
";
    let bytes = |types: &str| {
        let types: String = types
            .split(' ')
            .map(|name| {
                format!("            {name}: {{schema: {{type: string, format: binary}}}}\n")
            })
            .collect();
        SOUND.replacen(json, &types, 1).replacen("    User:\n      description: A user of this account.\n      type: object\n      required: [id]\n      properties:\n        id:\n          description: Id of the user.\n          type: string\n          x-id: user\n          example: usr-1\n      example:\n        id: usr-1\n", "", 1)
    };
    let old = Document::parse("spec.yaml", &bytes("text/html application/pdf")).unwrap();
    let line = "The answer 200 of `get_user` is bytes of `application/pdf`, `text/csv` (before \
                `text/html`, `application/pdf`).";
    let text = bytes("application/pdf text/csv");
    let found = changes(&old, &Document::parse("spec.yaml", &text).unwrap());
    let found: Vec<_> = found.iter().map(|change| (change.impact, &*change.line)).collect();
    assert_eq!(found, [(Compatible, line)]);

    let text =
        text.replacen("          description: The user.\n", "          description: She.\n", 1);
    let found = changes(&old, &Document::parse("spec.yaml", &text).unwrap());
    let found: Vec<_> = found.iter().map(|change| (change.impact, &*change.line)).collect();
    let reworded = "Reworded the description of the answer 200 of `get_user`.";
    assert_eq!(found, [(Compatible, line), (Documentation, reworded)]);
}

#[test]
fn what_the_client_does_not_show_is_said_beside_what_it_shows_and_counts_for_nothing() {
    let found = noted(&[
        ("          x-assumed: true\n          x-optional-body", "          x-optional-body"),
        ("  description: Breaks no rule;", "  description: Keeps every rule;"),
        ("        description: What the sync needs.", "        description: What it needs."),
    ]);
    assert!(found.iter().all(|(impact, ..)| *impact == Spec), "{found:?}");
    assert_eq!(found.len(), 3);
    let found = noted(&[
        ("          x-assumed: true\n          x-optional-body", "          x-optional-body"),
        ("          description: It is gone.", "          description: It is away."),
    ]);
    let impacts: Vec<_> = found.iter().map(|(impact, ..)| *impact).collect();
    assert_eq!(impacts, [Documentation, Spec]);
}

#[test]
fn a_moved_path_changes_no_code_only_where_its_calls_look_the_same() {
    let moved = ("/v1/users:", "/v2/users:");
    let line = "`get_user` calls GET /v2/users (before GET /v1/users).";
    let note = Some("no code changes, but something else is called".to_owned());
    assert_eq!(noted(&[moved]), [(Compatible, line.to_owned(), note)]);

    let query = "      x-retry: safe\n      parameters: [{name: at, in: query, description: When., example: a, schema: {type: string}}]\n      responses:\n        '200':\n          description: The user.";
    let found = noted(&[
        moved,
        (
            "      x-retry: safe\n      responses:\n        '200':\n          description: The user.",
            query,
        ),
    ]);
    assert_eq!(found[1], (Compatible, line.to_owned(), None));
    assert_eq!(found[0].1, "`get_user` takes a query: `&GetUserQuery`.");
}

#[test]
fn operations_that_change_places_compare_in_another_way() {
    let (head, tail) = SOUND.split_once("  /v1/connections:\n").unwrap();
    let (list, tail) = tail.split_once("  /v1/connections/{connection_id}:\n").unwrap();
    let (delete, tail) = tail.split_once("  /v1/connections/{connection_id}/sync:\n").unwrap();
    let text = format!(
        "{head}  /v1/connections/{{connection_id}}:\n{delete}  /v1/connections:\n{list}  \
         /v1/connections/{{connection_id}}/sync:\n{tail}"
    );
    let old = Document::parse("spec.yaml", SOUND).unwrap();
    let found = changes(&old, &Document::parse("spec.yaml", &text).unwrap());
    let [change] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(change.impact, Compatible);
    assert_eq!(change.line, "The operations have another order: `delete_connection` comes first.");
    let note = "behaviour: `Operation` compares by it, and `ALL` lists them in it";
    assert_eq!(change.note.as_deref(), Some(note));
}

#[test]
fn what_arrived_as_unknown_before_says_so() {
    let note = "behaviour: arrived as unknown before, so code that handles it as `Unknown` no \
                longer sees it";
    let found =
        noted(&[("      enum: [full, shared, none]", "      enum: [full, shared, none, half]")]);
    let line = "Added `SyncMode::Half` (`half`).".to_owned();
    assert_eq!(found, [(Compatible, line, Some(note.to_owned()))]);
}

#[test]
fn another_kind_of_id_breaks_wherever_the_id_stands() {
    let query = "        - $ref: '#/components/parameters/Page'\n";
    let wish = "        force:\n";
    let id = |id: &str| {
        format!(
            "        - {{name: user_id, in: query, description: Whose., example: a, \
             schema: {{type: string{id}}}}}\n"
        )
    };
    let with = |kind: &str| {
        let x_id = if kind.is_empty() { String::new() } else { format!("x-id: {kind}") };
        let inline = if kind.is_empty() { String::new() } else { format!(", {x_id}") };
        let text = SOUND
            .replacen("          x-id: user\n", &format!("          {x_id}\n"), 1)
            .replacen("        x-id: connection\n      example", &format!("        {x_id}\n      example"), 1)
            .replacen(query, &format!("{query}{}", id(&inline)), 1)
            .replacen(
                wish,
                &format!("        owner_id: {{description: Whose., example: a, type: string{inline}}}\n{wish}"),
                1,
            );
        Document::parse("spec.yaml", &text).unwrap()
    };
    for (old, new, was, is) in [
        ("none", "user", "String", "UserId"),
        ("user", "connection", "UserId", "ConnectionId"),
        ("connection", "", "ConnectionId", "String"),
    ] {
        let found = changes(&with(old), &with(new));
        let found: Vec<_> =
            found.iter().map(|change| (change.impact, change.line.as_str())).collect();
        let argument = |ty: &str| if ty == "String" { "&str".to_owned() } else { format!("&{ty}") };
        let expected = [
            format!("`ListConnectionsQuery::user_id` is `Option<{is}>` (before `Option<{was}>`)."),
            format!(
                "The path argument `connection_id` of `delete_connection` and `sync_connection` \
                 is `{}` (before `{}`).",
                argument(is),
                argument(was)
            ),
            format!(
                "`SyncConnectionRequest::owner_id` is `Option<{is}>` (before `Option<{was}>`)."
            ),
            format!("`User::id` is `{is}` (before `{was}`)."),
        ];
        let expected: Vec<_> = expected.iter().map(|line| (Breaking, line.as_str())).collect();
        assert_eq!(found, expected, "{old} to {new}");
    }
}

#[test]
fn a_kind_of_id_is_a_type_that_comes_and_goes() {
    let kinds = |kinds: &str| {
        let (head, tail) = SOUND.split_once("x-ids:\n").unwrap();
        let text = format!("{head}x-ids:\n{kinds}{tail}");
        Document::parse("spec.yaml", &text).unwrap()
    };
    let more = "  bank: {description: Id of a bank.}\n";
    let key = "  bank-key: {description: What finds it., accepts: [bank, user]}\n";
    let less = "  bank-key: {description: What finds one., accepts: [bank, connection]}\n";
    let lines = |old: &str, new: &str| {
        let found = changes(&kinds(old), &kinds(new));
        found.iter().map(|change| (change.impact, change.line.clone())).collect::<Vec<_>>()
    };
    assert_eq!(
        lines("", more),
        [(Compatible, "Added the type `BankId`: Id of a bank.".to_owned())]
    );
    assert_eq!(lines(more, ""), [(Breaking, "Removed the type `BankId`.".to_owned())]);
    let both = |key: &str| format!("{more}{key}");
    assert_eq!(
        lines(&both(key), &both(less)),
        [
            (Breaking, "`BankKey` can no longer be made of `UserId`.".to_owned()),
            (Compatible, "`BankKey` can be made of `ConnectionId`, too.".to_owned()),
            (Documentation, "Reworded the description of `BankKey`.".to_owned()),
        ]
    );
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
