//! The way through the service: everything that the test bank allows, and then the deletion of
//! everything that was made.

use std::time::Duration;

use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::spec::placeholders;

use super::assumptions::{self as assumed, Finding, Probe};
use super::exchange::{Exchange, Secrets};
use super::judge::{Contract, Expected, Verdict};
use super::service::{Call, NoAnswer, Service};

/// The clock that the service is assumed to mean.
const BERLIN: TimeZone = jiff::tz::get!("Europe/Berlin");

/// An id that nothing has.
const NOWHERE: &str = "xs2a-live-there-is-no-such-id";

const BANK_CODE: &str = "88888888";
const USER_NAME: &str = "abcdef";
const PIN: &str = "123456";
const WRONG_PIN: &str = "000000";

/// How many forms a wizard may show.
const FORMS: usize = 20;

/// How many times a wrong PIN is sent in a session that is to fail.
const WRONG_TRIES: usize = 4;

/// How long an interrupted walk waits for the answer to a call that may make something.
const GRACE: Duration = Duration::from_secs(20);

/// How long a pause of the service is respected, in seconds.
const LONGEST_PAUSE: u64 = 60;

/// Why the walk does not go on.
#[derive(Debug)]
pub(super) enum Stop {
    /// The user has interrupted it.
    Interrupted,
    /// No answer came.
    NoAnswer(NoAnswer),
    /// An answer lacks what the next steps need.
    Unusable(String),
    /// The service refuses the key, with this status.
    KeyRefused(u16),
    /// The key is not in test mode.
    NotInTestMode(String),
}

/// One exchange and the verdict on it.
pub(super) struct Record {
    pub(super) exchange: Exchange,
    pub(super) verdict: Verdict,
}

/// An answer: its number, and its JSON as it came.
struct Answer {
    number: usize,
    status: u16,
    json: Value,
}

impl Answer {
    fn is_success(&self) -> bool {
        self.status < 300
    }

    /// The text at a place. A number is a text here.
    fn text(&self, pointer: &str) -> Option<String> {
        text_of(self.json.pointer(pointer)?)
    }

    /// The text at a place that the next steps need.
    fn need(&self, operation: &str, pointer: &str) -> Result<String, Stop> {
        self.text(pointer).ok_or_else(|| {
            Stop::Unusable(format!("`{operation}` gave no `{}`", pointer.trim_start_matches('/')))
        })
    }

    fn items(&self) -> Vec<&Value> {
        match self.json.get("data") {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(Value::Object(items)) => items.values().collect(),
            _ => Vec::new(),
        }
    }

