//! The operations of the service: their ids, methods, paths and credentials.

use http::Method;

/// The kind of secret that an operation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The API key.
    ApiKey,
    /// The access token of one bank user.
    AccessToken,
}

macro_rules! operations {
    ($($variant:ident $id:literal $method:ident $template:literal $scope:ident;)+) => {
        /// One operation of the service.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Operation { $($variant,)+ }

        impl Operation {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The operation with this id, such as `sync_connection`.
            pub(crate) fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|operation| operation.id() == id)
            }

            pub(crate) fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            pub(crate) fn method(self) -> Method {
                match self { $(Self::$variant => Method::$method,)+ }
            }

            pub(crate) fn template(self) -> &'static str {
                match self { $(Self::$variant => $template,)+ }
            }

            pub(crate) fn scope(self) -> Scope {
                match self { $(Self::$variant => Scope::$scope,)+ }
            }
        }
    };
}

operations! {
    CreateConnection "create_connection" PUT "/v1/api/connections" AccessToken;
    ListConnections "list_connections" GET "/v1/api/connections" AccessToken;
    GetConnection "get_connection" GET "/v1/api/connections/{connection_id}" AccessToken;
    DeleteConnection "delete_connection" DELETE "/v1/api/connections/{connection_id}" AccessToken;
    SyncConnection "sync_connection" POST "/v1/api/connections/{connection_id}/sync" AccessToken;
    ResetConnection "reset_connection" POST "/v1/api/connections/{connection_id}/reset" AccessToken;

    CreateUser "create_user" PUT "/v1/api/users" ApiKey;
    ListUsers "list_users" GET "/v1/api/users" ApiKey;
    GetUser "get_user" GET "/v1/api/users/{user_id}" ApiKey;
    DeleteUser "delete_user" DELETE "/v1/api/users/{user_id}" ApiKey;

    CreateAccessToken "create_access_token" PUT "/v1/api/users/{user_id}/accesstokens" ApiKey;
    ListAccessTokens "list_access_tokens" GET "/v1/api/users/{user_id}/accesstokens" ApiKey;
    GetAccessToken "get_access_token" GET "/v1/api/users/{user_id}/accesstokens/{token_id}" ApiKey;
    RefreshAccessToken "refresh_access_token" PATCH "/v1/api/users/{user_id}/accesstokens/{token_id}" ApiKey;
    DeleteAccessToken "delete_access_token" DELETE "/v1/api/users/{user_id}/accesstokens/{token_id}" ApiKey;

    AdvanceWizard "advance_wizard" POST "/v1/api/wizard" AccessToken;

    ListAccounts "list_accounts" GET "/v1/api/accounts" AccessToken;
    ListConnectionAccounts "list_connection_accounts" GET "/v1/api/connections/{connection_id}/accounts" AccessToken;
    GetAccount "get_account" GET "/v1/api/accounts/{account_id}" AccessToken;
    DeleteAccount "delete_account" DELETE "/v1/api/accounts/{account_id}" AccessToken;
    GetAccountBalance "get_account_balance" GET "/v1/api/accounts/{account_id}/balance" AccessToken;
    GetAccountTurnovers "get_account_turnovers" GET "/v1/api/accounts/{account_id}/turnovers" AccessToken;
    MarkAccountAsSeen "mark_account_as_seen" POST "/v1/api/accounts/{account_id}/markAsSeen" AccessToken;
    MarkAccountAsSeenUntil "mark_account_as_seen_until" POST "/v1/api/accounts/{account_id}/markAsSeen/{date}" AccessToken;
    GetAccountReport "get_account_report" GET "/v1/api/accounts/{account_id}/report/{report_id}" AccessToken;

    GetSession "get_session" GET "/v1/sessions/{transaction}" ApiKey;

    ListEvents "list_events" GET "/v1/events" ApiKey;
    GetEvent "get_event" GET "/v1/events/{event_id}" ApiKey;

    GetBankCode "get_bank_code" GET "/v1/bankcodes" ApiKey;
    ListBankCodes "list_bank_codes" GET "/v1/bankcodes/all" ApiKey;
    AutocompleteBankCodes "autocomplete_bank_codes" GET "/v1/bankcodes/autocomplete" ApiKey;
}

/// What was found for a method and a path.
#[derive(Debug, PartialEq)]
pub(crate) enum Target<'a> {
    /// An operation and the values of its path parameters, in order.
    Operation(Operation, Vec<&'a str>),
    /// The path exists, but only with these methods.
    WrongMethod(Vec<Method>),
    /// No operation has this path.
    Unknown,
}

pub(crate) fn find<'a>(method: &Method, path: &'a str) -> Target<'a> {
    let mut allowed = Vec::new();
    for &operation in Operation::ALL {
        if let Some(parameters) = fit(operation.template(), path) {
            if operation.method() == *method {
                return Target::Operation(operation, parameters);
            }
            allowed.push(operation.method());
        }
    }
    if allowed.is_empty() { Target::Unknown } else { Target::WrongMethod(allowed) }
}

/// The values of the parameters of `template` in `path`. None if `path` has another shape.
fn fit<'a>(template: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut parameters = Vec::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        if expected.starts_with('{') {
            if segment.is_empty() {
                return None;
            }
            parameters.push(segment);
        } else if expected != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_own_method_and_path() {
        for &operation in Operation::ALL {
            assert!(
                matches!(
                    find(&operation.method(), operation.template()),
                    Target::Operation(found, _) if found == operation
                ),
                "{operation:?}"
            );
        }
    }

    #[test]
    fn a_path_with_a_missing_or_an_extra_segment_is_unknown() {
        for path in [
            "/",
            "/v1",
            "/v1/api/connections/",
            "/v1/api/connections/a/sync/b",
            "/v1/api/connections//sync",
        ] {
            assert_eq!(find(&Method::POST, path), Target::Unknown, "{path}");
        }
    }

    #[test]
    fn a_known_path_with_another_method_names_the_methods_it_has() {
        assert_eq!(
            find(&Method::POST, "/v1/api/connections/a"),
            Target::WrongMethod(vec![Method::GET, Method::DELETE])
        );
    }
}
