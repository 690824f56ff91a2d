//! The only place that reads a clock; everything else takes `now` as an argument.
//!
//! A clock that jumps must neither publish early nor write history backwards: [`Clock::now`] never
//! runs backwards, and [`Clock::trusted`] compares the wall clock with the monotonic one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;

/// How far wall clock and monotonic clock may part before nothing irrevocable is done.
pub const CLOCK_DRIFT_MAX: Duration = Duration::from_secs(10 * 60);

/// A source of instants, cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    /// The machine's clock, with the instants at which it was first read.
    Real { wall: SystemTime, steady: Instant, latest_ms: AtomicI64 },
    /// A clock set by hand, for the demo's past and for tests.
    Virtual { now_ms: AtomicI64, doubted: AtomicBool },
}

impl Clock {
    /// Returns the machine's clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub fn real() -> Self {
        let wall = SystemTime::now();
        let steady = Instant::now();
        Self(Arc::new(Source::Real { wall, steady, latest_ms: AtomicI64::new(0) }))
    }

    /// Returns a clock that stands at `start` until [`Clock::set`] moves it.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(Source::Virtual {
            now_ms: AtomicI64::new(start.as_millisecond()),
            doubted: AtomicBool::new(false),
        }))
    }

    /// Returns now, to the millisecond, never earlier than an answer given before.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let ms = match &*self.0 {
            Source::Real { latest_ms, .. } => {
                let read = wall_ms();
                latest_ms.fetch_max(read, Ordering::AcqRel).max(read)
            }
            Source::Virtual { now_ms, .. } => now_ms.load(Ordering::Acquire),
        };
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Moves a virtual clock forward to `to`; a real clock, or an earlier instant, changes nothing.
    pub fn set(&self, to: Timestamp) {
        match &*self.0 {
            Source::Real { .. } => {}
            Source::Virtual { now_ms, .. } => {
                now_ms.fetch_max(to.as_millisecond(), Ordering::AcqRel);
            }
        }
    }

    /// Makes a virtual clock one that cannot be trusted, or again one that can; a real clock says so itself.
    pub fn doubt(&self, doubted: bool) {
        if let Source::Virtual { doubted: stored, .. } = &*self.0 {
            stored.store(doubted, Ordering::Release);
        }
    }

    /// Returns whether the wall clock still agrees with the time that has passed since the start.
    ///
    /// A machine whose clock was set ahead must not publish what is under embargo (verification.md,
    /// section 10: "clock + 1 year does not publish").
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub fn trusted(&self) -> bool {
        match &*self.0 {
            Source::Real { wall, steady, .. } => {
                let expected = *wall + steady.elapsed();
                let seen = SystemTime::now();
                let apart = seen
                    .duration_since(expected)
                    .or_else(|_| expected.duration_since(seen))
                    .unwrap_or(Duration::MAX);
                apart <= CLOCK_DRIFT_MAX
            }
            Source::Virtual { doubted, .. } => !doubted.load(Ordering::Acquire),
        }
    }

    /// Returns whether this is the machine's clock.
    #[must_use]
    pub fn is_real(&self) -> bool {
        matches!(&*self.0, Source::Real { .. })
    }

    /// Returns a mark for measuring how long something took.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the place")]
    pub fn mark() -> Instant {
        Instant::now()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place")]
fn wall_ms() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_clock_never_runs_backwards() {
        let start: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
        let clock = Clock::at(start);
        clock.set("2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now(), start);
        clock.set("2026-01-03T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now(), "2026-01-03T00:00:00Z".parse().unwrap());
    }

    #[test]
    fn the_machines_clock_is_trusted_while_nobody_sets_it() {
        let clock = Clock::real();
        assert!(clock.trusted());
        assert!(clock.now() <= clock.now());
    }
}