    fn ids(&self) -> Vec<String> {
        self.items().iter().filter_map(|item| text_of(item.get("id")?)).collect()
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Reads a boolean in any form.
fn flag_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_i64().map(|number| number != 0),
        Value::String(text) => match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Whose secret a call carries.
#[derive(Clone, Copy)]
enum Scope {
    Key,
    Token,
    Nobody,
}

/// What goes with a call.
struct Ask {
    ids: Vec<String>,
    query: Vec<(String, String)>,
    accept: &'static str,
    body: Option<String>,
    scope: Scope,
    expected: Expected,
}

impl Ask {
    fn new(scope: Scope) -> Self {
        Self {
            ids: Vec::new(),
            query: Vec::new(),
            accept: "application/json",
            body: None,
            scope,
            expected: Expected::Success,
        }
    }

    fn ids(mut self, ids: &[&str]) -> Self {
        self.ids = ids.iter().map(|id| (*id).to_owned()).collect();
        self
    }

    fn query(mut self, query: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.query = query.iter().map(owned).collect();
        self
    }

    fn accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    fn body(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string());
        self
    }

    /// The status is what is to be found out.
    fn either(mut self) -> Self {
        self.expected = Expected::Either;
        self
    }

    fn refused(mut self, status: u16, component: &'static str) -> Self {
        self.expected = Expected::Refusal(status, component);
        self
    }
}

const BAD_REQUEST: &str = "BadRequest";
const UNAUTHORIZED: &str = "Unauthorized";
const NOT_FOUND: &str = "NotFound";
const INVALID: &str = "ValidationFailed";
const BY_STATE: &str = "RefusedByState";

/// How a wizard session ended.
struct End {
    number: usize,
    /// Whether the forms came to their end.
    is_over: bool,
    additional_data: Value,
}

/// The walk, and what it has seen so far.
pub(super) struct Walk<'a> {
    service: &'a Service,
    contract: &'a Contract<'a>,
    key: String,
    token: String,
    needs_test_mode: bool,
    interrupted: watch::Receiver<bool>,
    is_cleaning: bool,
    /// The name by which a user is found whose creation was not answered.
    name: String,
    /// The users that were made.
    users: Vec<String>,
    /// Whether there may be a user whose id is not known.
    may_miss_a_user: bool,
    pub(super) records: Vec<Record>,
    pub(super) probes: Vec<Probe>,
    /// What could not be walked, and why.
    pub(super) gaps: Vec<String>,
    /// What could not be deleted.
    pub(super) left: Vec<String>,
    pub(super) secrets: Secrets,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        service: &'a Service,
        contract: &'a Contract<'a>,
        key: &str,
        needs_test_mode: bool,
        interrupted: watch::Receiver<bool>,
    ) -> Self {
        let mut secrets = Secrets::default();
        secrets.learn(key);
        let name = format!("xs2a live {} {:08x}", Timestamp::now(), fastrand::u32(..));
        Self {
            service,
            contract,
            key: key.to_owned(),
            token: String::new(),
            needs_test_mode,
            interrupted,
            is_cleaning: false,
            name,
            users: Vec::new(),
            may_miss_a_user: false,
            records: Vec::new(),
            probes: Vec::new(),
            gaps: Vec::new(),
            left: Vec::new(),
            secrets,
        }
    }

    /// Walks, and deletes what was made, however the walk ended.
    pub(super) async fn run(&mut self) -> Result<(), Stop> {
        let ended = self.everything().await;
        self.is_cleaning = true;
        self.clean().await;
        ended
    }

    /// The deletion was interrupted, too.
    pub(super) fn is_given_up(&mut self) {
        if self.may_miss_a_user || !self.users.is_empty() {
            self.left.push(format!("perhaps a user named {:?}, and what belongs to it", self.name));
        }
    }

    async fn everything(&mut self) -> Result<(), Stop> {
        self.key_is_checked().await?;
        let user = self.user_is_made().await?;
        let refusals = self.users(&user).await;
        self.goes_on(refusals)?;
        let tokens = self.tokens(&user).await;
        self.goes_on(tokens)?;
        if self.token.is_empty() {
            self.gaps.push("there is no token: connections and accounts were left out".to_owned());
        } else {
            let connection = self.connection().await;
            self.goes_on(connection)?;
            let accounts = self.accounts().await;
            self.goes_on(accounts)?;
            let shared = self.shared_connection().await;
            self.goes_on(shared)?;
            let failing = self.failing_connection().await;
            self.goes_on(failing)?;
        }
        let banks = self.bank_codes().await;
        self.goes_on(banks)
    }

    /// A part that could not be walked does not end the walk.
    fn goes_on(&mut self, part: Result<(), Stop>) -> Result<(), Stop> {
        match part {
            Err(Stop::Unusable(reason)) => {
                self.gaps.push(reason);
                Ok(())
            }
            other => other,
        }
    }

    // ---------------------------------------------------------------------------------------
    // One call
    // ---------------------------------------------------------------------------------------

    async fn ask(&mut self, operation: &'static str, ask: Ask) -> Result<Answer, Stop> {
        let answer = self.ask_once(operation, &ask).await?;
        if answer.status != 429 {
            return Ok(answer);
        }
        let pause = self.records.last().and_then(|record| record.exchange.retry_after);
        let pause = Duration::from_secs(pause.unwrap_or(5).min(LONGEST_PAUSE));
        self.pause(pause).await?;
        self.ask_once(operation, &ask).await
    }

    async fn ask_once(&mut self, operation: &'static str, ask: &Ask) -> Result<Answer, Stop> {
        if *self.interrupted.borrow() && !self.is_cleaning {
            return Err(Stop::Interrupted);
        }
        let Some(described) = self.contract.operation(operation) else {
            return Err(Stop::Unusable(format!("the spec has no operation `{operation}`")));
        };
        let names = placeholders(described.path);
        let segments = described.path.trim_start_matches('/').split('/').map(|segment| {
            let name = segment.trim_start_matches('{').trim_end_matches('}');
            let position = names.iter().position(|known| *known == name && segment != name);
            position
                .and_then(|position| ask.ids.get(position).map(String::as_str))
                .unwrap_or(segment)
        });
        let secret = match ask.scope {
            Scope::Key => self.key.as_str(),
            Scope::Token => self.token.as_str(),
            Scope::Nobody => NOWHERE,
        };
        let call = Call {
            operation,
            method: described.method,
            path: segments.collect(),
            query: &ask.query,
            accept: ask.accept,
            secret,
            body: ask.body.clone(),
        };
        let makes_a_user = operation == "create_user";
        let missed_before = self.may_miss_a_user;
        self.may_miss_a_user |= makes_a_user;
        let exchange = self.send(call).await?;
        let json = exchange.json().unwrap_or_default();
        self.secrets.learn_from(&json);
        let verdict = self.contract.judge(&exchange, ask.expected);
        let status = exchange.status;
        if makes_a_user {
            let id = json.get("id").and_then(text_of).filter(|_| status < 300);
            self.may_miss_a_user = missed_before || status < 300 && id.is_none() || status >= 500;
            self.users.extend(id);
        }
        self.records.push(Record { exchange, verdict });
        Ok(Answer { number: self.records.len() - 1, status, json })
    }

    /// Sends a call. When the user interrupts, a call that only reads is given up; for the answer to
    /// a call that may make something, the walk waits a little longer.
    async fn send(&self, call: Call<'_>) -> Result<Exchange, Stop> {
        let only_reads = call.method == "get";
        let sending = self.service.send(call);
        tokio::pin!(sending);
        let mut interrupted = self.interrupted.clone();
        tokio::select! {
            answer = &mut sending => return answer.map_err(Stop::NoAnswer),
            Ok(_) = interrupted.wait_for(|stop| *stop), if !self.is_cleaning => {}
        }
        if only_reads {
            return Err(Stop::Interrupted);
        }
        match tokio::time::timeout(GRACE, sending).await {
            Ok(answer) => answer.map_err(Stop::NoAnswer),
            Err(_) => Err(Stop::Interrupted),
        }
    }

    async fn pause(&self, pause: Duration) -> Result<(), Stop> {
        let mut interrupted = self.interrupted.clone();
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            Ok(_) = interrupted.wait_for(|stop| *stop), if !self.is_cleaning => {
                Err(Stop::Interrupted)
            }
        }
    }

    fn found(&mut self, pointer: &'static str, exchange: usize, finding: Finding) {
        self.probes.push(Probe { pointer, finding, exchange });
    }

    // ---------------------------------------------------------------------------------------
    // Users and tokens
    // ---------------------------------------------------------------------------------------

    /// Asks something that makes nothing, so that a wrong key or address ends here.
    async fn key_is_checked(&mut self) -> Result<(), Stop> {
        let ask = Ask::new(Scope::Key).query(&PAGE).either();
        let listed = self.ask("list_users", ask).await?;
        if matches!(listed.status, 401 | 403) {
            return Err(Stop::KeyRefused(listed.status));
        }
        Ok(())
    }

    async fn user_is_made(&mut self) -> Result<String, Stop> {
        let body = json!({"name": self.name, "email": "xs2a-live@example.com"});
        let made = self.ask("create_user", Ask::new(Scope::Key).body(&body)).await?;
        let user = made.need("create_user", "/id")?;
        if self.needs_test_mode {
            match made.json.get("testmode").and_then(flag_of) {
                Some(true) => {}
                Some(false) => {
                    return Err(Stop::NotInTestMode("the key is not in test mode".to_owned()));
                }
                None => {
                    let reason = "the new user does not say whether the key is in test mode";
                    return Err(Stop::NotInTestMode(reason.to_owned()));
                }
            }
        }
        Ok(user)
    }

    async fn users(&mut self, user: &str) -> Result<(), Stop> {
        self.ask("get_user", Ask::new(Scope::Key).ids(&[user])).await?;
        let ask = Ask::new(Scope::Nobody).query(&PAGE).refused(401, UNAUTHORIZED);
        self.ask("list_users", ask).await?;
        let ask = Ask::new(Scope::Key).ids(&[NOWHERE]).refused(404, NOT_FOUND);
        self.ask("get_user", ask).await?;
        let mut ask = Ask::new(Scope::Key).refused(400, BAD_REQUEST);
        ask.body = Some("{\"name\":".to_owned());
        self.ask("create_user", ask).await?;
        // Should the service accept this, the user is deleted in the end like the other one.
        let body = json!({"name": self.name, "email": "no address"});
        self.ask("create_user", Ask::new(Scope::Key).body(&body).refused(422, INVALID)).await?;
        Ok(())
    }

    async fn tokens(&mut self, user: &str) -> Result<(), Stop> {
        let until = |now: Timestamp, minutes: i64| berlin(now, minutes);
        let now = self.now();
        let sent = until(now, 180);
        let ask = Ask::new(Scope::Key).ids(&[user]).body(&json!({"valid_until": sent}));
        let first = self.ask("create_access_token", ask).await?;
        self.token = first.need("create_access_token", "/token")?;
        self.secrets.learn(&self.token.clone());
        let first_id = first.text("/id");
        self.valid_until_came_back(assumed::VALID_UNTIL_CREATED, &sent, &first);

        let ask = Ask::new(Scope::Key).ids(&[user]).body(&json!({"valid_until": sent}));
        let second = self.ask("create_access_token", ask).await?;
        self.token_pages(user).await?;
        if let Some(id) = &first_id {
            self.ask("get_access_token", Ask::new(Scope::Key).ids(&[user, id])).await?;
        }
        let ask = Ask::new(Scope::Key).ids(&[user, NOWHERE]).refused(404, NOT_FOUND);
        self.ask("get_access_token", ask).await?;
        let body = json!({"valid_until": "not a date"});
        let ask = Ask::new(Scope::Key).ids(&[user]).body(&body).refused(422, INVALID);
        self.ask("create_access_token", ask).await?;
        if let (Some(id), Some(token)) = (second.text("/id"), second.text("/token")) {
            self.zone_of_tokens(user, &id, &token).await?;
            self.ask("delete_access_token", Ask::new(Scope::Key).ids(&[user, &id])).await?;
        }
        Ok(())
    }

    /// The time by the clock of the service.
    fn now(&self) -> Timestamp {
        let last = self.records.last().and_then(|record| record.exchange.date);
        last.unwrap_or_else(Timestamp::now)
    }

    fn valid_until_came_back(&mut self, pointer: &'static str, sent: &str, answer: &Answer) {
        if !answer.is_success() {
            return;
        }
        let finding = match answer.text("/valid_until") {
            Some(back) if instant(&back) == instant(sent) => {
                Finding::Open("the time comes back as it was sent".to_owned())
            }
            Some(back) => Finding::Contradicted(
                format!("`{sent}` was sent, and `{back}` came back"),
                "describe what the service makes of the text".to_owned(),
            ),
            None => Finding::Open("the answer has no `valid_until`".to_owned()),
        };
        for pointer in [pointer, assumed::VALID_UNTIL] {
            self.found(pointer, answer.number, finding.clone());
        }
    }

    /// Whether tokens come in pages: two tokens are there, and each page holds one.
    async fn token_pages(&mut self, user: &str) -> Result<(), Stop> {
        let page = |number| [("page", number), ("per_page", "1")];
        let query = page("1");
        let ask = Ask::new(Scope::Key).ids(&[user]).query(&query);
        let first = self.ask("list_access_tokens", ask).await?;
        let query = page("2");
        let ask = Ask::new(Scope::Key).ids(&[user]).query(&query);
        let second = self.ask("list_access_tokens", ask).await?;
        if !first.is_success() || !second.is_success() {
            return Ok(());
        }
        let (one, two) = (first.ids(), second.ids());
        let sized = match one.len() {
            1 => Finding::Held("a page of one token was asked for and came".to_owned()),
            size => Finding::Contradicted(
                format!("with `per_page=1`, the page holds {size} tokens"),
                "remove the parameter".to_owned(),
            ),
        };
        self.found(assumed::TOKEN_PER_PAGE, first.number, sized);
        let numbered = if one == two {
            Finding::Contradicted(
                "page 1 and page 2 hold the same tokens".to_owned(),
                "remove the parameter".to_owned(),
            )
        } else {
            Finding::Held("page 2 holds another token than page 1".to_owned())
        };
        self.found(assumed::TOKEN_PAGE, second.number, numbered);
        Ok(())
    }

    /// Finds out by which clock a token expires: half an hour ago in Berlin is still to come by the
    /// clocks of London and UTC.
    async fn zone_of_tokens(&mut self, user: &str, id: &str, token: &str) -> Result<(), Stop> {
        let mine = std::mem::replace(&mut self.token, token.to_owned());
        self.secrets.learn(token);
        let probed = self.probe_zone(user, id).await;
        self.token = mine;
        probed
    }

    async fn probe_zone(&mut self, user: &str, id: &str) -> Result<(), Stop> {
        let mut works = Vec::new();
        let mut number = 0;
        for minutes in [30, -30, -26 * 60] {
            let sent = berlin(self.now(), minutes);
            let body = json!({"valid_until": sent});
            let ask = Ask::new(Scope::Key).ids(&[user, id]).body(&body);
            let refreshed = self.ask("refresh_access_token", ask).await?;
            if !refreshed.is_success() {
                let note = "the service does not take a time that is over".to_owned();
                self.found(assumed::VALID_UNTIL, refreshed.number, Finding::Open(note));
                return Ok(());
            }
            self.valid_until_came_back(assumed::VALID_UNTIL_REFRESHED, &sent, &refreshed);
            let ask = Ask::new(Scope::Token).query(&PAGE).either();
            let used = self.ask("list_connections", ask).await?;
            number = used.number;
            works.push(used.is_success());
        }
        let finding = match works.as_slice() {
            [true, false, false] => Finding::Held(
                "a token is valid half an hour before, and not half an hour after, the time in \
                 Berlin"
                    .to_owned(),
            ),
            [_, _, true] => Finding::Open(
                "a token whose time is over still works, so that its clock cannot be told"
                    .to_owned(),
            ),
            _ => Finding::Contradicted(
                "a token does not expire by the clock of Berlin".to_owned(),
                "write `format: date-time`, or name the zone in the description".to_owned(),
            ),
        };
        let pointers =
            [assumed::VALID_UNTIL, assumed::VALID_UNTIL_CREATED, assumed::VALID_UNTIL_REFRESHED];
        for pointer in pointers {
            self.found(pointer, number, finding.clone());
        }
        Ok(())
    }

    // ---------------------------------------------------------------------------------------
    // Connections
    // ---------------------------------------------------------------------------------------

    /// Makes a connection; gives the transaction and the end of the session.
    async fn make_connection(&mut self, mode: &str, wrong: bool) -> Result<(String, End), Stop> {
        let body = json!({"sync_mode": mode, "country_id": "DE", "language": "en"});
        let made = self.ask("create_connection", Ask::new(Scope::Token).body(&body)).await?;
        let wizard = made.need("create_connection", "/wizard_session_key")?;
        let transaction = made.need("create_connection", "/transaction")?;
        let wrong = usize::from(wrong);
        let end = self.wizard(&wizard, wrong).await?;
        if !end.is_over {
            let reason = format!("the wizard of a connection in mode `{mode}` came to no end");
            return Err(Stop::Unusable(reason));
        }
        Ok((transaction, end))
    }

    async fn connection(&mut self) -> Result<(), Stop> {
        let mut ask = Ask::new(Scope::Token).refused(400, BAD_REQUEST);
        ask.body = Some("{\"sync_mode\":".to_owned());
        self.ask("create_connection", ask).await?;
        let body = json!({"sync_mode": "never"});
        let ask = Ask::new(Scope::Token).body(&body).refused(422, INVALID);
        self.ask("create_connection", ask).await?;
        let ask = Ask::new(Scope::Token).ids(&[NOWHERE]).refused(404, NOT_FOUND);
        self.ask("get_connection", ask).await?;

        let (transaction, _) = self.make_connection("full", true).await?;
        let sessions = self.sessions(&transaction).await;
        self.goes_on(sessions)?;
        let ask = Ask::new(Scope::Token).ids(&[&transaction]);
        let by_transaction = self.ask("get_connection", ask).await?;
        let listed = self.ask("list_connections", Ask::new(Scope::Token).query(&PAGE)).await?;
        let id = by_transaction.text("/id").or_else(|| listed.ids().pop());
        let Some(id) = id else {
            return Err(Stop::Unusable(
                "the new connection is neither found nor listed".to_owned(),
            ));
        };
        let looked = self.ask("get_connection", Ask::new(Scope::Token).ids(&[&id])).await?;
        self.healthy(&looked);
        let ask = Ask::new(Scope::Token).ids(&[&id]).query(&PAGE);
        self.ask("list_connection_accounts", ask).await?;

        let ask = Ask::new(Scope::Token).ids(&[&id]).body(&json!({}));
        let synced = self.ask("sync_connection", ask).await?;
        self.follow(&synced, 0).await?;
        let looked = self.wait_for_sync(&id, &looked).await?;
        self.healthy(&looked);
        let reset = self.ask("reset_connection", Ask::new(Scope::Token).ids(&[&id])).await?;
        self.follow(&reset, 0).await?;
        let ask = Ask::new(Scope::Token).ids(&[NOWHERE]).body(&json!({})).refused(404, NOT_FOUND);
        self.ask("sync_connection", ask).await?;
        Ok(())
    }

    /// Looks at a connection until a sync shows, for a few seconds.
    async fn wait_for_sync(&mut self, id: &str, before: &Answer) -> Result<Answer, Stop> {
        let mut looked = self.ask("get_connection", Ask::new(Scope::Token).ids(&[id])).await?;
        for _ in 0..10 {
            let state = |answer: &Answer| {
                let last_synced = answer.text("/last_synced");
                (last_synced.and_then(|text| instant(&text)), answer.text("/sync_fail_counter"))
            };
            if state(&looked) != state(before) {
                break;
            }
            self.pause(Duration::from_secs(1)).await?;
            looked = self.ask("get_connection", Ask::new(Scope::Token).ids(&[id])).await?;
        }
        Ok(looked)
    }

    /// Walks through the wizard session that a call has opened, if there is one.
    async fn follow(&mut self, opened: &Answer, wrong: usize) -> Result<Option<End>, Stop> {
        match opened.text("/wizard_session_key") {
            Some(key) => self.wizard(&key, wrong).await.map(Some),
            None => Ok(None),
        }
    }

    /// What a connection says that has never failed.
    fn healthy(&mut self, looked: &Answer) {
        if !looked.is_success() {
            return;
        }
        let shape = |name: &str| match looked.json.get(name) {
            None => "a missing key".to_owned(),
            Some(value) => format!("`{value}`"),
        };
        let message = looked.json.get("sync_message");
        let finding = match message.and_then(text_of) {
            None => Finding::Held(format!(
                "a connection without a failure says {}",
                shape("sync_message")
            )),
            Some(text) => Finding::Contradicted(
                format!("a connection without a failure has the message {text:?}"),
                "describe what the message says without a failure".to_owned(),
            ),
        };
        self.found(assumed::SYNC_MESSAGE, looked.number, finding);
        if looked.text("/last_synced").is_none() {
            let note = format!("a connection that was never synced says {}", shape("last_synced"));
            self.found(assumed::LAST_SYNCED, looked.number, Finding::Held(note));
        }
    }

    /// A connection in mode `shared`: the half of the credentials, and a sync without it.
    async fn shared_connection(&mut self) -> Result<(), Stop> {
        let (transaction, end) = self.make_connection("shared", false).await?;
        let half = match &end.additional_data {
            Value::String(half) => Some(half.clone()),
            Value::Object(map) => map.get("credentials").and_then(text_of),
            _ => None,
        };
        let finding = match (&half, &end.additional_data) {
            (Some(_), _) => Finding::Held("the half came at the end of the session".to_owned()),
            (None, Value::Object(map)) if !map.is_empty() => {
                let keys: Vec<String> = map.keys().map(|key| format!("`{key}`")).collect();
                Finding::Contradicted(
                    format!("there is no `credentials`, but {}", keys.join(", ")),
                    "under `AdditionalData`, name the key that holds the half".to_owned(),
                )
            }
            (None, _) => Finding::Contradicted(
                "at the end of a session in mode `shared` there is no half".to_owned(),
                "remove `additional_data`, and describe where the half is handed over".to_owned(),
            ),
        };
        self.found(assumed::ADDITIONAL_DATA, end.number, finding);
        let ask = Ask::new(Scope::Token).ids(&[&transaction]);
        let id = self.ask("get_connection", ask).await?.need("get_connection", "/id")?;
        let ask = Ask::new(Scope::Token).ids(&[&id]).body(&json!({})).refused(422, BY_STATE);
        let refused = self.ask("sync_connection", ask).await?;
        self.follow(&refused, 0).await?;
        if let Some(half) = half {
            let ask = Ask::new(Scope::Token).ids(&[&id]).body(&json!({"credentials": half}));
            let synced = self.ask("sync_connection", ask).await?;
            self.follow(&synced, 0).await?;
        }
        Ok(())
    }

    /// A connection in mode `none`, whose sync fails once, and then succeeds.
    async fn failing_connection(&mut self) -> Result<(), Stop> {
        let (transaction, _) = self.make_connection("none", false).await?;
        let ask = Ask::new(Scope::Token).ids(&[&transaction]);
        let before = self.ask("get_connection", ask).await?;
        let id = before.need("get_connection", "/id")?;
        let counter = |answer: &Answer| {
            let text = answer.text("/sync_fail_counter")?;
            text.parse::<i64>().ok()
        };

        let ask = Ask::new(Scope::Token).ids(&[&id]).body(&json!({"force": true}));
        let synced = self.ask("sync_connection", ask).await?;
        let Some(end) = self.follow(&synced, WRONG_TRIES).await? else {
            let note = "a sync in mode `none` needed no user, so that it could not fail".to_owned();
            self.found(assumed::FAIL_COUNTER, synced.number, Finding::Open(note));
            return Ok(());
        };
        let failed = self.ask("get_connection", Ask::new(Scope::Token).ids(&[&id])).await?;
        let number = failed.number;
        let synced_at = |answer: &Answer| instant(&answer.text("/last_synced")?);
        let moved = synced_at(&failed) != synced_at(&before);
        match (counter(&before), counter(&failed)) {
            (Some(old), Some(new)) if new == old + 1 => {
                let note = "a failed manual sync counts".to_owned();
                self.found(assumed::FAIL_COUNTER, number, Finding::Held(note));
                let finding = if moved {
                    Finding::Contradicted(
                        "a failure moves `last_synced`".to_owned(),
                        "describe that it is the time of the last sync, also of a failed one"
                            .to_owned(),
                    )
                } else {
                    Finding::Held("a failure does not move it".to_owned())
                };
                self.found(assumed::LAST_SYNCED, number, finding);
            }
            (Some(old), Some(new)) if new == old && !moved && !end.is_over => {
                let finding = Finding::Contradicted(
                    "a manual sync that the bank has refused does not count".to_owned(),
                    "describe that manual syncs do not count".to_owned(),
                );
                self.found(assumed::FAIL_COUNTER, number, finding);
            }
            _ => {
                let note = "the bank took the wrong PIN, so that no sync failed".to_owned();
                self.found(assumed::FAIL_COUNTER, number, Finding::Open(note));
                return Ok(());
            }
        }

        let ask = Ask::new(Scope::Token).ids(&[&id]).body(&json!({"force": true}));
        let synced = self.ask("sync_connection", ask).await?;
        self.follow(&synced, 0).await?;
        let healed = self.wait_for_sync(&id, &failed).await?;
        let finding = match counter(&healed) {
            Some(0) => Finding::Held("a success sets the counter to 0".to_owned()),
            Some(count) => Finding::Contradicted(
                format!("after a success the counter is {count}"),
                "describe when the counter returns to 0".to_owned(),
            ),
            None => return Ok(()),
        };
        self.found(assumed::FAIL_COUNTER, healed.number, finding);
        Ok(())
    }

    // ---------------------------------------------------------------------------------------
    // The wizard
    // ---------------------------------------------------------------------------------------

    /// Walks through a wizard session. The PIN is wrong this many times, and then right.
    async fn wizard(&mut self, key: &str, wrong: usize) -> Result<End, Stop> {
        self.secrets.learn(key);
        let mut wrong = wrong;
        let mut values = Map::new();
        let mut number = 0;
        for _ in 0..FORMS {
            values.insert("key".to_owned(), key.into());
            let ask = Ask::new(Scope::Token).body(&Value::Object(std::mem::take(&mut values)));
            let answer = self.ask("advance_wizard", ask).await?;
            number = answer.number;
            if answer.status >= 400 {
                break;
            }
            let form = &answer.json["form"];
            let is_finish = form["name"] == "finish";
            let has_form = form.as_object().is_some_and(|form| !form.is_empty());
            if is_finish || !has_form {
                let has_failed = ["message", "code"]
                    .iter()
                    .any(|key| answer.json["error"].get(*key).and_then(text_of).is_some())
                    || text_of(&answer.json["error"]).is_some();
                let additional_data = answer.json["additional_data"].clone();
                return Ok(End { number, is_over: !has_failed, additional_data });
            }
            let polling = &answer.json["polling"];
            let interval = polling.get("interval").unwrap_or(polling);
            if let Some(interval) = text_of(interval).and_then(|text| text.parse::<u64>().ok()) {
                self.pause(Duration::from_millis(interval.min(10_000))).await?;
                values.insert("action".to_owned(), "poll".into());
                continue;
            }
            let asks_for_pin = fill(&form["elements"], wrong > 0, &mut values);
            wrong = wrong.saturating_sub(usize::from(asks_for_pin));
        }
        Ok(End { number, is_over: false, additional_data: Value::Null })
    }

    // ---------------------------------------------------------------------------------------
    // Accounts
    // ---------------------------------------------------------------------------------------

    async fn accounts(&mut self) -> Result<(), Stop> {
        let listed = self.ask("list_accounts", Ask::new(Scope::Token).query(&PAGE)).await?;
        let ask = Ask::new(Scope::Token).ids(&[NOWHERE]).refused(404, NOT_FOUND);
        self.ask("get_account", ask).await?;
        let ids = listed.ids();
        let Some(id) = ids.first().map(String::as_str) else {
            return Err(Stop::Unusable("there is no account".to_owned()));
        };
        let ids = &[id];
        self.ask("get_account", Ask::new(Scope::Token).ids(ids)).await?;
        self.ask("get_account_balance", Ask::new(Scope::Token).ids(ids)).await?;
        let today = BERLIN.to_datetime(self.now()).date();
        let from = today.saturating_sub(Span::new().days(30)).to_string();
        let today = today.to_string();
        let query = [("from", from.as_str()), ("to", today.as_str()), ("only_new", "0")];
        let ask = Ask::new(Scope::Token).ids(ids).query(&query);
        self.ask("get_account_turnovers", ask).await?;
        let ask =
            Ask::new(Scope::Token).ids(ids).query(&[("from", "no day")]).refused(422, INVALID);
        self.ask("get_account_turnovers", ask).await?;
        self.ask("mark_account_as_seen_until", Ask::new(Scope::Token).ids(&[id, &from])).await?;
        self.ask("mark_account_as_seen", Ask::new(Scope::Token).ids(ids)).await?;
        let ask = Ask::new(Scope::Token).ids(ids).query(&[("only_new", "1")]);
        self.ask("get_account_turnovers", ask).await?;
        for (format, accept) in
            [("json", "application/json"), ("html", "text/html"), ("pdf", "application/pdf")]
        {
            let query = [("format", format), ("locale", "en")];
            let ask = Ask::new(Scope::Token).ids(&[id, REPORT]).query(&query).accept(accept);
            let report = self.ask("get_account_report", ask.either()).await?;
            if !report.is_success() {
                let reason = format!("there is no report {REPORT:?}: reports were not read");
                return Err(Stop::Unusable(reason));
            }
        }
        Ok(())
    }

    // ---------------------------------------------------------------------------------------
    // Sessions, events and bank codes
    // ---------------------------------------------------------------------------------------

    async fn sessions(&mut self, transaction: &str) -> Result<(), Stop> {
        self.ask("get_session", Ask::new(Scope::Key).ids(&[transaction])).await?;
        let ask = Ask::new(Scope::Key).ids(&[NOWHERE]).refused(404, NOT_FOUND);
        self.ask("get_session", ask).await?;
        let query = [("transaction_id", transaction), ("page", "1"), ("per_page", "15")];
        let listed = self.ask("list_events", Ask::new(Scope::Key).query(&query)).await?;
        let ask = Ask::new(Scope::Key).ids(&[NOWHERE]).refused(404, NOT_FOUND);
        self.ask("get_event", ask).await?;
        let mut types: Vec<String> = listed
            .items()
            .iter()
            .filter_map(|event| text_of(event.get("type")?))
            .map(|name| format!("`{name}`"))
            .collect();
        types.sort_unstable();
        types.dedup();
        if !types.is_empty() {
            let note = format!("events came with the types {}", types.join(", "));
            self.found(assumed::EVENT_TYPE, listed.number, Finding::Open(note));
        }
        match listed.ids().first() {
            Some(id) => {
                self.ask("get_event", Ask::new(Scope::Key).ids(&[id])).await?;
                Ok(())
            }
            None => Err(Stop::Unusable("there is no event of the transaction".to_owned())),
        }
    }

    async fn bank_codes(&mut self) -> Result<(), Stop> {
        let query = [("bank_code", BANK_CODE)];
        self.ask("get_bank_code", Ask::new(Scope::Key).query(&query)).await?;
        let query = [("bank_code", "00000001")];
        let ask = Ask::new(Scope::Key).query(&query).refused(404, NOT_FOUND);
        self.ask("get_bank_code", ask).await?;
        let query = [("country_id", "DE"), ("page", "1"), ("per_page", "15")];
        self.ask("list_bank_codes", Ask::new(Scope::Key).query(&query)).await?;
        let query = [("q", "8888"), ("country_id", "DE"), ("page", "1"), ("per_page", "15")];
        self.ask("autocomplete_bank_codes", Ask::new(Scope::Key).query(&query)).await?;
        Ok(())
    }

    // ---------------------------------------------------------------------------------------
    // Deletion
    // ---------------------------------------------------------------------------------------

    /// Deletes everything that was made. What is listed counts, not what was answered: an answer may
    /// have been lost.
    async fn clean(&mut self) {
        if !self.token.is_empty() {
            self.delete_listed("list_connections", "delete_connection", "connection").await;
            self.delete_listed("list_accounts", "delete_account", "account").await;
        }
        let mut users = self.users.clone();
        if self.may_miss_a_user {
            users.extend(self.users_by_name(&users).await);
        }
        for user in &users {
            match self.ask("delete_user", Ask::new(Scope::Key).ids(&[user])).await {
                Ok(answer) if answer.is_success() => {
                    let ask = Ask::new(Scope::Key).ids(&[user]).refused(404, NOT_FOUND);
                    let _ = self.ask("get_user", ask).await;
                }
                Ok(answer) if answer.status == 404 => {}
                _ => self.left.push(format!("user {user}")),
            }
        }
    }

    async fn delete_listed(&mut self, list: &'static str, delete: &'static str, what: &str) {
        // What is deleted moves the pages, so it is always the first page.
        for _ in 0..20 {
            let listed = self.ask(list, Ask::new(Scope::Token).query(&PAGE)).await;
            let Some(listed) = listed.ok().filter(Answer::is_success) else {
                self.left.push(format!(
                    "perhaps one or more of the {what}s of the user {:?}",
                    self.name
                ));
                return;
            };
            let ids = listed.ids();
            if ids.is_empty() {
                return;
            }
            let mut is_stuck = false;
            for id in ids {
                let deleted = self.ask(delete, Ask::new(Scope::Token).ids(&[&id])).await;
                if !deleted.is_ok_and(|answer| answer.is_success()) {
                    self.left.push(format!("{what} {id}"));
                    is_stuck = true;
                }
            }
            if is_stuck {
                return;
            }
        }
    }

    /// The users with the name of this walk that are not known by id: the answer about them was lost
    /// or could not be read.
    async fn users_by_name(&mut self, known: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        let mut page = 1;
        loop {
            let number = page.to_string();
            let query = [("page", number.as_str()), ("per_page", "100")];
            let Ok(listed) = self.ask("list_users", Ask::new(Scope::Key).query(&query)).await
            else {
                if known.is_empty() {
                    self.left.push(format!("perhaps a user named {:?}", self.name));
                }
                return found;
            };
            for user in listed.items() {
                let id = user.get("id").and_then(text_of);
                let is_mine = user.get("name").and_then(Value::as_str) == Some(self.name.as_str());
                found.extend(id.filter(|id| is_mine && !known.contains(id)));
            }
            let last = listed.text("/last_page").and_then(|text| text.parse().ok()).unwrap_or(1);
            page += 1;
            if page > last.min(100) {
                return found;
            }
        }
    }
}

