//! The persona in one conversation: keeps the tone, and which lines were used.

use std::{fmt, sync::Arc};

use crate::{
    Persona, Severity,
    persona::{Domain, Moment, Plain, Tone},
    understand::Mood,
};

/// Asks the persona for lines and remembers which ones it gave.
pub(super) struct Voice {
    persona: Arc<dyn Persona>,
    pub(super) name: Option<String>,
    pub(super) mood: Mood,
    pub(super) severity: Option<Severity>,
    pub(super) domain: Option<Domain>,
    seed: u64,
    /// Keys of the lines of the turns before and of this one, the newest last.
    recent: Vec<String>,
    used: Vec<String>,
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voice")
            .field("persona", &self.persona.name())
            .field("mood", &self.mood)
            .field("severity", &self.severity)
            .finish_non_exhaustive()
    }
}

impl Voice {
    pub(super) fn new(persona: Arc<dyn Persona>, seed: u64) -> Self {
        Self {
            persona,
            name: None,
            mood: Mood::default(),
            severity: None,
            domain: None,
            seed,
            recent: Vec::new(),
            used: Vec::new(),
        }
    }

    /// Takes note of the lines of earlier turns, the newest last.
    pub(super) fn recall(&mut self, lines: Vec<String>) {
        self.recent = lines;
    }

    /// The keys of the lines that this turn used.
    pub(super) fn used(&self) -> &[String] {
        &self.used
    }

    /// A line for the moment, where the persona has one.
    pub(super) fn line(&mut self, moment: Moment) -> Option<String> {
        let tone = Tone {
            mood: self.mood,
            severity: self.severity,
            name: self.name.as_deref(),
            domain: self.domain,
            seed: self.seed,
            recent: &self.recent,
        };
        let line = self.persona.line(moment, &tone)?;
        self.recent.push(line.key.clone());
        self.used.push(line.key);
        Some(line.text)
    }

    /// A line for a moment at which silence would be rude.
    pub(super) fn reply(&mut self, moment: Moment) -> String {
        self.line(moment)
            .or_else(|| Plain.line(moment, &Tone::default()).map(|line| line.text))
            .unwrap_or_default()
    }
}

/// A seed from what is said where and when (FNV-1a, which is the same everywhere).
pub(super) fn seed(parts: &[&[u8]]) -> u64 {
    parts
        .iter()
        .flat_map(|part| part.iter().chain(&[0x1f]))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
}
