//! How often things have happened to a connection.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;

const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How often things have happened to one connection since it was made; see
/// [`Sandbox::counts`](crate::Sandbox::counts). The counts of a deleted connection stay.
///
/// ```
/// use xs2a_sandbox::{ConnectionSeed, Sandbox, SyncMode};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// let user = sandbox.add_user("Ada");
/// let connection = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::None));
/// let url = format!("{}/v1/api/connections/{connection}/sync", sandbox.base_url());
/// let call = reqwest::Client::new().post(url).basic_auth("api", Some(user.token()));
/// call.json(&serde_json::json!({})).send().await.unwrap();
///
/// let counts = sandbox.counts(&connection);
/// assert_eq!((counts.syncs_acted, counts.sessions), (1, 1));
/// assert_eq!(sandbox.total_counts(), counts);
/// # });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Requests for the connection itself that arrived, whatever became of them.
    pub looks: u32,
    /// Sync calls that arrived, whatever became of them.
    pub syncs_received: u32,
    /// Sync calls that the service acted on, with 204 or 202.
    pub syncs_acted: u32,
    /// Sync calls that the service acted on while an earlier one was not settled: it had not begun,
    /// its outcome did not show yet, or its wizard session was open. So this is 0 for a client that
    /// never syncs twice.
    pub syncs_overlapping: u32,
    /// Syncs that the service began by itself.
    pub automatic_syncs: u32,
    /// The largest number of syncs within any 24 hours of the sandbox's clock: those that the
    /// service acted on, and its own.
    pub most_syncs_in_24_hours: u32,
    /// Wizard sessions that a sync or a reset opened.
    pub sessions: u32,
    /// Syncs whose success shows.
    pub successes: u32,
    /// Failures that the connection has counted.
    pub failures: u32,
    /// Failures that disabled the connection.
    pub third_failures: u32,
}

impl Counts {
    /// The counts of both connections together. `most_syncs_in_24_hours` is the larger one.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            looks: self.looks + other.looks,
            syncs_received: self.syncs_received + other.syncs_received,
            syncs_acted: self.syncs_acted + other.syncs_acted,
            syncs_overlapping: self.syncs_overlapping + other.syncs_overlapping,
            automatic_syncs: self.automatic_syncs + other.automatic_syncs,
            most_syncs_in_24_hours: self.most_syncs_in_24_hours.max(other.most_syncs_in_24_hours),
            sessions: self.sessions + other.sessions,
            successes: self.successes + other.successes,
            failures: self.failures + other.failures,
            third_failures: self.third_failures + other.third_failures,
        }
    }
}

/// The counts of one connection, and what is needed to go on counting.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    /// When the syncs of the last 24 hours were.
    recent: VecDeque<Timestamp>,
}

impl Tally {
    /// Counts a sync that the service has taken or begun now.
    pub(crate) fn sync_at(&mut self, now: Timestamp) {
        self.recent.push_back(now);
        while self
            .recent
            .front()
            .is_some_and(|first| now.duration_since(*first).unsigned_abs() >= A_DAY)
        {
            self.recent.pop_front();
        }
        let recent = u32::try_from(self.recent.len()).unwrap_or(u32::MAX);
        let most = &mut self.counts.most_syncs_in_24_hours;
        *most = recent.max(*most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_later_a_sync_is_no_longer_among_those_of_the_last_24_hours() {
        let most = |hours: &[u64]| {
            let mut tally = Tally::default();
            for hour in hours {
                tally.sync_at(Timestamp::UNIX_EPOCH + Duration::from_secs(hour * 60 * 60));
            }
            tally.counts.most_syncs_in_24_hours
        };
        assert_eq!(most(&[0, 24, 48, 72]), 1);
        assert_eq!(most(&[0, 23, 24, 25]), 3);
        assert_eq!(most(&[0, 1, 2, 3, 100]), 4);
    }
}
