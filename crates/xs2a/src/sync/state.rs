//! The state of a connection and the right next step: derived from one [`Snapshot`], the policy and
//! "now", without any call.
//!
//! The fail counter decides, not `sync_active`: a healthy connection of mode `none` or `shared`
//! may well be inactive. (XS2A.api documentation, "Sync a bank connection".)

use std::fmt;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use xs2a_client::types::SyncMode;
use xs2a_client::wire::berlin;

use super::history::SyncHistory;
use super::policy::{LastAttempt, SyncPolicy, timestamp_after};
use super::report::{FAILURES_UNTIL_DISABLED, Refusal, UserNeeded, why};
use super::snapshot::Snapshot;

impl Snapshot {
    /// The connection's state: the first that matches, in the order of [`ConnectionState`].
    pub fn state(&self, now: Timestamp) -> ConnectionState {
        let message = || self.message.clone();
        if self.failures >= FAILURES_UNTIL_DISABLED {
            ConnectionState::Disabled { message: message() }
        } else if let Some(valid_until) = self.consent_valid_until.filter(|end| *end < today(now)) {
            ConnectionState::ConsentExpired { valid_until }
        } else if self.failures > 0 {
            ConnectionState::Failing {
                failures: self.failures,
                attempts_left: FAILURES_UNTIL_DISABLED - self.failures,
                message: message(),
            }
        } else {
            match self.mode {
                Some(SyncMode::Full) if self.active => ConnectionState::Automatic,
                Some(SyncMode::Shared) => ConnectionState::NeedsCredentials,
                Some(SyncMode::None) => ConnectionState::NeedsUser,
                _ => ConnectionState::OnDemand,
            }
        }
    }

    /// What is right to do next, by the policy and by what earlier syncs have left. With two failures
    /// on record the right step is to stop, unless the policy spends the last attempt by name. What
    /// this says, [`Connections::sync`](crate::Connections::sync) does.
    pub fn next_step(
        &self,
        policy: &SyncPolicy,
        history: &SyncHistory,
        now: Timestamp,
    ) -> NextStep {
        let credentials = self.mode == Some(SyncMode::Shared);
        match (self.state(now), self.permit(policy, history, true, now)) {
            (ConnectionState::Disabled { .. }, _) => NextStep::Recreate,
            (ConnectionState::ConsentExpired { .. }, _) => NextStep::AskUser,
            (ConnectionState::Automatic, _) => NextStep::Nothing,
            (_, Err(Refusal::UserNeeded(_))) => NextStep::AskUser,
            (
                _,
                Err(
                    Refusal::TooSoon { not_before }
                    | Refusal::TooManyCalls { not_before }
                    | Refusal::Unsettled { not_before },
                ),
            ) => NextStep::NotBefore(not_before),
            (_, Err(_)) => NextStep::Stop,
            (ConnectionState::NeedsUser, Ok(_)) => NextStep::SyncWithUser,
            (_, Ok(force)) => NextStep::Sync { force, credentials },
        }
    }

    /// How many calls of the last 24 hours the policy's
    /// [limit](SyncPolicy::with_calls_per_day) leaves. Calls whose outcome is open count as long as
    /// it is, and so does the service's own daily sync of a healthy connection in mode `full`.
    /// `None`: the policy has no limit.
    ///
    /// ```
    /// use xs2a::sync::SyncHistory;
    /// use xs2a::{Snapshot, SyncPolicy};
    ///
    /// let (snapshot, history) = (Snapshot::default(), SyncHistory::default());
    /// let now = "2026-01-31T10:00:00Z".parse()?;
    /// assert_eq!(snapshot.calls_left(&SyncPolicy::unattended(), &history, now), Some(4));
    /// assert_eq!(snapshot.calls_left(&SyncPolicy::default(), &history, now), None);
    /// # Ok::<(), xs2a::jiff::Error>(())
    /// ```
    pub fn calls_left(
        &self,
        policy: &SyncPolicy,
        history: &SyncHistory,
        now: Timestamp,
    ) -> Option<usize> {
        Some(self.own_limit(policy, now)?.saturating_sub(history.calls_in_a_day(now)))
    }

