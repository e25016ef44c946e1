//! What is kept between turns: records go in, recollections come out, and people can have theirs erased.
//!
//! A store needs three verbs. [`MemoryStore::remember`] commits records, [`MemoryStore::recall`] finds
//! them again by filter, key or words, [`MemoryStore::forget`] erases them. Records that stand for one
//! thing that changes (a fact about a person, an incident) have a [`Record::key`]: a newer one replaces
//! the older. All others pile up, newest last.

mod document;
mod fact;
mod feedback;
mod gaps;
mod in_memory;
mod incident;
mod person;
mod recall;
mod record;
mod teachers;

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub(crate) use self::gaps::lacking;
pub use self::{
    document::{Document, Origin},
    fact::{About, Fact, Profile},
    feedback::{Feedback, Tally, Verdict},
    gaps::{Lack, close, lacks},
    in_memory::{Capacity, InMemory},
    incident::{Fix, Incident},
    person::{Erased, Export, erase, export},
    recall::{Forget, Recall},
    record::{Content, Gap, GapReason, Kind, Outcome, Record, TurnRecord},
    teachers::Teachers,
};
use crate::Result;

/// Remembers, recalls, forgets.
#[async_trait]
pub trait MemoryStore: fmt::Debug + Send + Sync {
    /// Commits all of the records or none of them; what was acknowledged is kept.
    async fn remember(&self, records: Vec<Record>) -> Result<()>;
    /// Finds records: the newest first, or the best match first where [`Recall::text`] is given.
    async fn recall(&self, recall: &Recall) -> Result<Vec<Memory>>;
    /// Erases what fits, and says how many records that was. A filter without any condition is refused. Once everything
    /// of a person was erased ([`Forget::person`]), nothing of it is left in any file of the store.
    async fn forget(&self, forget: &Forget) -> Result<u64>;
}

/// One record as a store gives it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Names the record within its store.
    pub id: String,
    /// What was remembered.
    pub record: Record,
    /// How well it fits the words asked for, from 0 to 1; 1 where none were given.
    pub score: f64,
}
