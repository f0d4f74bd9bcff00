//! The tables, in their versions, and the statements. One text for both databases: `{now}` is the
//! database's clock in milliseconds, `{skip_locked}` its row locks, `{storage}` and `{vacuum}` what
//! Postgres is told of how to keep a table that is updated often.

use crate::error::Error;

/// The migrations. Number 1 makes an empty database; each further one comes on top. A migration that
/// has been released is never changed.
pub(super) const MIGRATIONS: &[&str] = &[TABLES, "{vacuum}"];

const TABLES: &str = "
    CREATE TABLE xs2a_connection (
        connection_id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL,
        transaction_id TEXT,
        bic TEXT,
        bank_code TEXT,
        priority BIGINT NOT NULL,
        enrolments BIGINT NOT NULL DEFAULT 1,
        lane BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        next_lane BIGINT NOT NULL,
        next_at BIGINT NOT NULL,
        worker TEXT,
        fence BIGINT NOT NULL DEFAULT 0,
        nudged BIGINT NOT NULL DEFAULT 0,
        state TEXT NOT NULL DEFAULT 'waiting',
        parked TEXT,
        tries BIGINT NOT NULL DEFAULT 0,
        job TEXT,
        history TEXT,
        seen TEXT,
        report TEXT,
        report_json TEXT,
        reported_at BIGINT,
        untold BIGINT NOT NULL DEFAULT 0
    ) {storage};
    CREATE INDEX xs2a_connection_due ON xs2a_connection (lane, due_at) WHERE worker IS NULL;
    CREATE INDEX xs2a_connection_of_user ON xs2a_connection (user_id, lane, due_at);
    CREATE INDEX xs2a_connection_held ON xs2a_connection (user_id, worker)
        WHERE worker IS NOT NULL;
    CREATE INDEX xs2a_connection_transaction ON xs2a_connection (transaction_id)
        WHERE transaction_id IS NOT NULL;
    CREATE TABLE xs2a_worker (
        worker TEXT PRIMARY KEY,
        beat_at BIGINT NOT NULL,
        steady_since BIGINT NOT NULL
    );";

/// What opening a database has to do, by both of them: which migrations are missing.
pub(super) fn missing<'a>(migrations: &'a [&'a str], schema: i64) -> Result<&'a [&'a str], Error> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let done = usize::try_from(schema).unwrap_or(0);
    migrations.get(done..).ok_or(Error::NewerSchema { found: schema, known })
}

/// The table that says which schema this is, and what all workers share.
pub(super) const ROOT: &str = "CREATE TABLE IF NOT EXISTS xs2a_fleet (
    name TEXT PRIMARY KEY, value TEXT NOT NULL)";

/// The columns of a row, in the order in which they are read.
macro_rules! row {
    () => {
        "connection_id, user_id, bic, bank_code, priority, fence, state, parked, lane, due_at, \
         next_at, tries, job, history, seen, report, report_json, reported_at, untold"
    };
}

/// The lanes in which something is due. Parameters: the last lane that may be served, whether rows
/// with a report may be taken.
pub(super) const READY: &str = "SELECT lane FROM
        (SELECT CAST(0 AS BIGINT) AS lane UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) l
    WHERE lane <= $1 AND EXISTS (SELECT 1 FROM xs2a_connection c
        WHERE c.lane = l.lane AND c.worker IS NULL AND c.due_at <= {now} AND c.untold <= $2)
    ORDER BY lane";

