//! Which connections the fleet keeps fresh.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use xs2a::types::BankUser;
use xs2a::{ConnectionId, UnreadableEntry, UserId};

use super::handle::{Fleet, Inner};
use crate::error::Error;
use crate::row::{Enrolment, Priority, Seen};

/// What an enrolment found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Enrolled {
    /// Bank users that were gone through.
    pub users: usize,
    /// Connections that were found, and are enrolled.
    pub connections: usize,
    /// Those among them that were not enrolled before.
    pub new: usize,
    /// What could not be read, each by itself. The rest is enrolled all the same.
    pub problems: Vec<NotEnrolled>,
}

/// Something that could not be enrolled.
#[derive(Debug)]
#[non_exhaustive]
pub struct NotEnrolled {
    /// The user whose connections could not be read. `None`: the list of users.
    pub user_id: Option<UserId>,
    /// Why.
    pub reason: NotEnrolledReason,
}

/// Why something could not be enrolled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotEnrolledReason {
    /// A page of the list failed, and with it the rest of the list.
    #[error(transparent)]
    Page(#[from] xs2a::Error),
    /// One entry of the list could not be read. Its raw JSON says which one.
    #[error(transparent)]
    Entry(#[from] UnreadableEntry),
}

/// How many users are gone through at once. The pace is the gate's.
const USERS_AT_ONCE: usize = 16;

const PER_PAGE: u32 = 100;

impl Fleet {
    /// Enrols one connection, or brings what is known of it up to date. Makes no call: the first look
    /// comes with its first turn. Gives whether it is new.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn enrol(&self, enrolment: Enrolment) -> Result<bool, Error> {
        self.0.enrol(enrolment).await
    }

    /// Enrols all connections of a bank user with a rank; `None` leaves the rank as it is. Costs a
    /// token, unless the user has one that still holds, and a page for each hundred connections. What
    /// the list shows stands for the first look.
    ///
    /// # Errors
    /// Those of the store. What the service fails with is among the [problems](Enrolled::problems).
    pub async fn enrol_user(
        &self,
        user: impl Into<UserId>,
        priority: Option<Priority>,
    ) -> Result<Enrolled, Error> {
        let inner = &self.0;
        inner.while_beating(inner.enrol_user(user.into(), priority)).await
    }

    /// Enrols all connections of all bank users with a rank; `None` leaves the rank as it is. Costs a
    /// page for each hundred users, and for each user what [`enrol_user`](Self::enrol_user) costs.
    /// Enrolling again is how to find new connections.
    ///
    /// # Errors
    /// As of [`enrol_user`](Self::enrol_user).
    pub async fn enrol_all(&self, priority: Option<Priority>) -> Result<Enrolled, Error> {
        let inner = &self.0;
        inner.while_beating(inner.enrol_all(priority)).await
    }

    /// Takes a connection out of the fleet. A sync that is under way ends without a further call.
    /// What is known of the day's calls stays, in case the connection is enrolled again. Gives
    /// whether it was enrolled.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn withdraw(&self, connection: impl Into<ConnectionId>) -> Result<bool, Error> {
        self.0.store.withdraw(&connection.into()).await
    }

    /// Takes all connections of a bank user out of the fleet. Gives how many there were.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn withdraw_user(&self, user: impl Into<UserId>) -> Result<usize, Error> {
        self.0.store.withdraw_user(&user.into()).await
    }

    /// Takes all connections out of the fleet, as [`withdraw`](Self::withdraw) does. Gives how many
    /// there were.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn withdraw_all(&self) -> Result<usize, Error> {
        self.0.store.withdraw_all().await
    }

    /// Deletes all that the store keeps of a bank user, for the right to erasure: the rows of all
    /// connections of the user with what was seen and reported. Makes no call: the service forgets the
    /// user by [`ApiClient::forget_user`](xs2a::ApiClient::forget_user). Call this after it, so that no
    /// enrolment finds the user again. Gives of how many connections something was kept.
    ///
    /// A sync of the user that is under way ends without a further call, and without a report.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn forget_user(&self, user: impl Into<UserId>) -> Result<usize, Error> {
        self.0.store.forget_user(&user.into()).await
    }
}

/// Who beats for a worker: a run, or an enrolment. Counted as long as it lives.
pub(super) struct Beats<'a>(&'a AtomicUsize);

impl<'a> Beats<'a> {
    pub(super) fn of(inner: &'a Inner) -> Self {
        inner.beating.fetch_add(1, Ordering::Relaxed);
        Self(&inner.beating)
    }

    fn are_the_last(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 1
    }
}

impl Drop for Beats<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Inner {
    /// Does something that calls the service, as one worker among those that live: its calls have
    /// their share of the pace.
    async fn while_beating<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let beats = Beats::of(self);
        let done = tokio::select! {
            done = work => done,
            error = self.heart() => Err(error),
        };
        if beats.are_the_last() {
            // Else the others would share the pace with it until its lease is over.
            self.store.leave(&self.worker).await?;
        }
        done
    }

    async fn enrol(&self, enrolment: Enrolment) -> Result<bool, Error> {
        let now = self.clocks().local;
        let due = self.plan.first_due(&enrolment.user_id, &enrolment.connection_id, now);
        self.store.enrol(&enrolment, due).await
    }

    async fn enrol_user(
        &self,
        user_id: UserId,
        priority: Option<Priority>,
    ) -> Result<Enrolled, Error> {
        let mut enrolled = Enrolled { users: 1, ..Enrolled::default() };
        let user = self.api.user(&user_id);
        let connections = user.connections().list().per_page(PER_PAGE);
        let mut connections = connections.in_place();
        while let Some(connection) = connections.next().await {
            match read(connection) {
                Ok(connection) => {
                    let snapshot = user.snapshot(&connection);
                    let seen = Seen { snapshot, at: self.clocks().server };
                    let mut enrolment = Enrolment::of(&connection, &user_id, seen);
                    enrolment.priority = priority;
                    enrolled.connections += 1;
                    enrolled.new += usize::from(self.enrol(enrolment).await?);
                }
                Err(reason) => {
                    let user_id = Some(user_id.clone());
                    enrolled.problems.push(NotEnrolled { user_id, reason });
                }
            }
        }
        Ok(enrolled)
    }

    async fn enrol_all(&self, priority: Option<Priority>) -> Result<Enrolled, Error> {
        let mut all = Enrolled::default();
        let users = self.api.users().list().per_page(PER_PAGE).in_place();
        let enrol = |user: Result<Result<BankUser, _>, _>| async {
            match read(user) {
                Ok(user) => self.enrol_user(user.id, priority).await,
                Err(reason) => {
                    let problems = vec![NotEnrolled { user_id: None, reason }];
                    Ok(Enrolled { problems, ..Enrolled::default() })
                }
            }
        };
        let mut enrolled = std::pin::pin!(users.map(enrol).buffer_unordered(USERS_AT_ONCE));
        while let Some(enrolled) = enrolled.next().await {
            let enrolled = enrolled?;
            all.users += enrolled.users;
            all.connections += enrolled.connections;
            all.new += enrolled.new;
            all.problems.extend(enrolled.problems);
        }
        Ok(all)
    }
}

fn read<T>(entry: Result<Result<T, UnreadableEntry>, xs2a::Error>) -> Result<T, NotEnrolledReason> {
    Ok(entry??)
}
