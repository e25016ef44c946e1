//! A store that lives as long as the process: bounded per kind, the oldest record goes first.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use super::{Forget, Kind, Memory, MemoryStore, Recall, Record};
use crate::Result;

/// How many records of each kind are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Turns, over all conversations.
    pub turns: usize,
    /// Facts, over all people.
    pub facts: usize,
    /// Facts that hold for everybody.
    pub team_facts: usize,
    /// Gaps.
    pub gaps: usize,
    /// Verdicts on answers.
    pub feedback: usize,
    /// Incidents.
    pub incidents: usize,
    /// Passages of guides and runbooks.
    pub documents: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            turns: 2_000,
            facts: 5_000,
            team_facts: 2_000,
            gaps: 1_000,
            feedback: 2_000,
            incidents: 2_000,
            documents: 20_000,
        }
    }
}

impl Capacity {
    fn of(&self, kind: Kind) -> usize {
        match kind {
            Kind::Turn => self.turns,
            Kind::Fact => self.facts,
            Kind::TeamFact => self.team_facts,
            Kind::Gap => self.gaps,
            Kind::Feedback => self.feedback,
            Kind::Incident => self.incidents,
            Kind::Document => self.documents,
        }
    }
}

/// Memory in memory.
#[derive(Debug, Default)]
pub struct InMemory {
    capacity: Capacity,
    shelves: Mutex<Shelves>,
}

#[derive(Debug, Default)]
struct Shelves {
    written: u64,
    by_kind: BTreeMap<Kind, VecDeque<Shelved>>,
}

/// A memory, with what it is found by worked out once.
#[derive(Debug)]
struct Shelved {
    memory: Memory,
    key: Option<String>,
    words: BTreeSet<String>,
}

impl InMemory {
    /// An empty store that keeps as much as `capacity` says.
    pub fn new(capacity: Capacity) -> Self {
        Self {
            capacity,
            shelves: Mutex::default(),
        }
    }
}

#[async_trait]
impl MemoryStore for InMemory {
    async fn remember(&self, records: Vec<Record>) -> Result<()> {
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            shelves.written += 1;
            let id = shelves.written.to_string();
            let kind = record.kind();
            let records = shelves.by_kind.entry(kind).or_default();
            let key = record.key();
            if key.is_some() {
                records.retain(|shelved| shelved.key != key);
            }
            records.push_back(Shelved {
                key,
                words: words(&record.words()),
                memory: Memory {
                    id,
                    record,
                    score: 1.0,
                },
            });
            while records.len() > self.capacity.of(kind) {
                records.pop_front();
            }
        }
        Ok(())
    }

    async fn recall(&self, recall: &Recall) -> Result<Vec<Memory>> {
        let wanted = recall.text.as_deref().map(words);
        let shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = shelves
            .by_kind
            .get(&recall.kind)
            .into_iter()
            .flatten()
            .rev()
            .filter(|shelved| recall.fits(&shelved.memory.record));
        let Some(wanted) = wanted else {
            let page = fitting.skip(recall.skip).take(recall.limit);
            return Ok(page.map(|shelved| shelved.memory.clone()).collect());
        };
        let mut found: Vec<Memory> = fitting
            .filter_map(|shelved| {
                let score = overlap(&wanted, &shelved.words);
                (score > 0.0).then(|| Memory {
                    score,
                    ..shelved.memory.clone()
                })
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(found.into_iter().skip(recall.skip).take(recall.limit).collect())
    }

    async fn forget(&self, forget: &Forget) -> Result<u64> {
        forget.check()?;
        let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        let mut gone = 0;
        for records in shelves.by_kind.values_mut() {
            let before = records.len();
            records.retain(|shelved| !forget.fits(&shelved.memory));
            gone += (before - records.len()) as u64;
        }
        Ok(gone)
    }
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The share of the wanted words that are there.
fn overlap(wanted: &BTreeSet<String>, there: &BTreeSet<String>) -> f64 {
    if wanted.is_empty() {
        return 0.0;
    }
    wanted.intersection(there).count() as f64 / wanted.len() as f64
}
