//! The bounds of a turn; what hits one is said in the answer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How much one turn may do and show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Calls to tools.
    pub calls: usize,
    /// Time for looking names up and for all calls together.
    pub deadline: Duration,
    /// Time for reading from memory, and again for writing to it.
    pub memory: Duration,
    /// Time for erasing all that is kept about somebody.
    pub erasing: Duration,
    /// Requests to a model.
    pub model_steps: u32,
    /// Time for a model's first word.
    pub first_word: Duration,
    /// Time between two pieces of what a model writes.
    pub next_word: Duration,
    /// Time for all that a model writes in a turn, its tools included.
    pub all_words: Duration,
    /// Findings that are shown as cards.
    pub findings_shown: usize,
    /// Findings that the finished answer lists at all.
    pub findings_kept: usize,
    /// Evidence that is shown under one finding.
    pub evidence_shown: usize,
    /// Symptoms that are shown under one finding.
    pub symptoms_shown: usize,
    /// Rows of a table and entries of a list.
    pub rows: usize,
    /// Characters of the answer.
    pub characters: usize,
    /// Next steps.
    pub next_steps: usize,
    /// Turns of the conversation that are looked back on.
    pub turns: usize,
    /// Events that wait for a slow reader before the turn waits too.
    pub events: usize,
    /// Questions of one person within a minute; 0: no limit. They are counted in the cache, where there is one.
    pub questions_per_minute: u32,
    /// How long an answer is given again to the same question, asked right behind it; nothing: never. It is kept in the
    /// cache, where there is one.
    pub answer_again: Duration,
}

impl Limits {
    /// The same for somebody who likes answers short.
    #[must_use]
    pub(super) fn short(&self) -> Self {
        Self {
            findings_shown: self.findings_shown.min(3),
            evidence_shown: self.evidence_shown.min(1),
            symptoms_shown: self.symptoms_shown.min(1),
            rows: self.rows.min(12),
            next_steps: self.next_steps.min(1),
            characters: self.characters.min(3_000),
            ..self.clone()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: 6,
            deadline: Duration::from_secs(15),
            memory: Duration::from_secs(2),
            erasing: Duration::from_mins(2),
            model_steps: 4,
            first_word: Duration::from_millis(1_800),
            next_word: Duration::from_millis(1_500),
            all_words: Duration::from_mins(1),
            findings_shown: 8,
            findings_kept: 200,
            evidence_shown: 4,
            symptoms_shown: 6,
            rows: 100,
            characters: 24_000,
            next_steps: 4,
            turns: 12,
            events: 64,
            questions_per_minute: 60,
            answer_again: Duration::from_secs(3),
        }
    }
}
