//! Words in, tool calls out: what a person's message asks for, worked out without a model.
//!
//! [`understand`] is a pure function. It takes the message, the names that exist ([`NameIndex`]), the ways
//! in which the tools say they are asked for ([`Intents`]) and what the conversation is about ([`Context`]),
//! and gives the requests in the message, each with the calls that answer it; or a short question back.
//!
//! # How to write phrases
//!
//! A tool is found through its [`Phrase`](crate::Phrase)s alone; nothing here knows any tool by name.
//!
//! - Write what people say, in full, with placeholders where things stand: `"why is {target} pending"`,
//!   `"how many {kind} are there"`, `"what changed in {namespace} since {time}"`.
//! - A word counts by how few tools use it. So leave filler out of phrases: "please", "can you", "show me".
//! - Every telling word in its own phrase: five short phrases find more than one long one.
//! - Forms of a word need no phrase each: `restart`, `restarted` and `restarting` are one. Neither do
//!   everyday words for trouble (down, dead, borked, acting up): write `"why is {target} broken"`. Kinds have
//!   their short forms, and typos are mended.
//! - `{target}` is an object's name, also through "it"; `{kind}` a kind without a name ("which pods");
//!   `{namespace}`, `{time}`, `{count}`, `{quoted}`, `{image}` what they say. A phrase with a placeholder fits badly
//!   when the message has no such thing, and a phrase without one fits badly when it has.
//! - A phrase of nothing but a placeholder, `"{target}"`, takes messages that name something and ask nothing
//!   in particular. One tool should declare it, likewise `"{namespace}"` and `"{kind}"`.
//! - Words that imply arguments: `Phrase::with("crashed logs of {target}", json!({"previous": true}))`.
//! - Where something new is asked for ("create a namespace blue"), its name is no object's: it fills
//!   [`Slot::Fresh`](crate::Slot::Fresh).
//! - In the schema, `x-slot` says what fills an argument ([`Slot`](crate::Slot)). `x-kinds`, a list beside a
//!   target's `x-slot`, says which kinds the argument takes: where "the checkout service" is a Service and
//!   the tool takes workloads, the workload of that name is put in.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Question, Scope};

mod alias;
mod amount;
mod arguments;
mod clause;
mod focus;
mod fresh;
mod gist;
mod index;
mod intent;
mod kinds;
pub(crate) mod learning;
mod lexicon;
mod link;
mod mend;
mod mentioned;
mod message;
mod mood;
mod pairs;
mod place;
mod position;
mod rank;
mod request;
mod social;
mod spelling;
mod stance;
mod telling;
mod time;
mod wish;
mod words;

pub(crate) use self::telling::{CONFIRMATION, REFUSAL, REMEMBER, zones};
pub use self::{
    focus::Focus,
    index::NameIndex,
    intent::Intents,
    mentioned::Mentioned,
    mood::Mood,
    social::Social,
    stance::Held,
    telling::{Asked, Forgotten, Opinion, Past, PastKind, Taught, Telling},
};

/// Whether a word is English, an ordinary one or a rare one.
pub(crate) fn is_english(word: &str) -> bool {
    lexicon::english(word) != lexicon::English::No
}

/// Whether all the words are everyday ones that nothing is called by.
pub(crate) fn is_everyday(words: &str) -> bool {
    words.split(' ').all(|word| {
        lexicon::english(word) >= lexicon::English::Common && !telling::teach::own::is_app_word(word)
    })
}

/// Whether a word says nothing by itself.
pub(crate) fn is_filler(word: &str) -> bool {
    lexicon::is_filler(word)
}

/// Words that say what a text is about, in their basic forms.
pub(crate) fn telling_stems(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 1 && !is_filler(word))
        .map(lexicon::stem)
        .collect()
}

/// The same, with how much each tells, from 1 to 3: the rarer a word the more.
pub(crate) fn telling_weights(text: &str) -> BTreeMap<String, u32> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.len() > 1)
        .filter_map(|word| {
            let weight = match lexicon::english(word) {
                _ if is_noise(word) => return None,
                _ if is_day(word) => 3,
                lexicon::English::No => 3,
                lexicon::English::Rare => 2,
                lexicon::English::Common => 1,
                lexicon::English::Filler => return None,
            };
            (!lexicon::is_question_word(word)).then(|| (lexicon::stem(word), weight))
        })
        .collect()
}

