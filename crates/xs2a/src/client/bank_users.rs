//! What the clients of one bank user share: the access token and the syncs in flight.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::call::Auth;
use crate::ids::UserId;
use crate::sync::InFlight;

/// Bank users beyond this number are forgotten when they are idle, the longest unused first. A
/// forgotten user costs another access token when the user comes back.
const MOST_IDLE: usize = 10_000;

/// What all clients of one bank user share.
pub(crate) struct BankUser {
    pub(crate) auth: Auth,
    pub(crate) in_flight: Arc<InFlight>,
}

impl BankUser {
    pub(crate) fn new(auth: Auth) -> Self {
        Self { auth, in_flight: Arc::default() }
    }
}

/// The bank users that an API key's clients have been asked for.
#[derive(Default)]
pub(crate) struct BankUsers(Mutex<Known>);

#[derive(Default)]
struct Known {
    users: HashMap<UserId, Entry>,
    uses: u64,
    /// Forgetting looks at every user, so it waits for this many users.
    forget_at: usize,
}

struct Entry {
    user: Arc<BankUser>,
    last_use: u64,
}

impl BankUsers {
    /// The user of this id; `make` makes the user when it is not known.
    pub(crate) fn get(
        &self,
        id: UserId,
        now: Timestamp,
        make: impl FnOnce(UserId) -> BankUser,
    ) -> Arc<BankUser> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.uses += 1;
        let last_use = known.uses;
        if let Some(entry) = known.users.get_mut(&id) {
            entry.last_use = last_use;
            return Arc::clone(&entry.user);
        }
        if known.users.len() >= known.forget_at.max(MOST_IDLE) {
            known.forget_the_longest_unused(now);
        }
        let user = Arc::new(make(id.clone()));
        known.users.insert(id, Entry { user: Arc::clone(&user), last_use });
        user
    }
}

impl Known {
    fn forget_the_longest_unused(&mut self, now: Timestamp) {
        const AT_ONCE: usize = MOST_IDLE / 10;
        let idle = self.users.iter().filter(|(_, entry)| is_idle(&entry.user, now));
        let mut idle: Vec<_> = idle.map(|(id, entry)| (entry.last_use, id.clone())).collect();
        let excess = (idle.len() + AT_ONCE).saturating_sub(MOST_IDLE);
        idle.sort_unstable();
        for (_, id) in idle.iter().take(excess) {
            self.users.remove(id);
        }
        self.forget_at = self.users.len() + AT_ONCE;
    }
}

/// A user with a client that is alive, or with an open sync, is not idle.
fn is_idle(user: &Arc<BankUser>, now: Timestamp) -> bool {
    Arc::strong_count(user) == 1 && user.in_flight.is_idle(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{Role, SyncJob, SyncPolicy};
    use xs2a_client::Secret;

    fn get(users: &BankUsers, n: usize) -> Arc<BankUser> {
        let make = |_| BankUser::new(Auth::Fixed(Secret::from("token")));
        users.get(UserId::from(format!("usr-{n}")), Timestamp::UNIX_EPOCH, make)
    }

    fn known(users: &BankUsers) -> usize {
        users.0.lock().unwrap().users.len()
    }

    #[test]
    fn idle_users_are_forgotten_beyond_ten_thousand_and_others_never() {
        let users = BankUsers::default();
        let alive = get(&users, 0);
        let open = {
            let user = get(&users, 1);
            let now = Timestamp::UNIX_EPOCH;
            let mut job = SyncJob::new("con-1", SyncPolicy::default(), now);
            let Role::Lead(lead) = user.in_flight.join(&mut job, now) else { panic!("a leader") };
            lead
        };
        for n in 2..25_000 {
            get(&users, n);
            assert!(known(&users) <= MOST_IDLE + 2, "{n}");
        }
        assert!(known(&users) > MOST_IDLE / 2);
        assert!(Arc::ptr_eq(&alive, &get(&users, 0)));
        assert!(!get(&users, 1).in_flight.is_idle(Timestamp::UNIX_EPOCH));
        drop(open);
    }

    #[test]
    fn the_longest_unused_is_forgotten_first() {
        let users = BankUsers::default();
        let first = Arc::downgrade(&get(&users, 0));
        let second = Arc::downgrade(&get(&users, 1));
        (2..MOST_IDLE).for_each(|n| drop(get(&users, n)));
        get(&users, 0);
        get(&users, MOST_IDLE);
        assert!(first.upgrade().is_some() && second.upgrade().is_none());
    }
}
