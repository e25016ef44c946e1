//! A message in, how the person sounds out.

use serde::{Deserialize, Serialize};
use vader_sentimental::SentimentIntensityAnalyzer;

use super::{lexicon, words::Token};

/// How a person sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// Nothing in particular.
    #[default]
    Neutral,
    /// In good spirits.
    Cheerful,
    /// Annoyed or worried.
    Frustrated,
    /// In a hurry.
    Urgent,
}

/// The most words whose feeling is weighed.
const MAX_WORDS: usize = 120;

static SWEARING: &[&str] = &[
    "fuck", "fucking", "fucked", "shit", "shite", "crap", "bloody", "bollocks", "damn", "damned", "dammit",
    "hell", "bugger", "arse", "ffs", "omfg", "wtf", "wtaf", "wth", "bastard", "piss", "pissed", "goddamn",
    "christ", "sodding", "bleeding", "heck",
];

static FED_UP: &[&str] = &[
    "again",
    "constantly",
    "always",
    "ridiculous",
    "fed",
    "annoying",
    "annoyed",
    "hate",
    "sick",
    "tired",
    "useless",
    "joke",
    "nightmare",
    "awful",
    "terrible",
    "rubbish",
    "driving",
    "argh",
    "aargh",
    "argh",
    "ugh",
    "seriously",
    "unbelievable",
    "stupid",
];

static HURRY: &[&str] = &[
    "asap",
    "urgent",
    "urgently",
    "immediately",
    "emergency",
    "hurry",
    "quick",
    "quickly",
    "sev1",
    "sev0",
    "sev-1",
    "p0",
    "p1",
    "outage",
    "critical",
    "customers",
    "paged",
    "losing",
    "help!",
];

/// Reads the mood of a message from its words and from how they are written.
pub(super) fn read(text: &str, tokens: &[Token]) -> Mood {
    let tokens = tokens.get(..tokens.len().min(MAX_WORDS)).unwrap_or(tokens);
    let says = |list: &[&str]| {
        tokens
            .iter()
            .filter(|token| list.contains(&token.word.as_str()))
            .count()
    };
    let end = tokens.last().map_or(0, |token| token.span.1);
    let text = text.get(..end.max(text.len().min(2000))).unwrap_or(text);
    let shouted = words_in_capitals(text) >= 3;
    let marks = text.chars().filter(|c| matches!(c, '!' | '！')).count();
    let hammered = text.contains("!!") || text.contains("??") || text.contains("?!") || text.contains("!?");
    let feeling = feeling(tokens);
    let annoyed = says(SWEARING) * 2
        + usize::from(says(FED_UP) > 0) * if feeling < 0.0 || hammered { 2 } else { 1 }
        + usize::from(shouted) * 2
        + usize::from(hammered)
        + usize::from(feeling < -0.45) * 2;
    let hurried = says(HURRY) * 2
        + usize::from(is_now_demanded(tokens, marks)) * 2
        + usize::from(is_production_down(tokens));
    if hurried >= 2 && hurried >= annoyed {
        Mood::Urgent
    } else if annoyed >= 2 {
        Mood::Frustrated
    } else if feeling > 0.4 || (marks > 0 && feeling > 0.2) {
        Mood::Cheerful
    } else {
        Mood::Neutral
    }
}

/// -1 to 1. Words for technical trouble are left out: "the pod was killed" is no bad mood.
fn feeling(tokens: &[Token]) -> f64 {
    let plain: Vec<&str> = tokens
        .iter()
        .filter(|token| !token.quoted && !is_technical(&token.word))
        .map(|token| token.word.as_str())
        .collect();
    if plain.is_empty() {
        return 0.0;
    }
    SentimentIntensityAnalyzer::new()
        .polarity_scores(&plain.join(" "))
        .compound
}

fn is_technical(word: &str) -> bool {
    lexicon::is_trouble(word)
        || matches!(
            word,
            "critical"
                | "alert"
                | "please"
                | "no"
                | "not"
                | "secret"
                | "share"
                | "limit"
                | "limits"
                | "lost"
                | "drop"
                | "dropped"
                | "like"
                | "help"
                | "ok"
                | "okay"
                | "fine"
                | "well"
                | "good"
                | "healthy"
                | "health"
                | "ready"
                | "want"
                | "block"
                | "blocked"
                | "evicted"
                | "delete"
                | "deleted"
                | "warning"
                | "warnings"
                | "pressure"
                | "denied"
                | "forbidden"
                | "reject"
                | "rejected"
                | "terminated"
                | "stop"
                | "stopped"
                | "demand"
                | "hung"
                | "deployment"
                | "cut"
                | "worker"
                | "number"
        )
}

fn words_in_capitals(text: &str) -> usize {
    let is_shout = |word: &&str| {
        word.chars().filter(|c| c.is_alphabetic()).count() > 1 && word.chars().all(|c| !c.is_lowercase())
    };
    let shouted = text.split_whitespace().filter(is_shout).count();
    let all = text.split_whitespace().count();
    if shouted * 2 >= all { shouted } else { 0 }
}

fn is_now_demanded(tokens: &[Token], marks: usize) -> bool {
    tokens.last().is_some_and(|token| token.word == "now") && marks > 0
        || tokens
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.word == "right" && b.word == "now") && marks > 0)
}

fn is_production_down(tokens: &[Token]) -> bool {
    let says = |list: &[&str]| tokens.iter().any(|token| list.contains(&token.word.as_str()));
    says(&["prod", "production", "live", "everything", "everyone", "all"])
        && says(&["down", "broken", "dead", "fire"])
}
