//! Where the rows are kept: SQLite by default, Postgres by feature.
//!
//! One schema and one set of statements for both. Each operation is one statement, so that no
//! transaction is open while the service is called. A claim raises the row's fence; every further
//! statement about the row names its worker and its fence, and changes nothing where they are others.

#[cfg(feature = "postgres")]
mod postgres;
mod queue;
mod schema;
mod sqlite;
#[cfg(feature = "postgres")]
mod tls;
mod value;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use xs2a::sync::{SyncHistory, SyncJob};
use xs2a::{ConnectionId, UserId};

#[cfg(feature = "postgres")]
pub use postgres::Postgres;
pub use sqlite::Sqlite;
#[cfg(feature = "postgres")]
pub use tls::PostgresTls;

use self::value::{Columns, Record, Value, unexpected};
use crate::error::Error;
use crate::row::{
    Enrolment, Lane, Outcome, Parked, Priority, Report, Row, Seen, State, UNREADABLE, Unreadable,
};
use crate::rules::{FleetPolicy, Span, Verdict};

/// Where a fleet keeps its rows. Cheap to clone. [`Sqlite`] and `Postgres` open one.
#[derive(Clone, Debug)]
pub struct Store(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Sqlite(sqlite::Backend),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Backend),
}

/// What a claim gave.
#[derive(Debug, Default)]
pub struct Claimed {
    /// The rows, which are held now.
    pub rows: Vec<Row>,
    /// Rows that are held, and hold what this version cannot read.
    pub unreadable: Vec<Unreadable>,
}

/// What a heartbeat told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Beat {
    /// The store's clock.
    pub now: Timestamp,
    /// How many workers live.
    pub live: usize,
    /// The place of this worker among them, counted from 0.
    pub rank: usize,
    /// How long this worker has lived without a gap.
    pub steady: SignedDuration,
    /// Until when the service has asked all to wait.
    pub hold: Option<Timestamp>,
    /// How many rows of dead workers were freed.
    pub freed: usize,
}

/// How many connections stand where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// All that are enrolled.
    pub enrolled: u64,
    /// Those that wait for their turn.
    pub waiting: u64,
    /// Those that are due now and not in hand.
    pub due: u64,
    /// Those that a worker has in hand.
    pub in_hand: u64,
    /// Those whose call is open.
    pub open: u64,
    /// Those that are parked, by reason.
    pub parked: BTreeMap<Parked, u64>,
    /// All, by the word of their last report.
    pub reports: BTreeMap<String, u64>,
    /// Those without a report so far.
    pub unreported: u64,
    /// Since when the oldest has been due.
    pub oldest_due: Option<Timestamp>,
}

/// What a turn leaves in its row.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// Where the connection stands, and when it is due.
    pub verdict: &'a Verdict,
    /// The job, where its call is open.
    pub job: Option<&'a SyncJob>,
    /// Calls of the day and debts.
    pub history: &'a SyncHistory,
    /// What was seen, if anything.
    pub seen: Option<&'a Seen>,
    /// The report, where there is something new.
    pub report: Option<&'a Report>,
    /// Whether the report is to be told. The row stays with its worker until [`Store::told`].
    pub tell: bool,
}

impl Sqlite {
    /// Opens the store, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::Locked`], [`Error::Full`], [`Error::NewerSchema`], or
    /// [`Error::Database`] where the file is no database.
    pub async fn open(self) -> Result<Store, Error> {
        Ok(Store(Kind::Sqlite(self.backend().await?)))
    }
}

#[cfg(feature = "postgres")]
impl Postgres {
    /// Opens the store, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Refused`], [`Error::NewerSchema`], [`Error::ReadOnly`] on a
    /// standby.
    pub async fn open(self) -> Result<Store, Error> {
        Ok(Store(Kind::Postgres(self.backend().await?)))
    }
}

const HOLD: &str = "hold";
const POLICY: &str = "policy";
const FEED: &str = "feed";

/// The instant of rows that are never due.
const NEVER: i64 = 9_000_000_000_000_000;

