//! What happens after an answer: planned releases, sweeping, remembering the time. The only place that
//! starts tasks, and the place that ends them.
//!
//! Every job lies in the outbox and is claimed with a lease, so that a hub that dies in the middle does it
//! again and two replicas do it once. Not here: what a job does (`app`).

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::publication::RELEASE_TOPIC;
use crate::app::sharing::SHARE_TOPIC;
use crate::app::{AppError, Hub};

/// How often the outbox is asked.
const TICK: Duration = Duration::from_secs(1);
/// Ticks between two sweeps.
const SWEEP_TICKS: u64 = 600;
/// Ticks between two notes of the time.
const CLOCK_TICKS: u64 = 60;
/// How long a claimed job belongs to its worker, in milliseconds.
const LEASE_MS: i64 = 60_000;
/// Jobs claimed at once.
const CLAIMED_MAX: u32 = 16;
/// Attempts before a job is given up.
const ATTEMPTS_MAX: i64 = 8;

/// Tasks that run until they are told to stop.
#[derive(Debug)]
pub struct Tasks {
    stop: watch::Sender<bool>,
    handles: Vec<JoinHandle<()>>,
}

impl Tasks {
    /// Starts what a serving hub does beside answering.
    #[must_use]
    pub fn start(hub: &Hub) -> Self {
        let (stop, stopped) = watch::channel(false);
        let worker = hub.clone();
        Self { stop, handles: vec![spawn(run(worker, stopped))] }
    }

    /// Tells every task to stop and waits until it has.
    pub async fn stop(self) {
        let _nobody_left = self.stop.send(true);
        for handle in self.handles {
            if let Err(error) = handle.await {
                tracing::error!(%error, "a task did not end well");
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place")]
fn spawn(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(future)
}

async fn run(hub: Hub, mut stopped: watch::Receiver<bool>) {
    let mut ticks: u64 = 0;
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(TICK) => {}
        }
        ticks += 1;
        log("outbox", run_due(&hub).await.map(|_| ()));
        log("screens", hub.tend_screens().await.map(|_| ()));
        if ticks.is_multiple_of(CLOCK_TICKS) || ticks == 1 {
            log("clock", hub.touch_clock().await);
        }
        if ticks.is_multiple_of(SWEEP_TICKS) {
            let swept = hub.store().sweep(hub.now_ms()).await.map(|_| ());
            log("sweep", swept.map_err(AppError::from));
            let orphans = hub.store().sweep_orphans(hub.now_ms()).await.map(|_| ());
            log("orphans", orphans.map_err(AppError::from));
        }
    }
}

fn log(task: &str, result: Result<(), AppError>) {
    if let Err(error) = result {
        tracing::warn!(task, fault = error.causes(), "a task failed and will be tried again");
    }
}

/// Does every job that is due and returns how many were done.
pub async fn run_due(hub: &Hub) -> Result<u64, AppError> {
    Ok(run_topic(hub, RELEASE_TOPIC).await? + run_topic(hub, SHARE_TOPIC).await?)
}

async fn run_topic(hub: &Hub, topic: &str) -> Result<u64, AppError> {
    let mut done = 0;
    loop {
        let now = hub.now_ms();
        let jobs = hub.store().claim(topic, now, now + LEASE_MS, CLAIMED_MAX).await?;
        if jobs.is_empty() {
            return Ok(done);
        }
        for claimed in jobs {
            let job = claimed.job;
            let ran = if topic == SHARE_TOPIC {
                hub.deliver_share(&job.payload).await
            } else {
                hub.run_scheduled(&job.payload).await
            };
            match ran {
                Ok(()) => {
                    hub.store().complete(&job.id, hub.now_ms()).await?;
                    done += 1;
                }
                Err(error) => put_back(hub, &job, &error).await?,
            }
        }
    }
}

/// A refusal is an answer and ends the job; anything else is tried again, later each time.
async fn put_back(
    hub: &Hub,
    job: &comity_store::OutboxJob,
    error: &AppError,
) -> Result<(), AppError> {
    let now = hub.now_ms();
    let code = match error {
        AppError::Refused(refusals) => refusals.first().map_or("refused", |first| first.code),
        AppError::Busy { .. }
        | AppError::Changed
        | AppError::Fault(_)
        | AppError::NoToken
        | AppError::NotFound
        | AppError::RateLimited { .. }
        | AppError::ScopeMissing(_) => "fault",
    };
    tracing::warn!(topic = job.topic, code, fault = error.causes(), "a planned step was not done");
    let waits = code == "clock-suspect" || code == "fault";
    if waits && job.attempts < ATTEMPTS_MAX {
        let pause_ms = 5_000_i64.saturating_mul(1 << job.attempts.clamp(0, 10));
        hub.store().retry(&job.id, now + pause_ms, code).await?;
    } else {
        hub.store().give_up(&job.id, now, code).await?;
    }
    Ok(())
}
