//! How far an index has come, as settings in the records: they are backed up and shared with them.
//!
//! A position belongs to one table. One that was emptied, moved away or put in another place is another table, and has
//! come nowhere yet. Beside it stands whether somebody's erasure still has to reach the index.

use std::sync::Arc;

use jamie_core::Result;

use crate::{identity::unique, records::Records};

/// How far an index has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Position {
    /// Rows up to this id are in it.
    pub(crate) row: i64,
    /// Removals up to this number are out of it.
    pub(crate) gone: i64,
}

/// The settings of one embedder's index.
#[derive(Debug)]
pub(super) struct Progress {
    records: Arc<dyn Records>,
    /// The name of the table.
    name: String,
}

impl Progress {
    pub(super) fn new(records: Arc<dyn Records>, name: String) -> Self {
        Self { records, name }
    }

    async fn read(&self, what: &str) -> Result<String> {
        let name = format!("{}:{what}", self.name);
        Ok(self.records.setting(&name).await?.unwrap_or_default())
    }

    async fn write(&self, what: &str, value: &str) -> Result<()> {
        let name = format!("{}:{what}", self.name);
        self.records.set_setting(&name, value).await
    }

    /// What was noted last, whichever table it was for.
    pub(super) async fn noted(&self) -> Result<Position> {
        let (row, gone) = tokio::try_join!(self.read("row"), self.read("gone"))?;
        Ok(Position {
            row: row.parse().unwrap_or_default(),
            gone: gone.parse().unwrap_or_default(),
        })
    }

    /// How far the table has come.
    pub(super) async fn of(&self, table: &str) -> Result<Position> {
        let (noted, of) = tokio::try_join!(self.noted(), self.read("table"))?;
        Ok(if of == table { noted } else { Position::default() })
    }

    /// The same, for the one who writes: from here on positions are this table's.
    pub(super) async fn begin(&self, table: &str) -> Result<Position> {
        if self.read("table").await? != table {
            // A crash in between leaves the older table at nothing, never this one with rows that it lacks.
            self.set(Position::default()).await?;
            self.write("table", table).await?;
        }
        self.noted().await
    }

    pub(super) async fn set(&self, position: Position) -> Result<()> {
        self.write("row", &position.row.to_string()).await?;
        self.write("gone", &position.gone.to_string()).await
    }

    /// Who has written the index last.
    pub(super) async fn writer(&self) -> Result<String> {
        self.read("writer").await
    }

    /// Notes who writes it from here on.
    pub(super) async fn set_writer(&self, writer: &str) -> Result<()> {
        self.write("writer", writer).await
    }

    /// Notes that an erasure has to reach the index.
    pub(super) async fn want_erasure(&self) -> Result<()> {
        self.write("erase", &unique()).await
    }

    /// The erasure that was wanted last, where it has not been done.
    pub(super) async fn wanted_erasure(&self) -> Result<Option<String>> {
        let (wanted, done) = tokio::try_join!(self.read("erase"), self.read("erased"))?;
        Ok(Some(wanted).filter(|wanted| *wanted != done))
    }

    /// Notes that an erasure, and all that were wanted before it, is done.
    pub(super) async fn erased(&self, wanted: &str) -> Result<()> {
        self.write("erased", wanted).await
    }

    /// Takes the wish back: there was nothing to erase.
    pub(super) async fn unwant_erasure(&self) -> Result<()> {
        let done = self.read("erased").await?;
        self.write("erase", &done).await
    }
}
