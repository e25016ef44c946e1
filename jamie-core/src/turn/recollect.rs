//! What was found in, what is known of its past out: whether it came back, how often, and what was done about it then.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Phase, Step, Turn,
    plan::{Planned, State},
};
use crate::{
    Finding, Result, Severity,
    memory::{Content, Fix, Incident, Kind, Memory, Recall},
    render::Page,
};

/// The most findings whose past is looked up.
const LOOKED_UP: usize = 10;
/// The most fixes that are told of one incident.
const FIXES_TOLD: usize = 2;

/// The past of what was found.
#[derive(Debug, Default)]
pub(super) enum Past {
    /// Nobody has looked yet.
    #[default]
    Unread,
    /// It cannot be read: nothing is noted either, or what was there would be lost.
    Unreadable,
    /// What was looked up, by fingerprint: the incident, and when it was last seen, where it was seen before.
    Known(BTreeMap<String, Option<(Incident, Timestamp)>>),
}

impl Turn {
    /// Whether the past of what was found has to be read before the answer is written.
    pub(super) fn looks_back(&mut self) -> bool {
        let unread = matches!(self.past, Past::Unread) && !fingerprints(&self.calls).is_empty();
        if unread {
            self.phase = Phase::Recollecting;
        }
        unread
    }

    /// What is looked up.
    pub(super) fn recollect(&self) -> Step {
        let recalls = fingerprints(&self.calls)
            .into_iter()
            .map(|fingerprint| Recall::new(Kind::Incident, 1).with_key(fingerprint))
            // The guide to the worst comes last.
            .chain(worst(&self.calls).map(Self::guide_wanted))
            .collect();
        Step::Recall(recalls)
    }

    /// The past is there, or is not to be had.
    pub(super) fn recollected(&mut self, recalled: Result<Vec<Vec<Memory>>>) {
        self.past = match recalled {
            Ok(mut found) => {
                if let Some(check) = worst(&self.calls).map(|finding| finding.check.clone()) {
                    let guides = found.pop().unwrap_or_default();
                    self.found_guide(&check, guides);
                }
                Past::Known(
                    fingerprints(&self.calls)
                        .into_iter()
                        .zip(
                            found
                                .into_iter()
                                .map(|found| found.into_iter().find_map(incident)),
                        )
                        .collect(),
                )
            }
            Err(error) => {
                self.notes.push(format!(
                    "I could not look up whether this happened before: {}.",
                    error.message().trim_end_matches('.')
                ));
                Past::Unreadable
            }
        };
        self.phase = Phase::Gathering;
        self.go_on_when_complete();
    }

    /// Notes that something was found, and says what is known of its past, where that is anything.
    pub(super) fn recognise(&mut self, finding: &Finding, page: &Page) -> Option<String> {
        let fingerprint = &finding.fingerprint.0;
        let Past::Known(known) = &self.past else {
            return None;
        };
        if fingerprint.is_empty() || self.incidents.contains(fingerprint) {
            return None;
        }
        let incident = match known.get(fingerprint)? {
            Some((before, last)) => Incident::again(finding, self.now, before, *last),
            None => Incident::first(finding, self.now),
        };
        let told = told(&incident, page);
        self.incidents.push(fingerprint.clone());
        self.note(Content::Incident(Box::new(incident)));
        told
    }
}

/// The worst of what was found.
fn worst(calls: &[Planned]) -> Option<&Finding> {
    calls
        .iter()
        .filter_map(|planned| match &planned.state {
            State::Came(output) => Some(&output.findings),
            _ => None,
        })
        .flatten()
        .filter(|finding| !finding.fingerprint.0.is_empty() && finding.severity > Severity::Info)
        // The first of the worst is the one that is told first.
        .min_by_key(|finding| std::cmp::Reverse(finding.severity))
}

fn incident(memory: Memory) -> Option<(Incident, Timestamp)> {
    match memory.record.content {
        Content::Incident(incident) => Some((*incident, memory.record.at)),
        _ => None,
    }
}

/// What was found, by fingerprint: the worst first.
fn fingerprints(calls: &[Planned]) -> Vec<String> {
    let mut found: Vec<&Finding> = calls
        .iter()
        .filter_map(|planned| match &planned.state {
            State::Came(output) => Some(&output.findings),
            _ => None,
        })
        .flatten()
        .filter(|finding| !finding.fingerprint.0.is_empty())
        .collect();
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut fingerprints: Vec<String> = Vec::new();
    for finding in found {
        if !fingerprints.contains(&finding.fingerprint.0) {
            fingerprints.push(finding.fingerprint.0.clone());
        }
    }
    fingerprints.truncate(LOOKED_UP);
    fingerprints
}

/// How often it came, and what was done: nothing where this is the first time and nothing was done yet.
fn told(incident: &Incident, page: &Page) -> Option<String> {
    let mut sentences = Vec::new();
    if incident.times > 1 {
        let earlier = incident
            .episodes
            .split_last()
            .map_or(&[][..], |(_, earlier)| earlier);
        let when = match earlier {
            [] => String::new(),
            [only] => format!(", the first was {}", page.when(*only)),
            [first, .., last] if incident.times as usize == incident.episodes.len() => {
                format!(
                    ", the first was {}, the last before it {}",
                    page.when(*first),
                    page.when(*last)
                )
            }
            [.., last] => format!(", the last before it was {}", page.when(*last)),
        };
        sentences.push(format!(
            "It has happened before: this is time number {}{when}.",
            incident.times
        ));
    }
    let helped = incident
        .fixes
        .iter()
        .rev()
        .filter(|fix| fix.worked == Some(true))
        .take(1);
    let failed = incident
        .fixes
        .iter()
        .rev()
        .filter(|fix| fix.worked == Some(false));
    let fixes: Vec<&Fix> = helped.chain(failed).take(FIXES_TOLD).collect();
    for fix in fixes {
        let by = match fix.by.as_str() {
            "" => String::new(),
            by => format!(", done by {by}"),
        };
        let verb = if fix.worked == Some(true) {
            "What helped"
        } else {
            "What did not help"
        };
        let what = fix.what.trim_end_matches('.');
        sentences.push(format!("{verb}: {what} ({}{by}).", page.when(fix.at)));
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}
