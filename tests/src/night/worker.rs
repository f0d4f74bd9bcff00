//! A worker of the fleet in the simulation: the loops of the real one, over the same rules and the same
//! store, with the model in the place of the service.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use xs2a::sync::{
    Action, CallFailure, CallFailureKind, Observation, SyncHistory, SyncJob, SyncReport,
};
use xs2a::{ConnectionId, Snapshot};
use xs2a_fleet::rules::{Clocks, Decision, Heard, Plan, Turn, Turnstile, Verdict};
use xs2a_fleet::store::{Ending, Store};
use xs2a_fleet::{Lane, Row, Seen, State};

use super::service::Service;
use super::{AHEAD, LEASE, Told};

/// Rows that are moved into the next night by one statement.
const AT_ONCE: usize = 1000;

/// How soon a worker that has found a lot looks for more.
const GATHER: Duration = Duration::from_millis(200);

/// How soon a worker that has found little looks again: at night, and after it. The real one looks
/// again after a second in any case; outcomes that show late need no such hurry.
const IDLE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));

/// How far a poll of the events reaches back.
const OVERLAP: SignedDuration = SignedDuration::from_secs(60);

/// One worker.
pub struct Worker {
    name: String,
    plan: Arc<Plan>,
    store: Store,
    service: Arc<Mutex<Service>>,
    told: Arc<Mutex<Told>>,
    start: Instant,
    turnstile: Mutex<Turnstile>,
    queue: tokio::sync::Mutex<()>,
    hand: Mutex<HashMap<ConnectionId, i64>>,
    claiming: tokio::sync::Mutex<()>,
    /// How many workers live, and the place of this one among them.
    place: Mutex<(usize, usize)>,
    tokens: Mutex<HashMap<usize, Timestamp>>,
    asked: Mutex<Option<Duration>>,
    was_asked: Notify,
}

/// A connection that is worked on. It is let go when the worker is killed, too.
struct Work(Arc<Mutex<Service>>);

impl Work {
    fn on(service: &Arc<Mutex<Service>>) -> Self {
        service.lock().unwrap().works_on(1);
        Self(Arc::clone(service))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // A panic of the model is told by whoever met it.
        if let Ok(mut service) = self.0.lock() {
            service.works_on(-1);
        }
    }
}

fn number(id: &ConnectionId) -> usize {
    id.as_str().trim_start_matches("con-").parse().unwrap()
}

fn verdict_of(decision: Decision) -> Option<Verdict> {
    match decision {
        Decision::End(verdict) => Some(verdict),
        _ => None,
    }
}

