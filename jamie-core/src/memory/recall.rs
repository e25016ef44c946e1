//! What to look for, and what to erase: conditions go in, a store finds or erases the records that fit.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Kind, Memory, Record};
use crate::{Error, ErrorKind, Result};

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
    /// Only records of this [`Record::group`].
    pub group: Option<String>,
    /// Words to search for.
    pub text: Option<String>,
    /// Only what was remembered at or after this moment.
    pub since: Option<Timestamp>,
    /// Only what was remembered before this moment.
    pub until: Option<Timestamp>,
    /// So many records, in the order in which they come, are passed over: for reading page by page.
    pub skip: usize,
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
            group: None,
            text: None,
            since: None,
            until: None,
            skip: 0,
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

    /// Only records of this group.
    #[must_use]
    pub fn in_group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Those that fit these words, best first.
    #[must_use]
    pub fn about(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Only from `since` on and before `until`.
    #[must_use]
    pub fn between(mut self, since: Timestamp, until: Timestamp) -> Self {
        self.since = Some(since);
        self.until = Some(until);
        self
    }

    /// Passes over the first `skip` records.
    #[must_use]
    pub fn after(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// Whether a record meets every condition but the words.
    pub fn fits(&self, record: &Record) -> bool {
        let is =
            |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        self.kind == record.kind()
            && is(&self.person, &record.person)
            && is(&self.conversation, &record.conversation)
            && (self.key.is_none() || self.key == record.key())
            && (self.group.is_none() || self.group == record.group())
            && self.since.is_none_or(|since| record.at >= since)
            && self.until.is_none_or(|until| record.at < until)
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
    /// The record with this [`Record::key`]; goes with a kind.
    pub key: Option<String>,
    /// Records of this [`Record::group`]; goes with a kind.
    pub group: Option<String>,
    /// Records from before this moment.
    pub before: Option<Timestamp>,
}

impl Forget {
    /// Everything that is a person's.
    pub fn person(person: impl Into<String>) -> Self {
        Self {
            person: Some(person.into()),
            ..Self::default()
        }
    }

    /// The record of a kind that has this key.
    pub fn key(kind: Kind, key: impl Into<String>) -> Self {
        Self {
            kind: Some(kind),
            key: Some(key.into()),
            ..Self::default()
        }
    }

    /// The records of a kind that have this group.
    pub fn group(kind: Kind, group: impl Into<String>) -> Self {
        Self {
            kind: Some(kind),
            group: Some(group.into()),
            ..Self::default()
        }
    }

    /// Refuses a filter that would erase the whole store, or one whose key could mean records of several kinds; every
    /// implementation calls this first.
    pub fn check(&self) -> Result<()> {
        if *self == Self::default() {
            return Err(
                Error::new(ErrorKind::InvalidInput, "nothing was said about what to forget")
                    .with_hint("name a person, a conversation, a kind, a record or a date"),
            );
        }
        if self.kind.is_none() && (self.key.is_some() || self.group.is_some()) {
            return Err(
                Error::new(ErrorKind::InvalidInput, "a key names a record of one kind only")
                    .with_hint("say which kind is to be forgotten"),
            );
        }
        Ok(())
    }

    /// Whether a record is meant.
    pub fn fits(&self, memory: &Memory) -> bool {
        let record = &memory.record;
        let is =
            |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        is(&self.id, &memory.id)
            && self.kind.is_none_or(|kind| kind == record.kind())
            && is(&self.person, &record.person)
            && is(&self.conversation, &record.conversation)
            && (self.key.is_none() || self.key == record.key())
            && (self.group.is_none() || self.group == record.group())
            && self.before.is_none_or(|before| record.at < before)
    }
}