/// Sounds and spellings of chats that tell nothing.
fn is_noise(word: &str) -> bool {
    matches!(
        word,
        "hm" | "hmm"
            | "um"
            | "uh"
            | "erm"
            | "lol"
            | "ugh"
            | "ur"
            | "pls"
            | "plz"
            | "thx"
            | "ta"
            | "btw"
            | "wanna"
            | "gonna"
            | "im"
            | "ive"
            | "whats"
            | "wheres"
            | "whens"
            | "hows"
            | "dont"
            | "isnt"
            | "ok"
            | "yo"
            | "ll"
            | "ve"
            | "re"
    )
}

fn is_day(word: &str) -> bool {
    matches!(
        word,
        "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday"
    )
}

/// The kind of object that a word means, as the API spells it.
pub(crate) fn kind_of(word: &str) -> Option<&'static str> {
    kinds::kind(word)
}

/// A number that is written as a word.
pub(crate) fn number_word(word: &str) -> Option<f64> {
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    amount::number(word)
}

/// What a message is read against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Now.
    pub now: Timestamp,
    /// The person's zone: when their day begins.
    pub zone: &'a TimeZone,
    /// Where a bare name is looked up first.
    pub scope: &'a Scope,
    /// What the conversation is about.
    pub focus: &'a Focus,
    /// The person's own words for things: "till" for the `payments` namespace.
    pub aliases: &'a BTreeMap<String, String>,
    /// Which sentences may be about the memory; all others are about the estate.
    pub heeds: Heed,
}

/// Which sentences may be about the memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heed {
    /// None.
    Nothing,
    /// Those that change it: the memory has been asked, and knows nothing that was asked for.
    Changes,
    /// Those, and questions.
    #[default]
    All,
}

/// A message, understood.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Understood {
    /// What it asks for and can be done, in order; each has at least one call.
    pub requests: Vec<Understanding>,
    /// How the person sounds.
    pub mood: Mood,
    /// What it teaches, asks about what is remembered, or takes back, in order.
    pub tellings: Vec<Telling>,
    /// A social remark, which may come with requests: "morning! is the shop ok?".
    pub social: Option<Social>,
    /// What must be asked back, where part of the message is unclear.
    pub clarify: Option<Clarify>,
    /// Words that ask for something no tool offers, to be kept as a knowledge gap.
    pub gap: Option<String>,
    /// Why a change that it speaks of is not worked out: it is denied, put off, or bound to a condition.
    pub held: Option<Held>,
}

/// One request and the calls that answer it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Understanding {
    /// What was found in its words.
    pub question: Question,
    /// The calls, best first; several when a tool takes one target and several were named.
    pub calls: Vec<PlannedCall>,
}

/// A call to make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedCall {
    /// The tool's name.
    pub tool: String,
    /// Its arguments.
    pub args: Value,
    /// How sure this is, 0 to 1.
    pub score: f32,
}

/// A question back, with answers to choose from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clarify {
    /// What is unclear.
    pub doubt: Doubt,
    /// The question, plain and short.
    pub question: String,
    /// Up to four choices, each a complete question that can be asked as it stands.
    pub choices: Vec<String>,
    /// What was understood so far.
    pub about: Box<Question>,
}

/// Why a question back is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// A name that fits several things; the choices name them.
    Ambiguous,
    /// A name that fits nothing; the choices have the nearest names.
    UnknownName,
    /// Something is asked about, but about what is not said.
    NoTarget,
    /// What is asked for is not clear; the choices are what could be done.
    Unsure,
}

/// The words of a message that may be namespaces, likeliest first, for a directory that may not list them.
pub fn mentioned_namespaces(text: &str, intents: &Intents) -> Vec<Mentioned> {
    mentioned::namespaces(text, intents)
}

/// A tool that a message may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fitting {
    /// Its name.
    pub(crate) tool: &'static str,
    /// Whether the message orders it, rather than asks or mentions it.
    pub(crate) ordered: bool,
}

/// All tools, those that fit the words of a message best first.
pub(crate) fn fitting(text: &str, intents: &Intents) -> Vec<Fitting> {
    request::fitting(text, intents)
}

/// Works out what a message asks for.
pub fn understand(text: &str, index: &NameIndex, intents: &Intents, context: &Context<'_>) -> Understood {
    message::read(text, index, intents, context)
}

/// A whole number in digits or in words.
pub(crate) fn number(word: &str) -> Option<f64> {
    amount::number(word)
}
