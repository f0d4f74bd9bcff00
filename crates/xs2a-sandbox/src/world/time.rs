//! Time passes, and with it happens what nobody asks for.

use std::time::Duration;

use super::{agenda::Due, lifecycle, sessions, state::World};
use crate::clock;

/// Lets time pass. Everything that is due meanwhile happens at its own instant.
pub(crate) fn advance(world: &mut World, by: Duration) {
    let target = clock::after(world.now(), by);
    while let Some((instant, due)) = world.agenda.take(target) {
        world.clock.set(instant);
        match due {
            Due::Connection { id, .. } => lifecycle::settle(world, &id),
            Due::Session { transaction, .. } => sessions::expire(world, &transaction),
        }
    }
    world.clock.set(target);
}
