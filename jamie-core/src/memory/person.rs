//! What is kept about a person: all of it goes out to take along, or is erased.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Content, Forget, Kind, Memory, MemoryStore, Recall, Record};
use crate::Result;

/// Records that are read at once.
const PAGE: usize = 500;

/// Everything that is kept about one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// Who.
    pub person: String,
    /// When this was put together.
    pub at: Timestamp,
    /// Their records, by kind, the newest first.
    pub memories: Vec<Memory>,
}

/// What erasing a person came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Erased {
    /// Records of theirs that are gone.
    pub erased: u64,
    /// Records that belong to everybody, and no longer name them.
    pub unnamed: u64,
}

/// Everything about a person, what they taught and fixed included.
pub async fn export(store: &dyn MemoryStore, person: &str, now: Timestamp) -> Result<Export> {
    let mut memories = Vec::new();
    for kind in Kind::ALL {
        if kind.is_shared() {
            memories.extend(naming(store, kind, person).await?);
        } else {
            memories.extend(all(store, Recall::new(kind, PAGE).of_person(person)).await?);
        }
    }
    Ok(Export {
        person: person.to_owned(),
        at: now,
        memories,
    })
}

/// Erases a person: their records go; what belongs to everybody stays, without their name.
pub async fn erase(store: &dyn MemoryStore, person: &str) -> Result<Erased> {
    let mut unnamed = 0;
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_shared()) {
        let records: Vec<Record> = naming(store, kind, person)
            .await?
            .into_iter()
            .map(|memory| without(memory.record, person))
            .collect();
        unnamed += records.len() as u64;
        store.remember(records).await?;
    }
    let erased = store.forget(&Forget::person(person)).await?;
    Ok(Erased { erased, unnamed })
}

/// The shared records that name a person.
async fn naming(store: &dyn MemoryStore, kind: Kind, person: &str) -> Result<Vec<Memory>> {
    let mut recall = Recall::new(kind, PAGE);
    // Only an incident names others than the one it was written for.
    if kind != Kind::Incident {
        recall = recall.of_person(person);
    }
    let mut memories = all(store, recall).await?;
    memories.retain(|memory| names(&memory.record, person));
    Ok(memories)
}

async fn all(store: &dyn MemoryStore, mut recall: Recall) -> Result<Vec<Memory>> {
    let mut memories = Vec::new();
    loop {
        let page = store.recall(&recall).await?;
        let last = page.len() < recall.limit;
        recall.skip += page.len();
        memories.extend(page);
        if last {
            return Ok(memories);
        }
    }
}

fn names(record: &Record, person: &str) -> bool {
    record.person == person
        || matches!(&record.content, Content::Incident(incident)
            if incident.fixes.iter().any(|fix| fix.by == person))
}

fn without(mut record: Record, person: &str) -> Record {
    if record.person == person {
        record.person.clear();
        // A conversation is often named after the person in it.
        record.conversation.clear();
    }
    if let Content::Incident(incident) = &mut record.content {
        for fix in incident.fixes.iter_mut().filter(|fix| fix.by == person) {
            fix.by.clear();
        }
    }
    record
}
