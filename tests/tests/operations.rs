//! Every operation against the sandbox, its pages and its errors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use xs2a::types::{
    AutocompleteBankCodesQuery, CreateBankUserRequest, CreateConnectionRequest,
    SyncConnectionRequest, SyncConnectionResponse,
};
use xs2a::wizard::WizardStep;
use xs2a::{ApiClient, ErrorKind, Fate, Operation, RetryPolicy, UserClient};
use xs2a_sandbox::{Fault, Sandbox};
use xs2a_tests::calls::{call, called_before, success};
use xs2a_tests::in_both_forms;

fn api(sandbox: &Sandbox) -> ApiClient {
    ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap()
}

/// A bank user from creation to deletion, over every operation there is.
async fn story(sandbox: &Sandbox) {
    let api = api(sandbox);
    let users = api.users();
    let request = CreateBankUserRequest::new("Erika", "erika@example.com");
    let erika = users.create(&request).await.unwrap();
    let max = users.create(&CreateBankUserRequest::new("Max", "max@example.com")).await.unwrap();
    assert_eq!(users.get(&erika.id).await.unwrap(), erika);
    assert_eq!(users.list().per_page(1).all().await.unwrap().len(), 2);
    users.delete(&max.id).await.unwrap();
    assert_eq!(users.list().all().await.unwrap(), std::slice::from_ref(&erika));

    let tokens = api.access_tokens(&erika.id);
    let end = sandbox.now() + Duration::from_secs(3600);
    let token = tokens.create(end).await.unwrap();
    let whole_second = |end: jiff::Timestamp| end.as_second();
    assert_eq!(token.valid_until.map(whole_second), Some(whole_second(end)));
    let later = end + Duration::from_secs(3600);
    let refreshed = tokens.refresh(&token.id, later).await.unwrap();
    assert_eq!(refreshed.valid_until.map(whole_second), Some(whole_second(later)));
    let second = tokens.create(end).await.unwrap();
    assert_eq!(tokens.list().per_page(1).all().await.unwrap().len(), 2);
    tokens.delete(&second.id).await.unwrap();
    let gone = tokens.get(&second.id).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    let token = tokens.get(&token.id).await.unwrap();

    let user = UserClient::builder(token.token).base_url(sandbox.base_url()).build().unwrap();
    let connections = user.connections();
    let session = connections.create(&CreateConnectionRequest::new()).await.unwrap();
    let not_yet = connections.get(session.transaction()).await.unwrap_err();
    assert_eq!(not_yet.kind(), ErrorKind::NotFound);
    assert!(!api.sessions().get(session.transaction()).await.unwrap().finished);
    let opened = user.wizard(session.key().clone()).open().await.unwrap();
    assert!(matches!(opened, WizardStep::Form(_)));
    let id = sandbox.complete_session(session.transaction().as_str()).unwrap();
    assert!(api.sessions().get(session.transaction()).await.unwrap().finished);
    let connection = connections.get(session.transaction()).await.unwrap();
    assert_eq!(connection, connections.get(id.as_str()).await.unwrap());
    assert_eq!(connections.list().per_page(1).all().await.unwrap(), [connection]);
    let started = connections.sync_without_rules(&id, &SyncConnectionRequest::new()).await;
    assert_eq!(started.unwrap(), SyncConnectionResponse::NoContent);
    connections.reset(&id).await.unwrap();

    let accounts = user.accounts();
    let listed = accounts.of_connection(&id).per_page(2).all().await.unwrap();
    assert_eq!(accounts.list().per_page(2).all().await.unwrap(), listed);
    let account = accounts.get(&listed[0].id).await.unwrap();
    assert!(accounts.balance(&account.id).await.unwrap().balance.is_some());
    let turnovers = accounts.turnovers(&account.id).await.unwrap().turnovers;
    accounts
        .mark_as_seen_until(&account.id, turnovers[0].booking_date.unwrap().date())
        .await
        .unwrap();
    accounts.mark_as_seen(&account.id).await.unwrap();
    let report = accounts.report(&account.id, "rep-1").await;
    assert!(!report.unwrap().bytes.is_empty());
    connections.delete(&id).await.unwrap();
    accounts.delete(&account.id).await.unwrap();

    let events = api.events().list().per_page(2).all().await.unwrap();
    assert_eq!(api.events().get(&events[0].id).await.unwrap(), events[0]);
    let banks = api.bank_codes();
    let bank = banks.get("88888888").await.unwrap();
    assert!(banks.list().all().await.unwrap().contains(&bank));
    let found = banks.autocomplete(&AutocompleteBankCodesQuery::new("testb"));
    assert!(found.all().await.unwrap().contains(&bank));
}

in_both_forms! {
    #[tokio::test]
    async fn every_operation_does_what_it_says(sandbox: &Sandbox) {
        story(sandbox).await;
        for operation in Operation::ALL {
            assert_ne!(
                sandbox.acted(operation.id()),
                0,
                "{operation:?} is new: let `story` in tests/tests/operations.rs call it"
            );
        }
    }

    #[tokio::test]
    async fn every_refusal_of_every_operation_is_a_typed_error_with_the_servers_words(sandbox: &Sandbox) {
        let erika = sandbox.add_user("Erika");
        let user = UserClient::builder(erika.token()).base_url(sandbox.base_url());
        let user = user.retry(RetryPolicy::off()).build().unwrap();
        let api = api(sandbox).with_retry(RetryPolicy::off());
        for operation in Operation::ALL {
            for (status, kind) in [
                (401, ErrorKind::Unauthorized),
                (404, ErrorKind::NotFound),
                (422, ErrorKind::Rejected),
                (429, ErrorKind::Throttled),
            ] {
                if let Some(before) = called_before(*operation) {
                    let body = success(before).text().to_owned();
                    let content_type = "application/json".to_owned();
                    let answer = Fault::Answer { status: 200, content_type, body };
                    sandbox.fault(answer).on(before.id()).next();
                }
                sandbox.fault(Fault::Status(status)).on(operation.id()).next();
                let error = call(*operation, &api, &user).await.unwrap_err();
                assert_eq!(error.operation(), *operation);
                assert_eq!((error.kind(), error.fate()), (kind, Fate::NotActed), "{error}");
                assert_eq!(error.status().unwrap().as_u16(), status);
                assert!(error.message().is_some(), "{error:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_wrong_secret_is_refused_by_every_operation(sandbox: &Sandbox) {
        let url = sandbox.base_url();
        let user = UserClient::builder("wrong").base_url(url).build().unwrap();
        let api = ApiClient::builder("wrong").base_url(url).build().unwrap();
        for operation in Operation::ALL {
            let error = call(*operation, &api, &user).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
            assert_eq!(error.fate(), Fate::NotActed);
        }
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_found(sandbox: &Sandbox) {
        let erika = sandbox.add_user("Erika");
        let url = sandbox.base_url();
        let user = UserClient::builder(erika.token()).base_url(url).build().unwrap();
        let api = api(sandbox);
        let by_id = Operation::ALL.iter().filter(|operation| operation.path_template().contains('{'));
        for operation in by_id {
            let error = call(*operation, &api, &user).await.unwrap_err();
            assert_eq!((error.kind(), error.fate()), (ErrorKind::NotFound, Fate::NotActed), "{error}");
        }
    }
}
