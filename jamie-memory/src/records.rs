//! The records in SQL: what must be exact, ordered and never lost goes in and is acknowledged once it is committed;
//! rows come out, in the order of their ids, which is the order in which they were committed.

mod actions;
mod fault;
mod keep;
mod postgres;
mod select;
mod sql;
mod sqlite;
mod writer;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use jamie_core::{
    ActionStore, Error, ErrorKind, Result,
    memory::{Forget, Kind, Memory, Recall, Record},
};
use jiff::Timestamp;
use secrecy::SecretString;

use self::actions::SqlActions;
pub use self::keep::{Keep, Retention};
pub(crate) use self::select::{Columns, column, nanoseconds};

/// Where records are.
#[derive(Debug, Clone)]
pub enum RecordsAt {
    /// In one `SQLite` file in this folder, which is made where there is none.
    Folder(PathBuf),
    /// On a `PostgreSQL` server, which several replicas may share.
    Postgres {
        /// `postgres://user:password@host:5432/database`
        url: SecretString,
        /// The schema; it is made where there is none.
        schema: String,
    },
}

impl RecordsAt {
    pub(crate) async fn open(&self) -> Result<Arc<dyn Records>> {
        Ok(match self {
            Self::Folder(folder) => Arc::new(sqlite::open(folder).await?),
            Self::Postgres { url, schema } => Arc::new(postgres::open(url, schema).await?),
        })
    }

    /// The actions beside the records; what has been over for longer than `keep` is removed.
    pub(crate) async fn open_actions(&self, keep: Duration) -> Result<Arc<dyn ActionStore>> {
        Ok(match self {
            Self::Folder(folder) => Arc::new(SqlActions::new(sqlite::open(folder).await?, keep)),
            Self::Postgres { url, schema } => {
                Arc::new(SqlActions::new(postgres::open(url, schema).await?, keep))
            }
        })
    }
}

/// A committed record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Grows with every commit; no id is ever used twice, and one that is committed later is larger.
    pub(crate) id: i64,
    /// The record.
    pub(crate) record: Record,
}

impl Row {
    fn read(id: i64, body: &str) -> Result<Self> {
        let record = serde_json::from_str(body).map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                format!("the memory with the id {id} cannot be read: {error}"),
            )
            .with_hint("it may have been written by a newer Jamie; start that version")
        })?;
        Ok(Self { id, record })
    }

    pub(crate) fn into_memory(self) -> Memory {
        Memory {
            id: self.id.to_string(),
            record: self.record,
            score: 1.0,
        }
    }
}

/// A row that is no longer there, for an index to drop it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone {
    /// Grows with every removal.
    pub(crate) number: i64,
    /// The row that was removed or replaced.
    pub(crate) id: i64,
}

/// What `SQLite` and `PostgreSQL` both do.
#[async_trait]
pub(crate) trait Records: std::fmt::Debug + Send + Sync {
    /// Commits all records or none, in this order; one with a key takes the place of the older one of its kind and key.
    async fn insert(&self, records: Vec<Record>) -> Result<Vec<Row>>;
    /// Rows that meet every condition but the words, newest first, paged by the recall's skip and limit.
    async fn find(&self, recall: &Recall) -> Result<Vec<Row>>;
    /// Ids of rows larger than `after` that fit the words and every other condition, best first, paged by the recall's
    /// skip and limit, each with its relevance: any number, the larger the better.
    async fn search(&self, recall: &Recall, after: i64) -> Result<Vec<(i64, f64)>>;
    /// The rows with these ids that still exist, in any order.
    async fn get(&self, ids: &[i64]) -> Result<Vec<Row>>;
    /// Rows with a larger id, the smallest first.
    async fn after(&self, id: i64, limit: usize) -> Result<Vec<Row>>;
    /// Removes what fits, and gives how many rows that was.
    async fn remove(&self, forget: &Forget) -> Result<u64>;
    /// Removes what is older, or more, than is kept, and gives how many rows that was.
    async fn trim(&self, kind: Kind, keep: Keep, now: Timestamp) -> Result<u64>;
    /// Removals with a larger number, the smallest first.
    async fn gone(&self, number: i64, limit: usize) -> Result<Vec<Gone>>;
    /// Drops what is known about removals up to and with `number`: every index has followed them.
    async fn forget_gone(&self, number: i64) -> Result<()>;
    /// Makes sure that nothing of removed rows is left in any file.
    async fn scrub(&self) -> Result<()>;
    /// A value that was set under this name.
    async fn setting(&self, name: &str) -> Result<Option<String>>;
    /// Sets a value.
    async fn set_setting(&self, name: &str, value: &str) -> Result<()>;
    /// Takes, or keeps, a lease for `holder` where nobody else holds it or theirs ran out; whether it is held now.
    async fn lease(&self, name: &str, holder: &str, lasts: Duration) -> Result<bool>;
    /// Gives a lease back.
    async fn release(&self, name: &str, holder: &str) -> Result<()>;
    /// The largest id there is; 0 where there is none.
    async fn newest(&self) -> Result<i64>;
    /// How many rows have a larger id.
    async fn count_after(&self, id: i64) -> Result<u64>;
    /// How many rows there are of each kind.
    async fn count(&self) -> Result<BTreeMap<Kind, u64>>;
    /// Where they are, for people to read; no secret in it.
    fn place(&self) -> &str;
    /// Closes every connection.
    async fn close(&self);
}
