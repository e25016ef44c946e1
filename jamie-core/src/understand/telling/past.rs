//! A sentence in, what it asks about what was out: "what did we do about that in May?", "what fixed ledger last time?",
//! "same as last time".

mod loose;
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
    /// Whether the estate itself may answer where the memory cannot.
    pub may_be_live: bool,
}

/// What a sentence asks about what was.
pub(super) fn read(text: &str, tokens: &[Token], context: &Context<'_>) -> Option<Past> {
    let mut taken = vec![false; tokens.len()];
    let time = time::Reader::new(context.now, context.zone, tokens).read(&mut taken);
    let rest: Vec<Token> = tokens
        .iter()
        .zip(&taken)
        .filter(|(_, taken)| !**taken)
        .map(|(token, _)| token.clone())
        .collect();
    // "Last time" and "before" are no times, but a reader of times may take "last" for one.
    let whole = Said::new(text, tokens);
    let timeless = Said::new(text, &rest);
    let (kind, subject) = kind_of(&timeless)
        .or_else(|| kind_of(&whole))
        .or_else(|| {
            let over = time
                .and_then(|time| time.until)
                .is_some_and(|until| until <= context.now);
            of_kinds(&WENT, ended(timeless.body())).filter(|_| over)
        })
        .or_else(|| loose::read(&rest))?;
    Some(Past {
        kind,
        subject,
        time,
        may_be_live: !matches!(kind, PastKind::Same | PastKind::Talked),
    })
}

fn kind_of(said: &Said<'_>) -> Option<(PastKind, Option<String>)> {
    let plain = OVER.replace_all(ended(said.body()), "");
    of_kinds(&WHOLE, said.body())
        .or_else(|| of_kinds(&PLAIN, plain.trim_start()))
        .or_else(|| of_kinds(&PLAIN, said.body()))
}

/// What a sentence speaks of that says so before the question: "ledger can't reach its database. what did they correct?"
pub(super) fn subject_of(tokens: &[Token]) -> Option<String> {
    const MOST: usize = 6;
    loose::subject(tokens).filter(|subject| subject.split(' ').count() <= MOST)
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
