//! A text in, what in it can be checked out: names, numbers with their units, times, quotations, addresses, code.

use std::sync::LazyLock;

use jiff::Timestamp;
use regex::Regex;

use super::amount::{self, Amount};

/// Something in a text that can be looked up.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// A word; whether it can be a name is judged by whoever looks it up.
    Word(String),
    /// A span of code.
    Code(String),
    /// Words between quotation marks.
    Quote(String),
    /// An address with a scheme.
    Address(String),
    /// `e7`: evidence.
    Evidence(String),
    /// A number with what it counts.
    Number(Number),
    /// A moment.
    Moment(Timestamp),
    /// A time of day: hour, minute, second.
    Clock(i8, i8, Option<i8>),
    /// A day: year where it was given, month, day.
    Day(Option<i16>, i8, i8),
    /// A length of time in seconds, and its unit.
    Span { seconds: f64, unit: f64 },
}

/// A number as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Number {
    pub(super) amount: Amount,
    /// What it counts, in the singular: `restart`; or what stood before it: `port`.
    pub(super) noun: Option<String>,
    /// Of how many: 4 in `2 of 4 pods`.
    pub(super) of: Option<f64>,
    /// Whether it was a word: `three`.
    pub(super) spelt: bool,
    pub(super) text: String,
}

/// An item and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) item: Item,
    pub(super) start: usize,
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

static FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?P<fence>```[^\n]*\n(?P<block>(?s:.*?))(?:```|$))",
        r"|(?P<code>`[^`\n]+`)",
        r"|(?P<address>[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\x22`]+)",
        r"|(?P<evidence>[\[(]\s*e\d{1,3}(?:\s*[,;]\s*e\d{1,3})*\s*[\])])",
        r"|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))",
        r"|(?P<date>\b\d{4}-\d\d-\d\d\b)",
        r"|(?P<clock>\b[0-2]?\d:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?\b(?:\s?[ap]m\b)?(?:[^:\w]|$))",
        r"|(?P<hour>\b(?:1[0-2]|[1-9])\s?[ap]m\b)",
        r"|(?P<day>\b\d{1,2}(?:st|nd|rd|th)?\s(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b)",
        r"|(?P<month>\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\s\d{1,2}(?:st|nd|rd|th)?\b)",
        r#"|(?P<quote>"[^"\n]{2,}"|“[^”\n]{2,}”|\s'[^'\n]{2,}'(?:[\s,.;:!?)]|$))"#,
        r"|(?P<word>[\p{L}\p{N}_$/@%~#<>=+.:-]+)",
    ))
});

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// What can be checked, in the order of the text.
pub(super) fn items(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut words: Vec<(String, usize)> = Vec::new();
    for all in FIRST.captures_iter(text) {
        let Some(whole) = all.get(0) else { continue };
        let start = whole.start();
        let mut add = |item: Item| found.push(Found { item, start });
        let of = |name: &str| all.name(name).map(|found| found.as_str());
        if let Some(block) = of("block") {
            block
                .lines()
                .filter(|line| !line.trim().is_empty())
                .for_each(|line| add(Item::Code(line.trim().to_owned())));
        } else if let Some(code) = of("code") {
            add(Item::Code(code.trim_matches('`').trim().to_owned()));
        } else if let Some(address) = of("address") {
            add(Item::Address(
                address
                    .trim_end_matches(['.', ',', ')', ']', ';', ':', '!', '?', '*', '\''])
                    .to_owned(),
            ));
        } else if let Some(evidence) = of("evidence") {
            evidence
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|id| !id.is_empty())
                .for_each(|id| add(Item::Evidence(id.to_owned())));
        } else if let Some(moment) = of("moment") {
            match moment.parse() {
                Ok(moment) => add(Item::Moment(moment)),
                Err(_) => add(Item::Word(moment.to_owned())),
            }
        } else if let Some(date) = of("date") {
            let mut parts = date.split('-');
            let mut part = || {
                parts
                    .next()
                    .and_then(|part| part.parse::<i16>().ok())
                    .unwrap_or(0)
            };
            let (year, month, day) = (part(), part(), part());
            add(Item::Day(Some(year), month as i8, day as i8));
        } else if let Some(clock) = of("clock").or_else(|| of("hour")) {
            if let Some(clock) = clock_of(clock) {
                add(clock);
            }
        } else if let Some(day) = of("day").or_else(|| of("month")) {
            if let Some(day) = day_of(day) {
                add(day);
            }
        } else if let Some(quote) = of("quote") {
            let inner = quote.trim().trim_end_matches([',', '.', ';', ':', '!', '?', ')']);
            add(Item::Quote(inner.trim_matches(['"', '“', '”', '\'']).to_owned()));
        } else {
            words.push((whole.as_str().to_owned(), start));
        }
    }
    group(&words, text, &mut found);
    found.sort_by_key(|found| found.start);
    found
}

