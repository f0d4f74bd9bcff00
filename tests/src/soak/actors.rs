//! Those who call: programs that do what users of the client do, in random order.

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::sleep;
use xs2a::sync::{LoginOutcome, PendingSession};
use xs2a::types::{
    AccountSelection, AutocompleteBankCodesQuery, Connection, CreateBankUserRequest,
    CreateConnectionRequest, Language, ReportFormat, SyncConnectionRequest, SyncConnectionResponse,
    SyncMode, WizardElement,
};
use xs2a::wizard::{AnswerError, Answers, Form, WizardStep};
use xs2a::{
    ApiClient, ClientBuilder, ConnectionId, Error, Fate, Operation, RetryPolicy, Secret,
    TransactionId, UserClient, UserSession, Wizard,
};
use xs2a_sandbox::BankUser;

use super::evidence::What;
use super::machine_clock::MachineClock;
use super::sabotage::Sabotage;
use super::stage::{Patience, Stage};

/// A program that calls one thing after the other.
pub(super) struct Actor {
    pub(super) stage: Arc<Stage>,
    pub(super) random: fastrand::Rng,
    /// How its client names itself.
    pub(super) client: String,
    pub(super) policy: RetryPolicy,
    /// The clock of its machine.
    pub(super) clock: Arc<MachineClock>,
    pub(super) api: ApiClient,
    pub(super) user: UserClient,
    pub(super) bank_user: BankUser,
    /// Its own connections: nobody else syncs them.
    pub(super) connections: Vec<ConnectionId>,
    pub(super) rows: super::syncs::Rows,
    /// How many clients it has had: each is a process of its own.
    processes: u32,
}

impl Actor {
    /// A program for a bank user that has these connections.
    pub(super) fn new(
        stage: Arc<Stage>,
        mut random: fastrand::Rng,
        name: &str,
        bank_user: BankUser,
        connections: Vec<ConnectionId>,
    ) -> Self {
        let policy = random_policy(&mut random);
        let clock = Arc::new(MachineClock::new(random.i64(-300..300)));
        let (api, user) = clients(&stage, &mut random, name, &policy, &clock, &bank_user);
        Self {
            stage,
            random,
            client: name.to_owned(),
            policy,
            clock,
            api,
            user,
            bank_user,
            connections,
            rows: super::syncs::Rows::new(),
            processes: 1,
        }
    }

    /// Does so many things, one after the other. The clock of its machine may jump meanwhile.
    pub(super) async fn run(mut self, steps: u32) {
        let clock = (self.random.u8(0..3) == 0).then(|| Arc::clone(&self.clock));
        let (stage, mut random) = (Arc::clone(&self.stage), self.random.fork());
        let jumping = tokio::spawn(async move {
            let Some(clock) = clock else { return };
            loop {
                sleep(Duration::from_secs(random.u64(1..300))).await;
                clock.jump(&mut random);
                stage.meet("clock jumped");
            }
        });
        self.work(steps).await;
        jumping.abort();
    }

    async fn work(&mut self, steps: u32) {
        for _ in 0..steps {
            let pause = self.random.u64(0..3_000);
            sleep(Duration::from_millis(pause)).await;
            match self.random.u32(0..100) {
                0..34 => self.sync().await,
                34..42 => self.sync_without_rules().await,
                42..55 => self.connect().await,
                55..60 => self.reset().await,
                60..64 => self.delete_connection().await,
                64..76 => self.read_connections().await,
                76..88 => self.read_accounts().await,
                88..98 => self.administer().await,
                _ => {
                    self.stage.meet("process ended");
                    self.restart();
                }
            }
        }
        self.finish_syncs().await;
    }

    /// Ends the process and starts another: a new client, an empty pool, a full budget.
    pub(super) fn restart(&mut self) {
        (self.client, (self.api, self.user)) = self.start_process();
    }

    /// Another process beside this one: the name of its client, and the client.
    pub(super) fn another_process(&mut self) -> (String, UserClient) {
        let (name, (_, user)) = self.start_process();
        (name, user)
    }

    fn start_process(&mut self) -> (String, (ApiClient, UserClient)) {
        self.processes += 1;
        let base = self.client.split('#').next().unwrap_or_default();
        let name = format!("{base}#{}", self.processes);
        let clients = clients(
            &self.stage,
            &mut self.random,
            &name,
            &self.policy,
            &self.clock,
            &self.bank_user,
        );
        (name, clients)
    }

