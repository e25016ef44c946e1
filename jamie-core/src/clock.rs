//! The only reader of time.

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};

/// Says what time it is, and where.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// The time zone in which "yesterday" and "14:00" are meant.
    fn zone(&self) -> TimeZone;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn zone(&self) -> TimeZone {
        TimeZone::system()
    }
}

/// A clock that stands still, for tests and replays.
#[derive(Debug, Clone)]
pub struct FixedClock {
    now: Timestamp,
    zone: TimeZone,
}

impl FixedClock {
    /// Always `now`, in `zone`.
    pub fn new(now: Timestamp, zone: TimeZone) -> Self {
        Self { now, zone }
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone()
    }
}
