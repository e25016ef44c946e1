//! What a memory holds of documents: a list of them, one of them whole, one more, one fewer.

use std::collections::BTreeMap;

use jamie_core::{
    Error, ErrorKind, MemoryStore, Result,
    memory::{Content, Document, Forget, Kind, Origin, Recall, Record},
};
use jiff::Timestamp;
use serde::Serialize;

use crate::{BUILT_IN, Source};

/// Passages that are read at once.
const PAGE: usize = 500;

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name.
    pub source: String,
    /// Its title.
    pub title: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What it was read in with.
    pub collection: String,
    /// How many passages it has.
    pub passages: usize,
    /// SHA-256 of the document as it was read, in hexadecimal.
    pub digest: String,
}

/// Every passage.
pub(crate) async fn documents(store: &dyn MemoryStore) -> Result<Vec<Document>> {
    let mut documents = Vec::new();
    let mut recall = Recall::new(Kind::Document, PAGE);
    loop {
        let page = store.recall(&recall).await?;
        let last = page.len() < recall.limit;
        recall.skip += page.len();
        documents.extend(page.into_iter().filter_map(|memory| match memory.record.content {
            Content::Document(document) => Some(*document),
            _ => None,
        }));
        if last {
            return Ok(documents);
        }
    }
}

/// All documents, by name.
pub async fn list(store: &dyn MemoryStore) -> Result<Vec<Entry>> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for document in documents(store).await? {
        entries
            .entry(document.source.clone())
            .or_insert_with(|| Entry {
                source: document.source,
                title: document.title,
                origin: document.origin,
                collection: document.collection,
                passages: 0,
                digest: document.digest,
            })
            .passages += 1;
    }
    Ok(entries.into_values().collect())
}

/// The passages of one document, in order.
pub async fn show(store: &dyn MemoryStore, source: &str) -> Result<Vec<Document>> {
    let mut passages: Vec<Document> = store
        .recall(&Recall::new(Kind::Document, PAGE).in_group(source))
        .await?
        .into_iter()
        .filter_map(|memory| match memory.record.content {
            Content::Document(document) => Some(*document),
            _ => None,
        })
        .collect();
    passages.sort_by_key(|document| document.part);
    if passages.is_empty() {
        return Err(unknown(source));
    }
    Ok(passages)
}

/// Puts a document in, or a newer edition in its place; gives the number of its passages.
pub async fn add(
    store: &dyn MemoryStore,
    document: &Source,
    source: &str,
    collection: &str,
    person: &str,
    now: Timestamp,
) -> Result<usize> {
    if source.is_empty() || source.starts_with(BUILT_IN) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("a document cannot be called {source:?}: such names are those of built-in guides"),
        )
        .with_hint("choose another name"));
    }
    let passages = document.documents(source, collection, Origin::Team);
    let count = passages.len();
    let before = store
        .recall(&Recall::new(Kind::Document, PAGE).in_group(source))
        .await?;
    let records = passages
        .into_iter()
        .map(|document| Record {
            person: person.to_owned(),
            conversation: String::new(),
            at: now,
            content: Content::Document(Box::new(document)),
        })
        .collect();
    store.remember(records).await?;
    // What the new edition no longer has; only now, so that the document is never missing.
    for memory in before {
        if let Content::Document(old) = memory.record.content
            && old.part as usize >= count
        {
            store.forget(&Forget::key(Kind::Document, old.key())).await?;
        }
    }
    Ok(count)
}

/// Takes a document out.
pub async fn remove(store: &dyn MemoryStore, source: &str) -> Result<u64> {
    if source.starts_with(BUILT_IN) {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("{source} is built in and cannot be removed"),
        )
        .with_hint("a document of your own about the same goes before it"));
    }
    match store.forget(&Forget::group(Kind::Document, source)).await? {
        0 => Err(unknown(source)),
        gone => Ok(gone),
    }
}

fn unknown(source: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("there is no document called {source:?}"),
    )
    .with_hint("`jamie knowledge list` names them all")
}
