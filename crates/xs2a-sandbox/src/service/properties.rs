//! Random sequences of requests to the service. In each of them the rules of a sync hold, no
//! request makes the service fail, and every answer keeps to the spec.

use std::time::Duration;

use base64::Engine as _;
use http::{HeaderMap, HeaderValue, Method};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use super::{Plan, Service, Side};
use crate::{
    answer::Body,
    clock::DEFAULT_START,
    request::Received,
    routes::Operation,
    world::{self, BankFault, ConnectionSeed, Settings, SyncMode, SyncPlan, World, orders},
};

const API_KEY: &str = "key";

#[derive(Clone, Debug)]
enum Step {
    Create {
        body: Value,
    },
    Wizard {
        session: Index,
        values: Value,
    },
    /// The user walks through the rest of the wizard.
    Complete {
        session: Index,
    },
    Sync {
        connection: Index,
        force: Value,
        half: Half,
    },
    Reset {
        connection: Index,
    },
    Delete {
        connection: Index,
    },
    /// The next sync without the user goes like this.
    Plan {
        connection: Index,
        plan: SyncPlan,
    },
    /// Time passes, less than between two automatic syncs.
    Pass {
        minutes: u64,
    },
    /// Any operation, with any values.
    Other {
        operation: Index,
        ids: [Index; 2],
        secret: Index,
        query: String,
        body: String,
    },
    /// A request for no operation.
    Nonsense {
        method: Method,
        path: String,
    },
}

