//! The world as people see it: users with their connections, accounts and open sessions, without
//! secrets.

use std::collections::HashMap;

use super::{
    model::{
        account::{Account, Turnover},
        bank::Challenge,
        bank_fault::BankFault,
        connection::Connection,
        session::{Purpose, Session, State, Step},
        user::{AccessToken, User},
    },
    state::World,
};
use crate::{
    clock,
    json::{Json, object},
};

/// How many users are shown, how many things of each user, and how many turnovers of an account.
const USERS: usize = 50;
const OF_A_USER: usize = 20;
const TURNOVERS: usize = 50;

/// The users and what each of them has, and what the bank does at the logins.
pub(crate) fn overview(world: &World) -> Json {
    let of_users = OfUsers {
        tokens: by_user(world.tokens.values(), |token| &token.user),
        sessions: by_user(world.sessions.values(), |session| &session.user),
        left_behind: by_user(
            world.accounts.values().filter(|account| account.connection.is_none()),
            |account| &account.user,
        ),
    };
    let users = world.users.values().take(USERS).map(|user| show_user(world, user, &of_users));
    let mut logins: Vec<(&String, &BankFault)> = world.logins.iter().collect();
    logins.sort_by_key(|(name, _)| *name);
    let login =
        |(name, fault): (&String, &BankFault)| object! { "login": name, "bank": fault.name() };
    object! {
        "users": users.collect::<Vec<_>>(),
        "more_users": world.users.len().saturating_sub(USERS),
        "logins": logins.into_iter().map(login).collect::<Vec<_>>(),
    }
}

/// What belongs to users, by their ids.
struct OfUsers<'a> {
    tokens: HashMap<&'a str, Vec<&'a AccessToken>>,
    sessions: HashMap<&'a str, Vec<&'a Session>>,
    /// Accounts whose connections are gone.
    left_behind: HashMap<&'a str, Vec<&'a Account>>,
}

fn by_user<'a, T>(
    things: impl Iterator<Item = &'a T>,
    user: impl Fn(&'a T) -> &'a String,
) -> HashMap<&'a str, Vec<&'a T>> {
    let mut found: HashMap<&str, Vec<&T>> = HashMap::new();
    for thing in things {
        found.entry(user(thing)).or_default().push(thing);
    }
    found
}

fn show_user(world: &World, user: &User, of_users: &OfUsers<'_>) -> Json {
    let id = user.id.as_str();
    let connections: Vec<&Connection> =
        user.connections.iter().filter_map(|id| world.connections.get(id)).collect();
    let sessions = of_users.sessions.get(id).into_iter().flatten();
    let open = sessions.clone().filter(|session| session.is_open());
    let left_behind = of_users.left_behind.get(id).into_iter().flatten();
    let shown = object! {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "connections": connections.iter().take(OF_A_USER).map(|c| show_connection(world, c)).collect::<Vec<_>>(),
        "more_connections": connections.len().saturating_sub(OF_A_USER),
        "sessions": open.take(OF_A_USER).map(|s| show_session(world, s)).collect::<Vec<_>>(),
        "accounts": left_behind.take(OF_A_USER).map(|a| show_account(a)).collect::<Vec<_>>(),
    };
    // A text that came from outside, such as a `sync_message`, may repeat a secret of the user.
    let tokens = of_users.tokens.get(id).into_iter().flatten();
    let secrets: Vec<&str> = tokens
        .map(|token| token.secret.as_str())
        .chain(connections.iter().filter_map(|connection| connection.credentials.as_deref()))
        .chain(sessions.map(|session| session.key.as_str()))
        .collect();
    shown.without(&secrets)
}

fn show_connection(world: &World, connection: &Connection) -> Json {
    let accounts = connection.accounts.iter().filter_map(|id| world.accounts.get(id));
    let planned = connection.plans.iter();
    let planned: Vec<&str> =
        planned.map(|plan| plan.bank.map_or("nothing unusual", BankFault::name)).collect();
    connection
        .json()
        .with("login", &connection.login)
        .with("standing", connection.standing(clock::day(world.now())))
        .with("bank_will", planned)
        .with("accounts", accounts.take(OF_A_USER).map(show_account).collect::<Vec<_>>())
}

fn show_account(account: &Account) -> Json {
    account
        .json()
        .with("balance", account.balance_json())
        .with("turnovers", account.turnovers.len())
}

/// The latest turnovers of an account, the latest first. None if there is no such account.
pub(crate) fn turnovers(world: &World, account: &str) -> Option<Json> {
    let account = world.accounts.get(account)?;
    let latest = account.turnovers.iter().rev().take(TURNOVERS).map(Turnover::json);
    Some(object! {
        "turnovers": latest.collect::<Vec<_>>(),
        "more_turnovers": account.turnovers.len().saturating_sub(TURNOVERS),
    })
}

/// What a session is for, and what it waits for.
pub(super) fn show_session(world: &World, session: &Session) -> Json {
    let user = world.users.get(&session.user).and_then(|user| user.name.as_deref());
    let bank = session.bank.map_or("a bank", |bank| bank.name);
    let purpose = match session.purpose {
        Purpose::Create { .. } => format!("A new connection to {bank}"),
        Purpose::Sync { .. } => format!("A sync of {bank}"),
        Purpose::Reset { .. } => format!("A reset of {bank}"),
    };
    object! {
        "transaction": session.transaction,
        "user": user,
        "purpose": purpose,
        "open": session.is_open(),
        "state": waits_for(session),
        "step": session.at,
        "language": session.language.name(),
    }
}

fn waits_for(session: &Session) -> &'static str {
    match (&session.state, session.step()) {
        (State::Failed { message }, _) => message,
        (State::Finished { .. }, _) | (State::Open, None) => "The user is through.",
        (State::Open, Some(Step::Bank)) => "The user picks a bank.",
        (State::Open, Some(Step::Login)) => "The user logs in.",
        (State::Open, Some(Step::Scripted(_))) => {
            "The user fills in a form that a test has written."
        }
        (State::Open, Some(Step::Challenge(challenge))) => match challenge {
            Challenge::Tan | Challenge::Flicker => "The bank asks for a TAN.",
            Challenge::Captcha => "The bank asks for the characters in a picture.",
            Challenge::Accounts => "The user picks accounts.",
            Challenge::App => "The user approves the login in the app of the bank.",
            Challenge::Redirect => "The user logs in at an address of the bank.",
        },
    }
}