    /// Whether the user's consent ends within `span` from now, or has ended. Then it is time to
    /// invite the user to a [reset](crate::Connections::reset), before syncs begin to need the user.
    ///
    /// ```
    /// use xs2a::Snapshot;
    ///
    /// let mut snapshot = Snapshot::default();
    /// snapshot.consent_valid_until = Some(xs2a::jiff::civil::date(2026, 2, 5));
    /// let now = "2026-01-31T10:00:00Z".parse()?;
    /// assert!(snapshot.consent_ends_within(xs2a::jiff::SignedDuration::from_hours(7 * 24), now));
    /// # Ok::<(), xs2a::jiff::Error>(())
    /// ```
    pub fn consent_ends_within(&self, span: SignedDuration, now: Timestamp) -> bool {
        let then = now.checked_add(span).unwrap_or(Timestamp::MAX);
        self.consent_valid_until.is_some_and(|end| end < today(then))
    }

    /// Whether a sync that was asked for may be sent, and if so, whether with `force`. `now` is the
    /// time by the server's clock.
    pub(crate) fn permit(
        &self,
        policy: &SyncPolicy,
        history: &SyncHistory,
        credentials_at_hand: bool,
        now: Timestamp,
    ) -> Result<bool, Refusal> {
        let message = || self.message.clone();
        if self.failures >= FAILURES_UNTIL_DISABLED {
            return Err(Refusal::Disabled { message: message() });
        }
        // Also where consent has ended: the sync should need the user then, but the service does not
        // promise that it cannot fail instead.
        if self.is_last_attempt(history) && policy.last_attempt() == LastAttempt::Keep {
            return Err(Refusal::LastAttempt { message: message() });
        }
        if let Some(not_before) = history.quiet_from(now) {
            return Err(Refusal::Unsettled { not_before });
        }
        if policy.is_unattended() {
            self.permit_unattended(history, now)?;
        }
        if let Some(not_before) = self.free_from(policy, history, now) {
            return Err(Refusal::TooManyCalls { not_before });
        }
        // A `last_synced` in the future says nothing.
        let last = self.last_synced.filter(|last| *last <= now);
        if let (Some(last), Some(interval)) = (last, policy.shortest_interval()) {
            let not_before = timestamp_after(last, interval);
            if now < not_before {
                return Err(Refusal::TooSoon { not_before });
            }
        }
        if self.mode == Some(SyncMode::Shared) && !credentials_at_hand {
            return Err(Refusal::CredentialsMissing);
        }
        Ok(self.needs_force(now))
    }

    /// What may not be called while nobody is there.
    fn permit_unattended(&self, history: &SyncHistory, now: Timestamp) -> Result<(), Refusal> {
        let needed = if self.mode == Some(SyncMode::None) {
            Some(UserNeeded::ModeNone)
        } else if matches!(self.state(now), ConnectionState::ConsentExpired { .. }) {
            Some(UserNeeded::ConsentExpired)
        } else if history.has_needed_the_user(self) {
            Some(UserNeeded::AskedBefore)
        } else {
            None
        };
        if let Some(needed) = needed {
            return Err(Refusal::UserNeeded(needed));
        }
        match (history.debts(), history.debt_is_old_from(now)) {
            (0, _) | (1, None) => Ok(()),
            (1, Some(not_before)) => Err(Refusal::Unsettled { not_before }),
            _ => Err(Refusal::Parked),
        }
    }

    /// When the policy's limit of calls allows another one. `None`: now.
    fn free_from(
        &self,
        policy: &SyncPolicy,
        history: &SyncHistory,
        now: Timestamp,
    ) -> Option<Timestamp> {
        history.free_from(self.own_limit(policy, now)?, now)
    }

    /// The policy's limit of calls without the service's own daily sync. `None`: no limit.
    fn own_limit(&self, policy: &SyncPolicy, now: Timestamp) -> Option<usize> {
        let limit = usize::try_from(policy.calls_per_day()?).unwrap_or(usize::MAX);
        let own_syncs = usize::from(self.state(now) == ConnectionState::Automatic);
        Some(limit.saturating_sub(own_syncs))
    }

    /// A debt is a failure that may not have shown yet.
    fn is_last_attempt(&self, history: &SyncHistory) -> bool {
        let debts = u32::try_from(history.debts()).unwrap_or(u32::MAX);
        self.failures.saturating_add(debts) >= FAILURES_UNTIL_DISABLED - 1
    }

    fn needs_force(&self, now: Timestamp) -> bool {
        !self.active && matches!(self.state(now), ConnectionState::Failing { .. })
    }
}

/// The date in Berlin, where the service and its banks keep their calendar. Consent holds until the
/// end of its last day there. An error of an hour to the long side costs a sync that needs the user;
/// an error to the short side would ask the user to log in for nothing.
fn today(now: Timestamp) -> Date {
    now.to_zoned_datetime(berlin().clone()).date()
}