const PAGE: [(&str, &str); 2] = [("page", "1"), ("per_page", "15")];

/// The report that every account has.
const REPORT: &str = "1";

/// A time so many minutes from now, as the clock in Berlin shows it.
fn berlin(now: Timestamp, minutes: i64) -> String {
    let later = now.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(now);
    let time = BERLIN.to_datetime(later);
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The instant that a date-time means, whatever its form: without an offset, by the clock of Berlin.
fn instant(text: &str) -> Option<Timestamp> {
    let pieces = Pieces::parse(text).ok()?;
    let local = pieces.date().to_datetime(pieces.time().unwrap_or_default());
    let instant = match pieces.to_numeric_offset() {
        Some(offset) => offset.to_timestamp(local),
        None => BERLIN.to_ambiguous_timestamp(local).compatible(),
    };
    instant.ok()
}

/// Answers to the elements of a form. Says whether a PIN was asked for.
fn fill(elements: &Value, is_wrong: bool, values: &mut Map<String, Value>) -> bool {
    let mut asks_for_pin = false;
    let inner = match elements {
        Value::Array(elements) => elements.iter().collect::<Vec<_>>(),
        Value::Object(elements) => elements.values().collect(),
        _ => Vec::new(),
    };
    for element in inner {
        if element.get("elements").is_some() {
            asks_for_pin |= fill(&element["elements"], is_wrong, values);
        }
        let Some(name) = element.get("name").and_then(Value::as_str) else {
            continue;
        };
        let value = match (element["type"].as_str().unwrap_or_default(), name) {
            (_, "country_id") => json!("DE"),
            (_, "bank_code") => json!(BANK_CODE),
            ("password", _) => {
                asks_for_pin = true;
                json!(if is_wrong { WRONG_PIN } else { PIN })
            }
            ("checkbox", _) => json!("true"),
            ("radio", _) => json!("0"),
            ("select", _) => first_option(element),
            ("hidden", _) => element["value"].clone(),
            ("text", _) => json!(USER_NAME),
            ("captcha" | "flicker", _) => json!(PIN),
            _ => continue,
        };
        values.insert(name.to_owned(), value);
    }
    asks_for_pin
}

fn first_option(element: &Value) -> Value {
    match &element["options"] {
        Value::Object(options) => options.keys().next().map_or(Value::Null, |key| json!(key)),
        _ => json!("0"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_instant_is_recognised_in_every_form() {
        let sent = instant("2026-07-31 10:00:00");
        for form in ["2026-07-31T10:00:00.000", "2026-07-31 10:00:00+02:00", "2026-07-31T08:00:00Z"]
        {
            assert_eq!(instant(form), sent, "{form}");
        }
        assert_ne!(instant("2026-07-31T10:00:00Z"), sent);
        assert_eq!(instant("soon"), None);
    }

    #[test]
    fn a_form_is_filled_by_name_and_kind_inner_elements_and_hidden_values_included() {
        let elements = json!([
            {"type": "text", "name": "bank_code"},
            {"type": "multi", "elements": [
                {"type": "text", "name": "USER_NAME"}, {"type": "password", "name": "USER_PIN"}]},
            {"type": "hidden", "name": "state", "value": "s-1"},
            {"type": "select", "name": "method", "options": {"app": "App", "sms": "SMS"}},
            {"type": "select", "name": "country_id", "options": {"AT": "Austria"}},
            {"type": "checkbox", "name": "privacy_policy"},
            {"type": "help_text", "text": "Welcome"},
        ]);
        let mut values = Map::new();
        assert!(fill(&elements, true, &mut values));
        let expected = json!({
            "bank_code": "88888888", "USER_NAME": "abcdef", "USER_PIN": "000000", "state": "s-1",
            "method": "app", "country_id": "DE", "privacy_policy": "true",
        });
        assert_eq!(Value::Object(values), expected);
        assert!(!fill(&json!([{"type": "text", "name": "TAN"}]), true, &mut Map::new()));
    }

    #[test]
    fn a_time_to_come_is_written_by_the_clock_in_berlin() {
        let now = "2026-10-25T00:30:00Z".parse().unwrap();
        // The clocks go back at one o'clock UTC.
        assert_eq!(berlin(now, 0), "2026-10-25 02:30:00");
        assert_eq!(berlin(now, 60), "2026-10-25 02:30:00");
        assert_eq!(berlin(now, 120), "2026-10-25 03:30:00");
    }
}
