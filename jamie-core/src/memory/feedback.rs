//! What people think of answers: verdicts go in, and how much more or less to favour a document or a line comes out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::TurnRecord;

/// Whether an answer was any good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

/// What somebody thinks of an answer. A person has one verdict on an answer: the newer replaces the older.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// The turn, by [`super::TurnRecord::id`].
    pub turn: String,
    /// Good or bad.
    pub verdict: Verdict,
    /// What they said about it.
    pub comment: Option<String>,
    /// What they say is right instead; knowledge only once it is confirmed.
    pub correction: Option<String>,
    /// What had been asked.
    pub question: String,
    /// What the answer drew on that ranking or wording chose: documents by [`super::Record::key`], the persona's lines.
    pub chose: Vec<String>,
}

impl Feedback {
    /// What somebody thinks of a turn.
    pub fn on(
        turn: &TurnRecord,
        verdict: Verdict,
        comment: Option<String>,
        correction: Option<String>,
    ) -> Self {
        Self {
            turn: turn.id.clone(),
            verdict,
            comment,
            correction,
            question: turn.question.clone(),
            chose: turn.cites.iter().chain(&turn.lines).cloned().collect(),
        }
    }
}

/// Verdicts, counted by what the answers drew on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    net: BTreeMap<String, i32>,
}

impl Tally {
    /// The most by which feedback lifts or lowers a score.
    pub const MOST: f64 = 0.3;

    /// How much to favour something: 1 where nobody said anything, never more than [`Tally::MOST`] away from it, so that
    /// one voice moves little and a hundred do not drown what fits better.
    pub fn weight(&self, chosen: &str) -> f64 {
        let net = f64::from(self.net.get(chosen).copied().unwrap_or_default());
        1.0 + Self::MOST * net / (net.abs() + 2.0)
    }

    /// Up votes less down votes.
    pub fn net(&self, chosen: &str) -> i32 {
        self.net.get(chosen).copied().unwrap_or_default()
    }
}

impl<'a> FromIterator<&'a Feedback> for Tally {
    fn from_iter<I: IntoIterator<Item = &'a Feedback>>(all: I) -> Self {
        let mut net: BTreeMap<String, i32> = BTreeMap::new();
        for feedback in all {
            let vote = match feedback.verdict {
                Verdict::Up => 1,
                Verdict::Down => -1,
            };
            for chosen in &feedback.chose {
                *net.entry(chosen.clone()).or_default() += vote;
            }
        }
        Self { net }
    }
}
