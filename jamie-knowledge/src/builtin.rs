//! The guides that come with Jamie in, the same in a memory out.

use std::{collections::BTreeSet, sync::LazyLock};

use include_dir::{Dir, include_dir};
use jamie_core::{
    MemoryStore, Result,
    memory::{Content, Document, Forget, Kind, Origin, Recall, Record},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{read, read::hexadecimal, shelf};

/// What the names of built-in guides begin with.
pub const BUILT_IN: &str = "builtin:";

static GUIDES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/guides");

static DOCUMENTS: LazyLock<Vec<Document>> = LazyLock::new(|| {
    let mut files: Vec<_> = GUIDES.files().collect();
    files.sort_by_key(|file| file.path());
    // One digest for all: a guide that changed, came or went is a new edition.
    let edition = files.iter().fold(Sha256::new(), |digest, file| {
        digest
            .chain_update(file.path().to_string_lossy().as_bytes())
            .chain_update(file.contents())
    });
    let edition = hexadecimal(&edition.finalize());
    files
        .into_iter()
        .filter_map(|file| {
            let name = file.path().file_name()?.to_str()?;
            let mut source = read(name, file.contents()).ok()?;
            source.digest.clone_from(&edition);
            let stem = name.strip_suffix(".md")?;
            Some(source.documents(&format!("{BUILT_IN}{stem}"), "builtin", Origin::BuiltIn))
        })
        .flatten()
        .collect()
});

/// The built-in guides, passage by passage.
pub fn builtin() -> &'static [Document] {
    &DOCUMENTS
}

/// The built-in guides as they are written: file names and texts.
pub fn guides() -> impl Iterator<Item = (&'static str, &'static str)> {
    GUIDES
        .files()
        .filter_map(|file| Some((file.path().file_name()?.to_str()?, file.contents_utf8()?)))
}

/// Sees to it that a memory holds this edition of the built-in guides; one look at it where it does.
pub async fn ensure(store: &dyn MemoryStore) -> Result<()> {
    let Some(last) = builtin().last() else {
        return Ok(());
    };
    // The last one is written last.
    let marker = Recall::new(Kind::Document, 1).with_key(last.key());
    let current = store.recall(&marker).await?.into_iter().any(|memory| {
        matches!(memory.record.content, Content::Document(document) if document.digest == last.digest)
    });
    if current {
        return Ok(());
    }
    let now: BTreeSet<String> = builtin().iter().map(Document::key).collect();
    for document in shelf::documents(store).await? {
        let gone = document.origin == Origin::BuiltIn && !now.contains(&document.key());
        if gone {
            store.forget(&Forget::key(Kind::Document, document.key())).await?;
        }
    }
    for batch in builtin().chunks(200) {
        let records = batch
            .iter()
            .map(|document| Record {
                person: String::new(),
                conversation: String::new(),
                // A fixed moment: what is built in is neither new nor old.
                at: Timestamp::UNIX_EPOCH,
                content: Content::Document(Box::new(document.clone())),
            })
            .collect();
        store.remember(records).await?;
    }
    Ok(())
}
