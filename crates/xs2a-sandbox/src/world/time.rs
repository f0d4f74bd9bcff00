//! Time passes, and with it happens what nobody asks for.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    lifecycle,
    model::{connection::Connection, session::Session},
    sessions,
    state::World,
};
use crate::clock;

/// Lets time pass. Everything that is due meanwhile happens at its own instant.
pub(crate) fn advance(world: &mut World, by: Duration) {
    let target = clock::after(world.now(), by);
    // What is due at the end of time never happens.
    let happens = |due| due <= target && due < Timestamp::MAX;
    while happens(world.quiet_until) {
        world.quiet_until = next_due(world);
        if happens(world.quiet_until) {
            world.clock.set(world.quiet_until);
            lifecycle::settle(world);
            sessions::expire(world);
        }
    }
    world.clock.set(target);
}

fn next_due(world: &World) -> Timestamp {
    let connections = world.connections.values().filter_map(Connection::next_due);
    let sessions = world.sessions.values().filter_map(Session::next_due);
    connections.chain(sessions).min().unwrap_or(Timestamp::MAX)
}
