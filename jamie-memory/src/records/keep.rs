//! How long records of a kind are kept, and how many.

use std::collections::BTreeMap;

use jamie_core::memory::Kind;
use jiff::{SignedDuration, Timestamp};

/// How long, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keep {
    /// So many days; for ever without it.
    pub days: Option<u32>,
    /// So many records, the newest; all of them without it.
    pub most: Option<u64>,
}

impl Keep {
    /// What is older than this goes.
    pub(crate) fn before(self, now: Timestamp) -> Option<Timestamp> {
        let hours = i64::from(self.days?) * 24;
        now.checked_sub(SignedDuration::from_hours(hours)).ok()
    }
}

/// What is kept, by kind; a kind that is not named is kept for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention(pub BTreeMap<Kind, Keep>);

impl Default for Retention {
    fn default() -> Self {
        let keep = |days| Keep {
            days: Some(days),
            most: Some(1_000_000),
        };
        Self(BTreeMap::from([
            (Kind::Turn, keep(365)),
            (Kind::Gap, keep(180)),
            (Kind::Feedback, keep(730)),
            (Kind::Incident, keep(730)),
        ]))
    }
}
