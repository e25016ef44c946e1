//! How often something may be done.

use std::fmt;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{Patterns, who};
use crate::{
    action::{Petition, Rate},
    cache::{Limit, key},
};

/// A stretch of time: `30m`, `1h`, `24h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(SignedDuration);

impl Period {
    /// The longest that is looked back.
    const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.parse::<SignedDuration>() {
            Ok(length) if length.is_positive() && length <= Self::LONGEST => Ok(Self(length)),
            Ok(_) => Err(format!("{text:?} must be more than nothing and at most 168h")),
            Err(_) => Err(format!(
                "{text:?} is no stretch of time; write it like 30m, 1h or 24h"
            )),
        }
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

/// At most so many within a stretch of time, counted for each tool by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// How many.
    pub max: u32,
    /// Within which time.
    pub per: Period,
    /// Of which tools; all where it is not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tool: Option<Patterns>,
    /// In which namespaces; all where it is not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub namespace: Option<Patterns>,
}

impl RateLimit {
    pub(super) fn covers(&self, tool: &str, place: Option<&str>) -> bool {
        self.tool.as_ref().is_none_or(|patterns| patterns.match_any(tool))
            && self
                .namespace
                .as_ref()
                .is_none_or(|patterns| place.is_some_and(|namespace| patterns.match_any(namespace)))
    }

    /// The reason and when it may be done again, where the limit is reached.
    pub(super) fn reached(&self, petition: &Petition<'_>) -> Option<(String, String)> {
        let now = petition.now.timestamp();
        let within = |at: &&jiff::Zoned| now.duration_since(at.timestamp()) < self.per.0;
        let max = self.max as usize;
        let mut counted: Vec<_> = petition.recent.iter().filter(within).collect();
        if counted.len() < max {
            return None;
        }
        counted.sort_unstable_by_key(|at| std::cmp::Reverse(at.timestamp()));
        // There is room again once so many have gone by that fewer than `max` are left.
        let frees = counted
            .get(max.saturating_sub(1))
            .copied()
            .unwrap_or(petition.now);
        let again = frees.checked_add(self.per.0).unwrap_or_else(|_| frees.clone());
        Some((
            self.reason(petition.tool),
            format!("it may run again {}", who::moment(&again, petition.now)),
        ))
    }

    /// The same for runs of a tool in one place, counted wherever they are asked for.
    pub(super) fn rate(&self, tool: &str, place: Option<&str>) -> Rate {
        let (max, per) = (self.max.to_string(), self.per.to_string());
        Rate {
            limit: Limit {
                key: key("runs", &[&max, &per, tool, place.unwrap_or_default()]),
                window: self.per.0.unsigned_abs(),
                most: self.max.into(),
            },
            reason: self.reason(tool),
        }
    }

    fn reason(&self, tool: &str) -> String {
        let times = if self.max == 1 {
            "once".to_owned()
        } else {
            format!("{} times", self.max)
        };
        format!("`{tool}` may run {times} per {} here, and has.", self.per)
    }
}
