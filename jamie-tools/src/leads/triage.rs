//! A log in, what it says about a failure out: the deciding record, the lines round the first error, the
//! signature, and the error patterns.

use super::{
    pattern::{self, Pattern},
    record::{self, Level, Record},
    signature::Signature,
    signatures,
};

/// What a log says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// How many records there are.
    pub records: usize,
    /// How many of them are errors.
    pub errors: usize,
    /// The record that says why it failed: the one that carries the signature, else the last fatal one, else
    /// the last error.
    pub deciding: Option<Record>,
    /// What that record says, where it is a known kind of failure.
    pub signature: Option<Signature>,
    /// The last errors that differ, oldest first: what was said on the way to the end.
    pub said: Vec<Record>,
    /// The lines before the deciding record, oldest first.
    pub before: Vec<String>,
    /// Lines round the first error, oldest first.
    pub around: Vec<String>,
    /// The errors and warnings by pattern, the most frequent first.
    pub patterns: Vec<Pattern>,
}

/// Lines kept before and after the first error.
const AROUND: usize = 3;

/// So many of the last errors are told.
const SAID: usize = 4;
/// And so many lines before the deciding one.
const BEFORE: usize = 3;

/// Whether a message only says that it is over, not why.
fn is_farewell(message: &str) -> bool {
    const WORDS: [&str; 16] = [
        "exited unexpectedly",
        "exit status",
        "exit code",
        "exiting",
        "shutting down",
        "terminating",
        "command failed",
        "npm err!",
        "elifecycle",
        "node.js v",
        "application run failed",
        "error starting applicationcontext",
        "giving up",
        "process completed",
        "stopped with",
        "internal server error",
    ];
    let lower = message.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Reads a log.
pub fn read(log: &str) -> Reading {
    let records = record::records(log);
    let bad: Vec<usize> = records
        .iter()
        .enumerate()
        .filter(|(_, record)| record.level >= Level::Error)
        .map(|(place, _)| place)
        .collect();
    let signed = best_signature(&records, &bad);
    let deciding = signed
        .as_ref()
        .map(|(place, _)| *place)
        .or_else(|| {
            bad.iter().rev().copied().find(|place| {
                records
                    .get(*place)
                    .is_some_and(|record| record.level == Level::Fatal && !is_farewell(&record.message))
            })
        })
        .or_else(|| {
            let tells = |place: &&usize| {
                records
                    .get(**place)
                    .is_some_and(|record| !is_farewell(&record.message))
            };
            bad.iter().rev().find(tells).or(bad.last()).copied()
        });
    let mut said: Vec<Record> = Vec::new();
    for record in bad.iter().rev().filter_map(|place| records.get(*place)) {
        let masked = pattern::mask(&record.message);
        if said.len() < SAID && !said.iter().any(|other| pattern::mask(&other.message) == masked) {
            said.push(record.clone());
        }
    }
    said.reverse();
    let before = deciding.map_or_else(Vec::new, |place| {
        records
            .iter()
            .take(place)
            .skip(place.saturating_sub(BEFORE))
            .map(|record| record.line.clone())
            .collect()
    });
    let around = bad.first().map_or_else(Vec::new, |first| {
        let from = first.saturating_sub(AROUND);
        records
            .iter()
            .skip(from)
            .take(first - from + 1 + AROUND)
            .map(|record| record.line.clone())
            .collect()
    });
    Reading {
        records: records.len(),
        errors: bad.len(),
        deciding: deciding.and_then(|place| records.get(place).cloned()),
        signature: signed.map(|(_, signature)| signature),
        said,
        before,
        around,
        patterns: pattern::cluster(records.iter().filter(|record| record.level >= Level::Warning)),
    }
}

/// The signature to believe: what ended the process weighs more than what it complained of on the way, a
/// named thing more than a bare fact, and later more than earlier.
fn best_signature(records: &[Record], bad: &[usize]) -> Option<(usize, Signature)> {
    let weigh = |place: usize, signature: &Signature, level: Level| {
        let named = usize::from(!matches!(
            signature,
            Signature::Refused { host: None, .. }
                | Signature::TimedOut { host: None, .. }
                | Signature::RateLimited
        ));
        (named, usize::from(level == Level::Fatal), place)
    };
    let of = |place: usize| {
        let record = records.get(place)?;
        // The message decides; the lines of its trace may name what it leaves out.
        let signature = signatures::find(&record.message)
            .or_else(|| signatures::find(&record.line))
            .or_else(|| record.rest.iter().rev().find_map(|line| signatures::find(line)))?;
        Some((weigh(place, &signature, record.level), place, signature))
    };
    let among = |places: &mut dyn Iterator<Item = usize>| {
        places
            .filter_map(of)
            .max_by(|a, b| a.0.cmp(&b.0))
            .map(|(_, place, signature)| (place, signature))
    };
    among(&mut bad.iter().copied())
        // Some programs print why they end as plain text, last.
        .or_else(|| among(&mut (records.len().saturating_sub(5)..records.len())))
        .or_else(|| {
            let warnings = records
                .iter()
                .enumerate()
                .filter(|(_, record)| record.level == Level::Warning);
            among(&mut warnings.map(|(place, _)| place))
        })
}

#[cfg(test)]
mod tests;