    /// One call of an operation.
    pub(super) async fn one<T: std::fmt::Debug>(
        &mut self,
        operation: Operation,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Option<T> {
        let patience = self.patience();
        let (what, deadline) =
            (What::Operation(operation), Some(self.policy.deadline_of(operation)));
        self.stage.call(&self.client, what, deadline, patience, call).await?.ok()
    }

    /// A walk over pages.
    async fn all<T: std::fmt::Debug>(
        &mut self,
        operation: Operation,
        pages: xs2a::Pages<T>,
    ) -> Option<Vec<T>>
    where
        xs2a::Pages<T>: Send,
    {
        let per_page = self.random.u32(1..6);
        let patience = self.patience();
        let walk = pages.per_page(per_page).all();
        self.stage.call(&self.client, What::Reads(operation), None, patience, walk).await?.ok()
    }

    pub(super) fn patience(&mut self) -> Patience {
        match self.random.u32(0..20) {
            0 => Patience::For(Duration::from_millis(self.random.u64(0..20_000))),
            1 | 2 => Patience::Polls(self.random.u32(0..12)),
            _ => Patience::Endless,
        }
    }

    /// Syncs are dropped more often: what they stored is of interest.
    pub(super) fn patience_with_a_sync(&mut self, deadline: Duration) -> Patience {
        match self.random.u32(0..6) {
            0 => Patience::For(deadline.mul_f64(self.random.f64())),
            1 | 2 => Patience::Polls(self.random.u32(0..30)),
            _ => Patience::Endless,
        }
    }

    /// What the clock of its machine shows.
    pub(super) fn now(&self) -> Timestamp {
        self.stage.clock(&self.clock)()
    }

    pub(super) fn some_connection(&mut self) -> Option<ConnectionId> {
        self.random.choice(&self.connections).cloned()
    }

    async fn sync_without_rules(&mut self) {
        let Some(id) = self.some_connection() else {
            return;
        };
        let mut request = SyncConnectionRequest::new();
        if self.random.bool() {
            request = request.force(self.random.bool());
        }
        if let Some(half) = self.stage.sandbox.credentials(id.as_str())
            && self.random.u8(0..4) > 0
        {
            request = request.credentials(half);
        }
        let connections = self.user.connections();
        let (stage, again) = (Arc::clone(&self.stage), Some(Sabotage::RepeatOpenCalls));
        let sync = async {
            let answer = connections.sync_without_rules(&id, &request).await;
            match &answer {
                Err(error) if error.fate() == Fate::Unknown && stage.sabotage == again => {
                    connections.sync_without_rules(&id, &request).await
                }
                _ => answer,
            }
        };
        if let Some(SyncConnectionResponse::Accepted(session)) =
            self.one(Operation::SyncConnection, sync).await
        {
            self.walk(&session.wizard_session_key, &session.transaction).await;
        }
    }

    async fn reset(&mut self) {
        let Some(id) = self.some_connection() else {
            return;
        };
        let connections = self.user.connections();
        let reset = connections.reset(&id);
        if let Some(session) = self.one(Operation::ResetConnection, reset).await {
            self.go_on_with(&session).await;
        }
    }

    async fn connect(&mut self) {
        let mut request = CreateConnectionRequest::new()
            .fints_product_id("0123456789")
            .days(self.random.i32(1..400));
        if self.random.bool() {
            let modes = [SyncMode::Full, SyncMode::Shared, SyncMode::None];
            request = request.sync_mode(pick(&mut self.random, &modes));
        }
        if self.random.bool() {
            request = request.bic("TESTDE88XXX");
        }
        if self.random.bool() {
            let selections = [AccountSelection::Multi, AccountSelection::Single];
            request = request.account_selection(pick(&mut self.random, &selections));
        }
        let connections = self.user.connections();
        let create = connections.create(&request);
        if let Some(session) = self.one(Operation::CreateConnection, create).await {
            self.go_on_with(&session).await;
        }
    }

    /// Shows the wizard to the user, or waits for a user who sees it elsewhere.
    pub(super) async fn go_on_with(&mut self, session: &UserSession) {
        match self.random.bool() {
            true => self.walk(session.key(), session.transaction()).await,
            false => self.wait_for_user(session).await,
        }
    }

    /// Walks the user through a wizard, more or less well.
    async fn walk(&mut self, key: &Secret, transaction: &TransactionId) {
        self.stage.keep_secret(key.expose());
        let wizard = self.user.wizard(key.clone());
        let open = wizard.open();
        let mut step = self.one(Operation::AdvanceWizard, open).await;
        for _ in 0..12 {
            step = match step {
                Some(WizardStep::Form(form) | WizardStep::Rejected(form)) => {
                    self.fill_in(&wizard, &form).await
                }
                Some(WizardStep::Waiting(waiting)) => {
                    if self.random.bool() {
                        self.stage.sandbox.approve(transaction.as_str());
                    }
                    let limit = Duration::from_secs(self.random.u64(0..10));
                    let (what, patience) = (What::Reads(Operation::AdvanceWizard), self.patience());
                    let deadline = Some(limit + self.policy.deadline_of(Operation::AdvanceWizard));
                    let wait = wizard.wait(&waiting, limit);
                    self.stage
                        .call(&self.client, what, deadline, patience, wait)
                        .await
                        .and_then(Result::ok)
                }
                // Lost: see where it stands.
                None => {
                    let open = wizard.open();
                    self.one(Operation::AdvanceWizard, open).await
                }
                Some(WizardStep::Completed(_)) => break,
                Some(WizardStep::Failed(_)) => return,
            };
        }
        let connections = self.user.connections();
        let get = connections.get(transaction);
        if let Some(connection) = self.one(Operation::GetConnection, get).await {
            self.own(connection);
        }
    }

    /// Waits for a user who goes through the wizard elsewhere, or does not. Now and then another
    /// process waits, from what was stored.
    async fn wait_for_user(&mut self, session: &UserSession) {
        self.stage.keep_secret(session.key().expose());
        if self.random.u8(0..6) > 0 {
            let (stage, transaction) = (Arc::clone(&self.stage), session.transaction().clone());
            let takes = Duration::from_secs(self.random.u64(0..120));
            tokio::spawn(async move {
                sleep(takes).await;
                stage.sandbox.complete_session(transaction.as_str());
            });
        }
        let json = serde_json::to_string(session.pending()).expect("a session can be stored");
        self.stage.print(&json);
        let stored: PendingSession = serde_json::from_str(&json).expect("what was stored is read");
        if self.random.u8(0..4) == 0 {
            self.restart();
        }
        let deadline = Duration::from_secs(self.random.u64(1..180));
        let wait = self.user.connections().wait_for_user(stored).deadline(deadline);
        let what = What::Reads(Operation::GetConnection);
        let (patience, wait) = (self.patience(), wait.into_future());
        let waited = self.stage.call(&self.client, what, Some(deadline), patience, wait).await;
        if let Some(Ok(LoginOutcome::Through(connection))) = waited {
            self.own(connection);
        }
    }

    /// A connection that nobody else syncs.
    fn own(&mut self, connection: Connection) {
        if let Some(half) = self.stage.sandbox.credentials(connection.id.as_str()) {
            self.stage.keep_secret(&half);
        }
        if !self.connections.contains(&connection.id) {
            self.connections.push(connection.id);
        }
    }

    async fn fill_in(&mut self, wizard: &Wizard, form: &Form) -> Option<WizardStep> {
        let advance = Operation::AdvanceWizard;
        match self.random.u32(0..40) {
            0 => {
                let back = wizard.back();
                return self.one(advance, back).await;
            }
            1 => {
                let french = wizard.change_language(Language::Fr);
                return self.one(advance, french).await;
            }
            2 => {
                let abort = wizard.abort();
                self.one(advance, abort).await;
                return None;
            }
            _ => {}
        }
        match self.answers(form) {
            Ok(answers) => {
                let send = wizard.send(answers);
                self.one(advance, send).await
            }
            Err(error) => {
                self.stage.print(&error);
                None
            }
        }
    }

    fn answers<'form>(&mut self, form: &'form Form) -> Result<Answers<'form>, AnswerError> {
        let mut answers = form.answers();
        for element in form.elements() {
            answers = match element.data() {
                WizardElement::Text(text) => {
                    let value = match text.name.as_str() {
                        "bank_code" => "88888888".to_owned(),
                        _ => pick(&mut self.random, &LOGINS).to_owned(),
                    };
                    answers.enter(&text.name, value)?
                }
                WizardElement::Password(password) => {
                    answers.enter(&password.name, self.secret_input())?
                }
                WizardElement::Captcha(captcha) => {
                    answers.enter(&captcha.name, self.secret_input())?
                }
                WizardElement::Flicker(flicker) => {
                    answers.enter(&flicker.name, self.secret_input())?
                }
                WizardElement::Checkbox(checkbox) => {
                    let ticked = checkbox.name == "privacy_policy" || self.random.bool();
                    answers.tick(&checkbox.name, ticked)?
                }
                WizardElement::Select(select) if self.random.u8(0..8) == 0 => {
                    answers.choose(&select.name, "AT")?
                }
                WizardElement::Radio(radio) => answers.choose(&radio.name, "1")?,
                _ => answers,
            };
        }
        Ok(answers)
    }

    /// A PIN or TAN that can be told from everything else; now and then the wrong one.
    fn secret_input(&mut self) -> String {
        if self.random.u8(0..8) == 0 {
            return WRONG.to_owned();
        }
        let pin = format!("pin{:012x}", self.random.u64(1 << 44..1 << 48));
        self.stage.keep_secret(&pin);
        if self.stage.sabotage == Some(Sabotage::PrintSecrets) {
            self.stage.print(&pin);
        }
        pin
    }

    async fn delete_connection(&mut self) {
        let Some(id) = self.some_connection() else {
            return;
        };
        let connections = self.user.connections();
        let delete = connections.delete(&id);
        if self.one(Operation::DeleteConnection, delete).await.is_some() {
            self.connections.retain(|kept| *kept != id);
        }
    }

    async fn read_connections(&mut self) {
        let connections = self.user.connections();
        match self.random.u32(0..3) {
            0 => {
                self.all(Operation::ListConnections, connections.list()).await;
            }
            1 => {
                let strange = ["..", "a/b", "%2e%2e", "", "nobody", "ümläut?x=1#y"];
                let get = connections.get(pick(&mut self.random, &strange));
                self.one(Operation::GetConnection, get).await;
            }
            _ => {
                if let Some(id) = self.some_connection() {
                    let get = connections.get(id);
                    self.one(Operation::GetConnection, get).await;
                }
            }
        }
    }

    async fn read_accounts(&mut self) {
        let accounts = self.user.accounts();
        let list = match self.some_connection().filter(|_| self.random.bool()) {
            Some(id) => (Operation::ListConnectionAccounts, accounts.of_connection(id)),
            None => (Operation::ListAccounts, accounts.list()),
        };
        let found = self.all(list.0, list.1).await.unwrap_or_default();
        let Some(account) = self.random.choice(&found) else {
            return;
        };
        let id = &account.id;
        match self.random.u32(0..7) {
            0 => {
                let get = accounts.get(id);
                self.one(Operation::GetAccount, get).await;
            }
            1 => {
                let balance = accounts.balance(id);
                self.one(Operation::GetAccountBalance, balance).await;
            }
            2 | 3 => {
                let turnovers = accounts.turnovers(id);
                let turnovers = match self.random.bool() {
                    true => turnovers.only_new(),
                    false => turnovers.from(jiff::civil::date(2026, 1, 1)),
                };
                self.one(Operation::GetAccountTurnovers, turnovers.into_future()).await;
            }
            4 => {
                let seen = accounts.mark_as_seen(id);
                self.one(Operation::MarkAccountAsSeen, seen).await;
            }
            5 => {
                let report = accounts.report(id, "report-1").format(ReportFormat::Html);
                self.one(Operation::GetAccountReport, report.into_future()).await;
            }
            _ => {
                let delete = accounts.delete(id);
                self.one(Operation::DeleteAccount, delete).await;
            }
        }
    }

    async fn administer(&mut self) {
        let (users, api) = (self.api.users(), self.api.clone());
        match self.random.u32(0..8) {
            0 => {
                let request = CreateBankUserRequest::new("Ada", "ada@example.com");
                let create = users.create(&request);
                if let Some(user) = self.one(Operation::CreateUser, create).await
                    && self.random.bool()
                {
                    let delete = users.delete(&user.id);
                    self.one(Operation::DeleteUser, delete).await;
                }
            }
            1 => {
                self.all(Operation::ListUsers, users.list()).await;
            }
            2 | 3 => self.administer_tokens().await,
            4 => {
                self.all(Operation::ListEvents, api.events().list()).await;
            }
            5 => {
                let codes = api.bank_codes();
                let get = codes.get("88888888");
                self.one(Operation::GetBankCode, get).await;
            }
            6 => {
                let codes = api.bank_codes().list();
                self.all(Operation::ListBankCodes, codes).await;
            }
            _ => {
                let query = AutocompleteBankCodesQuery::new("test");
                let typed = api.bank_codes().autocomplete(&query);
                self.all(Operation::AutocompleteBankCodes, typed).await;
            }
        }
    }

    async fn administer_tokens(&mut self) {
        let tokens = self.api.access_tokens(self.bank_user.id());
        let until = self.stage.sandbox.now() + 2.hours();
        let create = tokens.create(until);
        let Some(token) = self.one(Operation::CreateAccessToken, create).await else {
            return;
        };
        self.stage.keep_secret(token.token.expose());
        match self.random.u32(0..3) {
            0 => {
                let refresh = tokens.refresh(&token.id, until + 1.hour());
                self.one(Operation::RefreshAccessToken, refresh).await;
            }
            1 => {
                let delete = tokens.delete(&token.id);
                self.one(Operation::DeleteAccessToken, delete).await;
            }
            _ => {
                self.all(Operation::ListAccessTokens, tokens.list()).await;
            }
        }
    }
}

