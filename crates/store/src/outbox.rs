//! Queued work: claimed with a lease, completed, retried, given up.
//!
//! Not here: doing the work, and how long to wait before a retry.

use sqlx::AnyConnection;

use crate::engine::{rows, values};
use crate::row::{Field, Row};
use crate::rows::OutboxJob;
use crate::store::AsyncAction;
use crate::{Fault, Rejected, Rows, Store, Write};

/// A job under a lease. Another worker may have it once the lease is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The job; `attempts` counts this one.
    pub job: OutboxJob,
}

/// How a queue stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxCount {
    /// The topic.
    pub topic: String,
    /// Jobs to be done, now or later.
    pub waiting: i64,
    /// Jobs given up.
    pub dead: i64,
}

impl Store {
    /// Claims due jobs of a topic until `lease_until`. Durable on return.
    pub async fn claim(
        &self,
        topic: &str,
        now: i64,
        lease_until: i64,
        jobs_max: u32,
    ) -> Result<Vec<Claimed>, Fault> {
        // An idle task asks often: it must not disturb the writer for nothing.
        let due = "select 1 as due from outbox where topic = $1 and done_at is null \
                   and dead_at is null and due_at <= $2 and lease_until <= $3 limit 1";
        let found = rows(&self.pools().read, due, values![topic.to_owned(), now, now]).await?;
        if found.is_empty() {
            return Ok(vec![]);
        }
        let topic = topic.to_owned();
        let jobs_max = crate::read::limit(jobs_max);
        self.alone(Claim { topic, now, lease_until, jobs_max }).await
    }

    /// Marks a job as done.
    pub async fn complete(&self, id: &str, now: i64) -> Result<(), Fault> {
        self.settle(Write::JobDone { id: id.to_owned(), at: now }).await
    }

    /// Puts a job back until `due_at`, with the code of what went wrong.
    pub async fn retry(&self, id: &str, due_at: i64, error: &str) -> Result<(), Fault> {
        self.settle(Write::JobRetry { id: id.to_owned(), due_at, error: error.to_owned() }).await
    }

    /// Gives a job up, with the code of what went wrong.
    pub async fn give_up(&self, id: &str, now: i64, error: &str) -> Result<(), Fault> {
        self.settle(Write::JobDead { id: id.to_owned(), at: now, error: error.to_owned() }).await
    }

    async fn settle(&self, write: Write) -> Result<(), Fault> {
        self.write(Rows::new().with(write)).await.map_err(|rejected| match rejected {
            Rejected::Fault(fault) => fault,
            // Such a unit names no chain, room, serial or new id.
            Rejected::Conflict(_) => Fault::Misuse("an outbox write met a conflict"),
            Rejected::Refused(never) => match never {},
        })
    }

    /// Returns a job.
    pub async fn job(&self, id: &str) -> Result<Option<OutboxJob>, Fault> {
        let sql = format!("select {} from outbox where id = $1", OutboxJob::columns());
        crate::read::one(self.pools(), sql, values![id.to_owned()]).await
    }

    /// Lists jobs given up, by id, after one.
    pub async fn dead_jobs(&self, after: &str, rows_max: u32) -> Result<Vec<OutboxJob>, Fault> {
        let sql = format!(
            "select {} from outbox where dead_at is not null and id > $1 order by id limit $2",
            OutboxJob::columns()
        );
        let values = values![after.to_owned(), crate::read::limit(rows_max)];
        crate::read::list(self.pools(), sql, values).await
    }

    /// Counts waiting and dead jobs by topic.
    pub async fn outbox_counts(&self) -> Result<Vec<OutboxCount>, Fault> {
        let sql = "select topic, \
                   count(case when dead_at is null then 1 end) as waiting, count(dead_at) as dead \
                   from outbox where done_at is null group by topic order by topic limit 100";
        let found = rows(&self.pools().read, sql, vec![]).await?;
        found
            .iter()
            .map(|row| {
                Ok(OutboxCount {
                    topic: Field::read(row, "topic")?,
                    waiting: Field::read(row, "waiting")?,
                    dead: Field::read(row, "dead")?,
                })
            })
            .collect()
    }
}

struct Claim {
    topic: String,
    now: i64,
    lease_until: i64,
    jobs_max: i64,
}

impl AsyncAction<Vec<Claimed>> for Claim {
    async fn act(self, connection: &mut AnyConnection) -> Result<Vec<Claimed>, Fault> {
        // The condition is repeated outside, so that of two replicas that chose the same row one gets it.
        let sql = format!(
            "update outbox set lease_until = $1, attempts = attempts + 1 where id in (\
             select id from outbox where topic = $2 and done_at is null and dead_at is null \
             and due_at <= $3 and lease_until <= $3 order by due_at, id limit $4) \
             and done_at is null and dead_at is null and lease_until <= $3 returning {}",
            OutboxJob::columns()
        );
        let values = values![self.lease_until, self.topic, self.now, self.jobs_max];
        let found = rows(connection, sql, values).await?;
        let mut claimed = found
            .iter()
            .map(|row| Ok(Claimed { job: OutboxJob::read(row)? }))
            .collect::<Result<Vec<_>, Fault>>()?;
        claimed.sort_by(|a, b| (a.job.due_at, &a.job.id).cmp(&(b.job.due_at, &b.job.id)));
        Ok(claimed)
    }
}
