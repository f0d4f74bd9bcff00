//! Changes of the API that the generator takes, each with code that uses the client as it is now.

use crate::edits::Edit::{self, Before, Move, Remove, Replace};

/// A change that the generator takes.
pub(crate) struct Rehearsal {
    pub(crate) name: &'static str,
    pub(crate) edits: &'static [Edit],
    /// Code that compiles with the client as it is now; empty if another change proves the verdict.
    pub(crate) user: &'static str,
}

/// The one answer that is handed on as bytes.
const REPORT: &str =
    "/paths/~1v1~1api~1accounts~1{account_id}~1report~1{report_id}/get/responses/200";

pub(crate) const REHEARSALS: &[Rehearsal] = &[
    Rehearsal {
        name: "new-operation",
        edits: &[Before(
            "/paths/~1v1~1api~1connections~1{connection_id}~1reset",
            "  /v1/api/connections/{connection_id}/pause:
    post:
      operationId: pause_connection
      summary: Stop the automatic syncs of a connection
      description: The connection is no longer synced by the service itself.
      tags: [Connections]
      security:
        - accessToken: []
      x-timeout: 20
      x-body-limit: 64
      x-retry: idempotent
      parameters:
        - $ref: '#/components/parameters/ConnectionId'
      responses:
        '204':
          description: The connection is paused.
        '401':
          $ref: '#/components/responses/Unauthorized'
        '404':
          $ref: '#/components/responses/NotFound'

",
        )],
        user: "pub fn syncs(operation: xs2a_client::Operation) -> bool {
            match operation {
                xs2a_client::Operation::SyncConnection => true,
                _ => false,
            }
        }",
    },
    Rehearsal {
        name: "new-optional-response-field",
        edits: &[Before(
            "/components/schemas/Connection/properties/country_id",
            "        nickname:
          description: Name that the user gave to the connection. None if she gave none.
          type: string
          nullable: true
          example: Household
",
        )],
        user: "pub fn id(connection: xs2a_client::types::Connection) -> xs2a_client::ConnectionId {
            connection.id
        }",
    },
    Rehearsal {
        name: "new-required-response-field",
        edits: &[
            Before(
                "/components/schemas/WizardSession/properties/transaction",
                "        expires_at:
          description: When the session ends if nobody walks through it.
          type: string
          format: local-date-time
          example: '2026-01-31 10:21:12'
",
            ),
            Replace(
                "/components/schemas/WizardSession/required",
                "[wizard_session_key, ",
                "[wizard_session_key, expires_at, ",
            ),
            Before(
                "/components/schemas/WizardSession/example/transaction",
                "        expires_at: '2026-01-31 10:21:12'\n",
            ),
            Before(
                "/paths/~1v1~1api~1connections/put/responses/2XX/content/application~1json/example/transaction",
                "                expires_at: '2026-01-31 10:21:12'\n",
            ),
            Before(
                "/paths/~1v1~1api~1connections~1{connection_id}~1sync/post/responses/202/content/application~1json/example/transaction",
                "                expires_at: '2026-01-31 10:21:12'\n",
            ),
            Before(
                "/paths/~1v1~1api~1connections~1{connection_id}~1reset/post/responses/202/content/application~1json/example/transaction",
                "                expires_at: '2026-01-31 10:21:12'\n",
            ),
        ],
        user: "pub fn key(session: &xs2a_client::types::WizardSession) -> &xs2a_client::Secret {
            &session.wizard_session_key
        }",
    },
    Rehearsal {
        name: "removed-field",
        edits: &[
            Remove("/components/schemas/Connection/properties/bank_name"),
            Remove("/components/schemas/Connection/example/bank_name"),
            Remove("/components/schemas/ConnectionPage/example/data/0/bank_name"),
        ],
        user: "pub fn bank(connection: xs2a_client::types::Connection) -> Option<String> {
            connection.bank_name
        }",
    },
    Rehearsal {
        name: "renamed-enum-value",
        edits: &[Replace("/components/schemas/SyncMode/enum", "none", "user_only")],
        user: "pub fn none(mode: &xs2a_client::types::SyncMode) -> bool {
            *mode == xs2a_client::types::SyncMode::None
        }",
    },
    Rehearsal {
        name: "new-enum-value",
        edits: &[Replace("/components/schemas/AccountSelection/enum", "single]", "single, none]")],
        user: "pub fn all(selection: &xs2a_client::types::AccountSelection) -> bool {
            match selection {
                xs2a_client::types::AccountSelection::All => true,
                _ => false,
            }
        }",
    },
    Rehearsal {
        name: "new-success-status",
        edits: &[Before(
            "/paths/~1v1~1api~1connections~1{connection_id}~1reset/post/responses/401",
            "        '204':
          description: The bank needs no user, and the reset has started.
",
        )],
        user:
            "pub async fn reset(client: xs2a_client::Client) -> xs2a_client::types::WizardSession {
            client.reset_connection(&\"con-1\".into()).await.unwrap().into_inner()
        }",
    },
    Rehearsal {
        name: "another-success-status",
        edits: &[Before(
            "/paths/~1v1~1api~1connections~1{connection_id}~1sync/post/responses/202",
            "        '200':
          description: The data is fresh, and nothing was started.
",
        )],
        user: "pub fn started(answer: xs2a_client::types::SyncConnectionResponse) -> bool {
            match answer {
                xs2a_client::types::SyncConnectionResponse::NoContent => true,
                xs2a_client::types::SyncConnectionResponse::Accepted(_) => false,
                _ => false,
            }
        }",
    },
    Rehearsal {
        name: "new-error-shape",
        edits: &[Before(
            "/components/schemas/ApiError/example",
            "        hint:
          description: What to do about it.
          type: string
          nullable: true
          example: Choose another country_id
",
        )],
        user: "pub fn text(error: xs2a_client::types::ApiError) -> Option<String> { error.message }",
    },
    Rehearsal {
        name: "parameter-made-required",
        edits: &[Before(
            "/paths/~1v1~1events/get/parameters/1/description",
            "          required: true\n",
        )],
        user: "pub fn all() -> xs2a_client::types::ListEventsQuery {
            xs2a_client::types::ListEventsQuery::new()
        }",
    },
    Rehearsal {
        name: "new-required-request-field",
        edits: &[
            Before(
                "/components/schemas/SyncConnectionRequest/properties",
                "      required: [reason]\n",
            ),
            Before(
                "/components/schemas/SyncConnectionRequest/properties/force",
                "        reason:
          description: Why the sync is asked for.
          type: string
          example: user_present
",
            ),
            Before(
                "/components/schemas/SyncConnectionRequest/example/force",
                "        reason: user_present\n",
            ),
            Before(
                "/paths/~1v1~1api~1connections~1{connection_id}~1sync/post/requestBody/content/application~1json/example/force",
                "              reason: user_present\n",
            ),
        ],
        user: "pub fn sync() -> xs2a_client::types::SyncConnectionRequest {
            xs2a_client::types::SyncConnectionRequest::new().force(true)
        }",
    },
    Rehearsal {
        name: "type-widened",
        edits: &[Replace(
            "/components/schemas/Connection/properties/sync_fail_counter",
            "int32",
            "int64",
        )],
        user: "pub fn failures(connection: &xs2a_client::types::Connection) -> i32 {
            connection.sync_fail_counter
        }",
    },
    Rehearsal {
        name: "new-id",
        edits: &[Before(
            "/components/schemas/Connection/properties/country_id",
            "        user_id:
          description: Id of the bank user that the connection belongs to.
          type: string
          nullable: true
          x-id: user
          example: usr-2c9e41f7ab03
",
        )],
        user: "pub fn id(connection: xs2a_client::types::Connection) -> xs2a_client::ConnectionId {
            connection.id
        }",
    },
    Rehearsal {
        name: "another-kind-of-id",
        edits: &[Replace(
            "/components/schemas/Account/properties/bank_connection_id/x-id",
            "connection",
            "transaction",
        )],
        user: "pub fn owner(
            account: xs2a_client::types::Account,
        ) -> Option<xs2a_client::ConnectionId> {
            account.bank_connection_id
        }",
    },
    Rehearsal {
        name: "retry-class-changed",
        edits: &[Replace(
            "/paths/~1v1~1api~1connections~1{connection_id}/delete/x-retry",
            "idempotent",
            "unsent",
        )],
        user: "pub async fn delete(client: xs2a_client::Client) {
            client.delete_connection(&\"con-1\".into()).await.unwrap().into_inner()
        }",
    },
    Rehearsal {
        name: "query-where-there-was-none",
        edits: &[Before(
            "/paths/~1v1~1api~1users~1{user_id}/get/responses",
            "        - name: locale
          in: query
          description: Language of the texts.
          schema:
            $ref: '#/components/schemas/Language'
          example: de
",
        )],
        user: "pub async fn user(client: xs2a_client::Client) -> xs2a_client::types::BankUser {
            client.get_user(&\"usr-1\".into()).await.unwrap().into_inner()
        }",
    },
    Rehearsal {
        name: "words-only",
        edits: &[Replace(
            "/components/schemas/Connection/properties/bank_name/description",
            "Name of the bank.",
            "Name of the bank, as the bank writes it.",
        )],
        user: "pub fn bank(connection: xs2a_client::types::Connection) -> Option<String> {
            connection.bank_name
        }",
    },
    Rehearsal {
        name: "new-wizard-element",
        edits: &[
            Before(
                "/components/schemas/WizardElement/oneOf/11",
                "        - $ref: '#/components/schemas/DateElement'\n",
            ),
            Before(
                "/components/schemas/WizardElement/discriminator/mapping/help_text",
                "          date: '#/components/schemas/DateElement'\n",
            ),
            Before(
                "/components/schemas/HelpTextElement",
                "    DateElement:
      description: A day to enter.
      type: object
      required: [type, name]
      properties:
        type:
          description: Kind of the element, here `date`.
          type: string
          example: date
        name:
          description: Name under which the answer is sent.
          type: string
          example: BIRTHDAY
        label:
          description: What to write beside the element.
          type: string
          nullable: true
          example: Date of birth
      example:
        type: date
        name: BIRTHDAY
        label: Date of birth

",
            ),
        ],
        user: "pub fn is_date(element: &xs2a_client::types::WizardElement) -> bool {
            match element {
                xs2a_client::types::WizardElement::Unknown(unknown) => unknown.tag() == \"date\",
                _ => false,
            }
        }",
    },
    Rehearsal {
        name: "deprecated",
        edits: &[
            Before(
                "/paths/~1v1~1bankcodes/get/x-retry",
                "      deprecated: true
      x-deprecated-reason: Use `autocomplete_bank_codes`.
",
            ),
            Before(
                "/paths/~1v1~1events/get/parameters/1/description",
                "          deprecated: true
          x-deprecated-reason: Events of all types cost the same.
",
            ),
            Before(
                "/components/schemas/Connection/properties/bank_name/type",
                "          deprecated: true
          x-deprecated-reason: Look the bank up by its `bic`.
",
            ),
            Before(
                "/components/schemas/SyncMode/example",
                "      x-values:
        shared:
          deprecated: true
          x-deprecated-reason: The service keeps both halves now.
",
            ),
            Before(
                "/components/schemas/WizardElement/example",
                "      x-values:
        flicker:
          deprecated: true
          x-deprecated-reason: No bank shows [flickering] codes any more.
",
            ),
        ],
        user: "use xs2a_client::types::{Connection, ListEventsQuery, SyncMode, WizardElement};
        pub fn all(client: &xs2a_client::Client, connection: &Connection, element: &WizardElement) {
            let _ = client.get_bank_code(&xs2a_client::types::GetBankCodeQuery::new(\"1\"));
            let _ = ListEventsQuery::new().type_(\"transaction.created\");
            let _ = (&connection.bank_name, SyncMode::Shared);
            let _ = matches!(element, WizardElement::Flicker(_));
        }",
    },
    Rehearsal {
        name: "chosen-names-and-recursion",
        edits: &[
            Before(
                "/components/schemas/Connection/properties/country_id",
                "        bankName:
          description: Name of the bank, as older versions of the service call it.
          type: string
          nullable: true
          x-rust-name: older_bank_name
          example: Testbank
",
            ),
            Before(
                "/paths/~1v1~1events/get/parameters/2",
                "        - name: Type
          in: query
          x-rust-name: older_type
          description: Only events of this type, as older versions of the service call it.
          schema:
            type: string
          example: transaction.created
",
            ),
            Replace(
                "/components/schemas/AccountSelection/enum",
                "[all, multi, single]",
                "[all, multi, single, ALL]
      x-values:
        ALL:
          x-rust-name: Everything",
            ),
            Before(
                "/components/schemas/SyncConnectionRequest/properties/force",
                "        clone:
          description: Whether to fetch everything once more.
          type: boolean
          x-rust-name: fetch_again
          example: true
",
            ),
            Before(
                "/components/schemas/WizardError/properties/recoverable",
                "        cause:
          description: What went wrong before that.
          type: object
          nullable: true
          allOf:
            - $ref: '#/components/schemas/WizardError'
          example:
            message: The bank could not be reached
",
            ),
        ],
        user: "pub fn name(connection: xs2a_client::types::Connection) -> Option<String> {
            connection.bank_name
        }",
    },
    Rehearsal {
        name: "type-only-sent-from-now-on",
        edits: &[
            Before(
                "/paths/~1v1~1api~1connections~1{connection_id}~1reset/post/responses",
                "      requestBody:
        description: What to tell the user.
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/Acknowledgement'
",
            ),
            Before(
                "/paths/~1v1~1api~1connections~1{connection_id}~1reset/post/responses/401",
                "        '400':
          $ref: '#/components/responses/BadRequest'
",
            ),
        ],
        user: "pub fn read(json: &str) -> Option<xs2a_client::types::Acknowledgement> {
            serde_json::from_str(json).ok()
        }",
    },
    Rehearsal {
        name: "other-media-types",
        edits: &[Replace(REPORT, "application/pdf:", "text/csv:")],
        user: "",
    },
    Rehearsal {
        name: "other-media-types-and-words",
        edits: &[
            Replace(REPORT, "application/pdf:", "text/csv:"),
            Replace(REPORT, "The report, in", "The whole report, in"),
        ],
        user: "",
    },
    Rehearsal {
        name: "client-unchanged",
        edits: &[
            Replace("/components/schemas/Connection/properties/bank_name", "Testbank", "Bank"),
            Before(
                "/components/schemas/Connection/properties/bic/type",
                "          x-assumed: true\n",
            ),
        ],
        user: "",
    },
    Rehearsal {
        name: "moved-path",
        edits: &[Replace(
            "/paths/~1v1~1sessions~1{transaction}",
            "/v1/sessions/{transaction}:",
            "/v2/sessions/{transaction}:",
        )],
        user: "",
    },
    Rehearsal {
        name: "moved-path-and-other-arguments",
        edits: &[
            Replace(
                "/paths/~1v1~1sessions~1{transaction}",
                "/v1/sessions/{transaction}:",
                "/v2/sessions/{transaction}/{step}:",
            ),
            Before(
                "/paths/~1v2~1sessions~1{transaction}~1{step}/get/parameters/0",
                "        - name: step
          in: path
          required: true
          description: Number of the step.
          schema:
            type: integer
            format: int32
          example: 1
",
            ),
        ],
        user: "",
    },
    Rehearsal {
        name: "reordered-operations",
        edits: &[Move("/paths/~1v1~1events", "/paths/~1v1~1sessions~1{transaction}")],
        user: "pub fn first() -> xs2a_client::Operation { xs2a_client::Operation::ALL[0] }",
    },
    Rehearsal {
        name: "shared-parameter",
        edits: &[Replace("/components/parameters/PerPage/schema/format", "int32", "int64")],
        user: "pub fn page(size: i32) -> xs2a_client::types::ListConnectionsQuery {
            xs2a_client::types::ListConnectionsQuery::new().per_page(size)
        }",
    },
    Rehearsal {
        name: "shared-path-parameter",
        edits: &[Replace("/components/parameters/AccountId/schema/x-id", "account", "connection")],
        user: "",
    },
    Rehearsal {
        name: "backtick-left-open",
        edits: &[Replace(
            "/paths/~1v1~1bankcodes/get/description",
            "with exactly this code",
            "with `exactly [this] code",
        )],
        user: "",
    },
    Rehearsal {
        name: "nothing",
        edits: &[],
        user: "pub fn client(client: &xs2a_client::Client) -> xs2a_client::Client { client.clone() }",
    },
];
