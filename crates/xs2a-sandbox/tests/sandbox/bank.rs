//! A sandbox with one bank user, and requests as any client would send them.

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use xs2a_sandbox::{BankUser, Builder, ConnectionSeed, Sandbox, Side};

pub(crate) struct Bank {
    pub(crate) sandbox: Sandbox,
    pub(crate) user: BankUser,
    http: Client,
}

/// In every test, the sandbox answers as the spec says.
impl Drop for Bank {
    fn drop(&mut self) {
        let mut violations = self.sandbox.violations();
        violations.retain(|violation| violation.side == Side::Response);
        if !std::thread::panicking() {
            assert_eq!(violations, []);
        }
    }
}

pub(crate) type Reply = (StatusCode, Value);

impl Bank {
    pub(crate) async fn open() -> Self {
        Self::with(Sandbox::builder()).await
    }

    pub(crate) async fn with(builder: Builder) -> Self {
        let sandbox = builder.start().await.unwrap();
        let user = sandbox.add_user("Ada");
        Self { sandbox, user, http: Client::new() }
    }

    pub(crate) fn connection(&self, seed: ConnectionSeed) -> String {
        self.sandbox.add_connection(&self.user, seed)
    }

    pub(crate) async fn send(
        &self,
        secret: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Reply {
        let url = format!("{}{path}", self.sandbox.base_url());
        let mut request = self.http.request(method, url).basic_auth("api", Some(secret));
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let bytes = response.bytes().await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// With the token of the bank user.
    pub(crate) async fn user(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        self.send(self.user.token(), method, path, body).await
    }

    /// With the API key.
    pub(crate) async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        self.send(&self.sandbox.api_key(), method, path, body).await
    }

    pub(crate) async fn look(&self, path: &str) -> Value {
        let (status, value) = self.user(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    pub(crate) async fn get(&self, id: &str) -> Reply {
        self.user(Method::GET, &format!("/v1/api/connections/{id}"), None).await
    }

    pub(crate) async fn sync(&self, id: &str, body: Value) -> Reply {
        let path = format!("/v1/api/connections/{id}/sync");
        self.user(Method::POST, &path, Some(body)).await
    }

    /// Opens a wizard session for a new connection.
    pub(crate) async fn create(&self, body: Value) -> Wizard<'_> {
        let (status, session) = self.user(Method::PUT, "/v1/api/connections", Some(body)).await;
        assert!(status.is_success(), "{session}");
        self.wizard(&session)
    }

    /// The wizard of a session that a create, a sync or a reset has opened.
    pub(crate) fn wizard(&self, session: &Value) -> Wizard<'_> {
        let text = |name: &str| session[name].as_str().unwrap().to_owned();
        Wizard { bank: self, key: text("wizard_session_key"), transaction: text("transaction") }
    }
}

pub(crate) struct Wizard<'a> {
    bank: &'a Bank,
    pub(crate) key: String,
    pub(crate) transaction: String,
}

impl Wizard<'_> {
    /// Posts these values or an action; gives the answer.
    pub(crate) async fn post(&self, values: Value) -> Value {
        let mut body = values;
        body["key"] = json!(self.key);
        let (status, answer) = self.bank.user(Method::POST, "/v1/api/wizard", Some(body)).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(crate) async fn pick_bank(&self) -> Value {
        self.post(json!({ "country_id": "DE", "bank_code": 88888888 })).await
    }

    pub(crate) async fn log_in(&self, user_name: &str) -> Value {
        self.post(json!({ "USER_NAME": user_name, "USER_PIN": "123456", "privacy_policy": "true" }))
            .await
    }

    /// The session as the API key sees it.
    pub(crate) async fn session(&self) -> Value {
        let path = format!("/v1/sessions/{}", self.transaction);
        self.bank.admin(Method::GET, &path, None).await.1
    }
}

/// The element of this name in the form of an answer.
pub(crate) fn element<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer["form"]["elements"]
        .as_array()
        .unwrap()
        .iter()
        .find(|element| element["name"] == name)
        .unwrap_or_else(|| panic!("no element {name} in {answer}"))
}
