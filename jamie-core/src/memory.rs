//! What is kept between turns: records go in, recollections come out, and people can have theirs erased.
//!
//! A store needs three verbs. [`MemoryStore::remember`] commits records, [`MemoryStore::recall`] finds
//! them again by filter, key or words, [`MemoryStore::forget`] erases them. Records that stand for one
//! thing that changes (a fact about a person, an incident) have a [`Record::key`]: a newer one replaces
//! the older. All others pile up, newest last.

mod in_memory;
mod record;

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{
    in_memory::{Capacity, InMemory},
    record::{About, Content, Fact, Gap, GapReason, Incident, Kind, Outcome, Profile, Record, TurnRecord},
};
use crate::{Error, ErrorKind, Result};

/// Remembers, recalls, forgets.
#[async_trait]
pub trait MemoryStore: fmt::Debug + Send + Sync {
    /// Commits all of the records or none of them; what was acknowledged is kept.
    async fn remember(&self, records: Vec<Record>) -> Result<()>;
    /// Finds records: the newest first, or the best match first where [`Recall::text`] is given.
    async fn recall(&self, recall: &Recall) -> Result<Vec<Memory>>;
    /// Erases what fits, and says how many records that was. A filter without any condition is refused.
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

/// What to look for; every condition that is given must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recall {
    /// The kind of record.
    pub kind: Kind,
    /// Only this person's.
    pub person: Option<String>,
    /// Only this conversation's.
    pub conversation: Option<String>,
    /// Only the record with this [`Record::key`].
    pub key: Option<String>,
    /// Words to search for.
    pub text: Option<String>,
    /// Only what was remembered at or after this moment.
    pub since: Option<Timestamp>,
    /// At most so many records.
    pub limit: usize,
}

impl Recall {
    /// Everything of a kind, at most `limit` records.
    pub fn new(kind: Kind, limit: usize) -> Self {
        Self {
            kind,
            person: None,
            conversation: None,
            key: None,
            text: None,
            since: None,
            limit,
        }
    }

    /// Only this person's.
    #[must_use]
    pub fn of_person(mut self, person: impl Into<String>) -> Self {
        self.person = Some(person.into());
        self
    }

    /// Only this conversation's.
    #[must_use]
    pub fn in_conversation(mut self, conversation: impl Into<String>) -> Self {
        self.conversation = Some(conversation.into());
        self
    }

    /// Only the record with this key.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Those that fit these words, best first.
    #[must_use]
    pub fn about(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }
}

/// What to erase; every condition that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forget {
    /// The record with this id.
    pub id: Option<String>,
    /// Records of this kind.
    pub kind: Option<Kind>,
    /// This person's records.
    pub person: Option<String>,
    /// This conversation's records.
    pub conversation: Option<String>,
    /// Records from before this moment.
    pub before: Option<Timestamp>,
}

impl Forget {
    /// Everything about a person.
    pub fn person(person: impl Into<String>) -> Self {
        Self {
            person: Some(person.into()),
            ..Self::default()
        }
    }

    /// Refuses a filter that would erase the whole store; every implementation calls this first.
    pub fn check(&self) -> Result<()> {
        if *self == Self::default() {
            return Err(
                Error::new(ErrorKind::InvalidInput, "nothing was said about what to forget")
                    .with_hint("name a person, a conversation, a kind, a record or a date"),
            );
        }
        Ok(())
    }

    /// Whether a record is meant.
    pub fn fits(&self, memory: &Memory) -> bool {
        let record = &memory.record;
        self.id.as_ref().is_none_or(|id| *id == memory.id)
            && self.kind.is_none_or(|kind| kind == record.kind())
            && self.person.as_ref().is_none_or(|person| *person == record.person)
            && self
                .conversation
                .as_ref()
                .is_none_or(|conversation| *conversation == record.conversation)
            && self.before.is_none_or(|before| record.at < before)
    }
}