/// Words, and numbers with what they count.
fn group(words: &[(String, usize)], text: &str, found: &mut Vec<Found>) {
    let bare = |at: usize| words.get(at).map(|(word, _)| trimmed(word));
    let joined = |at: usize| {
        // Only what nothing but a space or a dash parts belongs together.
        let (word, start) = words.get(at)?;
        let (next, next_start) = words.get(at + 1)?;
        let gap = text.get(start + word.len()..*next_start)?;
        (word.trim_end_matches([',', '.', ';', ':']) == word && gap.trim().is_empty()).then(|| trimmed(next))
    };
    let mut at = 0;
    while let (Some(word), Some((_, start))) = (bare(at), words.get(at)) {
        let mut used = 1;
        let item = match amount::read(word, joined(at)) {
            Some(amount::Read { amount, spelt, units }) => {
                used += units;
                let next = joined(at + units);
                match amount {
                    Amount::Seconds { seconds, unit } => Item::Span { seconds, unit },
                    amount => {
                        let before = at.checked_sub(1).and_then(bare).map(str::to_lowercase);
                        let label = before.filter(|before| amount::is_label(before));
                        let of = of(next, joined(at + units + 1));
                        // What stands behind the whole is what is counted.
                        let past = if of.is_some() { 2 } else { 0 };
                        let counted = counted(joined(at + units + past), joined(at + units + past + 1));
                        Item::Number(Number {
                            amount,
                            noun: label.or(counted),
                            of,
                            spelt,
                            text: word.to_owned(),
                        })
                    }
                }
            }
            None if word.is_empty() => {
                at += 1;
                continue;
            }
            None if fraction(word).is_some() => {
                let (part, whole) = fraction(word).unwrap_or_default();
                Item::Number(Number {
                    amount: Amount::Count(part),
                    noun: counted(joined(at), joined(at + 1)),
                    of: Some(whole),
                    spelt: false,
                    text: word.to_owned(),
                })
            }
            None => Item::Word(word.to_owned()),
        };
        found.push(Found { item, start: *start });
        at += used;
    }
}

/// The whole of which a number is a part: `of 4`, `of the 4`.
fn of(next: Option<&str>, after: Option<&str>) -> Option<f64> {
    if next? != "of" {
        return None;
    }
    let read = amount::read(after?, None)?;
    match read.amount {
        Amount::Count(whole) => Some(whole),
        _ => None,
    }
}

/// `2/4`.
fn fraction(word: &str) -> Option<(f64, f64)> {
    let (part, whole) = word.split_once('/')?;
    let number = |text: &str| text.parse::<u32>().ok().map(f64::from);
    Some((number(part)?, number(whole)?))
}

/// What a number counts: the noun after it, past `of`, another number, or a word like `more`.
fn counted(next: Option<&str>, after: Option<&str>) -> Option<String> {
    let skipped = |word: &str| {
        matches!(
            word,
            "of" | "more"
                | "ready"
                | "running"
                | "failing"
                | "failed"
                | "new"
                | "old"
                | "other"
                | "the"
                | "out"
                | "healthy"
                | "unready"
                | "broken"
        )
    };
    let next = next?.to_lowercase();
    let noun = if skipped(&next) {
        after?.to_lowercase()
    } else {
        next
    };
    let noun = noun.split(['/', '(']).next().unwrap_or_default().to_owned();
    noun.chars()
        .all(|c| c.is_alphabetic() || c == '-')
        .then(|| amount::singular(&noun))
}

/// A word without the punctuation and markup around it.
pub(super) fn trimmed(word: &str) -> &str {
    let word = word.trim_matches(['*', '_', '~', '#', '>', '<', '=']);
    let word = word.trim_end_matches(['.', ',', ';', ':', '!', '?', '/', '-', '…']);
    word.trim_start_matches(['-', '.', ':'])
}

fn clock_of(text: &str) -> Option<Item> {
    let lower = text.to_lowercase();
    let digits = lower.trim_matches(|c: char| !c.is_ascii_digit());
    let mut parts = digits
        .split(':')
        .map(|part| part.split('.').next().unwrap_or_default().parse::<i8>().ok());
    let mut hour = parts.next()??;
    let minute = parts.next().flatten().unwrap_or(0);
    let second = parts.next().flatten();
    if lower.contains("pm") && hour < 12 {
        hour += 12;
    } else if lower.contains("am") && hour == 12 {
        hour = 0;
    }
    (hour < 24).then_some(Item::Clock(hour, minute, second))
}

fn day_of(text: &str) -> Option<Item> {
    let lower = text.to_lowercase();
    let month = MONTHS
        .iter()
        .position(|month| lower.split_whitespace().any(|word| word.starts_with(month)))?;
    let digits: String = lower.chars().filter(char::is_ascii_digit).collect();
    Some(Item::Day(None, month as i8 + 1, digits.parse().ok()?))
}
