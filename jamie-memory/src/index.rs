//! What recall searches, in LanceDB: rows go in with their vectors, ids come out by words or by meaning.
//!
//! It holds nothing that the records do not hold, and can be rebuilt from them at any time. Filters are expressions, never
//! text: what people are called is bound like any other value.

mod access;
mod erase;
mod fault;
mod follow;
mod fuse;
mod leased;
mod open;
mod place;
mod progress;
mod search;
mod table;
mod upkeep;

use std::{fmt, sync::Arc};

use jamie_core::{Embedder, Result};
use lancedb::{Connection, Table};
use serde::Serialize;

pub use self::place::{Bucket, IndexAt, Keys};
pub(crate) use self::{follow::Follower, fuse::fuse, progress::Position};
use crate::records::Row;

/// An open index.
#[derive(Clone)]
pub(crate) struct Index {
    connection: Connection,
    table: Table,
    /// What tells the table from others of its name.
    identity: String,
    embedder: Arc<dyn Embedder>,
    /// How many numbers its vectors have.
    dimension: usize,
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("table", &self.table.name())
            .finish_non_exhaustive()
    }
}

/// What an index holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexStatus {
    /// Where it is.
    pub place: String,
    /// What makes its vectors.
    pub embedder: String,
    /// Rows in it.
    pub rows: u64,
    /// Files with rows in them.
    pub fragments: u64,
    /// Versions that can still be read.
    pub versions: u64,
    /// Records that are not in it yet; they are searched directly.
    pub behind: u64,
}

impl Index {
    /// What tells its table from others of the same name.
    pub(crate) fn table(&self) -> &str {
        &self.identity
    }

    /// Adds rows that are not in it.
    pub(crate) async fn add(&self, rows: &[Row]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let words: Vec<String> = rows.iter().map(|row| row.record.words()).collect();
        let vectors = self.embedder.embed(&words).await?;
        let batch = table::batch(rows, words, vectors, self.dimension)?;
        self.table.add(batch).execute().await.map_err(fault::fault)?;
        Ok(())
    }

    /// Takes rows out, by id.
    pub(crate) async fn remove(&self, ids: &[i64]) -> Result<()> {
        for some in ids.chunks(1_000) {
            let expression = table::among(some);
            self.table.delete(&expression).await.map_err(fault::fault)?;
        }
        Ok(())
    }

    /// Takes out everything with a larger id.
    pub(crate) async fn remove_after(&self, id: i64) -> Result<()> {
        let expression = table::after(id);
        self.table.delete(&expression).await.map_err(fault::fault)?;
        Ok(())
    }
}
