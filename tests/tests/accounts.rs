//! Accounts, sessions, events and bank codes against the sandbox, and money to the last digit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use rust_decimal::Decimal;
use xs2a::types::{
    AutocompleteBankCodesQuery, CreateConnectionRequest, ListBankCodesQuery, ListEventsQuery,
    ReportFormat, ReportLocale, SessionErrorCode, SyncConnectionRequest,
};
use xs2a::{
    AccountId, ApiClient, ConnectionId, Delivery, ErrorKind, Fate, Money, Pages, RetryPolicy,
    UserClient,
};
use xs2a_sandbox::{ConnectionSeed, Fault, Sandbox, SyncMode};
use xs2a_tests::in_both_forms;

struct Scene<'a> {
    sandbox: &'a Sandbox,
    api: ApiClient,
    user: UserClient,
    connection: ConnectionId,
}

async fn scene(sandbox: &Sandbox) -> Scene<'_> {
    let erika = sandbox.add_user("Erika");
    let connection = sandbox.add_connection(&erika, ConnectionSeed::new(SyncMode::Full)).into();
    let url = sandbox.base_url();
    let user = UserClient::builder(erika.token()).base_url(url).build().unwrap();
    let api = ApiClient::builder(sandbox.api_key()).base_url(url).build().unwrap();
    Scene { sandbox, api, user, connection }
}

impl Scene<'_> {
    async fn account(&self) -> AccountId {
        let accounts = self.user.accounts().of_connection(&self.connection).all().await.unwrap();
        accounts[0].id.clone()
    }
}

fn answer(scene: &Scene<'_>, operation: &str, body: &str) {
    let answer = Fault::Answer {
        status: 200,
        content_type: "application/json".to_owned(),
        body: body.to_owned(),
    };
    scene.sandbox.fault(answer).on(operation).next();
}