/// Parameters: lane, worker, how many, how many of one user, whether rows with a report may be taken.
/// Takes the rows that are due first, of users whom no other worker holds, and of each user no more
/// than are free. What is due is asked once more under the row's lock: another worker may have gone
/// through a row's turn since the statement began. The plus signs keep these questions away from the
/// index of due rows, and `CROSS JOIN` begins with the users: SQLite would else go through all due rows
/// to find twenty.
pub(super) const CLAIM: &str = concat!(
    "WITH ready AS MATERIALIZED (
        SELECT c.user_id FROM xs2a_connection c
        WHERE c.lane = $1 AND c.worker IS NULL AND c.due_at <= {now} AND c.untold <= $5
            AND (SELECT coalesce(sum(CASE WHEN h.worker = $2 THEN 1 ELSE 1000000 END), 0)
                 FROM xs2a_connection h
                 WHERE h.user_id = c.user_id AND h.worker IS NOT NULL) < $4
        ORDER BY c.due_at LIMIT $3 {skip_locked}
    ), numbered AS (
        SELECT c.connection_id, c.due_at,
            row_number() OVER (PARTITION BY c.user_id ORDER BY c.due_at, c.connection_id)
            + (SELECT count(*) FROM xs2a_connection h
               WHERE h.user_id = c.user_id AND h.worker IS NOT NULL) AS place
        FROM (SELECT DISTINCT user_id FROM ready) u CROSS JOIN xs2a_connection c
        WHERE c.user_id = u.user_id AND c.lane = $1 AND c.worker IS NULL AND c.due_at <= {now} AND c.untold <= $5
    ), first AS MATERIALIZED (
        SELECT connection_id FROM numbered WHERE place <= $4 ORDER BY due_at LIMIT $3
    ), picked AS MATERIALIZED (
        SELECT c.connection_id AS id FROM xs2a_connection c
        WHERE c.connection_id IN (SELECT connection_id FROM first)
            AND +c.lane = $1 AND c.worker IS NULL AND +c.due_at <= {now} AND c.untold <= $5
        {skip_locked}
    )
    UPDATE xs2a_connection SET worker = $2, fence = fence + 1
    FROM picked WHERE connection_id = id AND worker IS NULL AND +lane = $1
    RETURNING ",
    row!()
);

/// Parameters: id, worker.
pub(super) const CLAIM_ONE: &str = concat!(
    "UPDATE xs2a_connection SET worker = $2, fence = fence + 1
    WHERE connection_id = $1 AND worker IS NULL AND untold = 0 AND state <> 'withdrawn'
    RETURNING ",
    row!()
);

/// Parameter: connection id or transaction id.
pub(super) const FIND: &str = concat!(
    "SELECT ",
    row!(),
    ", worker FROM xs2a_connection
    WHERE (connection_id = $1 OR transaction_id = $1) AND state <> 'withdrawn'"
);

/// Parameter: how many.
pub(super) const PARKED: &str = concat!(
    "SELECT ",
    row!(),
    " FROM xs2a_connection WHERE state = 'parked' ORDER BY connection_id LIMIT $1"
);

/// Parameters: id, worker, fence, job.
pub(super) const SAVE: &str = "UPDATE xs2a_connection SET job = $4, state = 'open'
    WHERE connection_id = $1 AND worker = $2 AND fence = $3 RETURNING fence";

/// Parameters: id, worker, fence, state, parked, tries, job, history, seen, report, its JSON,
/// untold, lane, due. A row with a report that is to be told stays with its worker; whoever takes it
/// over from a dead one finds it due at once.
pub(super) const FINISH: &str = "UPDATE xs2a_connection SET
        state = $4, parked = $5, tries = $6, job = $7, history = $8, seen = coalesce($9, seen),
        report = coalesce($10, report), report_json = coalesce($11, report_json),
        reported_at = CASE WHEN $10 IS NULL THEN reported_at ELSE {now} END,
        untold = $12, next_lane = $13, next_at = $14,
        lane = CASE WHEN $12 = 1 OR nudged = 1 THEN 0 ELSE $13 END,
        due_at = CASE WHEN $12 = 1 OR nudged = 1 THEN {now} ELSE $14 END,
        worker = CASE WHEN $12 = 1 THEN worker END,
        nudged = CASE WHEN $12 = 1 THEN nudged ELSE 0 END
    WHERE connection_id = $1 AND worker = $2 AND fence = $3 RETURNING fence";

/// Parameters: id, worker, fence.
pub(super) const TOLD: &str = "UPDATE xs2a_connection SET untold = 0, worker = NULL, nudged = 0,
        lane = CASE WHEN nudged = 1 THEN 0 ELSE next_lane END,
        due_at = CASE WHEN nudged = 1 THEN {now} ELSE next_at END
    WHERE connection_id = $1 AND worker = $2 AND fence = $3 RETURNING fence";

/// Parameters: id, worker, fence, milliseconds.
pub(super) const PUT_BACK: &str = "UPDATE xs2a_connection SET worker = NULL, nudged = 0,
        due_at = {now} + $4
    WHERE connection_id = $1 AND worker = $2 AND fence = $3 RETURNING fence";

/// Parameters: id, worker, fence, milliseconds, report, its JSON.
pub(super) const SET_ASIDE: &str = "UPDATE xs2a_connection SET worker = NULL, nudged = 0,
        due_at = {now} + $4, report = $5, report_json = $6, reported_at = {now}
    WHERE connection_id = $1 AND worker = $2 AND fence = $3 RETURNING fence";

