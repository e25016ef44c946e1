//! Log text in, lines out: with their times, merged over sources, sieved by patterns.

use jamie_core::{Error, ErrorKind, Result};
use jiff::Timestamp;
use regex::{Regex, RegexBuilder};

use super::sources::Source;
use crate::wording;

/// One line of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// When the kubelet took it.
    pub(super) at: Option<Timestamp>,
    /// Which source, by its place in the list.
    pub(super) source: usize,
    /// The line without the time that the API puts before it.
    pub(super) text: String,
}

/// A line that is longer is shown cut.
const MAX_LINE: usize = 1_000;

impl Line {
    /// The line as shown: time of day, source where there are several, text.
    pub(super) fn shown(&self, sources: &[Source]) -> String {
        let mut out = String::new();
        if let Some(at) = self.at {
            out.push_str(&at.strftime("%H:%M:%S ").to_string());
        }
        if let Some(source) = sources.get(self.source).filter(|source| !source.label.is_empty()) {
            out.push('[');
            out.push_str(&source.label);
            out.push_str("] ");
        }
        if self.text.chars().count() > MAX_LINE {
            out.extend(self.text.chars().take(MAX_LINE));
            out.push_str("… (cut)");
        } else {
            out.push_str(&self.text);
        }
        out
    }
}

/// Splits a log that was asked for with timestamps.
pub(super) fn split(text: &str, source: usize) -> impl Iterator<Item = Line> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(move |line| one(line, source))
}

/// One line, its time taken off.
pub(super) fn one(line: &str, source: usize) -> Line {
    let (at, text) = match line.split_once(' ') {
        Some((first, rest)) => match first.parse::<Timestamp>() {
            Ok(at) => (Some(at), rest),
            Err(_) => (None, line),
        },
        None => match line.parse::<Timestamp>() {
            Ok(at) => (Some(at), ""),
            Err(_) => (None, line),
        },
    };
    Line {
        at,
        source,
        text: text.to_owned(),
    }
}

/// Puts lines of several sources in order; a line without a time stays behind the one before it.
pub(super) fn merge(lines: &mut [Line]) {
    lines.sort_by_key(|line| line.source);
    let mut before: Option<(usize, Timestamp)> = None;
    let times: Vec<Option<Timestamp>> = lines
        .iter()
        .map(|line| {
            if let Some(at) = line.at {
                before = Some((line.source, at));
            }
            before
                .filter(|(source, _)| *source == line.source)
                .map(|(_, at)| at)
        })
        .collect();
    let mut order: Vec<(Option<Timestamp>, Line)> = times.into_iter().zip(lines.iter().cloned()).collect();
    order.sort_by_key(|(at, _)| *at);
    for (place, (_, line)) in lines.iter_mut().zip(order) {
        *place = line;
    }
}

/// Which lines pass.
#[derive(Debug, Clone)]
pub(super) struct Sieve {
    include: Option<(Regex, String)>,
    exclude: Option<(Regex, String)>,
    around: usize,
}

/// A pattern that compiles to more than this is refused.
const MAX_PATTERN: usize = 1 << 20;

impl Sieve {
    pub(super) fn new(include: Option<&str>, exclude: Option<&str>, around: usize) -> Result<Self> {
        let read = |text: Option<&str>| {
            text.filter(|text| !text.is_empty())
                .map(|text| Ok::<_, Error>((compile(text)?, text.to_owned())))
                .transpose()
        };
        Ok(Self {
            include: read(include)?,
            exclude: read(exclude)?,
            around: around.min(20),
        })
    }

    /// Whether anything is asked of lines at all.
    pub(super) fn picks(&self) -> bool {
        self.include.is_some() || self.exclude.is_some()
    }

    pub(super) fn passes(&self, text: &str) -> bool {
        self.include
            .as_ref()
            .is_none_or(|(pattern, _)| pattern.is_match(text))
            && self
                .exclude
                .as_ref()
                .is_none_or(|(pattern, _)| !pattern.is_match(text))
    }

    /// How many lines pass by themselves.
    pub(super) fn hits(&self, lines: &[Line]) -> usize {
        lines.iter().filter(|line| self.passes(&line.text)).count()
    }

    /// The lines that pass, with those around them of the same source.
    pub(super) fn keep<'a>(&self, lines: &'a [Line]) -> Vec<&'a Line> {
        if self.around == 0 || self.include.is_none() {
            return lines.iter().filter(|line| self.passes(&line.text)).collect();
        }
        let mut kept = vec![false; lines.len()];
        let mut by_source: std::collections::BTreeMap<usize, Vec<usize>> = std::collections::BTreeMap::new();
        for (position, line) in lines.iter().enumerate() {
            by_source.entry(line.source).or_default().push(position);
        }
        for positions in by_source.values() {
            for (place, position) in positions.iter().enumerate() {
                if !lines.get(*position).is_some_and(|line| self.passes(&line.text)) {
                    continue;
                }
                let from = place.saturating_sub(self.around);
                for near in positions.iter().skip(from).take(place - from + 1 + self.around) {
                    if let Some(kept) = kept.get_mut(*near) {
                        *kept = true;
                    }
                }
            }
        }
        lines
            .iter()
            .zip(kept)
            .filter(|(_, kept)| *kept)
            .map(|(line, _)| line)
            .collect()
    }

    /// "match `timeout` and not `health`".
    pub(super) fn text(&self) -> String {
        let include = self
            .include
            .as_ref()
            .map(|(_, text)| format!("match `{}`", wording::clip(text, 80)));
        let exclude = self
            .exclude
            .as_ref()
            .map(|(_, text)| format!("do not match `{}`", wording::clip(text, 80)));
        let parts: Vec<String> = include.into_iter().chain(exclude).collect();
        parts.join(" and ")
    }
}

/// A regular expression, or where it is none, plain text.
fn compile(text: &str) -> Result<Regex> {
    let build = |pattern: &str| {
        RegexBuilder::new(pattern)
            .case_insensitive(true)
            .size_limit(MAX_PATTERN)
            .build()
    };
    build(text)
        .or_else(|_| build(&regex::escape(text)))
        .map_err(|error| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("that pattern cannot be searched for: {error}"),
            )
            .with_hint("use a shorter one")
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn lines(text: &str, source: usize) -> Vec<Line> {
        split(text, source).collect()
    }

    #[test]
    fn sources_are_merged_by_time_and_traces_stay_together() {
        let mut all = lines(
            "2026-01-01T10:00:01Z a\n2026-01-01T10:00:03Z boom\n  at x\n2026-01-01T10:00:05Z b",
            0,
        );
        all.extend(lines("2026-01-01T10:00:02Z c\n2026-01-01T10:00:04Z d", 1));
        merge(&mut all);
        let texts: Vec<&str> = all.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["a", "c", "boom", "  at x", "d", "b"]);
    }

    #[test]
    fn a_sieve_keeps_lines_around_of_the_same_source() {
        let mut all = lines("one\ntwo\nTimeout here\nfour\nfive", 0);
        all.extend(lines("other", 1));
        let sieve = Sieve::new(Some("timeout"), None, 1).unwrap();
        let texts: Vec<&str> = sieve.keep(&all).iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["two", "Timeout here", "four"]);
        assert_eq!(sieve.hits(&all), 1);
    }

    #[test]
    fn what_is_no_expression_is_plain_text() {
        let sieve = Sieve::new(Some("[oops"), Some("(debug"), 0).unwrap();
        assert!(sieve.passes("well [OOPS"));
        assert!(!sieve.passes("[oops (debug"));
    }
}
