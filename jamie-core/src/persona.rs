//! How Jamie speaks: a moment and a tone go in, a line comes out, or nothing.
//!
//! A persona is pure: the same moment and tone give the same line. It frames what the facts say and never
//! touches them; headlines, commands and numbers come from the tools as they are.

mod jamie;
mod moment;
mod plain;
mod script;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::{
    jamie::Jamie,
    moment::{Domain, Moment},
    plain::Plain,
};
use crate::{Severity, understand::Mood};

/// A voice.
pub trait Persona: fmt::Debug + Send + Sync {
    /// What the voice is called.
    fn name(&self) -> &str;
    /// How a model is to speak in its place, in a few sentences; facts and rules are added by the turn.
    #[expect(clippy::unnecessary_literal_bound, reason = "others read theirs from a file")]
    fn instructions(&self) -> &str {
        "You are a DevOps assistant. You speak plainly and briefly."
    }
    /// What it says at a moment; nothing, where silence is better.
    fn line(&self, moment: Moment, tone: &Tone<'_>) -> Option<Line>;
}

/// What colours a line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tone<'a> {
    /// How the person sounds.
    pub mood: Mood,
    /// How bad the worst thing found is.
    pub severity: Option<Severity>,
    /// What the person is called.
    pub name: Option<&'a str>,
    /// What it is about.
    pub domain: Option<Domain>,
    /// Chooses among lines that fit equally well.
    pub seed: u64,
    /// Keys of the lines used in this conversation so far, the newest last.
    pub recent: &'a [String],
}

/// One line, and the key by which the conversation remembers that it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The words.
    pub text: String,
    /// Names the moment and the line: `thinking/5f0c11ab`.
    pub key: String,
}