impl Store {
    async fn run(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Record>, Error> {
        match &self.0 {
            Kind::Sqlite(backend) => backend.run(sql, params).await,
            #[cfg(feature = "postgres")]
            Kind::Postgres(backend) => backend.run(sql, params).await,
        }
    }

    /// Runs a statement that reads many rows and changes none.
    async fn read(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Record>, Error> {
        match &self.0 {
            Kind::Sqlite(backend) => backend.read(sql, params).await,
            #[cfg(feature = "postgres")]
            Kind::Postgres(backend) => backend.read(sql, params).await,
        }
    }

    /// Whether the statement found its row.
    async fn hits(&self, sql: &'static str, params: Vec<Value>) -> Result<bool, Error> {
        Ok(!self.run(sql, params).await?.is_empty())
    }

    /// Adds a connection that is due at `due`, or brings what is known of it up to date. Gives
    /// whether it is new.
    pub async fn enrol(&self, enrolment: &Enrolment, due: Timestamp) -> Result<bool, Error> {
        let rank = |priority| Lane::Sync(priority).number();
        let priority = enrolment.priority.unwrap_or_default();
        let params = vec![
            enrolment.connection_id.as_str().into(),
            enrolment.user_id.as_str().into(),
            enrolment.transaction.clone().into(),
            enrolment.bic.clone().into(),
            enrolment.bank_code.clone().into(),
            enrolment.priority.map(rank).into(),
            rank(priority).into(),
            enrolment.seen.as_ref().map(json).transpose()?.into(),
            due.as_millisecond().into(),
            rank(priority).into(),
        ];
        Ok(first(self.run(schema::ENROL, params).await?)?.int()? == 1)
    }

    /// Takes a connection out. Gives whether it was there.
    pub async fn withdraw(&self, connection: &ConnectionId) -> Result<bool, Error> {
        self.hits(schema::WITHDRAW, vec![connection.as_str().into(), NEVER.into()]).await
    }

    /// Takes all connections of a user out. Gives how many there were.
    pub async fn withdraw_user(&self, user: &UserId) -> Result<usize, Error> {
        let params = vec![user.as_str().into(), NEVER.into()];
        Ok(self.run(schema::WITHDRAW_USER, params).await?.len())
    }

    /// Takes all connections out. Gives how many there were.
    pub async fn withdraw_all(&self) -> Result<usize, Error> {
        Ok(self.run(schema::WITHDRAW_ALL, vec![NEVER.into()]).await?.len())
    }

    /// Deletes all that is kept of a user. Gives of how many connections.
    pub async fn forget_user(&self, user: &UserId) -> Result<usize, Error> {
        Ok(self.run(schema::FORGET_USER, vec![user.as_str().into()]).await?.len())
    }

    /// The lanes, up to `last`, in which something is due. `tells` as in [`claim`](Self::claim).
    pub async fn ready(&self, last: Lane, tells: bool) -> Result<Vec<Lane>, Error> {
        let params = vec![last.number().into(), i64::from(tells).into()];
        let records = self.run(schema::READY, params).await?;
        records.into_iter().map(|record| Lane::of_number(Columns::of(record).int()?)).collect()
    }

    /// Takes up to `most` rows of a lane that are due, the longest first, and raises their fences: of
    /// users whom no other worker holds, and at most `per_user` of one user at a time. `tells` says
    /// whether rows with a report that has not been told may be among them.
    pub async fn claim(
        &self,
        worker: &str,
        lane: Lane,
        most: usize,
        per_user: usize,
        tells: bool,
    ) -> Result<Claimed, Error> {
        let params = vec![
            lane.number().into(),
            worker.into(),
            int(most).into(),
            int(per_user).into(),
            i64::from(tells).into(),
        ];
        self.claimed(schema::CLAIM, params).await
    }

    /// Takes one row, if nobody holds it.
    pub async fn claim_one(&self, worker: &str, id: &ConnectionId) -> Result<Claimed, Error> {
        self.claimed(schema::CLAIM_ONE, vec![id.as_str().into(), worker.into()]).await
    }

    async fn claimed(&self, sql: &'static str, params: Vec<Value>) -> Result<Claimed, Error> {
        let mut claimed = Claimed::default();
        for record in self.run(sql, params).await? {
            let known = read_plain(&record);
            match (read_row(Columns::of(record)), known) {
                (Ok(row), _) => claimed.rows.push(row),
                (Err(error), Some(known)) => {
                    claimed.unreadable.push(Unreadable { reason: error.to_string(), ..known });
                }
                (Err(error), None) => return Err(error),
            }
        }
        Ok(claimed)
    }

    /// The row of a connection, by its id or the transaction of the session that created it, and its
    /// worker, if it is in hand. Changes nothing.
    pub async fn find(&self, key: &str) -> Result<Option<(Row, Option<String>)>, Error> {
        let Some(mut record) = self.run(schema::FIND, vec![key.into()]).await?.into_iter().next()
        else {
            return Ok(None);
        };
        let worker = match record.pop() {
            Some(Value::Text(worker)) => worker,
            _ => None,
        };
        Ok(Some((read_row(Columns::of(record))?, worker)))
    }

    /// Keeps a job before its call. `false`: the row is held by another holder.
    pub async fn save(
        &self,
        worker: &str,
        id: &ConnectionId,
        fence: i64,
        job: &SyncJob,
    ) -> Result<bool, Error> {
        let params = vec![id.as_str().into(), worker.into(), fence.into(), json(job)?.into()];
        self.hits(schema::SAVE, params).await
    }

    /// Ends a turn. `false`: the row is held by another holder, and nothing was changed.
    pub async fn finish(
        &self,
        worker: &str,
        id: &ConnectionId,
        fence: i64,
        ending: &Ending<'_>,
    ) -> Result<bool, Error> {
        let verdict = ending.verdict;
        let (state, parked) = words_of(verdict.state);
        let params = vec![
            id.as_str().into(),
            worker.into(),
            fence.into(),
            state.into(),
            parked.map(str::to_owned).into(),
            i64::from(verdict.tries).into(),
            ending.job.map(json).transpose()?.into(),
            json(ending.history)?.into(),
            ending.seen.map(json).transpose()?.into(),
            ending.report.map(|report| report.outcome.as_str().to_owned()).into(),
            ending.report.map(json).transpose()?.into(),
            i64::from(ending.tell && ending.report.is_some()).into(),
            verdict.lane.number().into(),
            verdict.due.as_millisecond().into(),
        ];
        self.hits(schema::FINISH, params).await
    }

    /// The report has been told: the row is free. `false` as in [`finish`](Self::finish).
    pub async fn told(&self, worker: &str, id: &ConnectionId, fence: i64) -> Result<bool, Error> {
        self.hits(schema::TOLD, vec![id.as_str().into(), worker.into(), fence.into()]).await
    }

    /// Frees a row as it stands, due again after a pause.
    pub async fn put_back(
        &self,
        worker: &str,
        id: &ConnectionId,
        fence: i64,
        pause: Duration,
    ) -> Result<bool, Error> {
        let params = vec![id.as_str().into(), worker.into(), fence.into(), millis(pause).into()];
        self.hits(schema::PUT_BACK, params).await
    }

    /// Frees a row that cannot be read as it stands, due again after a pause, and keeps the report that
    /// said so.
    pub async fn set_aside(
        &self,
        worker: &str,
        row: &Unreadable,
        report: &Report,
        pause: Duration,
    ) -> Result<bool, Error> {
        let params = vec![
            row.connection_id.as_str().into(),
            worker.into(),
            row.fence.into(),
            millis(pause).into(),
            report.outcome.as_str().into(),
            json(report)?.into(),
        ];
        self.hits(schema::SET_ASIDE, params).await
    }

    /// Has a connection looked at now: it may have changed. By its id or the transaction of the
    /// session that created it. Gives whether it is enrolled.
    pub async fn nudge(&self, key: &str) -> Result<bool, Error> {
        let found = self.hits(schema::NUDGE, vec![key.into()]).await?;
        #[cfg(feature = "postgres")]
        if let (true, Kind::Postgres(backend)) = (found, &self.0) {
            backend.notify().await?;
        }
        Ok(found)
    }

    /// Returns when another process has nudged, where the database can tell; else never.
    pub async fn nudged(&self) {
        match &self.0 {
            Kind::Sqlite(_) => std::future::pending().await,
            #[cfg(feature = "postgres")]
            Kind::Postgres(backend) => backend.notified().await,
        }
    }

    /// Keeps what was seen of a healthy connection that nobody holds.
    pub async fn see(&self, id: &ConnectionId, seen: &Seen) -> Result<bool, Error> {
        self.hits(schema::SEE, vec![id.as_str().into(), json(seen)?.into()]).await
    }

    /// Moves up to `most` rows of a lane that were not reached in `night` into the next one: `next`
    /// is its start, and the first part of it, one in `divisor`, is theirs. Gives how many.
    pub async fn not_reached(
        &self,
        lane: Lane,
        night: Span,
        next: Timestamp,
        divisor: i64,
        most: usize,
        tell: bool,
    ) -> Result<usize, Error> {
        let params = vec![
            lane.number().into(),
            night.end.as_millisecond().into(),
            night.start.as_millisecond().into(),
            next.as_millisecond().into(),
            divisor.into(),
            int(most).into(),
            i64::from(tell).into(),
        ];
        Ok(self.run(schema::NOT_REACHED, params).await?.len())
    }

    /// Says that this worker lives, frees the rows of those that do not, and tells who does. A worker
    /// that has not lived for a lease itself frees nothing: after an outage of the database all seem
    /// dead to whoever comes back first.
    pub async fn beat(&self, worker: &str, lease: Duration) -> Result<Beat, Error> {
        let lease = millis(lease);
        let mut columns = first(self.run(schema::BEAT, vec![worker.into(), lease.into()]).await?)?;
        let (since, now) = (columns.int()?, columns.int()?);
        let mut freed = 0;
        if now - since >= lease {
            self.run(schema::BURY, vec![lease.into()]).await?;
            freed = self.run(schema::FREE, vec![]).await?.len();
        }
        let (mut live, mut rank) = (0, 0);
        for record in self.run(schema::WORKERS, vec![]).await? {
            let mut columns = Columns::of(record);
            let name = columns.text()?;
            rank += usize::from(name.as_str() < worker);
            live += 1;
        }
        let hold = self.held_until().await?;
        let steady = SignedDuration::from_millis(now - since);
        Ok(Beat { now: instant(now), live, rank, steady, hold, freed })
    }

    /// Frees rows that this worker holds in the store and not in its hand: those of a claim whose
    /// answer was lost. Gives how many.
    pub async fn free_strays(
        &self,
        worker: &str,
        is_in_hand: impl Fn(&ConnectionId, i64) -> bool,
    ) -> Result<usize, Error> {
        let mut freed = 0;
        for record in self.run(schema::HELD, vec![worker.into()]).await? {
            let mut columns = Columns::of(record);
            let (id, fence) = (ConnectionId::from(columns.text()?), columns.int()?);
            if !is_in_hand(&id, fence) {
                freed += usize::from(self.put_back(worker, &id, fence, Duration::ZERO).await?);
            }
        }
        Ok(freed)
    }

    /// This worker ends: its rows are free.
    pub async fn leave(&self, worker: &str) -> Result<(), Error> {
        self.run(schema::FREE_OF, vec![worker.into()]).await?;
        self.run(schema::LEAVE, vec![worker.into()]).await.map(drop)
    }

    /// Has all workers wait for so long.
    pub async fn hold(&self, pause: Duration) -> Result<(), Error> {
        self.run(schema::HOLD, vec![HOLD.into(), millis(pause).into()]).await.map(drop)
    }

    /// Until when all workers wait, by the store's clock; it may be over. `None`: nobody was ever asked to.
    pub async fn held_until(&self) -> Result<Option<Timestamp>, Error> {
        Ok(self.get(HOLD).await?.and_then(|at| at.parse().ok()).map(instant))
    }

    /// How many workers have given a heartbeat within the lease.
    pub async fn workers(&self, lease: Duration) -> Result<usize, Error> {
        let (lease, mut live) = (millis(lease), 0);
        for record in self.run(schema::WORKERS, vec![]).await? {
            let mut columns = Columns::of(record);
            let (_, beat_at, now) = (columns.text()?, columns.int()?, columns.int()?);
            live += usize::from(beat_at + lease >= now);
        }
        Ok(live)
    }

    /// The policy that the store was worked by last. `None` where it never was.
    ///
    /// # Errors
    /// Those of the store, also where another version of this crate has written the policy in a form
    /// that this one cannot read.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("fleet.db");
    /// let store = xs2a_fleet::store::Sqlite::new(path).open().await?;
    /// assert_eq!(store.worked_by().await?, None);
    /// # Ok::<(), xs2a_fleet::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn worked_by(&self) -> Result<Option<FleetPolicy>, Error> {
        read(self.get(POLICY).await?)
    }

    /// The policy that the store is worked by; `policy` where there was none.
    pub(crate) async fn policy(&self, policy: &str) -> Result<String, Error> {
        self.run(schema::SET_FIRST, vec![POLICY.into(), policy.into()]).await?;
        self.get(POLICY).await?.ok_or_else(|| unexpected("the policy is missing"))
    }

    /// Puts another policy in the place of the one that was read. `false`: it is another one already.
    pub(crate) async fn change_policy(&self, from: &str, to: &str) -> Result<bool, Error> {
        self.hits(schema::SWAP, vec![POLICY.into(), to.into(), from.into()]).await
    }

    /// How far the feed of events has been read.
    pub(crate) async fn feed(&self) -> Result<Option<Timestamp>, Error> {
        Ok(self.get(FEED).await?.and_then(|at| at.parse().ok()))
    }

    /// Keeps how far the feed of events has been read.
    pub(crate) async fn set_feed(&self, at: Timestamp) -> Result<(), Error> {
        self.run(schema::SET, vec![FEED.into(), at.to_string().into()]).await.map(drop)
    }

    async fn get(&self, name: &str) -> Result<Option<String>, Error> {
        let record = self.run(schema::GET, vec![name.into()]).await?.into_iter().next();
        record.map(|record| Columns::of(record).text()).transpose()
    }

    /// Counts all rows, on a connection of its own: no claim waits for the count. A million rows take
    /// about a second.
    pub async fn counts(&self) -> Result<Counts, Error> {
        let mut counts = Counts::default();
        for record in self.read(schema::STATS, vec![]).await? {
            let mut columns = Columns::of(record);
            let (state, parked) = (columns.text()?, columns.maybe_text()?);
            let report = columns.maybe_text()?;
            let _lane = columns.int()?;
            let (is_held, is_due) = (columns.int()? == 1, columns.int()? == 1);
            let (count, oldest) = (columns.int()?, columns.maybe_int()?);
            let number = u64::try_from(count).unwrap_or(0);
            counts.enrolled += number;
            match report {
                Some(word) => *counts.reports.entry(word).or_default() += number,
                None => counts.unreported += number,
            }
            match read_state(&state, parked.as_deref())? {
                State::Parked(why) => *counts.parked.entry(why).or_default() += number,
                State::Open => counts.open += number,
                State::Waiting => counts.waiting += number,
            }
            if is_held {
                counts.in_hand += number;
            } else if is_due {
                counts.due += number;
                let oldest = oldest.map(instant);
                counts.oldest_due = match (counts.oldest_due, oldest) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
        }
        Ok(counts)
    }

    /// The rows of the connections that are parked, by id: all, or the first so many. Changes nothing.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("fleet.db");
    /// let store = xs2a_fleet::store::Sqlite::new(path).open().await?;
    /// for row in store.parked(Some(100)).await? {
    ///     println!("{}: {:?}", row.connection_id, row.state);
    /// }
    /// # Ok::<(), xs2a_fleet::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn parked(&self, limit: Option<usize>) -> Result<Vec<Row>, Error> {
        let limit = limit.map_or(i64::MAX, int);
        let records = self.read(schema::PARKED, vec![limit.into()]).await?;
        records.into_iter().map(|record| read_row(Columns::of(record))).collect()
    }

    /// How many connections wait for a sync that is due before `at`.
    pub async fn due_by(&self, at: Timestamp) -> Result<u64, Error> {
        let records = self.read(schema::DUE_BY, vec![at.as_millisecond().into()]).await?;
        Ok(u64::try_from(first(records)?.int()?).unwrap_or(0))
    }
}

/// The one record that a statement always gives.
fn first(records: Vec<Record>) -> Result<Columns, Error> {
    records.into_iter().next().map(Columns::of).ok_or_else(|| unexpected("there is no answer"))
}

/// What can be read of any row: plain columns.
fn read_plain(record: &Record) -> Option<Unreadable> {
    let text = |at: usize| match record.get(at) {
        Some(Value::Text(text)) => text.clone(),
        _ => None,
    };
    let Some(Value::Int(Some(fence))) = record.get(5) else { return None };
    Some(Unreadable {
        connection_id: text(0)?.into(),
        user_id: text(1)?.into(),
        fence: *fence,
        reason: String::new(),
        is_reported: text(15).as_deref() == Some(UNREADABLE),
    })
}

impl Lane {
    fn number(self) -> i64 {
        match self {
            Self::Look => 0,
            Self::Sync(Priority::High) => 1,
            Self::Sync(Priority::Normal) => 2,
            Self::Sync(Priority::Low) => 3,
        }
    }