/// Users of the test bank, whose names say what the bank asks for.
pub(super) const LOGINS: [&str; 6] =
    ["abcdef", "tan", "app", "captcha-tan", "flicker", "redirect-accounts"];

/// The PIN and the TAN that the test bank rejects.
const WRONG: &str = "000000";

fn random_policy(random: &mut fastrand::Rng) -> RetryPolicy {
    let seconds = |seconds| Duration::from_secs(seconds);
    RetryPolicy::default()
        .with_deadline(seconds(random.u64(2..70)))
        .with_attempt_timeout(seconds(random.u64(1..25)))
        .with_max_attempts(random.u32(1..7))
}

/// The clients of one process.
fn clients(
    stage: &Arc<Stage>,
    random: &mut fastrand::Rng,
    name: &str,
    policy: &RetryPolicy,
    clock: &Arc<MachineClock>,
    bank_user: &BankUser,
) -> (ApiClient, UserClient) {
    let clock = stage.clock(clock);
    let policy = match stage.sabotage {
        Some(Sabotage::OutstayDeadlines) => {
            let hour = Duration::from_secs(3_600);
            &policy.clone().with_deadline(hour).with_attempt_timeout(hour)
        }
        _ => policy,
    };
    let idle = Duration::from_secs(random.u64(0..5));
    let api = builder(ApiClient::builder(stage.sandbox.api_key()), stage, name)
        .retry(policy.clone())
        .connect_timeout(Duration::from_millis(500))
        .idle_timeout(idle)
        .seed(random.u64(..))
        .clock(clock.clone())
        .build()
        .expect("the settings are fine");
    let auth = match random.u32(0..3) {
        0 => None,
        1 => {
            let lifetime = SignedDuration::from_secs(random.i64(30..600));
            Some(api.access_tokens(bank_user.id()).source(lifetime).into())
        }
        _ => Some(xs2a::UserAuth::from(bank_user.token())),
    };
    let user = match auth {
        None => api.user(bank_user.id()),
        Some(auth) => builder(UserClient::builder(auth), stage, name)
            .retry(policy.clone())
            .connect_timeout(Duration::from_millis(500))
            .idle_timeout(idle)
            .seed(random.u64(..))
            .clock(clock)
            .build()
            .expect("the settings are fine"),
    };
    stage.print(&(&api, &user));
    (api, user)
}

/// The settings of a client that calls the sandbox and tells its name.
pub(super) fn builder<C>(begun: ClientBuilder<C>, stage: &Stage, name: &str) -> ClientBuilder<C> {
    let name = HeaderValue::from_str(name).expect("a name of letters and digits");
    let headers = HeaderMap::from_iter([(HeaderName::from_static("x-client"), name)]);
    // Loopback speaks plain HTTP, and reading the machine's certificates takes most of a scenario.
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).default_headers(headers);
    begun.base_url(stage.sandbox.base_url()).http_client_builder(http)
}

pub(super) fn pick<T: Clone>(random: &mut fastrand::Rng, values: &[T]) -> T {
    values[random.usize(..values.len())].clone()
}
