//! The account's events, followed as they come.

use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher;
use std::time::Duration;

use futures_core::Stream;
use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};
use xs2a_client::UnreadableEntry;
use xs2a_client::types::{Event, ListEventsQuery};

use crate::call::instant_after;
use crate::error::Error;
use crate::events::Events;
use crate::ids::EventId;

/// How far each poll reaches back behind the latest event, unless the caller says otherwise: an event
/// may be listed later than it is dated.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// The longest pause between two polls after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// How far a feed has been read. Plain data that can be stored, so that a feed goes on after a
/// restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCursor {
    /// Nothing before this instant is asked for.
    begin: Option<Timestamp>,
    /// The date of the latest event.
    latest: Option<Timestamp>,
    /// The events of the overlap that have been read.
    seen: IndexMap<EventId, Timestamp>,
}

impl EventCursor {
    /// A feed from this instant on. `EventCursor::default()` is a feed from the first event on.
    ///
    /// ```
    /// let cursor = xs2a::EventCursor::since(xs2a::jiff::Timestamp::now());
    /// let stored = serde_json::to_string(&cursor)?;
    /// assert_eq!(serde_json::from_str::<xs2a::EventCursor>(&stored)?, cursor);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn since(at: Timestamp) -> Self {
        Self { begin: Some(at), ..Self::default() }
    }

    /// Where the next poll begins.
    fn from(&self, overlap: SignedDuration) -> Option<Timestamp> {
        self.begin_of(overlap).max(self.begin)
    }

    /// Where the overlap with what has been read begins.
    fn begin_of(&self, overlap: SignedDuration) -> Option<Timestamp> {
        self.latest?.saturating_sub(overlap).ok()
    }

    fn pass(&mut self, event: &Event) {
        let at = event.created_at.or(self.latest).unwrap_or(Timestamp::UNIX_EPOCH);
        self.latest = self.latest.max(Some(at));
        self.seen.insert(event.id.clone(), at);
    }

    /// Forgets the events behind the overlap.
    fn forget(&mut self, overlap: SignedDuration) {
        let begin = self.begin_of(overlap);
        self.seen.retain(|_, at| Some(*at) >= begin);
    }
}

/// The events of an account as they come. [`Events::follow`] gives it.
///
/// The feed polls: it needs no address that the service can reach, and it finds what a lost webhook
/// would have said. Each event comes at least once, in the order of its date among the events of a
/// poll. Store the [`cursor`](Self::cursor) when an event has been dealt with; a feed that begins at a
/// stored cursor goes on behind that event.
#[must_use = "a feed does nothing until it is read"]
pub struct EventFeed {
    events: Events,
    cursor: EventCursor,
    overlap: SignedDuration,
    pause: Duration,
    ready: VecDeque<Event>,
    /// What the last poll could not read, until it has been told.
    incomplete: Option<Error>,
    /// The events that could not be read and are told, by their JSON.
    told: HashSet<u64>,
    next_poll: Instant,
    failures: u32,
}

impl Events {
    /// Follows the events of the account from a cursor on: polls, by default every 30 seconds.
    ///
    /// An event that names a connection can [nudge](crate::ApiClient::nudge) the run that waits for
    /// it.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let sandbox = xs2a_sandbox::Sandbox::start().await.unwrap();
    /// # let api = xs2a::ApiClient::builder(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    /// # let ada = sandbox.add_user("Ada");
    /// # let request = xs2a::types::CreateConnectionRequest::new();
    /// # api.user(ada.id()).connections().create(&request).await?;
    /// use xs2a::{Delivery, EventCursor};
    ///
    /// let mut feed = api.events().follow(EventCursor::default());
    /// let event = feed.next().await?;
    /// if let Some(connection) = Delivery::from(event).connection_key() {
    ///     api.nudge(connection);
    /// }
    /// let stored = serde_json::to_string(feed.cursor())?;
    /// # let _ = stored;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn follow(&self, cursor: EventCursor) -> EventFeed {
        EventFeed {
            events: self.clone(),
            cursor,
            overlap: OVERLAP,
            pause: Duration::from_secs(30),
            ready: VecDeque::new(),
            incomplete: None,
            told: HashSet::new(),
            next_poll: Instant::now(),
            failures: 0,
        }
    }
}

impl EventFeed {
    /// Sets the pause between two polls. Default: 30 seconds. It doubles after each failure, up to ten
    /// minutes.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Sets how far each poll reaches back behind the latest event. Events that are listed later than
    /// that after their date are missed. Default: ten minutes. An account with a hundred events a
    /// second reads 600 pages with each poll then.
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.overlap = SignedDuration::try_from(overlap).unwrap_or(SignedDuration::MAX);
        self
    }

    /// How far the feed has been read: up to the last event that [`next`](Self::next) gave.
    pub fn cursor(&self) -> &EventCursor {
        &self.cursor
    }

    /// Waits for the next event. Costs one call per page and poll.
    ///
    /// # Errors
    /// The error of a poll. The feed goes on: the next call polls again, after a longer pause.
    ///
    /// Events that cannot be read cost no other event. After the events of their poll comes one error
    /// that has [them](Error::unreadable), once, and the feed goes on without a longer pause.
    pub async fn next(&mut self) -> Result<Event, Error> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.cursor.pass(&event);
                return Ok(event);
            }
            if let Some(error) = self.incomplete.take() {
                return Err(error);
            }
            sleep_until(self.next_poll).await;
            let polled = self.poll().await;
            self.cursor.forget(self.overlap);
            self.failures = if polled.is_ok() { 0 } else { self.failures.saturating_add(1) };
            let longest = LONGEST_PAUSE.max(self.pause);
            let pause = self.pause.saturating_mul(1 << self.failures.min(16)).min(longest);
            self.next_poll = instant_after(Instant::now(), pause);
            let (ready, incomplete) = polled?;
            self.ready = ready;
            self.incomplete = incomplete.filter(|error| self.is_news(error));
        }
    }

    /// The feed as a [`Stream`], for combinators.
    pub fn into_stream(self) -> impl Stream<Item = Result<Event, Error>> + Send {
        futures_util::stream::unfold(self, |mut feed| async move {
            let event = feed.next().await;
            Some((event, feed))
        })
    }

    async fn poll(&self) -> Result<(VecDeque<Event>, Option<Error>), Error> {
        let mut query = ListEventsQuery::new().per_page(100);
        if let Some(from) = self.cursor.from(self.overlap) {
            query = query.from(from);
        }
        let (mut events, incomplete) = self.events.list_by(&query).all_readable().await?;
        events.retain(|event| !self.cursor.seen.contains_key(&event.id));
        events.sort_by_key(|event| event.created_at);
        Ok((events.into(), incomplete))
    }

    /// Whether an event that could not be read has not been told yet. Each poll reaches back, and finds
    /// the same events again.
    fn is_news(&mut self, error: &Error) -> bool {
        let hash = |entry: &UnreadableEntry| self.told.hasher().hash_one(entry.json());
        let found: HashSet<u64> = error.unreadable().iter().map(hash).collect();
        let is_news = !found.is_subset(&self.told);
        self.told.clear();
        self.told.extend(found);
        is_news
    }
}
