//! A message in; what it teaches, asks about what is remembered, or takes back, out - and the words that are left.
//!
//! A sentence counts as one of these only as a whole: "call the payments namespace till", "we never restart ledger on
//! Fridays", "what do you know about me?", "forget that". All others are requests about the estate.

mod ask;
mod forget;
mod guess;
mod mine;
mod opinion;
mod past;
mod said;
mod take;
pub(in crate::understand) mod teach;
mod zone;

use serde::{Deserialize, Serialize};

pub use self::past::{Past, PastKind};
use self::said::Said;
pub(super) use self::take::take;
pub(crate) use self::{
    forget::{CONFIRMATION, REFUSAL},
    opinion::REMEMBER,
    zone::zones,
};
use super::{Context, Heed, words::Token};
use crate::memory::Fact;

/// What a sentence says about the memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// Something to remember.
    Teach(Taught),
    /// Something that cannot be remembered as it stands; why, in a sentence.
    Unclear(String),
    /// A question about what is remembered.
    Ask(Asked),
    /// What may be one, where there is something to tell.
    Perhaps(Asked),
    /// A question about what was, which the estate may answer where the memory cannot.
    Past(Past),
    /// Something to forget.
    Forget(Forgotten),
    /// What the person thinks of the last answer.
    Opinion(Opinion),
}

/// What a person thinks of the last answer, or wants answered from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    /// "That's wrong", perhaps with what is right.
    Wrong {
        /// What is right.
        correction: Option<String>,
    },
    /// "Yes, remember that answer."
    Remember,
    /// "When somebody asks about invoices, say that they leave on the 28th."
    Teach {
        /// What is asked.
        question: String,
        /// What to say.
        answer: String,
    },
}

/// A fact, and for whom it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taught {
    /// The fact.
    pub fact: Fact,
    /// Whether it is meant to hold for everybody.
    pub for_team: bool,
}

/// What is asked about what is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// "What do you know about me?"
    Me,
    /// "What's my name?": one thing, by the name of [`crate::memory::About`].
    Mine(String),
    /// "What does till mean?", "what do we call payments?": a word, or the thing it stands for.
    Word(String),
    /// "Which nicknames do you know?"
    Words,
    /// "Which rules do we have?", perhaps about something.
    Rules(Option<String>),
    /// "What do you know about the team?"
    Team,
    /// "What did I tell you about ledger?"
    About(String),
    /// "Who told you that?", perhaps with what "that" is.
    Source(Option<String>),
}

/// What is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forgotten {
    /// "No, keep it."
    Nothing,
    /// "Forget that": what was taught last.
    Last,
    /// "Forget my team": one thing, by the name of [`crate::memory::About`].
    Mine(String),
    /// "Forget everything you know about me": once it is confirmed.
    Everything {
        /// Whether the person says yes to exactly that.
        confirmed: bool,
    },
    /// "Till no longer means payments", "forget what I told you about ledger", "forget that we never restart ledger".
    About {
        /// The words.
        words: String,
        /// Whether nothing else can be meant.
        sure: bool,
    },
}

fn read(text: &str, tokens: &[Token], context: &Context<'_>) -> Option<Vec<Telling>> {
    let said = Said::new(text, tokens);
    if said.is_empty() {
        return None;
    }
    if let Some(opinion) = opinion::read(&said) {
        return Some(vec![Telling::Opinion(opinion)]);
    }
    if let Some(forgotten) = forget::read(&said) {
        return Some(vec![Telling::Forget(forgotten)]);
    }
    if let Some(asked) = ask::read(&said) {
        return (context.heeds == Heed::All).then(|| vec![Telling::Ask(asked)]);
    }
    if let Some(past) = past::read(text, tokens, context) {
        return (context.heeds == Heed::All).then(|| vec![Telling::Past(past)]);
    }
    if said.asks() {
        return None;
    }
    teach::read(&said, context.aliases)
}