    fn of_number(number: i64) -> Result<Self, Error> {
        let lane = Self::ALL.into_iter().find(|lane| lane.number() == number);
        lane.ok_or_else(|| unexpected(format!("there is no lane {number}")))
    }
}

fn words_of(state: State) -> (&'static str, Option<&'static str>) {
    match state {
        State::Waiting => ("waiting", None),
        State::Open => ("open", None),
        State::Parked(why) => ("parked", Some(why.as_str())),
    }
}

fn read_state(state: &str, parked: Option<&str>) -> Result<State, Error> {
    match (state, parked) {
        ("waiting", _) => Ok(State::Waiting),
        ("open", _) => Ok(State::Open),
        ("parked", Some(word)) => {
            let why = Parked::ALL.into_iter().find(|why| why.as_str() == word);
            why.map(State::Parked).ok_or_else(|| unexpected(format!("parked for {word:?}")))
        }
        _ => Err(unexpected(format!("a state {state:?}"))),
    }
}

fn read_row(mut columns: Columns) -> Result<Row, Error> {
    let connection_id = ConnectionId::from(columns.text()?);
    let user_id = UserId::from(columns.text()?);
    let (bic, bank_code) = (columns.maybe_text()?, columns.maybe_text()?);
    let priority = match Lane::of_number(columns.int()?)? {
        Lane::Sync(priority) => priority,
        Lane::Look => return Err(unexpected("a priority of 0")),
    };
    let fence = columns.int()?;
    let (state, parked) = (columns.text()?, columns.maybe_text()?);
    let (lane, due) = (Lane::of_number(columns.int()?)?, instant(columns.int()?));
    let turn_at = instant(columns.int()?);
    let tries = u32::try_from(columns.int()?).unwrap_or(0);
    let job = read(columns.maybe_text()?)?;
    let history: Option<SyncHistory> = read(columns.maybe_text()?)?;
    let seen = read(columns.maybe_text()?)?;
    let (word, report) = (columns.maybe_text()?, read(columns.maybe_text()?)?);
    let reported_at = columns.maybe_int()?;
    let is_untold = columns.int()? == 1;
    let missed = |at: i64| Report {
        id: format!("{connection_id}/missed/{at}"),
        connection_id: connection_id.clone(),
        user_id: user_id.clone(),
        outcome: Outcome::NotReached,
        parked: None,
        consent_ends: None,
        at: instant(at),
    };
    let report = match (word.as_deref(), report) {
        (Some("not_reached"), None) => reported_at.map(missed),
        (_, report) => report,
    };
    Ok(Row {
        state: read_state(&state, parked.as_deref())?,
        history: history.unwrap_or_default(),
        connection_id,
        user_id,
        bic,
        bank_code,
        priority,
        fence,
        lane,
        due,
        turn_at,
        tries,
        job,
        seen,
        report,
        is_untold,
    })
}

fn read<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, Error> {
    let read = |text: String| serde_json::from_str(&text).map_err(|e| unexpected(e.to_string()));
    text.map(read).transpose()
}

fn json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| unexpected(error.to_string()))
}

fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

/// A span that can be added to an instant of the store.
fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 4)
}

fn int(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