/// Parameter: connection id or transaction id.
pub(super) const NUDGE: &str = "UPDATE xs2a_connection SET
        nudged = CASE WHEN worker IS NULL THEN 0 ELSE 1 END,
        lane = CASE WHEN worker IS NULL THEN 0 ELSE lane END,
        due_at = CASE WHEN worker IS NULL THEN {now} ELSE due_at END
    WHERE (connection_id = $1 OR transaction_id = $1) AND state <> 'withdrawn' AND untold = 0
    RETURNING connection_id";

/// Parameters: id, seen.
pub(super) const SEE: &str = "UPDATE xs2a_connection SET seen = $2
    WHERE connection_id = $1 AND worker IS NULL AND state = 'waiting' RETURNING fence";

/// Parameters: id, user, transaction, bic, bank code, rank or none, rank of a new row, seen, due,
/// lane of that rank. A parked connection is gone through again with what has been seen now.
pub(super) const ENROL: &str = "INSERT INTO xs2a_connection
        (connection_id, user_id, transaction_id, bic, bank_code, priority, seen,
         lane, due_at, next_lane, next_at)
    VALUES ($1, $2, $3, $4, $5, $7, $8, $10, $9, $10, $9)
    ON CONFLICT (connection_id) DO UPDATE SET
        user_id = excluded.user_id,
        transaction_id = coalesce(excluded.transaction_id, xs2a_connection.transaction_id),
        bic = coalesce(excluded.bic, xs2a_connection.bic),
        bank_code = coalesce(excluded.bank_code, xs2a_connection.bank_code),
        priority = coalesce($6, xs2a_connection.priority),
        enrolments = xs2a_connection.enrolments + 1,
        seen = CASE WHEN xs2a_connection.worker IS NULL
            THEN coalesce(excluded.seen, xs2a_connection.seen) ELSE xs2a_connection.seen END,
        state = CASE WHEN xs2a_connection.state <> 'withdrawn' THEN xs2a_connection.state
            WHEN xs2a_connection.job IS NULL THEN 'waiting' ELSE 'open' END,
        next_lane = CASE WHEN $6 IS NULL OR xs2a_connection.next_lane = 0
            THEN xs2a_connection.next_lane ELSE excluded.lane END,
        lane = CASE WHEN xs2a_connection.state = 'withdrawn' AND xs2a_connection.job IS NULL
                THEN excluded.lane
            WHEN xs2a_connection.state IN ('parked', 'withdrawn') THEN 0
            WHEN xs2a_connection.lane = 0 THEN 0
            WHEN $6 IS NULL THEN xs2a_connection.lane ELSE excluded.lane END,
        due_at = CASE WHEN xs2a_connection.state = 'withdrawn' AND xs2a_connection.job IS NULL
                THEN CASE WHEN xs2a_connection.next_at > excluded.due_at
                    THEN xs2a_connection.next_at ELSE excluded.due_at END
            WHEN xs2a_connection.state = 'withdrawn' THEN {now}
            WHEN xs2a_connection.state = 'parked' AND excluded.seen IS NOT NULL THEN {now}
            ELSE xs2a_connection.due_at END
    RETURNING enrolments";

/// Parameter: an instant that never comes. The history stays: a connection that is enrolled again
/// has not forgotten its calls.
pub(super) const WITHDRAW: &str = "UPDATE xs2a_connection SET state = 'withdrawn', parked = NULL,
        worker = NULL, fence = fence + 1, untold = 0, lane = 0, due_at = $2
    WHERE connection_id = $1 AND state <> 'withdrawn' RETURNING connection_id";

/// As [`WITHDRAW`], for all of a user.
pub(super) const WITHDRAW_USER: &str = "UPDATE xs2a_connection SET state = 'withdrawn',
        parked = NULL, worker = NULL, fence = fence + 1, untold = 0, lane = 0, due_at = $2
    WHERE user_id = $1 AND state <> 'withdrawn' RETURNING connection_id";

/// As [`WITHDRAW`], for all.
pub(super) const WITHDRAW_ALL: &str = "UPDATE xs2a_connection SET state = 'withdrawn',
        parked = NULL, worker = NULL, fence = fence + 1, untold = 0, lane = 0, due_at = $1
    WHERE state <> 'withdrawn' RETURNING connection_id";

/// Parameter: user.
pub(super) const FORGET_USER: &str =
    "DELETE FROM xs2a_connection WHERE user_id = $1 RETURNING connection_id";