#[derive(Clone, Copy, Debug)]
enum Half {
    None,
    Right,
    Wrong,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let body = prop_oneof![
        Just(json!({ "bic": "TESTDE88XXX", "sync_mode": "full" })),
        Just(json!({ "bic": "TESTDE88XXX", "sync_mode": "shared", "account_selection": "multi" })),
        Just(json!({ "sync_mode": "none", "country_id": "DE", "language": "fr" })),
        Just(json!({ "days": 9, "limit_days": "3", "fints_product_id": 7 })),
        Just(json!({ "sync_mode": "often" })),
    ];
    let values = prop_oneof![
        4 => Just(json!({ "USER_NAME": "abcdef", "USER_PIN": "1", "privacy_policy": true })),
        2 => Just(json!({ "USER_NAME": "tan-app", "USER_PIN": "1", "privacy_policy": "1" })),
        3 => Just(json!({ "USER_NAME": "abcdef", "USER_PIN": "000000", "privacy_policy": true })),
        1 => Just(json!({ "USER_NAME": ["x"] })),
        2 => Just(json!({ "country_id": "DE", "bank_code": 88888888 })),
        1 => Just(json!({ "country_id": "AT", "bank_code": "88888888" })),
        3 => Just(json!({ "TAN": "123456" })),
        2 => Just(json!({ "TAN": "000000" })),
        2 => Just(json!({ "account_0": true, "account_1": "false" })),
        3 => Just(json!({ "action": "poll" })),
        1 => Just(json!({ "action": "back" })),
        1 => Just(json!({ "action": "abort" })),
        1 => Just(json!({ "action": "dance" })),
        1 => Just(json!({})),
    ];
    let force = prop_oneof![
        3 => Just(json!(true)),
        2 => Just(json!(false)),
        1 => Just(json!("1")),
        1 => Just(Value::Null),
        1 => Just(json!("perhaps")),
    ];
    let half = prop_oneof![Just(Half::None), Just(Half::Right), Just(Half::Wrong)];
    let fault = prop_oneof![
        3 => Just(BankFault::WrongPassword),
        1 => Just(BankFault::Unavailable),
        1 => Just(BankFault::TanRequired),
        1 => Just(BankFault::ConsentGone),
        1 => Just(BankFault::Slow(Duration::from_secs(4_000))),
    ];
    let span = || prop_oneof![4 => Just(0), 1 => 1_u64..=40, 1 => 40_u64..=600];
    let plan = (proptest::option::weighted(0.9, fault), span(), span());
    let plan = plan.prop_map(|(fault, begins, shows)| {
        let plan = fault.map_or_else(SyncPlan::new, SyncPlan::from);
        let minutes = |count| Duration::from_secs(count * 60);
        plan.begins_after(minutes(begins)).shows_after(minutes(shows))
    });
    let method = prop_oneof![
        Just(Method::GET),
        Just(Method::POST),
        Just(Method::PUT),
        Just(Method::DELETE),
        Just(Method::PATCH),
        Just(Method::HEAD),
        Just(Method::OPTIONS),
    ];
    let query = prop_oneof![
        3 => Just(String::new()),
        1 => Just("page=2&per_page=1".to_owned()),
        1 => Just("from=&to=&only_new=1&country_id=".to_owned()),
        1 => Just("bank_code=88888888&q=test&format=pdf".to_owned()),
        1 => "[a-z_]{0,8}=[ -~]{0,12}",
    ];
    let garbage = prop_oneof![
        3 => Just(String::new()),
        1 => Just(r#"{"name":"Ada","email":"ada@example.com"}"#.to_owned()),
        1 => Just(r#"{"valid_until":"2026-02-01 00:00:00"}"#.to_owned()),
        1 => "\\PC{0,40}",
    ];
    let index = any::<Index>;
    let step = prop_oneof![
        2 => body.prop_map(|body| Step::Create { body }),
        8 => (index(), values).prop_map(|(session, values)| Step::Wizard { session, values }),
        5 => index().prop_map(|session| Step::Complete { session }),
        10 => (index(), force, half)
            .prop_map(|(connection, force, half)| Step::Sync { connection, force, half }),
        2 => index().prop_map(|connection| Step::Reset { connection }),
        1 => index().prop_map(|connection| Step::Delete { connection }),
        6 => (index(), plan).prop_map(|(connection, plan)| Step::Plan { connection, plan }),
        4 => (0_u64..=720).prop_map(|minutes| Step::Pass { minutes }),
        4 => (index(), [index(), index()], index(), query, garbage).prop_map(
            |(operation, ids, secret, query, body)| Step::Other { operation, ids, secret, query, body }
        ),
        1 => (method, "(/[a-z0-9.%]{0,6}){1,5}")
            .prop_map(|(method, path)| Step::Nonsense { method, path }),
    ];
    prop::collection::vec(step, 1..24)
}

/// The part of a connection that the rules of a sync are about.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    mode: String,
    active: bool,
    message: Value,
    failures: u64,
    last_synced: Value,
    consent: String,
}

struct Stage {
    service: Service,
    user: String,
    token: String,
    stranger: String,
    connections: Vec<String>,
    wizards: Vec<String>,
    transactions: Vec<String>,
    /// Every id in an answer.
    ids: Vec<String>,
}

impl Stage {
    fn set() -> Self {
        let mut service = Service::new(Plan {
            api_key: API_KEY.to_owned(),
            world: Settings {
                seed: 1,
                start: DEFAULT_START,
                sync_takes: Duration::from_secs(1),
                tick: Duration::from_secs(1),
                delivers: false,
            },
            follows_tokio: false,
            dialect: false,
            judged: true,
            post: None,
            scenario: None,
            address: None,
        });
        let (user, token) = service.change(|world| orders::add_user(world, "Ada".to_owned(), None));
        let (_, stranger) = service.change(|world| orders::add_user(world, "Eve".to_owned(), None));
        let mut stage = Self {
            service,
            user,
            token,
            stranger,
            connections: Vec::new(),
            wizards: vec!["none".to_owned()],
            transactions: vec!["none".to_owned()],
            ids: vec!["none".to_owned()],
        };
        stage.ids.push(stage.user.clone());
        for (mode, failures) in
            [(SyncMode::Full, 0), (SyncMode::Full, 2), (SyncMode::Shared, 1), (SyncMode::None, 0)]
        {
            let seed = ConnectionSeed::new(mode).failures(failures);
            let user = stage.user.clone();
            let id = stage.service.change(|world| orders::add_connection(world, &user, &seed));
            stage.connections.extend(id);
        }
        stage.ids.extend(stage.connections.clone());
        // These sessions wait while other things happen.
        for id in stage.connections.clone() {
            stage.user(&Method::POST, &format!("/v1/api/connections/{id}/reset"), &json!({}));
        }
        stage
    }

    /// Sends a request, and notes the ids of the answer.
    fn send(
        &mut self,
        secret: &str,
        method: &Method,
        path: &str,
        query: &str,
        body: &str,
    ) -> (u16, Value) {
        let credentials = base64::engine::general_purpose::STANDARD.encode(format!("api:{secret}"));
        let mut headers = HeaderMap::new();
        let basic = HeaderValue::try_from(format!("Basic {credentials}")).unwrap();
        headers.insert("authorization", basic);
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        let sent = self.service.handle(&Received {
            method,
            path,
            query,
            headers: &headers,
            body: Ok(body.as_bytes()),
        });
        let value = match sent.answer.body {
            Body::Json(value) => value.to_value(),
            Body::Empty | Body::Raw { .. } => Value::Null,
        };
        for field in ["id", "transaction"] {
            self.ids.extend(value[field].as_str().map(str::to_owned));
        }
        if let Some(key) = value["wizard_session_key"].as_str() {
            self.wizards.push(key.to_owned());
            self.transactions.extend(value["transaction"].as_str().map(str::to_owned));
        }
        (sent.answer.status, value)
    }

    fn user(&mut self, method: &Method, path: &str, body: &Value) -> (u16, Value) {
        let token = self.token.clone();
        self.send(&token, method, path, "", &body.to_string())
    }

