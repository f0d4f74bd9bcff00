//! Secrets go to the service and to nobody else, unless a program says so by name.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use xs2a_client::types::{
    AdditionalData, Event, SyncConnectionRequest, WizardRequest, WizardResponse, WizardSession,
};
use xs2a_client::{Client, Credentials, ErrorKind, Secret, secret};

fn session() -> WizardSession {
    serde_json::from_value(json!({"wizard_session_key": "wsk-1", "transaction": "tra-1"})).unwrap()
}

#[test]
fn what_is_written_has_a_placeholder_which_is_refused_where_it_is_read() {
    let stored = serde_json::to_string(&session()).unwrap();
    assert_eq!(stored, r#"{"wizard_session_key":"[secret]","transaction":"tra-1"}"#);
    let refused = serde_json::from_str::<WizardSession>(&stored).unwrap_err().to_string();
    assert!(refused.contains("a concealed secret cannot be read back"), "{refused}");
    let refused = serde_json::from_str::<Option<Secret>>(r#""[secret]""#).unwrap_err().to_string();
    assert!(refused.contains("a concealed secret cannot be read back"), "{refused}");
    let refused = xs2a_client::wire::decode::<WizardSession>(stored.as_bytes()).unwrap_err();
    assert_eq!(refused.path(), "wizard_session_key");

    let request = WizardRequest::new("wsk-1").extra([("PIN".to_owned(), "1234".into())].into());
    let shown = serde_json::to_string(&request).unwrap();
    assert_eq!(shown, r#"{"key":"[secret]","PIN":"[secret]"}"#);
}

#[test]
fn an_object_that_may_hold_secrets_is_not_written_and_not_read_back() {
    let event = json!({"id": "evt-1", "type": "t", "data": {"wizard_session_key": "wsk-1"}});
    let event: Event = serde_json::from_value(event).unwrap();
    let stored = serde_json::to_string(&event).unwrap();
    assert_eq!(stored, r#"{"id":"evt-1","type":"t","data":"[secret]"}"#);
    assert!(serde_json::from_str::<Event>(&stored).is_err());
    let end = json!({"additional_data": {"credentials": "half-1"}});
    let end: WizardResponse = serde_json::from_value(end).unwrap();
    assert_eq!(serde_json::to_string(&end).unwrap(), r#"{"additional_data":"[secret]"}"#);
}

#[test]
fn who_has_to_store_secrets_says_so_by_name() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Stored {
        #[serde(with = "secret::exposed")]
        key: Secret,
        #[serde(with = "secret::exposed", default)]
        half: Option<Secret>,
        #[serde(with = "secret::exposed")]
        session: WizardSession,
        #[serde(with = "secret::exposed")]
        data: AdditionalData,
        concealed: Option<Secret>,
    }
    let data = AdditionalData([("credentials".to_owned(), json!("half-1"))].into());
    let stored = Stored {
        key: "key-1".into(),
        half: None,
        session: session(),
        data: data.clone(),
        concealed: Some("pin-1".into()),
    };
    let mut json = serde_json::to_value(&stored).unwrap();
    assert_eq!(
        json,
        json!({"key": "key-1", "half": null, "data": {"credentials": "half-1"},
            "session": {"wizard_session_key": "wsk-1", "transaction": "tra-1"},
            "concealed": "[secret]"})
    );
    json["concealed"] = Value::Null;
    let read: Stored = serde_json::from_value(json).unwrap();
    assert_eq!(read, Stored { concealed: None, ..stored });
}

#[test]
fn a_secret_is_read_from_a_configuration() {
    #[derive(Deserialize)]
    struct Configuration {
        api_key: Secret,
    }
    let read: Configuration = serde_json::from_str(r#"{"api_key": "key-1"}"#).unwrap();
    assert_eq!(read.api_key, "key-1".parse().unwrap());
    assert_eq!(read.api_key, Secret::from("key-1".to_owned()));
}

#[tokio::test]
async fn a_placeholder_is_never_sent_as_a_secret() {
    let client = Client::new(
        "http://127.0.0.1:1".parse().unwrap(),
        reqwest::Client::builder().no_proxy().build().unwrap(),
        Credentials::new("tok"),
    );
    let request = SyncConnectionRequest::new().credentials("[secret]");
    let error = client.sync_connection(&"con-1".into(), &request).await.unwrap_err();
    let ErrorKind::InvalidRequest { reason } = error.kind() else { panic!("{error:?}") };
    assert!(reason.contains("a secret is only its placeholder"), "{reason}");
}

/// A `Serialize` of the program may panic. Secrets are concealed again afterwards.
#[test]
fn exposing_ends_with_what_is_exposed_also_where_that_panics() {
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("on purpose")
        }
    }
    let result = std::panic::catch_unwind(|| {
        secret::exposed::serialize(&Panics, serde_json::value::Serializer).map(drop)
    });
    assert!(result.is_err());
    assert_eq!(serde_json::to_string(&Secret::from("pin-1")).unwrap(), r#""[secret]""#);
}
