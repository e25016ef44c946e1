//! The records in SQL: what must be exact, ordered and never lost goes in and is acknowledged once it is committed;
//! rows come out, in the order of their ids, which is the order in which they were committed.

use std::time::Duration;

use async_trait::async_trait;
use jamie_core::{
    Result,
    memory::{Forget, Recall, Record},
};

/// A committed record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Grows with every commit; no id is ever used twice, and one that is committed later is larger.
    pub(crate) id: i64,
    /// The record.
    pub(crate) record: Record,
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
    /// The rows with these ids that still exist, in any order.
    async fn get(&self, ids: &[i64]) -> Result<Vec<Row>>;
    /// Rows with a larger id, the smallest first.
    async fn after(&self, id: i64, limit: usize) -> Result<Vec<Row>>;
    /// Removes what fits, and gives how many rows that was.
    async fn remove(&self, forget: &Forget) -> Result<u64>;
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
}