/// The state of a connection. The first state that matches counts, in this order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectionState {
    /// Three failures in a row: no sync is possible any more, forced or not.
    Disabled {
        /// Why the last sync failed.
        message: Option<String>,
    },
    /// The user's consent has ended.
    ConsentExpired {
        /// The last day of the consent. It counts in full, in Berlin.
        valid_until: Date,
    },
    /// The last sync, or the last two, failed.
    Failing {
        /// Failures in a row: 1 or 2.
        failures: u32,
        /// Further failures until the connection is disabled: 2 or 1.
        attempts_left: u32,
        /// Why the last sync failed.
        message: Option<String>,
    },
    /// Healthy; the service syncs it by itself.
    Automatic,
    /// Healthy; synced on demand, with your half of the credentials.
    NeedsCredentials,
    /// Healthy; synced on demand while the user is there.
    NeedsUser,
    /// Healthy; synced on demand. Also the state of a mode that this version does not know.
    OnDemand,
}

impl ConnectionState {
    /// The word for this state in logs and for programs, without the details.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Disabled { .. } => "disabled",
            Self::ConsentExpired { .. } => "consent_expired",
            Self::Failing { .. } => "failing",
            Self::Automatic => "automatic",
            Self::NeedsCredentials => "needs_credentials",
            Self::NeedsUser => "needs_user",
            Self::OnDemand => "on_demand",
        }
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disabled { message } => {
                let why = why(message);
                write!(f, "disabled for good after {FAILURES_UNTIL_DISABLED} failed syncs{why}")
            }
            Self::ConsentExpired { valid_until } => {
                write!(f, "the user's consent ended on {valid_until}")
            }
            Self::Failing { failures, attempts_left, message } => {
                match failures {
                    1 => f.write_str("the last sync failed")?,
                    n => write!(f, "the last {n} syncs failed")?,
                }
                let attempts = if *attempts_left == 1 { "attempt" } else { "attempts" };
                let why = why(message);
                write!(f, "{why}; {attempts_left} {attempts} left until it is disabled")
            }
            Self::Automatic => f.write_str("healthy; the service syncs it by itself"),
            Self::NeedsCredentials => {
                f.write_str("healthy; synced on demand with your half of the credentials")
            }
            Self::NeedsUser => f.write_str("healthy; synced on demand while the user is there"),
            Self::OnDemand => f.write_str("healthy; synced on demand"),
        }
    }
}

/// What is right to do next with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NextStep {
    /// Delete the connection and create it anew; the user enters the credentials again.
    Recreate,
    /// Ask the user to log in: a sync answers with a wizard session, and so does a reset. Prefer the
    /// reset where failures are on record: it starts with the user and tries nothing before.
    AskUser,
    /// Sync.
    Sync {
        /// With `force`, because the service has stopped its own syncs after a failure.
        force: bool,
        /// With your half of the credentials.
        credentials: bool,
    },
    /// Sync while the user is there; expect a wizard session.
    SyncWithUser,
    /// Stop and tell the user: one more failure disables the connection for good.
    Stop,
    /// Wait until then: a limit of the policy, or an earlier call whose outcome is open.
    NotBefore(Timestamp),
    /// Nothing: the service syncs by itself. A sync that is asked for is possible all the same.
    Nothing,
}

