//! Records in, patterns out: lines that say the same with other numbers and ids are one pattern.

use std::{collections::HashMap, sync::LazyLock};

use jiff::Timestamp;
use regex::Regex;

use super::record::{Level, Record};

/// Records that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The message of the first of them.
    pub example: String,
    /// The worst level among them.
    pub level: Level,
    /// How many there are.
    pub count: usize,
    /// When the first was written, where known.
    pub first: Option<Timestamp>,
    /// When the last was written, where known.
    pub last: Option<Timestamp>,
}

/// More patterns than this are not told apart: what comes later is counted with the last one.
const MAX: usize = 500;

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test")]
static VARYING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b0x[0-9a-f]+\b|\b[0-9a-f]{12,}\b|\d+(?:[.:]\d+)*(?:ms|µs|ns|s|m|h|%|[KMG]i?B?)?")
        .expect("a valid pattern")
});

/// A message with everything that varies masked.
pub fn mask(message: &str) -> String {
    VARYING.replace_all(message, "#").into_owned()
}

/// Clusters records, the most frequent pattern first, ties in order of appearance.
pub fn cluster<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<Pattern> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut patterns: Vec<Pattern> = Vec::new();
    for record in records {
        let masked = mask(&record.message);
        let place = match places.get(&masked) {
            Some(place) => *place,
            None if patterns.len() < MAX => {
                places.insert(masked, patterns.len());
                patterns.len()
            }
            None => MAX - 1,
        };
        match patterns.get_mut(place) {
            Some(pattern) => {
                pattern.count += 1;
                pattern.level = pattern.level.max(record.level);
                pattern.first = pattern.first.or(record.at);
                pattern.last = record.at.or(pattern.last);
            }
            None => patterns.push(Pattern {
                example: record.message.clone(),
                level: record.level,
                count: 1,
                first: record.at,
                last: record.at,
            }),
        }
    }
    patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.count));
    patterns
}
