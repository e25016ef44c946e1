//! A sentence in, what it asks about what was out: "what did we do about that in May?", "what fixed ledger last time?",
//! "same as last time".

mod wording;

use regex::Regex;
use serde::{Deserialize, Serialize};

use self::wording::{BROKE, OVER, PLAIN, WENT, WHOLE};
use super::said::{QUOTED_SPACE, Said};
use crate::{
    TimeRange,
    understand::{Context, time, words::Token},
};

/// What is asked about what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PastKind {
    /// "What did we do about ledger?"
    Done,
    /// "What fixed it last time?"
    Helped,
    /// "Has this happened before?", "how often did ledger break?"
    Before,
    /// "What did we talk about yesterday?"
    Talked,
    /// "What incidents did we have last week?", "what broke in May?"
    Incidents,
    /// "Same as last time."
    Same,
}

/// A question about what was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// What is asked.
    pub kind: PastKind,
    /// About what, in the person's words; nothing where it says "it", or nothing at all.
    pub subject: Option<String>,
    /// When.
    pub time: Option<TimeRange>,
    /// Whether it says "it", and so may be about what was spoken of where nothing is known by those words.
    pub refers: bool,
    /// Whether the estate itself may answer where the memory cannot.
    pub may_be_live: bool,
}

impl Past {
    pub(super) fn new(
        kind: PastKind,
        subject: Option<String>,
        time: Option<TimeRange>,
        tokens: &[Token],
    ) -> Self {
        let refers = |token: &Token| matches!(token.word.as_str(), "it" | "they" | "them");
        let ends_so = tokens
            .last()
            .is_some_and(|last| matches!(last.word.as_str(), "that" | "this"));
        Self {
            kind,
            subject,
            time,
            refers: ends_so || tokens.iter().any(refers),
            may_be_live: !matches!(kind, PastKind::Same | PastKind::Talked),
        }
    }
}

/// What a sentence asks about what was.
pub(super) fn read(text: &str, tokens: &[Token], context: &Context<'_>) -> Option<Past> {
    let (time, rest) = without_time(tokens, context);
    // "Last time" and "before" are no times, but a reader of times may take "last" for one.
    let whole = Said::new(text, tokens);
    let timeless = Said::new(text, &rest);
    let (kind, subject) = kind_of(&timeless).or_else(|| kind_of(&whole)).or_else(|| {
        let over = time
            .and_then(|time| time.until)
            .is_some_and(|until| until <= context.now);
        of_kinds(&WENT, ended(timeless.body())).filter(|_| over)
    })?;
    Some(Past::new(kind, subject, time, &rest))
}

/// The time that is named, and the words but those that name it.
pub(super) fn without_time(tokens: &[Token], context: &Context<'_>) -> (Option<TimeRange>, Vec<Token>) {
    let mut taken = vec![false; tokens.len()];
    let time = time::Reader::new(context.now, context.zone, tokens).read(&mut taken);
    let rest = tokens
        .iter()
        .zip(&taken)
        .filter(|(_, taken)| !**taken)
        .map(|(token, _)| token.clone())
        .collect();
    (time, rest)
}

fn kind_of(said: &Said<'_>) -> Option<(PastKind, Option<String>)> {
    let plain = OVER.replace_all(ended(said.body()), "");
    of_kinds(&WHOLE, said.body())
        .or_else(|| of_kinds(&PLAIN, plain.trim_start()))
        .or_else(|| of_kinds(&PLAIN, said.body()))
}

/// The first kind of which a pattern fits, and what the question is about where that is more than "it".
fn of_kinds(kinds: &[(PastKind, Vec<Regex>)], body: &str) -> Option<(PastKind, Option<String>)> {
    kinds.iter().find_map(|(kind, patterns)| {
        let captures = patterns.iter().find_map(|pattern| pattern.captures(body))?;
        Some((*kind, subject(&captures)))
    })
}

/// Without the preposition of a time that was taken out behind it: "the incidents from last month".
fn ended(body: &str) -> &str {
    body.rsplit_once(' ').map_or(body, |(rest, last)| match last {
        "from" | "during" | "in" | "on" | "of" | "over" | "since" | "for" | "back" => rest,
        _ => body,
    })
}

/// Words that do not tell what it is about.
const SAYS_NOTHING: &[&str] = &[
    "it",
    "that",
    "this",
    "them",
    "these",
    "those",
    "the",
    "a",
    "an",
    "our",
    "any",
    "all",
    "one",
    "problem",
    "problems",
    "issue",
    "issues",
    "incident",
    "incidents",
    "outage",
    "outages",
    "trouble",
    "situation",
    "mess",
    "thing",
    "again",
    "about",
    "with",
    "out",
    "us",
    "me",
    "you",
    "i",
    "and",
    "when",
    "day",
    "time",
    "yesterday",
    "today",
    "one",
    "ones",
];

/// What it is about, where that is more than "it".
fn subject(captures: &regex::Captures<'_>) -> Option<String> {
    let has = captures
        .name("about")
        .or_else(|| captures.name("seen"))
        .map(|found| found.as_str().replace(QUOTED_SPACE, " "))?;
    let has = BROKE.replace(&has, "");
    let words: Vec<&str> = has
        .split(' ')
        .filter(|word| !SAYS_NOTHING.contains(word))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