/// Parameters: lane, end of the night, its start, start of the next one, the divisor, how many,
/// untold. The places of the next night keep the order of this one.
pub(super) const NOT_REACHED: &str = "WITH picked AS MATERIALIZED (
        SELECT connection_id AS id FROM xs2a_connection
        WHERE lane = $1 AND worker IS NULL AND due_at < $2 ORDER BY due_at LIMIT $6 {skip_locked}
    )
    UPDATE xs2a_connection SET
        report = 'not_reached', report_json = NULL, reported_at = {now}, untold = $7, tries = 0,
        next_lane = lane,
        next_at = $4 + CASE WHEN due_at > $3 THEN (due_at - $3) / $5 ELSE 0 END,
        lane = CASE WHEN $7 = 1 THEN 0 ELSE lane END,
        due_at = CASE WHEN $7 = 1 THEN {now}
            ELSE $4 + CASE WHEN due_at > $3 THEN (due_at - $3) / $5 ELSE 0 END END
    FROM picked WHERE connection_id = id AND worker IS NULL
    RETURNING connection_id";

/// Parameters: worker, lease. A worker that comes back after a gap is steady since then.
pub(super) const BEAT: &str = "INSERT INTO xs2a_worker (worker, beat_at, steady_since)
    VALUES ($1, {now}, {now})
    ON CONFLICT (worker) DO UPDATE SET
        steady_since = CASE WHEN xs2a_worker.beat_at + $2 < {now} THEN {now}
            ELSE xs2a_worker.steady_since END,
        beat_at = {now}
    RETURNING steady_since, beat_at";

/// Parameter: lease.
pub(super) const BURY: &str = "DELETE FROM xs2a_worker WHERE beat_at + $1 < {now} RETURNING worker";

pub(super) const FREE: &str = "UPDATE xs2a_connection SET worker = NULL
    WHERE worker IS NOT NULL AND worker NOT IN (SELECT worker FROM xs2a_worker)
    RETURNING connection_id";

pub(super) const WORKERS: &str = "SELECT worker, beat_at, {now} FROM xs2a_worker";

/// Parameter: worker.
pub(super) const HELD: &str =
    "SELECT connection_id, fence FROM xs2a_connection WHERE worker = $1 AND worker IS NOT NULL";

/// Parameter: worker.
pub(super) const LEAVE: &str = "DELETE FROM xs2a_worker WHERE worker = $1 RETURNING worker";

/// Parameter: worker.
pub(super) const FREE_OF: &str = "UPDATE xs2a_connection SET worker = NULL
    WHERE worker = $1 AND worker IS NOT NULL RETURNING connection_id";

/// Parameter: name.
pub(super) const GET: &str = "SELECT value FROM xs2a_fleet WHERE name = $1";

/// Parameters: name, value.
pub(super) const SET: &str = "INSERT INTO xs2a_fleet (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING value";

/// Parameters: name, value, where nothing stands yet.
pub(super) const SET_FIRST: &str = "INSERT INTO xs2a_fleet (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO NOTHING RETURNING value";

/// Parameters: name, value, the value that it replaces.
pub(super) const SWAP: &str =
    "UPDATE xs2a_fleet SET value = $2 WHERE name = $1 AND value = $3 RETURNING value";

/// Parameters: name, milliseconds from now. The later instant counts.
pub(super) const HOLD: &str = "INSERT INTO xs2a_fleet (name, value)
    VALUES ($1, CAST({now} + $2 AS TEXT))
    ON CONFLICT (name) DO UPDATE SET value = CASE
        WHEN CAST(xs2a_fleet.value AS BIGINT) > {now} + $2 THEN xs2a_fleet.value
        ELSE CAST({now} + $2 AS TEXT) END
    RETURNING value";

/// Where all connections stand.
pub(super) const STATS: &str = "SELECT state, parked, report, lane, is_held, is_due, count(*),
        min(due_at)
    FROM (SELECT state, parked, report, lane, due_at,
            CASE WHEN worker IS NULL THEN 0 ELSE 1 END AS is_held,
            CASE WHEN due_at <= {now} THEN 1 ELSE 0 END AS is_due
        FROM xs2a_connection WHERE state <> 'withdrawn') c
    GROUP BY state, parked, report, lane, is_held, is_due";

/// Parameter: an instant.
pub(super) const DUE_BY: &str =
    "SELECT count(*) FROM xs2a_connection WHERE lane > 0 AND due_at < $1 AND state <> 'withdrawn'";