impl Worker {
    /// A worker that has not begun.
    pub fn new(
        name: String,
        plan: Arc<Plan>,
        store: Store,
        service: Arc<Mutex<Service>>,
        told: Arc<Mutex<Told>>,
        start: Instant,
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            plan,
            store,
            service,
            told,
            start,
            turnstile: Mutex::default(),
            queue: tokio::sync::Mutex::default(),
            hand: Mutex::default(),
            claiming: tokio::sync::Mutex::default(),
            place: Mutex::default(),
            tokens: Mutex::default(),
            asked: Mutex::default(),
            was_asked: Notify::new(),
        })
    }

    /// Works until it is dropped.
    pub async fn run(self: Arc<Self>) {
        let mut turns = JoinSet::new();
        tokio::join!(self.heart(), self.claims(&mut turns), self.follow_events());
    }

    fn now(&self) -> Timestamp {
        super::now(self.start)
    }

    fn clocks(&self) -> Clocks {
        let local = self.now();
        Clocks { local, server: local + AHEAD }
    }

    fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap()
    }

    fn turnstile(&self) -> MutexGuard<'_, Turnstile> {
        self.turnstile.lock().unwrap()
    }

    async fn heart(&self) {
        loop {
            let sent = self.start.elapsed();
            let asked = self.asked.lock().unwrap().take();
            if let Some(pause) = asked {
                self.store.hold(pause).await.unwrap();
            }
            let beat = self.store.beat(&self.name, LEASE).await.unwrap();
            *self.place.lock().unwrap() = (beat.live, beat.rank);
            let share = self.plan.share(beat.live, beat.rank, beat.steady);
            let hold = beat.hold.map(|until| beat.now.duration_until(until));
            let hold = hold.filter(|left| left.is_positive());
            let hold = hold.map(|left| sent + left.unsigned_abs());
            self.turnstile().set(sent, share, sent + LEASE * 2 / 3, hold);
            let claiming = self.claiming.lock().await;
            let in_hand = |id: &_, fence| self.hand.lock().unwrap().get(id) == Some(&fence);
            assert_eq!(self.store.free_strays(&self.name, in_hand).await.unwrap(), 0);
            drop(claiming);
            tokio::select! {
                () = sleep(LEASE / 3) => {}
                () = self.was_asked.notified() => {}
            }
        }
    }

    async fn claims(self: &Arc<Self>, turns: &mut JoinSet<()>) {
        let mut reported = None;
        loop {
            while let Some(ended) = turns.try_join_next() {
                ended.unwrap();
            }
            let elapsed = self.start.elapsed();
            let (share, is_held) = {
                let turnstile = self.turnstile();
                (turnstile.share(elapsed), turnstile.is_held(elapsed))
            };
            let room = share.in_hand().saturating_sub(self.hand.lock().unwrap().len());
            let taken = if room > 0 && !is_held { self.claim(room, turns).await } else { 0 };
            self.end_night(&mut reported).await;
            sleep(match (taken > 0 && taken == room, self.plan.night(self.now())) {
                (true, _) => GATHER,
                (false, Some(_)) => IDLE.0,
                (false, None) => IDLE.1,
            })
            .await;
        }
    }

    async fn claim(self: &Arc<Self>, room: usize, turns: &mut JoinSet<()>) -> usize {
        let last = self.plan.last_lane(self.now());
        let mut taken = 0;
        for lane in self.store.ready(last, true).await.unwrap() {
            if taken == room {
                break;
            }
            let claiming = self.claiming.lock().await;
            let claimed = self.store.claim(&self.name, lane, room - taken, 5, true).await.unwrap();
            assert!(claimed.unreadable.is_empty());
            taken += claimed.rows.len();
            let mut users = BTreeMap::<_, Vec<_>>::new();
            for row in claimed.rows {
                self.hand.lock().unwrap().insert(row.connection_id.clone(), row.fence);
                let work = Work::on(&self.service);
                users.entry(row.user_id.clone()).or_default().push((row, work));
            }
            drop(claiming);
            for rows in users.into_values() {
                turns.spawn(Arc::clone(self).work(rows));
            }
        }
        taken
    }

    async fn end_night(&self, reported: &mut Option<Timestamp>) {
        let (live, rank) = *self.place.lock().unwrap();
        if live == 0 || rank != 0 {
            return;
        }
        let Some(night) = self.plan.night_to_report(self.now(), *reported) else { return };
        let (next, divisor) = self.plan.after_missing(night);
        for lane in Lane::ALL.into_iter().skip(1) {
            let moves = || self.store.not_reached(lane, night, next, divisor, AT_ONCE, true);
            while moves().await.unwrap() == AT_ONCE {}
        }
        *reported = Some(night.end);
    }

    /// Waits for this worker's turn to send a request.
    async fn pass(&self) {
        let _queue = self.queue.lock().await;
        loop {
            let turn = self.turnstile().turn(self.start.elapsed());
            match turn {
                Turn::Now => return,
                Turn::At(next) => sleep_until(self.start + next).await,
                Turn::Closed => sleep(GATHER).await,
            }
        }
    }

    /// One request, which has passed the gate already.
    async fn send<T>(
        &self,
        answer: impl FnOnce(&mut Service, Timestamp) -> Result<T, CallFailure>,
    ) -> Result<T, CallFailure> {
        let way = {
            let (mut service, now) = (self.service(), self.now());
            service.sends(now);
            Duration::from_millis(service.random.u64(20..200))
        };
        sleep(way).await;
        let answer = {
            let (mut service, now) = (self.service(), self.now());
            service.arrives(now).and_then(|()| answer(&mut service, now))
        };
        if let Err(CallFailure { kind: CallFailureKind::Throttled { retry_after }, .. }) = &answer {
            let pause = self.turnstile().throttled(self.start.elapsed(), *retry_after);
            let mut asked = self.asked.lock().unwrap();
            *asked = (*asked).max(Some(pause));
            drop(asked);
            self.was_asked.notify_one();
        }
        sleep(way).await;
        answer
    }

    async fn request<T>(
        &self,
        answer: impl FnOnce(&mut Service, Timestamp) -> Result<T, CallFailure>,
    ) -> Result<T, CallFailure> {
        self.pass().await;
        self.send(answer).await
    }

    /// A token of the user: one that this worker has, one that still holds, or a new one.
    async fn token(&self, user: usize) -> Result<(), CallFailure> {
        let has = self.tokens.lock().unwrap().get(&user).is_some_and(|end| self.now() < *end);
        if has {
            return Ok(());
        }
        let found = self.request(|service, now| Ok(service.has_token(user, now))).await?;
        if !found {
            let make = |service: &mut Service, now| {
                service.make_token(user, now);
                Ok(())
            };
            self.request(make).await?;
        }
        let end = self.now() + SignedDuration::from_mins(50);
        self.tokens.lock().unwrap().insert(user, end);
        Ok(())
    }

    async fn look(&self, row: &Row) -> Result<Snapshot, CallFailure> {
        let n = number(&row.connection_id);
        let user = n / self.service().size.per_user;
        self.token(user).await?;
        self.request(|service, _| service.look(n)).await
    }

    /// The turns of some connections of one user.
    async fn work(self: Arc<Self>, rows: Vec<(Row, Work)>) {
        let needs_look = |row: &Row| self.plan.needs_look(row, self.clocks());
        let wanted: Vec<_> = rows
            .iter()
            .filter(|(row, _)| needs_look(row))
            .map(|(row, _)| number(&row.connection_id))
            .collect();
        let mut seen = HashMap::new();
        // A list of one page costs as much as a look.
        if let [first, _, ..] = wanted[..] {
            let user = first / self.service().size.per_user;
            let list = |service: &mut Service, _| {
                let looks = wanted.iter().filter_map(|n| Some((*n, service.look(*n).ok()?)));
                Ok(looks.collect::<HashMap<_, _>>())
            };
            if self.token(user).await.is_ok() {
                seen = self.request(list).await.unwrap_or_default();
            }
        }
        let turns = rows.into_iter().map(|(row, work)| {
            let given = seen.remove(&number(&row.connection_id));
            let worker = &self;
            async move {
                worker.turn(&row, given).await;
                let mut hand = worker.hand.lock().unwrap();
                if hand.get(&row.connection_id) == Some(&row.fence) {
                    hand.remove(&row.connection_id);
                }
                drop((hand, work));
            }
        });
        join_all(turns).await;
    }

    async fn turn(&self, row: &Row, given: Option<Snapshot>) {
        if row.is_untold {
            self.tell(row, row.report.as_ref()).await;
        } else if let (State::Open, Some(job)) = (row.state, row.job.clone()) {
            self.run_job(row, job, None).await;
        } else {
            self.begin(row, given).await;
        }
    }

    async fn begin(&self, row: &Row, mut given: Option<Snapshot>) {
        let mut now = self.clocks();
        let mut decision = self.plan.before_look(row, now);
        let mut seen = row.seen.clone();
        if decision == Decision::Look {
            let looked = match given.take() {
                Some(snapshot) => Ok(snapshot),
                None => self.look(row).await,
            };
            now = self.clocks();
            match looked {
                Ok(snapshot) => {
                    decision = self.plan.decide(row, &snapshot, now);
                    seen = Some(Seen { snapshot: snapshot.clone(), at: now.server });
                    given = Some(snapshot);
                }
                Err(failure) => {
                    let verdict = self.plan.after_failed_look(row, &failure, now);
                    return self.end(row, &verdict, None, &row.history, None).await;
                }
            }
        }
        if !matches!(decision, Decision::Call { .. }) {
            let verdict = verdict_of(decision).expect("a look after a look");
            return self.end(row, &verdict, None, &row.history, seen.as_ref()).await;
        }
        let job = SyncJob::new(row.connection_id.clone(), super::sync(), now.server)
            .with_history(row.history.clone())
            .with_credentials_at_hand(true);
        self.run_job(row, job, given).await;
    }

    /// Runs a job up to the service's answer, or through one look.
    async fn run_job(&self, row: &Row, mut job: SyncJob, mut given: Option<Snapshot>) {
        let (mut seen, mut observation) = (None, Observation::Begin);
        let report = loop {
            let action = job.step(observation, self.clocks().server);
            observation = match action {
                Action::Finish(report) => break report,
                Action::Look => {
                    let looked = match given.take().filter(|_| !job.is_open()) {
                        Some(snapshot) => Ok(snapshot),
                        None => self.look(row).await,
                    };
                    match looked {
                        Ok(snapshot) => {
                            let at = self.clocks().server;
                            seen = Some(Seen { snapshot: snapshot.clone(), at });
                            Observation::Looked(snapshot)
                        }
                        Err(failure) => Observation::LookFailed(failure),
                    }
                }
                Action::Call { .. } => match self.call(row, &job).await {
                    Some(answer) => answer,
                    None => return,
                },
                Action::WaitUntil(_) if job.is_open() => break SyncReport::StillRunning,
                Action::WaitUntil(_) => break SyncReport::NotSent { message: None },
                other => panic!("{other:?}"),
            };
        };
        let verdict = self.plan.after_run(row, report, Some(&job), self.clocks());
        let open = job.is_open().then_some(&job);
        self.end(row, &verdict, open, job.history(), seen.as_ref()).await;
    }

    /// Takes the turn at the gate, stores the intention, and calls. `None`: another worker has gone on
    /// with the row.
    async fn call(&self, row: &Row, job: &SyncJob) -> Option<Observation> {
        let n = number(&row.connection_id);
        self.pass().await;
        if !self.plan.may_call(row, self.now()) {
            let message = "too late".to_owned();
            let failure = CallFailure { kind: CallFailureKind::NotStored, message };
            return Some(Observation::CallFailed(failure));
        }
        if !self.store.save(&self.name, &row.connection_id, row.fence, job).await.unwrap() {
            return None;
        }
        let sent = self.now();
        let answer = self.send(|service, now| Ok(service.sync(n, sent, now))).await;
        Some(answer.unwrap_or_else(Observation::CallFailed))
    }

    async fn end(
        &self,
        row: &Row,
        verdict: &Verdict,
        job: Option<&SyncJob>,
        history: &SyncHistory,
        seen: Option<&Seen>,
    ) {
        let report = self.plan.report(row, verdict, seen, self.clocks());
        let (report, tell) = (report.as_ref(), report.is_some());
        let ending = Ending { verdict, job, history, seen, report, tell };
        let finished = self.store.finish(&self.name, &row.connection_id, row.fence, &ending).await;
        if finished.unwrap() && tell {
            self.tell(row, report).await;
        }
    }

    async fn tell(&self, row: &Row, report: Option<&xs2a_fleet::Report>) {
        sleep(Duration::from_millis(20)).await;
        if let Some(report) = report {
            self.told.lock().unwrap().tell(number(&row.connection_id), &report.outcome);
        }
        self.store.told(&self.name, &row.connection_id, row.fence).await.unwrap();
    }

    async fn follow_events(&self) {
        loop {
            let (live, rank) = *self.place.lock().unwrap();
            if live > 0 && rank == 0 {
                self.poll_events().await;
            }
            sleep(Duration::from_secs(30)).await;
        }
    }

    async fn poll_events(&self) {
        let read = self.service().read;
        let count = |service: &mut Service, _| {
            let Some(last) = read.checked_sub(1).map(|at| service.events[at].at) else {
                return Ok((0, service.events.len()));
            };
            let first = service.events.partition_point(|event| event.at < last - OVERLAP);
            Ok((first, service.events.len()))
        };
        // Pages of a hundred, the overlap among them.
        let Ok((first, end)) = self.request(count).await else { return };
        for _ in 1..(end - first).div_ceil(100) {
            if self.request(|_, _| Ok(())).await.is_err() {
                return;
            }
        }
        for at in read..end {
            let (event, seen) = {
                let service = self.service();
                (service.events[at], service.seen(service.events[at]))
            };
            self.take_in(&format!("con-{}", event.number), &seen).await;
            self.service().read = at + 1;
        }
    }

    async fn take_in(&self, key: &str, seen: &Seen) {
        let Some((row, holder)) = self.store.find(key).await.unwrap() else { return };
        match self.plan.on_event(&row, holder.is_some(), Some(seen), self.clocks()) {
            Heard::Nothing => {}
            Heard::Keep => drop(self.store.see(&row.connection_id, seen).await.unwrap()),
            Heard::Nudge => drop(self.store.nudge(key).await.unwrap()),
            Heard::Settle => self.settle(&row.connection_id, seen).await,
        }
    }

    async fn settle(&self, id: &ConnectionId, seen: &Seen) {
        let claiming = self.claiming.lock().await;
        let claimed = self.store.claim_one(&self.name, id).await.unwrap();
        let Some(row) = claimed.rows.into_iter().next() else { return };
        self.hand.lock().unwrap().insert(id.clone(), row.fence);
        drop(claiming);
        match self.plan.settle(&row, seen, self.clocks()) {
            Some((job, verdict)) => {
                self.end(&row, &verdict, None, job.history(), Some(seen)).await;
            }
            None => {
                let back = self.store.put_back(&self.name, id, row.fence, Duration::ZERO).await;
                assert!(back.unwrap());
            }
        }
        self.hand.lock().unwrap().remove(id);
    }
}