impl NextStep {
    /// The word for this step in logs and for programs, without the details.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Recreate => "recreate",
            Self::AskUser => "ask_user",
            Self::Sync { .. } => "sync",
            Self::SyncWithUser => "sync_with_user",
            Self::Stop => "stop",
            Self::NotBefore(_) => "not_before",
            Self::Nothing => "nothing",
        }
    }
}

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotBefore(at) => return write!(f, "wait until {at}"),
            Self::Recreate => "delete it and create it anew with the user",
            Self::AskUser => "ask the user to log in again, by a sync or a reset",
            Self::Sync { force: false, credentials: false } => "sync",
            Self::Sync { force: true, credentials: false } => "sync with force",
            Self::Sync { force: false, credentials: true } => {
                "sync with your half of the credentials"
            }
            Self::Sync { force: true, credentials: true } => {
                "sync with force and with your half of the credentials"
            }
            Self::SyncWithUser => "sync while the user is there",
            Self::Stop => "stop and tell the user: one more failure disables it for good",
            Self::Nothing => "nothing: the service syncs it by itself",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "2026-01-31T11:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn snapshot(failures: u32, mode: &str, active: bool) -> Snapshot {
        let message = (failures > 0).then(|| "wrong PIN".to_owned());
        let mode = (!mode.is_empty()).then(|| mode.into());
        Snapshot { mode, active, message, failures, ..Snapshot::default() }
    }

    fn none() -> SyncHistory {
        SyncHistory::default()
    }

    fn sync(force: bool, credentials: bool) -> NextStep {
        NextStep::Sync { force, credentials }
    }

    /// The table of the guide, row by row: snapshot, whether consent is past, state and next step.
    #[test]
    fn the_first_row_that_matches_gives_state_and_next_step() {
        let disabled = "disabled for good after 3 failed syncs (wrong PIN)";
        let expired = "the user's consent ended on 2026-01-30";
        let once = "the last sync failed (wrong PIN); 2 attempts left until it is disabled";
        let twice = "the last 2 syncs failed (wrong PIN); 1 attempt left until it is disabled";
        let automatic = "healthy; the service syncs it by itself";
        let credentials = "healthy; synced on demand with your half of the credentials";
        let user = "healthy; synced on demand while the user is there";
        let on_demand = "healthy; synced on demand";
        let rows = [
            (snapshot(3, "full", true), false, disabled, NextStep::Recreate),
            (snapshot(4, "", false), false, disabled, NextStep::Recreate),
            (snapshot(3, "full", true), true, disabled, NextStep::Recreate),
            (snapshot(0, "full", true), true, expired, NextStep::AskUser),
            (snapshot(2, "shared", false), true, expired, NextStep::AskUser),
            (snapshot(1, "full", true), false, once, sync(false, false)),
            (snapshot(1, "full", false), false, once, sync(true, false)),
            (snapshot(1, "none", false), false, once, sync(true, false)),
            (snapshot(1, "shared", false), false, once, sync(true, true)),
            (snapshot(2, "full", true), false, twice, NextStep::Stop),
            (snapshot(2, "weekly", false), false, twice, NextStep::Stop),
            (snapshot(0, "full", true), false, automatic, NextStep::Nothing),
            (snapshot(0, "full", false), false, on_demand, sync(false, false)),
            (snapshot(0, "shared", true), false, credentials, sync(false, true)),
            (snapshot(0, "shared", false), false, credentials, sync(false, true)),
            (snapshot(0, "none", true), false, user, NextStep::SyncWithUser),
            (snapshot(0, "none", false), false, user, NextStep::SyncWithUser),
            (snapshot(0, "weekly", true), false, on_demand, sync(false, false)),
            (snapshot(0, "", false), false, on_demand, sync(false, false)),
        ];
        for (mut snapshot, consent_is_past, state, next) in rows {
            let valid_until = if consent_is_past { "2026-01-30" } else { "2026-03-31" };
            snapshot.consent_valid_until = Some(valid_until.parse().unwrap());
            assert_eq!(snapshot.state(at(NOON)).to_string(), state, "{snapshot:?}");
            let policy = SyncPolicy::default();
            assert_eq!(snapshot.next_step(&policy, &none(), at(NOON)), next, "{snapshot:?}");
        }
    }

    #[test]
    fn the_last_attempt_is_spent_only_by_a_policy_that_names_it() {
        let spend = SyncPolicy::default().with_last_attempt(LastAttempt::Spend);
        for (active, force) in [(false, true), (true, false)] {
            let snapshot = snapshot(2, "full", active);
            assert_eq!(snapshot.next_step(&spend, &none(), at(NOON)), sync(force, false));
            assert_eq!(snapshot.permit(&spend, &none(), false, at(NOON)), Ok(force));
            let refused = snapshot.permit(&SyncPolicy::default(), &none(), false, at(NOON));
            assert_eq!(refused, Err(Refusal::LastAttempt { message: snapshot.message.clone() }));
        }
        let disabled = snapshot(3, "full", false);
        assert_eq!(disabled.next_step(&spend, &none(), at(NOON)), NextStep::Recreate);
        assert!(disabled.permit(&spend, &none(), false, at(NOON)).is_err());
    }

    #[test]
    fn ended_consent_does_not_open_the_last_attempt() {
        let mut snapshot = snapshot(2, "full", false);
        snapshot.consent_valid_until = Some("2026-01-01".parse().unwrap());
        let refused = snapshot.permit(&SyncPolicy::default(), &none(), false, at(NOON));
        assert!(matches!(refused, Err(Refusal::LastAttempt { .. })), "{refused:?}");
    }

    #[test]
    fn force_is_sent_only_for_a_failing_connection_that_is_inactive() {
        for mode in ["full", "shared", "none", "weekly"] {
            for active in [true, false] {
                let healthy = snapshot(0, mode, active);
                assert_eq!(
                    healthy.permit(&SyncPolicy::default(), &none(), true, at(NOON)),
                    Ok(false)
                );
                let failing = snapshot(1, mode, active);
                assert_eq!(
                    failing.permit(&SyncPolicy::default(), &none(), true, at(NOON)),
                    Ok(!active)
                );
            }
        }
    }

    #[test]
    fn a_shared_connection_is_not_synced_without_our_half() {
        let shared = snapshot(0, "shared", true);
        let refused = shared.permit(&SyncPolicy::default(), &none(), false, at(NOON));
        assert_eq!(refused, Err(Refusal::CredentialsMissing));
    }

    #[test]
    fn a_sync_that_comes_too_soon_is_declined_until_the_interval_is_over() {
        let mut snapshot = snapshot(0, "full", true);
        snapshot.last_synced = Some(at("2026-01-31T06:00:00Z"));
        let policy =
            SyncPolicy::default().with_shortest_interval(std::time::Duration::from_secs(21_600));
        let not_before = at("2026-01-31T12:00:00Z");
        assert_eq!(
            snapshot.permit(&policy, &none(), false, at(NOON)),
            Err(Refusal::TooSoon { not_before })
        );
        assert_eq!(snapshot.permit(&policy, &none(), false, not_before), Ok(false));
        assert_eq!(snapshot.permit(&SyncPolicy::default(), &none(), false, at(NOON)), Ok(false));
        let never = SyncPolicy::default().with_shortest_interval(std::time::Duration::MAX);
        let not_before = Timestamp::MAX;
        assert_eq!(
            snapshot.permit(&never, &none(), false, at(NOON)),
            Err(Refusal::TooSoon { not_before })
        );
    }

    #[test]
    fn the_calls_left_are_the_limit_without_the_calls_of_the_day_and_the_services_own_sync() {
        let policy = SyncPolicy::default().with_calls_per_day(2);
        let noon = at(NOON);
        let mut history = none();
        let left = |history: &SyncHistory, now| {
            let (automatic, other) = (snapshot(0, "full", true), snapshot(1, "full", true));
            [automatic, other].map(|look| look.calls_left(&policy, history, now).unwrap())
        };
        assert_eq!(left(&history, noon), [1, 2]);
        history.observe(&snapshot(0, "full", true));
        history.intend(noon, noon);
        assert_eq!(left(&history, noon), [0, 1]);
        let next_day = noon + SignedDuration::from_hours(24);
        assert_eq!(left(&history, next_day), [0, 1], "an open call counts on");
        history.observe(&snapshot(1, "full", true));
        assert_eq!(left(&history, next_day), [1, 2]);
        assert_eq!(snapshot(0, "", true).calls_left(&SyncPolicy::default(), &history, noon), None);
    }

    #[test]
    fn the_words_for_programs_are_those_that_are_stored() {
        let word = |json: serde_json::Value| match json {
            serde_json::Value::String(word) => word,
            object => object.as_object().unwrap().keys().next().unwrap().clone(),
        };
        let until = "2026-01-30".parse().unwrap();
        for state in [
            ConnectionState::Disabled { message: None },
            ConnectionState::ConsentExpired { valid_until: until },
            ConnectionState::Failing { failures: 1, attempts_left: 2, message: None },
            ConnectionState::Automatic,
            ConnectionState::NeedsCredentials,
            ConnectionState::NeedsUser,
            ConnectionState::OnDemand,
        ] {
            assert_eq!(state.as_str(), word(serde_json::to_value(&state).unwrap()));
        }
        for step in [
            NextStep::Recreate,
            NextStep::AskUser,
            sync(false, true),
            NextStep::SyncWithUser,
            NextStep::Stop,
            NextStep::NotBefore(at(NOON)),
            NextStep::Nothing,
        ] {
            assert_eq!(step.as_str(), word(serde_json::to_value(step).unwrap()));
        }
    }

    #[test]
    fn consent_holds_until_its_last_day_is_over_in_berlin() {
        let rows = [
            // Winter: midnight in Berlin is 23:00 UTC.
            ("2026-01-31", "2026-01-31T22:59:59Z", false),
            ("2026-01-31", "2026-01-31T23:00:00Z", true),
            // Summer: 22:00 UTC.
            ("2026-07-31", "2026-07-31T21:59:59Z", false),
            ("2026-07-31", "2026-07-31T22:00:00Z", true),
        ];
        for (valid_until, now, is_past) in rows {
            let mut snapshot = snapshot(0, "full", true);
            snapshot.consent_valid_until = Some(valid_until.parse().unwrap());
            let expired = matches!(snapshot.state(at(now)), ConnectionState::ConsentExpired { .. });
            assert_eq!(expired, is_past, "{valid_until} at {now}");
            assert_eq!(snapshot.consent_ends_within(SignedDuration::ZERO, at(now)), is_past);
            assert!(snapshot.consent_ends_within(SignedDuration::from_hours(48), at(now)));
        }
        let forever = snapshot(0, "full", true);
        assert!(!forever.consent_ends_within(SignedDuration::MAX, at(NOON)));
    }

    /// Histories of calls at these hours before noon: how many of them are debts, and whether the
    /// bank asked for the user.
    fn histories() -> Vec<SyncHistory> {
        let noon = at(NOON);
        let before = snapshot(0, "full", true);
        let mut histories = Vec::new();
        for hours in [&[][..], &[1], &[30], &[20, 3], &[30, 28], &[23, 22, 21, 20]] {
            for needs_the_user in [false, true] {
                let mut history = SyncHistory::default();
                history.observe(&before);
                for hours in hours {
                    let then = noon - SignedDuration::from_hours(*hours);
                    history.intend(then, then);
                }
                if needs_the_user && !hours.is_empty() {
                    history.needs_the_user();
                }
                histories.push(history);
            }
        }
        histories
    }

    #[test]
    fn a_sync_does_what_the_next_step_says() {
        let noon = at(NOON);
        let hours = |n: u64| std::time::Duration::from_secs(3600 * n);
        let policies = [
            SyncPolicy::default(),
            SyncPolicy::default().with_last_attempt(LastAttempt::Spend),
            SyncPolicy::default().with_shortest_interval(hours(6)),
            SyncPolicy::default().with_calls_per_day(2),
            SyncPolicy::unattended(),
            SyncPolicy::unattended().with_calls_per_day(1).with_shortest_interval(hours(2)),
        ];
        let last_synced = [None, Some(noon - SignedDuration::from_hours(1)), Some(noon)];
        let consents = [None, Some("2026-01-30".parse().unwrap())];
        let mut seen = 0;
        for history in histories() {
            for policy in &policies {
                for failures in 0..=3 {
                    for mode in ["full", "shared", "none", "weekly", ""] {
                        for active in [false, true] {
                            for (last_synced, consent) in
                                last_synced.iter().flat_map(|last| consents.map(|c| (*last, c)))
                            {
                                let mut look = snapshot(failures, mode, active);
                                look.last_synced = last_synced;
                                look.consent_valid_until = consent;
                                agrees(&look, policy, &history, noon);
                                seen += 1;
                            }
                        }
                    }
                }
            }
        }
        assert_eq!(seen, 12 * 6 * 4 * 5 * 2 * 6);
    }

    /// Holds the two against each other, and the promise of three strikes against both.
    fn agrees(look: &Snapshot, policy: &SyncPolicy, history: &SyncHistory, now: Timestamp) {
        let next = look.next_step(policy, history, now);
        let permit = look.permit(policy, history, true, now);
        let told = format!("{look:?} {policy:?} {history:?}: {next:?} {permit:?}");
        match next {
            NextStep::Sync { force, .. } => assert_eq!(permit, Ok(force), "{told}"),
            NextStep::SyncWithUser => assert!(permit.is_ok(), "{told}"),
            NextStep::Recreate => {
                assert!(matches!(permit, Err(Refusal::Disabled { .. })), "{told}");
            }
            NextStep::Stop => assert!(
                matches!(permit, Err(Refusal::LastAttempt { .. } | Refusal::Parked)),
                "{told}"
            ),
            NextStep::NotBefore(then) => {
                assert!(then > now, "{told}");
                assert!(look.permit(policy, history, true, now).is_err(), "{told}");
            }
            // The user may sync in any case; the service's own syncs leave nothing to do.
            NextStep::AskUser | NextStep::Nothing => {}
        }
        if permit.is_ok() && policy.last_attempt() == LastAttempt::Keep {
            assert!(look.failures as usize + history.debts() < 2, "{told}");
        }
    }
}
