//! Changes that the generator does not take: what it says, and the way out that it names.

use crate::edits::Edit::{self, Before, Remove, Replace};

/// A change that is refused in one finding.
pub(crate) struct Refusal {
    pub(crate) name: &'static str,
    pub(crate) edits: &'static [Edit],
    /// The message with its rule, and the hint.
    pub(crate) says: (&'static str, &'static str),
    /// The edits of someone who has followed the hint.
    pub(crate) way_out: &'static [Edit],
}

const SYNC: &str = "/paths/~1v1~1api~1connections~1{connection_id}~1sync/post";
const SYNC_BODY: &str = "/paths/~1v1~1api~1connections~1{connection_id}~1sync/post/requestBody";
const SYNC_REFUSED: &str =
    "/paths/~1v1~1api~1connections~1{connection_id}~1sync/post/responses/401";
const SESSION: &str = "/paths/~1v1~1sessions~1{transaction}/get/responses/200";
const BY_TYPE: &str = "/paths/~1v1~1events/get/parameters/1";
const MODES: &str = "/components/schemas/SyncMode";

pub(crate) const REFUSALS: &[Refusal] = &[
    Refusal {
        name: "a list as an answer",
        edits: &[Replace(
            SESSION,
            "$ref: '#/components/schemas/Session'",
            "type: array
                items:
                  $ref: '#/components/schemas/Session'",
        )],
        says: (
            "a body that is no object (its type is array) has no type in Rust [named-schema]",
            "write `'*/*'` in place of `application/json`: the answer then reaches the caller as \
             it is, as bytes",
        ),
        way_out: &[
            Replace(
                SESSION,
                "$ref: '#/components/schemas/Session'",
                "type: array
                items:
                  $ref: '#/components/schemas/Session'",
            ),
            Replace(SESSION, "application/json:", "'*/*':"),
        ],
    },
    Refusal {
        name: "a body that may be left out",
        edits: &[Replace(SYNC_BODY, "required: true", "required: false")],
        says: (
            "a body that may be left out is not supported [structure]",
            "write `required: true`: a caller who has nothing to say sends an empty object, so \
             none of its properties may be required",
        ),
        way_out: &[],
    },
    Refusal {
        name: "a body that does not say that it is required",
        edits: &[Replace(SYNC_BODY, "        required: true\n", "")],
        says: (
            "a body that may be left out is not supported [structure]",
            "write `required: true`: a caller who has nothing to say sends an empty object, so \
             none of its properties may be required",
        ),
        way_out: &[],
    },
    Refusal {
        name: "a parameter in a header",
        edits: &[Before(
            BY_TYPE,
            "        - name: X-Request-Id
          in: header
          description: Id of this call, for the service's log.
          schema:
            type: string
          example: '1'
",
        )],
        says: (
            "a parameter in a header is not supported [structure]",
            "leave the parameter out; callers can set a header for all calls on the HTTP client \
             that they give to the client (`http_client_builder`)",
        ),
        way_out: &[],
    },
    Refusal {
        name: "an upload",
        edits: &[Replace(SYNC_BODY, "application/json:", "multipart/form-data:")],
        says: (
            "a body of `multipart/form-data` cannot be sent [structure]",
            "send `application/json`; if the service takes no JSON here, leave the operation out: \
             callers send it with an HTTP client of their own",
        ),
        way_out: &[],
    },
    Refusal {
        name: "a list as a query parameter",
        edits: &[
            Replace(
                BY_TYPE,
                "type: string",
                "type: array
            items:
              type: string",
            ),
            Replace(BY_TYPE, "example: transaction.created", "example: [transaction.created]"),
        ],
        says: (
            "a parameter has to be a string, a date, an integer, a boolean or an enumeration \
             [supported]",
            "write `type: string`, and say in the description how the items are joined, as in \
             `a,b`",
        ),
        way_out: &[Replace(BY_TYPE, "of this type", "of these types, joined by commas")],
    },
    Refusal {
        name: "an amount as a query parameter",
        edits: &[
            Replace(
                BY_TYPE,
                "type: string",
                "type: number
            format: decimal",
            ),
            Replace(BY_TYPE, "example: transaction.created", "example: 12.34"),
        ],
        says: (
            "a parameter has to be a string, a date, an integer, a boolean or an enumeration \
             [supported]",
            "write `type: string`, and say in the description how it is written, as in `12.34`",
        ),
        way_out: &[Replace(BY_TYPE, "of this type", "over this amount, as in `12.34`")],
    },
    Refusal {
        name: "a schema that inherits",
        edits: &[
            Replace(
                "/components/schemas/Connection",
                "      type: object\n",
                "      type: object\n      allOf:\n        - $ref: '#/components/schemas/WizardSession'\n",
            ),
            Before(
                "/components/schemas/Connection/example/bic",
                "        wizard_session_key: wsk-5b1e7c90a4d2\n",
            ),
        ],
        says: (
            "`allOf` is not supported on a component schema [supported]",
            "no schema inherits from another: write all its properties out here",
        ),
        way_out: &[
            Before(
                "/components/schemas/Connection/properties/bic",
                "        wizard_session_key:
          description: Key that opens the wizard.
          type: string
          format: password
          nullable: true
          example: wsk-5b1e7c90a4d2
",
            ),
            Before(
                "/components/schemas/Connection/example/bic",
                "        wizard_session_key: wsk-5b1e7c90a4d2\n",
            ),
        ],
    },
    Refusal {
        name: "an enumeration with null",
        edits: &[Replace(MODES, "enum: [full, shared, none]", "enum: [full, shared, none, null]")],
        says: (
            "`null` is no value of an enumeration [supported]",
            "remove it; where the enumeration is used, write `nullable: true` beside its `type` \
             and `allOf: [{$ref: …}]`",
        ),
        way_out: &[],
    },
    Refusal {
        name: "an enumeration of numbers",
        edits: &[
            Replace(MODES, "enum: [full, shared, none]", "enum: [1, 2, 3]"),
            Replace(MODES, "type: string", "type: integer"),
        ],
        says: (
            "only enumerations of strings are supported [supported]",
            "remove the enumeration; write the `type` where it is used, and list the values in \
             the description",
        ),
        way_out: &[Before(
            "/components/schemas/Connection/properties/country_id",
            "        sync_kind:
          description: Who keeps the credentials. 1 is the service, 2 is both, 3 is nobody.
          type: integer
          format: int32
          nullable: true
          example: 1
",
        )],
    },
    Refusal {
        name: "an enumeration of numbers that arrive as text",
        edits: &[Replace(MODES, "enum: [full, shared, none]", "enum: [full, shared, none, 4, 5]")],
        says: (
            "only enumerations of strings are supported [supported]",
            "put the values in quotes",
        ),
        way_out: &[Replace(
            MODES,
            "enum: [full, shared, none]",
            "enum: [full, shared, none, '4', '5']",
        )],
    },
    Refusal {
        name: "two spellings of one field",
        edits: &[Before("/components/schemas/Connection/properties/country_id", BANK_NAME)],
        says: (
            "`bankName` and `bank_name` would both become the field `bank_name` [supported]",
            "choose another name for one of the two in Rust: `x-rust-name: NAME`",
        ),
        way_out: &[
            Before("/components/schemas/Connection/properties/country_id", BANK_NAME),
            Before(
                "/components/schemas/Connection/properties/bankName/type",
                "          x-rust-name: older_bank_name\n",
            ),
        ],
    },
    Refusal {
        name: "two spellings of one query parameter",
        edits: &[Before(BY_TYPE, OLDER_TYPE)],
        says: (
            "`type` and `Type` would both become `type_` [supported]",
            "choose another name for one of the two in Rust: `x-rust-name: NAME`",
        ),
        way_out: &[
            Before(BY_TYPE, OLDER_TYPE),
            Before(
                "/paths/~1v1~1events/get/parameters/1/in",
                "          x-rust-name: older_type\n",
            ),
        ],
    },
    Refusal {
        name: "two spellings of one value",
        edits: &[Replace(MODES, "none]", "none, NONE]")],
        says: (
            "`NONE` and `none` would both become the variant `None` [supported]",
            "choose another name for one of the two in Rust: `x-values: {NONE: {x-rust-name: \
             NAME}}`",
        ),
        way_out: &[
            Replace(MODES, "none]", "none, NONE]"),
            Before(
                "/components/schemas/SyncMode/example",
                "      x-values: {NONE: {x-rust-name: LoudNone}}\n",
            ),
        ],
    },
    Refusal {
        name: "an error with another body",
        edits: &[Before(
            SYNC_REFUSED,
            "        '409':
          description: A sync runs already. The body is its session.
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Session'
",
        )],
        says: (
            "the client reads only `ApiError` of an error [one-error-schema]",
            "write `$ref: '#/components/schemas/ApiError'`, or leave `content` out and describe \
             the body in words: it reaches the caller whole, as `Error::body`",
        ),
        way_out: &[Before(
            SYNC_REFUSED,
            "        '409':
          description: A sync runs already. The body is its session.
",
        )],
    },
    Refusal {
        name: "a redirect",
        edits: &[Before(
            SYNC_REFUSED,
            "        '303':
          description: A sync runs already.
",
        )],
        says: (
            "a redirect (303) is not followed [success-response]",
            "leave it out, and say in the description when it comes: it reaches the caller as an \
             error with its status and its `Location`",
        ),
        way_out: &[],
    },
    Refusal {
        name: "a component without a type",
        edits: &[Remove("/components/schemas/WizardError/type")],
        says: (
            "a component schema has to be an object, an enumeration of strings or a `oneOf` \
             [supported]",
            "add `type: object`",
        ),
        way_out: &[],
    },
    Refusal {
        name: "a list as a component",
        edits: &[
            Before(
                "/components/schemas/WizardError",
                "    WizardErrors:
      description: What went wrong, one after another.
      type: array
      items:
        $ref: '#/components/schemas/WizardError'
      example: []
",
            ),
            Before(
                "/components/schemas/WizardResponse/properties/polling",
                "        errors:
          $ref: '#/components/schemas/WizardErrors'
",
            ),
        ],
        says: (
            "a component schema has to be an object, an enumeration of strings or a `oneOf` \
             [supported]",
            "write the list where it is used: `type: array` with `items: {$ref: …}`",
        ),
        way_out: &[Before(
            "/components/schemas/WizardPolling/properties/interval",
            "        errors:
          description: What went wrong, one after another.
          type: array
          items: {type: string}
          example: []
",
        )],
    },
    Refusal {
        name: "a schema that needs itself",
        edits: &[
            Replace("/components/schemas/Account/required", "[id]", "[id, parent]"),
            Before("/components/schemas/Account/properties/iban", PARENT),
        ],
        says: (
            "every `Account` would need another one, without end [supported]",
            "leave one of the properties that lead back to it out of `required`, or write \
             `nullable: true` beside its `type` and `allOf`",
        ),
        way_out: &[Before("/components/schemas/Account/properties/iban", PARENT)],
    },
    Refusal {
        name: "a text with a colon",
        edits: &[Replace(SESSION, "The session.", "The session: how far it is.")],
        says: (
            "mapping values are not allowed in this context [yaml]",
            "put the text in quotes: `description: 'The session: how far it is.'`",
        ),
        way_out: &[Replace(SESSION, "The session.", "'The session: how far it is.'")],
    },
    Refusal {
        name: "a text that begins with a backtick",
        edits: &[Replace(SESSION, "The session.", "`finished` says how far it is.")],
        says: (
            "unexpected character: ``' [yaml]",
            "put the text in quotes: `description: '`finished` says how far it is.'`",
        ),
        way_out: &[Replace(SESSION, "The session.", "'`finished` says how far it is.'")],
    },
    Refusal {
        name: "a misspelt key of a schema",
        edits: &[Replace(
            "/components/schemas/Connection/properties/sync_mode",
            "nullable: true",
            "nulable: true",
        )],
        says: ("`nulable` is not supported in a schema [structure]", "did you mean `nullable`?"),
        way_out: &[],
    },
    Refusal {
        name: "a misspelt key of an operation",
        edits: &[Replace(SYNC, "x-retry", "x-rety")],
        says: ("`x-rety` is not supported in an operation [structure]", "did you mean `x-retry`?"),
        way_out: &[],
    },
    Refusal {
        name: "a misspelt list of properties",
        edits: &[Replace("/components/schemas/Connection", "properties:", "propertys:")],
        says: (
            "`propertys` is not supported in a schema [structure]",
            "did you mean `properties`?",
        ),
        way_out: &[],
    },
    Refusal {
        name: "a reference without its sign",
        edits: &[Replace(SESSION, "$ref:", "ref:")],
        says: ("`ref` is not supported in a schema [structure]", "did you mean `$ref`?"),
        way_out: &[],
    },
    Refusal {
        name: "a misspelt type",
        edits: &[Replace(
            "/components/schemas/Connection/properties/bank_name",
            "type: string",
            "type: sting",
        )],
        says: (
            "`type` has to be `string`, `integer`, `number`, `boolean`, `object` or `array` \
             [structure]",
            "did you mean `string`?",
        ),
        way_out: &[],
    },
    Refusal {
        name: "a request with a property that a trait has a method for",
        edits: &[Before("/components/schemas/SyncConnectionRequest/properties/force", CLONE)],
        says: (
            "a setter `clone` would hide another method of `SyncConnectionRequest` [supported]",
            "choose another name in Rust, such as `x-rust-name: clone_value`",
        ),
        way_out: &[
            Before("/components/schemas/SyncConnectionRequest/properties/force", CLONE),
            Before(
                "/components/schemas/SyncConnectionRequest/properties/clone/type",
                "          x-rust-name: clone_value\n",
            ),
        ],
    },
];

const BANK_NAME: &str = "        bankName:
          description: Name of the bank, as older versions of the service call it.
          type: string
          nullable: true
          example: Testbank
";

const OLDER_TYPE: &str = "        - name: Type
          in: query
          description: Only events of this type, as older versions of the service call it.
          schema:
            type: string
          example: transaction.created
";

const PARENT: &str = "        parent:
          $ref: '#/components/schemas/Account'
";

const CLONE: &str = "        clone:
          description: Whether to fetch everything once more.
          type: boolean
          example: true
";
