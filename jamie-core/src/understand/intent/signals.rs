//! What a clause says and what a phrase wants in, as the scoring compares them, and how well a tool fits out.

use crate::understand::stance::Stance;

/// What a message has, or a phrase wants, beside words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub(in crate::understand) struct Has {
    pub(in crate::understand) targets: usize,
    pub(in crate::understand) kind: bool,
    pub(in crate::understand) namespace: bool,
    /// Whether the whole cluster is named.
    pub(in crate::understand) everywhere: bool,
    pub(in crate::understand) time: bool,
    pub(in crate::understand) count: bool,
    pub(in crate::understand) quoted: bool,
    /// Whether an image or a version number is named.
    pub(in crate::understand) image: bool,
}

/// What a clause says, for the scoring.
#[derive(Debug, Clone, Default)]
pub(in crate::understand) struct Signals {
    /// Its words without names, times and amounts.
    pub(in crate::understand) words: Vec<String>,
    /// Words that stand where an order does.
    pub(in crate::understand) orders: Vec<String>,
    /// Those of them that are kinds.
    pub(in crate::understand) kinds: Vec<String>,
    pub(in crate::understand) has: Has,
    /// Whether it speaks of trouble.
    pub(in crate::understand) troubled: bool,
    /// Whether a word of it means trouble, whatever else it says.
    pub(in crate::understand) ails: bool,
    /// Whether it asks for a reason.
    pub(in crate::understand) asks_why: bool,
    /// Whether the only thing named is a namespace.
    pub(in crate::understand) place_only: bool,
    /// Whether it can be answered by yes or no.
    pub(in crate::understand) confirms: bool,
    /// The kinds of its targets.
    pub(in crate::understand) target_kinds: Vec<String>,
    /// Whether it begins like a question rather than an order.
    pub(in crate::understand) asks: bool,
    /// How it stands to what it speaks of.
    pub(in crate::understand) stance: Stance,
}

/// How well a tool fits.
#[derive(Debug, Clone, Copy)]
pub(in crate::understand) struct Fit {
    pub(in crate::understand) tool: usize,
    pub(in crate::understand) phrase: usize,
    pub(in crate::understand) score: f32,
    /// The part of the score that words earned; a bare name earns none.
    pub(in crate::understand) words: f32,
}
