//! The calls about accounts, and what opens an account or brings turnovers to it.

use jiff::civil::Date;

use super::{
    model::account::{Account, AccountType, Business, DAILY_LIFE, SALARY, SALE, Turnover},
    report,
    state::World,
};
use crate::{
    answer::{Answer, Outcome, Refusal},
    clock,
    pages::page,
    request::Query,
};

pub(super) fn list(world: &World, user: &str, query: &Query) -> Outcome {
    let own: Vec<&Account> = world.accounts.values().filter(|a| a.user == user).collect();
    page("/v1/api/accounts", query, &own, |account| account.json())
}

pub(super) fn list_of_connection(
    world: &World,
    user: &str,
    connection: &str,
    query: &Query,
) -> Outcome {
    let ids = &world.own_connection(user, connection)?.accounts;
    let own: Vec<&Account> = ids.iter().filter_map(|id| world.accounts.get(id)).collect();
    let path = format!("/v1/api/connections/{connection}/accounts");
    page(&path, query, &own, |account| account.json())
}

pub(super) fn get(world: &World, user: &str, id: &str) -> Outcome {
    Ok(Answer::json(200, own(world, user, id)?.json()))
}

pub(super) fn delete(world: &mut World, user: &str, id: &str) -> Outcome {
    own(world, user, id)?;
    world.accounts.shift_remove(id);
    Ok(Answer::acknowledged())
}

pub(super) fn balance(world: &World, user: &str, id: &str) -> Outcome {
    Ok(Answer::json(200, own(world, user, id)?.balance_json()))
}

pub(super) fn turnovers(world: &World, user: &str, id: &str, query: &Query) -> Outcome {
    let account = own(world, user, id)?;
    let (from, to) = (query.date("from")?, query.date("to")?);
    let only_new = query.flag("only_new")? || query.flag("onlyNew")?;
    let shown = account.turnovers_json(|turnover| {
        from.is_none_or(|from| turnover.day >= from)
            && to.is_none_or(|to| turnover.day <= to)
            && !(only_new && turnover.seen)
    });
    Ok(Answer::json(200, shown))
}

/// Marks the turnovers up to this day as seen; without a day, all of them.
pub(super) fn mark_as_seen(world: &mut World, user: &str, id: &str, until: &str) -> Outcome {
    own(world, user, id)?;
    let until = match until {
        "" => Date::MAX,
        text => {
            text.parse().map_err(|_| Refusal::invalid("The date must be a day as YYYY-MM-DD"))?
        }
    };
    let account = world.accounts.get_mut(id).ok_or_else(Refusal::not_found)?;
    for turnover in account.turnovers.iter_mut().filter(|turnover| turnover.day <= until) {
        turnover.seen = true;
    }
    Ok(Answer::acknowledged())
}

pub(super) fn report(world: &World, user: &str, id: &str, report: &str, query: &Query) -> Outcome {
    report::report(own(world, user, id)?, report, query)
}

fn own<'a>(world: &'a World, user: &str, id: &str) -> Result<&'a Account, Refusal> {
    let account = world.accounts.get(id).filter(|account| account.user == user);
    account.ok_or_else(Refusal::not_found)
}

/// Opens an account of a connection, with a history.
pub(super) fn open(world: &mut World, connection: &str, kind: AccountType) {
    let Some(owner) = world.connections.get(connection) else {
        return;
    };
    let (user, bank, days) = (owner.user.clone(), owner.bank, owner.days);
    let transaction = owner.transaction.clone();
    let name = world.users.get(&user).and_then(|user| user.name.clone());
    let now = world.now();
    let mut account = Account {
        id: world.new_id(),
        user,
        connection: Some(connection.to_owned()),
        kind,
        holder: name.unwrap_or_else(|| "Ada Lovelace".to_owned()),
        number: world.random.u64(1_000_000..9_999_999),
        bank,
        created_at: now,
        fetched_at: now,
        days,
        cents: world.random.i64(50_000..500_000),
        turnovers: Vec::new(),
    };
    for (business, ago) in history(world, kind, days) {
        let day = clock::days_from(clock::day(now), -ago);
        let turnover = new_turnover(world, business, day, &transaction);
        account.book(turnover);
    }
    if let Some(owner) = world.connections.get_mut(connection) {
        owner.accounts.push(account.id.clone());
    }
    world.accounts.insert(account.id.clone(), account);
}

/// The turnovers of a new account by business and by days before today, the oldest first.
fn history(world: &mut World, kind: AccountType, days: i64) -> Vec<(&'static Business, i64)> {
    let mut planned = match kind {
        AccountType::Giro => vec![(&SALE, 60), (&SALARY, 31), (&SALARY, 1)],
        AccountType::CreditCard => Vec::new(),
        _ => vec![(&SALARY, 30)],
    };
    for _ in 0..6 {
        let business = &DAILY_LIFE[world.random.usize(..DAILY_LIFE.len())];
        planned.push((business, world.random.i64(0..90)));
    }
    planned.retain(|(_, ago)| *ago <= days);
    planned.sort_by_key(|(_, ago)| -ago);
    planned
}

/// A sync fetches what is new: one to three turnovers on each account of the connection.
pub(super) fn fetch_turnovers(world: &mut World, connection: &str) {
    let Some(owner) = world.connections.get(connection) else {
        return;
    };
    let (transaction, ids) = (owner.transaction.clone(), owner.accounts.clone());
    let now = world.now();
    for id in ids {
        if !world.accounts.contains_key(&id) {
            continue;
        }
        let mut new = Vec::new();
        for _ in 0..world.random.usize(1..=3) {
            let business = &DAILY_LIFE[world.random.usize(..DAILY_LIFE.len())];
            new.push(new_turnover(world, business, clock::day(now), &transaction));
        }
        if let Some(account) = world.accounts.get_mut(&id) {
            for turnover in new {
                account.book(turnover);
            }
            account.fetched_at = now;
        }
    }
}

fn new_turnover(
    world: &mut World,
    business: &'static Business,
    day: Date,
    transaction: &str,
) -> Turnover {
    let (least, most) = business.cents;
    Turnover {
        id: world.new_id(),
        transaction: transaction.to_owned(),
        day,
        cents: world.random.i64(least..=most),
        business,
        number: world.random.u32(1_000..10_000),
        seen: false,
    }
}
