//! The calls about events.

use super::{model::event::Event, state::World};
use crate::{
    answer::{Answer, Outcome, Refusal},
    pages::page,
    request::Query,
};

pub(super) fn list(world: &World, query: &Query) -> Outcome {
    let (from, to) = (query.instant("from")?, query.instant("to")?);
    let (transaction, kind) = (query.text("transaction_id"), query.text("type"));
    let is_wanted = |event: &&Event| {
        transaction.is_none_or(|wanted| event.transaction.as_deref() == Some(wanted))
            && kind.is_none_or(|wanted| event.kind == wanted)
            && from.is_none_or(|from| event.at >= from)
            && to.is_none_or(|to| event.at <= to)
    };
    let wanted: Vec<&Event> = world.events.iter().filter(is_wanted).collect();
    page("/v1/events", query, &wanted, |event| event.json())
}

pub(super) fn get(world: &World, id: &str) -> Outcome {
    let event = world.events.iter().find(|event| event.id == id);
    Ok(Answer::json(200, event.ok_or_else(Refusal::not_found)?.json()))
}
