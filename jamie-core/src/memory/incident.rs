//! Incidents: a finding goes in, what is kept of it over its returns comes out, with what was done about it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Finding, Fingerprint, ObjectRef, Severity};

/// An incident as it was last seen, and what became of it over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its identity over passes.
    pub fingerprint: Fingerprint,
    /// How bad it was.
    pub severity: Severity,
    /// The object to blame.
    pub object: ObjectRef,
    /// What was wrong.
    pub title: String,
    /// Why.
    pub cause: String,
    /// The check that found it.
    #[serde(default)]
    pub check: String,
    /// Since when, where that was known.
    pub since: Option<Timestamp>,
    /// When it began each time, as far as it was seen; the oldest first, at most [`Incident::EPISODES`].
    #[serde(default)]
    pub episodes: Vec<Timestamp>,
    /// How often it came; more than the episodes where the oldest were dropped.
    #[serde(default)]
    pub times: u32,
    /// What was done about it, the oldest first, at most [`Incident::FIXES`].
    #[serde(default)]
    pub fixes: Vec<Fix>,
}

/// Something that was done about an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What was done, in a few words: "restarted deployment shop/api".
    pub what: String,
    /// The tool that did it; empty where a person said so.
    pub tool: String,
    /// Its arguments, with which it can be done again; nothing where they are too long to keep.
    #[serde(default)]
    pub args: serde_json::Value,
    /// Who did it; empty where nobody is to be named any more.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Whether it helped, where that was seen.
    pub worked: Option<bool>,
}

impl Incident {
    /// The most beginnings that are kept.
    pub const EPISODES: usize = 20;
    /// The most fixes that are kept.
    pub const FIXES: usize = 20;
    /// Seen again after a longer time than this without a look at it, it has come back.
    pub const QUIET: SignedDuration = SignedDuration::from_hours(1);

    /// A finding, seen for the first time at `now`.
    pub fn first(finding: &Finding, now: Timestamp) -> Self {
        Self {
            fingerprint: finding.fingerprint.clone(),
            severity: finding.severity,
            object: finding.object.clone(),
            title: finding.title.clone(),
            cause: finding.cause.clone(),
            check: finding.check.clone(),
            since: finding.since,
            episodes: vec![finding.since.unwrap_or(now).min(now)],
            times: 1,
            fixes: Vec::new(),
        }
    }

    /// The same finding, seen at `now` with `before` kept from `last`: one more episode where it began after it was
    /// last seen, or, where nobody knows when it began, after it was not seen for a while.
    #[must_use]
    pub fn again(finding: &Finding, now: Timestamp, before: &Self, last: Timestamp) -> Self {
        let mut incident = Self::first(finding, now);
        let came_back = match finding.since {
            Some(since) => since > last,
            None => now.duration_since(last) > Self::QUIET,
        };
        let began = std::mem::replace(&mut incident.episodes, before.episodes.clone());
        incident.times = before.times.max(1);
        incident.fixes.clone_from(&before.fixes);
        if came_back || incident.episodes.is_empty() {
            incident.episodes.extend(began);
            incident.times = incident.times.saturating_add(u32::from(came_back));
        }
        keep_last(&mut incident.episodes, Self::EPISODES);
        incident
    }

    /// Adds what was done about it.
    pub fn add_fix(&mut self, fix: Fix) {
        self.fixes.push(fix);
        keep_last(&mut self.fixes, Self::FIXES);
    }

    /// The newest fix that helped.
    pub fn what_worked(&self) -> Option<&Fix> {
        self.fixes.iter().rev().find(|fix| fix.worked == Some(true))
    }

    /// The words by which it is found.
    pub fn words(&self) -> String {
        let what = [self.object.to_string(), self.title.clone(), self.cause.clone()];
        let fixes = self.fixes.iter().map(|fix| fix.what.clone());
        what.into_iter().chain(fixes).collect::<Vec<_>>().join(" ")
    }
}

fn keep_last<T>(list: &mut Vec<T>, most: usize) {
    let over = list.len().saturating_sub(most);
    list.drain(..over);
}
