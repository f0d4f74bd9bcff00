//! The body of a success of any operation.

use std::fmt::Debug;

use serde::Serialize;
use xs2a::Operation;
use xs2a::types;
use xs2a::xs2a_client::secret::exposed;
use xs2a::xs2a_client::wire::{Lenient, decode};

use crate::{assert_fit_to_log, seeds};

/// The first byte is the number of the operation, and the rest is the body.
pub fn run(data: &[u8]) {
    let Some((&number, body)) = data.split_first() else { return };
    read(Operation::ALL[usize::from(number) % Operation::ALL.len()], body);
}

/// Bodies made of the spec's examples.
pub fn seeds() -> Vec<Vec<u8>> {
    let input = |(operation, body): (Operation, serde_json::Value)| {
        let number = Operation::ALL.iter().position(|one| *one == operation).expect("in the list");
        let number = u8::try_from(number).expect("fewer than 256 operations");
        [&[number], body.to_string().as_bytes()].concat()
    };
    seeds::bodies().into_iter().map(input).collect()
}

/// Reads the body of a success of the operation.
fn read(operation: Operation, body: &[u8]) {
    match operation {
        Operation::CreateUser | Operation::GetUser => check::<types::BankUser>(body),
        Operation::ListUsers => check::<types::BankUserPage>(body),
        Operation::CreateAccessToken
        | Operation::GetAccessToken
        | Operation::RefreshAccessToken => check::<types::AccessToken>(body),
        Operation::ListAccessTokens => check::<types::AccessTokenPage>(body),
        Operation::CreateConnection | Operation::SyncConnection | Operation::ResetConnection => {
            check::<types::WizardSession>(body);
        }
        Operation::ListConnections => check::<types::ConnectionPage>(body),
        Operation::GetConnection => check::<types::Connection>(body),
        Operation::AdvanceWizard => check::<types::WizardResponse>(body),
        Operation::ListAccounts | Operation::ListConnectionAccounts => {
            check::<types::AccountPage>(body);
        }
        Operation::GetAccount => check::<types::Account>(body),
        Operation::GetAccountBalance => check::<types::Balance>(body),
        Operation::GetAccountTurnovers => check::<types::Turnovers>(body),
        Operation::GetSession => check::<types::Session>(body),
        Operation::ListEvents => check::<types::EventPage>(body),
        Operation::GetEvent => check::<types::Event>(body),
        Operation::GetBankCode => check::<types::BankCode>(body),
        Operation::ListBankCodes | Operation::AutocompleteBankCodes => {
            check::<types::BankCodePage>(body);
        }
        // Their successes have no body that is read as JSON.
        Operation::DeleteUser
        | Operation::DeleteAccessToken
        | Operation::DeleteConnection
        | Operation::DeleteAccount
        | Operation::MarkAccountAsSeen
        | Operation::MarkAccountAsSeenUntil
        | Operation::GetAccountReport => {}
        _ => panic!("{operation:?} is new: read its answer here"),
    }
}

/// Reads a body. What can be read can be printed, and what it is written as can be read again.
pub(crate) fn check<T: Lenient + Debug + Serialize>(body: &[u8]) {
    match decode::<T>(body) {
        Ok(value) => {
            assert!(!format!("{value:?}").is_empty());
            // Secrets are written by name alone.
            let mut json = Vec::new();
            exposed::serialize(&value, &mut serde_json::Serializer::new(&mut json))
                .expect("what was read can be written");
            if let Err(error) = decode::<T>(&json) {
                panic!("{error}: {}", String::from_utf8_lossy(&json));
            }
        }
        Err(error) => assert_fit_to_log(&error.to_string()),
    }
}