    fn all(&self) -> Vec<(String, Shown)> {
        self.service.look(|world| {
            self.connections.iter().filter_map(|id| Some((id.clone(), shown(world, id)?))).collect()
        })
    }

    /// What a request would find now. The clock moves a second before the request is answered.
    fn found(&self, id: &str) -> (Option<Shown>, bool) {
        let mut world = self.service.look(World::clone);
        world::advance(&mut world, Duration::from_secs(1));
        (shown(&world, id), world.is_syncing(id))
    }

    /// The wizard has made connections that only the world knows.
    fn look_for_new_connections(&mut self) {
        let known = self.service.look(|world| world.connections_of(&self.user));
        for id in known {
            if !self.connections.contains(&id) {
                self.ids.push(id.clone());
                self.connections.push(id);
            }
        }
    }
}

fn shown(world: &World, id: &str) -> Option<Shown> {
    read(&world.connection_json(id)?)
}

fn read(json: &Value) -> Option<Shown> {
    Some(Shown {
        mode: json["sync_mode"].as_str()?.to_owned(),
        active: json["sync_active"].as_bool()?,
        message: json["sync_message"].clone(),
        failures: json["sync_fail_counter"].as_u64()?,
        last_synced: json["last_synced"].clone(),
        consent: json["consent_valid_until"].as_str()?.to_owned(),
    })
}

/// What may become of a connection at once.
fn check_transition(before: &Shown, after: &Shown) {
    if before.failures >= 3 {
        assert_eq!(after, before, "disabled is for good");
        return;
    }
    if after.last_synced != before.last_synced {
        assert_eq!(after.failures, 0, "a success starts the count anew");
        assert_eq!(after.message, Value::Null);
        assert_eq!(after.active, after.mode == "full");
    } else if after.failures != before.failures {
        assert_eq!(after.failures, before.failures + 1, "failures are counted one by one");
        assert!(!after.active, "a failure stops the automatic syncs");
        assert!(after.message.is_string(), "a failure says why");
    } else {
        assert_eq!((&after.mode, after.active), (&before.mode, before.active));
    }
    if after.mode != before.mode {
        let fell = after.failures > before.failures && after.mode == "none";
        let rose = after.last_synced != before.last_synced && after.mode == "full";
        assert!(fell || rose, "the mode changes by falling back and by returning only");
    }
}

fn check_sync(stage: &mut Stage, id: &str, force: &Value, half: Half) {
    let (before, syncing) = stage.found(id);
    let right = stage.service.look(|world| orders::credentials(world, id));
    let mut body = json!({ "force": force });
    match half {
        Half::None => {}
        Half::Right => body["credentials"] = json!(right),
        Half::Wrong => body["credentials"] = json!("another half"),
    }
    let (status, answer) =
        stage.user(&Method::POST, &format!("/v1/api/connections/{id}/sync"), &body);
    let Some(before) = before else {
        assert_eq!(status, 404);
        return;
    };
    let forced = *force == json!(true) || *force == json!("1");
    let has_half = matches!(half, Half::Right) && right.is_some();
    let today = stage.service.now().to_string();
    let allowed = before.failures < 3
        && !syncing
        && *force != json!("perhaps")
        && (before.active || before.failures == 0 || forced)
        && (before.mode != "shared" || has_half);
    if !allowed {
        assert_eq!(status, 422, "{before:?}");
    } else if before.mode == "none" || before.consent.as_str() < &today[..10] {
        assert_eq!(status, 202, "{before:?}");
    } else {
        assert!(status == 204 || status == 202, "{status} {before:?}");
    }
    assert_eq!(status == 202, answer["wizard_session_key"].is_string());
    // The sync may find that the consent is gone. Everything else shows only later.
    let after = stage.service.look(|world| shown(world, id));
    let after = after.map(|after| Shown { consent: before.consent.clone(), ..after });
    assert_eq!(after, Some(before), "a sync only starts");
}

fn play(step: Step, stage: &mut Stage) {
    let pick = |from: &[String], index: Index| from[index.index(from.len())].clone();
    match step {
        Step::Create { body } => {
            let (status, _) = stage.user(&Method::PUT, "/v1/api/connections", &body);
            assert_eq!(status == 422, body["sync_mode"] == "often");
        }
        Step::Wizard { session, mut values } => {
            values["key"] = json!(pick(&stage.wizards, session));
            stage.user(&Method::POST, "/v1/api/wizard", &values);
        }
        Step::Complete { session } => {
            let transaction = pick(&stage.transactions, session);
            stage.service.change(|world| orders::complete_session(world, &transaction));
        }
        Step::Sync { connection, force, half } => {
            let id = pick(&stage.connections, connection);
            check_sync(stage, &id, &force, half);
        }
        Step::Reset { connection } => {
            let id = pick(&stage.connections, connection);
            let (before, _) = stage.found(&id);
            let path = format!("/v1/api/connections/{id}/reset");
            let (status, _) = stage.user(&Method::POST, &path, &json!({}));
            let expected = match before {
                None => 404,
                Some(before) if before.failures >= 3 => 422,
                Some(_) => 202,
            };
            assert_eq!(status, expected, "a reset works whatever the mode is");
        }
        Step::Delete { connection } => {
            let id = pick(&stage.connections, connection);
            let path = format!("/v1/api/connections/{id}");
            stage.user(&Method::DELETE, &path, &json!({}));
            assert_eq!(stage.user(&Method::GET, &path, &json!({})).0, 404);
        }
        Step::Plan { connection, plan } => {
            let id = pick(&stage.connections, connection);
            stage.service.change(|world| orders::plan_sync(world, &id, plan));
        }
        Step::Pass { minutes } => {
            stage.service.change(|world| world::advance(world, Duration::from_secs(minutes * 60)));
        }
        Step::Other { operation, ids, secret, query, body } => {
            let operation = *operation.get(Operation::ALL);
            // Without the user, none of the other steps would be possible any more.
            if operation == Operation::DeleteUser {
                return;
            }
            let path = operation.template().split('/').map(|segment| match segment {
                "{token_id}" | "{report_id}" | "{date}" => pick(&stage.ids, ids[1]),
                _ if segment.starts_with('{') => pick(&stage.ids, ids[0]),
                _ => segment.to_owned(),
            });
            let path = path.collect::<Vec<_>>().join("/");
            let secrets =
                [API_KEY.to_owned(), stage.token.clone(), stage.stranger.clone(), "no".to_owned()];
            let secret = pick(&secrets, secret);
            let (status, _) = stage.send(&secret, &operation.method(), &path, &query, &body);
            assert!(secret != "no" || status == 401);
        }
        Step::Nonsense { method, path } => {
            let (status, _) = stage.send(API_KEY, &method, &path, "", "");
            assert!((400..500).contains(&status), "{method} {path}: {status}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_requests_breaks_a_rule_of_a_sync_or_leaves_the_spec(steps in steps()) {
        let mut stage = Stage::set();
        for step in steps {
            let before = stage.all();
            let events = stage.service.look(World::event_count);
            play(step, &mut stage);
            for (id, mut before) in before {
                // Several things may have happened to the connection, each with an event.
                let told = stage.service.look(|world| world.events_of(&id, events));
                let after = stage.service.look(|world| shown(world, &id));
                for after in told.iter().filter_map(read).chain(after) {
                    check_transition(&before, &after);
                    before = after;
                }
            }
            stage.look_for_new_connections();
        }
        for (id, counts) in stage.service.look(|world| {
            orders::all_counts(world).map(|(id, counts)| (id.to_owned(), counts)).collect::<Vec<_>>()
        }) {
            assert!(counts.third_failures <= 1, "{counts:?}");
            assert!(counts.syncs_acted <= counts.syncs_received, "{counts:?}");
            let disabled = stage.service.look(|world| shown(world, &id)).map(|now| now.failures >= 3);
            assert!(disabled.is_none_or(|disabled| disabled == (counts.third_failures == 1)));
        }
        for entry in stage.service.log.entries() {
            assert!(entry.status < 500, "{entry}");
        }
        let ours: Vec<_> =
            stage.service.log.violations().filter(|v| v.side == Side::Response).collect();
        assert!(ours.is_empty(), "{ours:?}");
    }
}

#[test]
fn a_connection_that_is_left_alone_is_synced_daily_until_its_consent_ends() {
    let mut stage = Stage::set();
    let id = stage.connections[0].clone();
    for day in 0..100 {
        let before = stage.service.look(|world| shown(world, &id)).unwrap();
        stage.service.change(|world| world::advance(world, Duration::from_secs(24 * 60 * 60 + 60)));
        let after = stage.service.look(|world| shown(world, &id)).unwrap();
        if day < 90 {
            assert_ne!(after.last_synced, before.last_synced, "day {day}");
        } else if day > 91 {
            assert_eq!((after.failures, after.mode.as_str()), (1, "none"));
        }
    }
}

#[test]
fn a_sync_that_never_ends_does_not_hold_up_time() {
    let mut stage = Stage::set();
    let id = stage.connections[0].clone();
    let forever = BankFault::Slow(Duration::MAX);
    stage.service.change(|world| orders::plan_sync(world, &id, forever.into()));
    assert_eq!(
        stage.user(&Method::POST, &format!("/v1/api/connections/{id}/sync"), &json!({})).0,
        204
    );
    stage.service.change(|world| world::advance(world, Duration::MAX));
    assert_eq!(stage.service.now(), jiff::Timestamp::MAX);
}