in_both_forms! {
    #[tokio::test]
    async fn accounts_are_listed_over_all_connections_and_per_connection(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        let of_connection = scene.user.accounts().of_connection(&scene.connection);
        let of_connection = of_connection.per_page(2).all().await.unwrap();
        let all = scene
            .user
            .accounts()
            .list()
            .per_page(1)
            .all()
            .await
            .unwrap();
        assert_eq!(all, of_connection);
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].bank_connection_id.as_ref(), Some(&scene.connection));
        let one = scene.user.accounts().get(&all[1].id).await.unwrap();
        assert_eq!(one, all[1]);
    }

    #[tokio::test]
    async fn an_account_outlives_its_connection_and_is_deleted_on_its_own(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        let (accounts, id) = (scene.user.accounts(), scene.account().await);
        scene
            .user
            .connections()
            .delete(&scene.connection)
            .await
            .unwrap();
        assert_eq!(accounts.get(&id).await.unwrap().bank_connection_id, None);
        accounts.delete(&id).await.unwrap();
        assert_eq!(
            accounts.get(&id).await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
        let error = accounts
            .of_connection(&scene.connection)
            .all()
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.fate()),
            (ErrorKind::NotFound, Fate::NotActed)
        );
    }

    #[tokio::test]
    async fn turnovers_are_narrowed_by_day_and_to_those_not_seen_yet(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        let (accounts, id) = (scene.user.accounts(), scene.account().await);
        let all = accounts.turnovers(&id).await.unwrap().turnovers;
        let mut days: Vec<_> = all
            .iter()
            .filter_map(|turnover| turnover.booking_date)
            .collect();
        days.sort();
        let middle = days[days.len() / 2];
        let of_a_day = accounts.turnovers(&id).from(middle).to(middle).await.unwrap().turnovers;
        assert!(!of_a_day.is_empty() && of_a_day.len() < all.len());
        assert!(
            of_a_day
                .iter()
                .all(|turnover| turnover.booking_date == Some(middle))
        );

        let new = async || accounts.turnovers(&id).only_new().await.unwrap().turnovers;
        assert_eq!(new().await.len(), all.len());
        accounts.mark_as_seen_until(&id, middle).await.unwrap();
        let rest = new().await;
        assert!(
            rest.iter()
                .all(|turnover| turnover.booking_date > Some(middle))
        );
        accounts.mark_as_seen(&id).await.unwrap();
        assert_eq!(new().await, []);
        assert_eq!(accounts.turnovers(&id).await.unwrap().turnovers.len(), all.len());
    }

    #[tokio::test]
    async fn a_report_comes_in_three_formats_with_its_content_type(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        let (accounts, id) = (scene.user.accounts(), scene.account().await);
        for (format, content_type, starts_with) in [
            (ReportFormat::Json, "application/json", "{"),
            (ReportFormat::Html, "text/html", "<"),
            (ReportFormat::Pdf, "application/pdf", "%PDF-"),
        ] {
            let report = accounts.report(&id, "rep-1").format(format).locale(ReportLocale::De);
            let report = report.await.unwrap();
            assert!(report.content_type.unwrap().starts_with(content_type));
            assert!(report.bytes.starts_with(starts_with.as_bytes()));
        }
    }

    #[tokio::test]
    async fn amounts_keep_every_digit_and_their_currency(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        let (accounts, id) = (scene.user.accounts(), scene.account().await);
        for text in [
            "131072.01",
            "0.1",
            "-0.01",
            "123456789012345.67",
            "12",
            "0",
            "-1e-2",
        ] {
            for form in [text.to_owned(), format!("\"{text}\"")] {
                for currency in ["currency", "currency_id"] {
                    let body = format!(
                        r#"{{"id":"acc-1","turnovers":[{{"amount":{form},"{currency}":"EUR"}}]}}"#
                    );
                    answer(&scene, "get_account_turnovers", &body);
                    let turnovers = accounts
                        .turnovers(&id)
                        .await
                        .unwrap();
                    let moved = Money::moved(&turnovers.turnovers[0]);
                    let exact = text.replace("-1e-2", "-0.01");
                    assert_eq!(moved.to_string(), format!("{exact} EUR"));

                    let body = format!(
                        r#"{{"id":"acc-1","balance":{form},"available":{form},"limit":"","{currency}":"EUR"}}"#
                    );
                    answer(&scene, "get_account_balance", &body);
                    let balance = accounts.balance(&id).await.unwrap();
                    let amount = Decimal::from_str_exact(&exact).unwrap();
                    assert_eq!(Money::booked(&balance).unwrap().amount, amount);
                    assert_eq!(
                        Money::available(&balance).unwrap().to_string(),
                        format!("{exact} EUR")
                    );
                    assert_eq!(Money::limit(&balance), None);
                }
            }
        }
    }

    #[tokio::test]
    async fn an_amount_that_is_no_number_costs_its_entry_and_is_never_guessed(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        let (accounts, id) = (scene.user.accounts(), scene.account().await);
        for garbage in [
            "\"12,345.60\"",
            "\"12.345,60\"",
            "\"EUR 12345.60\"",
            "[12345.60]",
            "true",
        ] {
            let body = format!(
                r#"{{"id":"a","turnovers":[{{"amount":1}},{{"amount":{garbage},"currency":"EUR"}}]}}"#
            );
            answer(&scene, "get_account_turnovers", &body);
            let found = accounts.turnovers(&id).await.unwrap().turnovers;
            assert_eq!((found.len(), found[0].amount.to_string()), (1, "1".to_owned()));
            let unreadable = &found.unreadable()[0];
            assert_eq!(
                (unreadable.position(), unreadable.reason().path()),
                (1, "turnovers[1].amount")
            );
            let printed = format!("{unreadable} {found:?}");
            assert!(!printed.contains("345"), "{printed}");
            assert!(unreadable.json().contains(garbage));

            answer(
                &scene,
                "get_account_balance",
                &format!(r#"{{"id":"a","balance":{garbage}}}"#),
            );
            let error = accounts.balance(&id).await.unwrap_err().to_string();
            assert!(
                error.contains("get_account_balance") && error.contains("`balance`"),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn a_session_tells_how_far_the_user_came_and_what_went_wrong(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        let created = scene
            .user
            .connections()
            .create(&CreateConnectionRequest::new())
            .await
            .unwrap();
        let sessions = scene.api.sessions();
        let begun = sessions.get(created.transaction()).await.unwrap();
        assert!(!begun.finished);
        // Said with a word of its own, or with nothing.
        let nothing = |code| code == SessionErrorCode::None;
        assert!(begun.last_error.is_none_or(nothing));
        scene
            .user
            .wizard(created.key().clone())
            .abort()
            .await
            .unwrap();
        let aborted = sessions.get(created.transaction()).await.unwrap();
        assert_eq!(aborted.last_error, Some(SessionErrorCode::ClientAborted));
        assert_eq!(
            sessions.get("tra-nobody").await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
    }

    #[tokio::test]
    async fn events_are_listed_got_and_read_like_deliveries(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        let connections = scene.user.connections();
        let _ = connections
            .sync_without_rules(&scene.connection, &SyncConnectionRequest::new())
            .await
            .unwrap();
        scene.sandbox.advance(Duration::from_secs(60));
        let events = scene.api.events();
        let all = events
            .list()
            .per_page(1)
            .all()
            .await
            .unwrap();
        assert!(!all.is_empty());
        assert_eq!(events.get(&all[0].id).await.unwrap(), all[0]);
        let kind = all[0].type_.clone();
        let of_kind = events
            .list_by(&ListEventsQuery::new().type_(&kind))
            .all()
            .await
            .unwrap();
        assert!(of_kind.iter().all(|event| event.type_ == kind));
        let future = ListEventsQuery::new().from("2100-01-01T00:00:00Z".parse().unwrap());
        let none = events.list_by(&future);
        assert_eq!(none.all().await.unwrap(), []);
        assert_eq!(
            events.get("evt-nobody").await.unwrap_err().kind(),
            ErrorKind::NotFound
        );

        let about_the_connection = all
            .into_iter()
            .map(Delivery::from)
            .find_map(|delivery| delivery.connection())
            .unwrap();
        assert_eq!(about_the_connection.id, scene.connection);
    }

    #[tokio::test]
    async fn banks_are_found_by_code_by_country_and_while_typing(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        let banks = scene.api.bank_codes();
        let bank = banks.get("88888888").await.unwrap();
        assert_eq!(bank.country_id.as_deref(), Some("DE"));
        assert_eq!(
            banks.get("00000000").await.unwrap_err().kind(),
            ErrorKind::NotFound
        );
        let count = |pages: Pages<_>| async { pages.per_page(2).all().await.unwrap().len() };
        let all = count(banks.list()).await;
        let austrian = ListBankCodesQuery::new().country_id("AT");
        let austrian = count(banks.list_by(&austrian)).await;
        assert!(0 < austrian && austrian < all);
        let typed = banks.autocomplete(&AutocompleteBankCodesQuery::new("testb"));
        assert!(typed.all().await.unwrap().contains(&bank));
        let nothing = banks.autocomplete(&AutocompleteBankCodesQuery::new("no such bank"));
        assert_eq!(nothing.all().await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_wrong_secret_is_unauthorized_everywhere(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        let url = scene.sandbox.base_url();
        let user = UserClient::builder("wrong").base_url(url).build().unwrap();
        let api = ApiClient::builder("wrong").base_url(url).build().unwrap();
        for error in [
            user.accounts().get("acc-1").await.unwrap_err(),
            user.accounts().list().all().await.unwrap_err(),
            user.wizard("wsk-1").open().await.unwrap_err(),
            api.sessions().get("tra-1").await.unwrap_err(),
            api.events()
                .list()
                .all()
                .await
                .unwrap_err(),
            api.bank_codes().get("88888888").await.unwrap_err(),
        ] {
            assert_eq!(
                (error.kind(), error.fate()),
                (ErrorKind::Unauthorized, Fate::NotActed)
            );
        }
    }

    #[tokio::test]
    async fn what_the_service_does_not_accept_is_rejected_with_its_message(sandbox: &Sandbox) {
        let scene = scene(sandbox).await;
        sandbox.fault(Fault::Status(422)).on("get_bank_code").next();
        let error = scene.api.bank_codes().get("8").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status().unwrap().as_u16()),
            (ErrorKind::Rejected, 422)
        );
        assert!(error.message().is_some());
        let user = scene.user.with_retry(RetryPolicy::off());
        let error = user.accounts().get("../users").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::InvalidRequest, 0)
        );
    }
}
