//! The incidents of the past and a question in, those that it is about out.

use jiff::{SignedDuration, Timestamp};

use super::{Turn, known::telling_words, lookback::Seen};
use crate::{
    TimeRange,
    memory::Incident,
    understand::{Past, PastKind},
};

impl Turn {
    /// Whether a word of what is asked about is in the name of anything that there was trouble with.
    pub(super) fn is_known(&self, incidents: &[Seen], past: &Past) -> bool {
        let words = past
            .subject
            .as_ref()
            .map(|subject| telling_words(&self.meant(subject)));
        words.unwrap_or_default().iter().any(|word| {
            incidents.iter().any(|(incident, _)| {
                telling_words(&text_of(incident))
                    .iter()
                    .any(|there| alike(word, there))
            })
        })
    }

    /// The incidents that a question is about, the last seen first.
    pub(super) fn of_interest(&self, incidents: &[Seen], past: &Past) -> Vec<Seen> {
        let wanted = past
            .subject
            .as_ref()
            .map(|subject| telling_words(&self.meant(subject)));
        let focus = &self.history.focus.objects;
        let spoken_of = &self.history.incidents;
        // What was spoken of last, and what else there was with the same objects.
        let again: Vec<_> = incidents
            .iter()
            .filter(|(incident, _)| spoken_of.contains(&incident.fingerprint.0))
            .map(|(incident, _)| incident.object.clone())
            .collect();
        let whole = |incident: &Incident| match &wanted {
            Some(words) => {
                let there = telling_words(&text_of(incident));
                words
                    .iter()
                    .all(|word| there.iter().any(|there| alike(word, there)))
            }
            None if past.kind == PastKind::Incidents => true,
            None if !again.is_empty() => again.iter().any(|object| object.is_same(&incident.object)),
            None if !focus.is_empty() => focus.iter().any(|object| object.is_same(&incident.object)),
            None => past.time.is_some() || past.kind == PastKind::Done,
        };
        // "The disk of search used to fill up, no?": nothing has all of the words, but one has its name.
        let by_name = |incident: &Incident| {
            wanted.as_ref().is_some_and(|words| {
                words
                    .iter()
                    .any(|word| alike(word, &incident.object.name.to_lowercase()))
            })
        };
        let any_whole = incidents.iter().any(|(incident, _)| whole(incident));
        let mut found: Vec<Seen> = incidents
            .iter()
            .filter(|(incident, _)| {
                if any_whole {
                    whole(incident)
                } else {
                    by_name(incident)
                }
            })
            .filter(|(incident, last)| past.time.is_none_or(|time| was_in(incident, *last, time)))
            .cloned()
            .collect();
        let mended = |seen: &Seen| !seen.0.fixes.is_empty();
        if matches!(past.kind, PastKind::Done | PastKind::Helped) && !found.iter().any(mended) {
            // What is wrong just now has no past of its own yet, its object may have.
            let more: Vec<Seen> = incidents
                .iter()
                .filter(|seen| mended(seen))
                .filter(|(other, _)| {
                    found
                        .iter()
                        .any(|(incident, _)| incident.object.is_same(&other.object))
                })
                .cloned()
                .collect();
            found.extend(more);
        }
        found.sort_by_key(|(_, last)| std::cmp::Reverse(*last));
        if matches!(past.kind, PastKind::Done | PastKind::Helped) && found.iter().any(mended) {
            found.retain(mended);
        }
        found
    }
}

/// What an incident was about and what was done about it by whom, as words.
fn text_of(incident: &Incident) -> String {
    let fixes: Vec<String> = incident
        .fixes
        .iter()
        .map(|fix| format!("{} {}", fix.what, fix.by))
        .collect();
    format!("{} {} {}", incident.object, incident.title, fixes.join(" ")).replace('/', " ")
}

pub(super) fn within(at: Timestamp, time: TimeRange) -> bool {
    at >= time.from && time.until.is_none_or(|until| at < until)
}

/// Within it, or a day before or after.
pub(super) fn about(at: Timestamp, time: TimeRange) -> bool {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    at >= time.from.saturating_sub(DAY).unwrap_or(time.from)
        && time
            .until
            .is_none_or(|until| at < until.saturating_add(DAY).unwrap_or(until))
}

fn was_in(incident: &Incident, last: Timestamp, time: TimeRange) -> bool {
    within(last, time)
        || incident.episodes.iter().any(|at| within(*at, time))
        || incident.fixes.iter().any(|fix| within(fix.at, time))
}

/// The same word, or one that begins the other's name.
fn alike(word: &str, there: &str) -> bool {
    there == word || there.split('-').any(|part| part == word) || word.len() > 3 && there.starts_with(word)
}
