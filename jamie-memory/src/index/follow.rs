//! What keeps the index behind the records: rows that were committed are added in batches, rows that are gone are taken
//! out, by one process at a time.
//!
//! How far the index has come is a setting in the records. It is written after the rows: a crash in between leaves rows
//! that are added a second time, so whoever takes over first takes out what lies beyond it.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use jamie_core::{Embedder, Error, ErrorKind, Result};
use tokio::sync::{Mutex, Notify, RwLock};
use tokio_util::sync::CancellationToken;

use super::{Index, IndexAt, IndexStatus, fault::guarded, open};
use crate::records::Records;

/// How long the first new row waits for others to be written with it.
const GATHER: Duration = Duration::from_millis(500);
/// Rows of one batch.
const BATCH: usize = 512;
/// How often it looks for what other processes wrote.
const LOOK: Duration = Duration::from_secs(10);
/// How long a process that has stopped keeps others from writing.
const LEASE: Duration = Duration::from_mins(1);
/// How often upkeep is due.
const UPKEEP: Duration = Duration::from_mins(5);
/// Rows after which upkeep is due before its time.
const UPKEEP_ROWS: usize = 32_768;
const LEASED: &str = "index";

/// How far an index has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Position {
    /// Rows up to this id are in it.
    pub(crate) row: i64,
    /// Removals up to this number are out of it.
    pub(crate) gone: i64,
}

/// The index, and what keeps it up to date.
#[derive(Debug)]
pub(crate) struct Follower {
    records: Arc<dyn Records>,
    at: IndexAt,
    embedder: Arc<dyn Embedder>,
    opened: RwLock<Option<Index>>,
    /// Why it could not be opened, and when: it is left alone for a while.
    failed: std::sync::Mutex<Option<(Instant, String)>>,
    wake: Notify,
    holder: String,
    /// Held while the index is written; whether this store has had the lease since it last looked.
    writing: Mutex<bool>,
}

impl Follower {
    /// How long an index that could not be opened is left alone.
    const PAUSE: Duration = Duration::from_secs(10);

    pub(crate) fn new(records: Arc<dyn Records>, at: IndexAt, embedder: Arc<dyn Embedder>) -> Self {
        // Unique among processes and among stores in one.
        let holder = format!("{}-{:p}", std::process::id(), Arc::as_ptr(&records).cast::<u8>());
        Self {
            records,
            at,
            embedder,
            opened: RwLock::default(),
            failed: std::sync::Mutex::default(),
            wake: Notify::new(),
            holder,
            writing: Mutex::default(),
        }
    }

    /// Says that there is something new.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    pub(crate) fn embedder(&self) -> &Arc<dyn Embedder> {
        &self.embedder
    }

    /// The index, opened where it is not yet.
    pub(crate) async fn index(&self) -> Result<Index> {
        if let Some(index) = self.opened.read().await.as_ref() {
            return Ok(index.clone());
        }
        let mut opened = self.opened.write().await;
        if let Some(index) = opened.as_ref() {
            return Ok(index.clone());
        }
        if let Some((at, message)) = self.failure().as_ref()
            && at.elapsed() < Self::PAUSE
        {
            return Err(Error::new(ErrorKind::Unavailable, message.clone()));
        }
        match self.open_or_set_aside().await {
            Ok(index) => {
                *self.failure() = None;
                *opened = Some(index.clone());
                Ok(index)
            }
            Err(error) => {
                tracing::warn!(%error, hint = error.hint(), "the search index cannot be opened; searching the records");
                *self.failure() = Some((Instant::now(), error.message().to_owned()));
                Err(error)
            }
        }
    }

    fn failure(&self) -> std::sync::MutexGuard<'_, Option<(Instant, String)>> {
        self.failed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A folder that cannot be read is moved away, for the index to be rebuilt in its place.
    async fn open_or_set_aside(&self) -> Result<Index> {
        let (at, embedder) = (self.at.clone(), Arc::clone(&self.embedder));
        let opening = async move {
            let index = Index::open(&at, embedder).await?;
            index.rows().await?;
            Ok(index)
        };
        let error = match guarded(opening).await {
            Ok(index) => return Ok(index),
            Err(error) => error,
        };
        let folder = Path::new(&self.at.uri).join(format!("{}.lance", open::name(self.embedder.as_ref())));
        let foreign = error.kind() == ErrorKind::Config && error.message().contains("other columns");
        if foreign || error.is_retryable() && !folder.is_dir() {
            return Err(error);
        }
        let Some(aside) = open::set_aside(&folder)? else {
            return Err(error);
        };
        tracing::warn!(%error, aside, "the search index is damaged; it is rebuilt from the records");
        self.set_position(Position::default()).await?;
        Index::open(&self.at, Arc::clone(&self.embedder)).await
    }

    fn setting(&self, what: &str) -> String {
        format!("{}:{what}", open::name(self.embedder.as_ref()))
    }

    /// How far the index has come.
    pub(crate) async fn position(&self) -> Result<Position> {
        let read = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or_default();
        Ok(Position {
            row: read(self.records.setting(&self.setting("row")).await?),
            gone: read(self.records.setting(&self.setting("gone")).await?),
        })
    }

    async fn set_position(&self, position: Position) -> Result<()> {
        self.records
            .set_setting(&self.setting("row"), &position.row.to_string())
            .await?;
        self.records
            .set_setting(&self.setting("gone"), &position.gone.to_string())
            .await
    }

    /// Follows the records until it is told to stop.
    pub(crate) async fn follow(&self, stop: &CancellationToken) {
        let mut cared_for = Instant::now();
        let mut since = 0;
        loop {
            let woken = tokio::time::timeout(LOOK, self.wake.notified());
            if stop.run_until_cancelled(woken).await.is_none()
                || stop
                    .run_until_cancelled(tokio::time::sleep(GATHER))
                    .await
                    .is_none()
            {
                break;
            }
            let mut leased = self.writing.lock().await;
            match self.keep_up(&mut leased).await {
                Ok(rows) => since += rows,
                Err(error) => {
                    *leased = false;
                    tracing::warn!(%error, "the search index is behind; searching the records");
                }
            }
            if *leased && since > 0 && (cared_for.elapsed() > UPKEEP || since > UPKEEP_ROWS) {
                self.care().await;
                (cared_for, since) = (Instant::now(), 0);
            }
        }
        let mut leased = self.writing.lock().await;
        if std::mem::take(&mut *leased)
            && let Err(error) = self.records.release(LEASED, &self.holder).await
        {
            tracing::debug!(%error, "the lease of the search index runs out by itself");
        }
    }

    /// Adds and takes out what is due, where this process is the one to write; how many rows that was.
    async fn keep_up(&self, leased: &mut bool) -> Result<usize> {
        let position = self.position().await?;
        let due = self.records.newest().await? > position.row
            || !self.records.gone(position.gone, 1).await?.is_empty();
        if !due {
            return Ok(0);
        }
        let held = self.records.lease(LEASED, &self.holder, LEASE).await?;
        let first = held && !*leased;
        *leased = held;
        if !held {
            return Ok(0);
        }
        self.catch_up(first).await
    }

    /// Brings the index to where the records are. `first` takes out what a crash may have left beyond its position.
    async fn catch_up(&self, first: bool) -> Result<usize> {
        let index = self.index().await?;
        let mut position = self.position().await?;
        if first {
            index.remove_after(position.row).await?;
        }
        let mut written = 0;
        loop {
            let rows = self.records.after(position.row, BATCH).await?;
            let Some(last) = rows.last() else { break };
            index.add(&rows).await?;
            position.row = last.id;
            written += rows.len();
            self.set_position(position).await?;
            if !self.records.lease(LEASED, &self.holder, LEASE).await? {
                break;
            }
        }
        loop {
            let gone = self.records.gone(position.gone, BATCH).await?;
            let Some(last) = gone.last() else { break };
            let ids: Vec<i64> = gone.iter().map(|gone| gone.id).collect();
            index.remove(&ids).await?;
            position.gone = last.number;
            written += gone.len();
            self.set_position(position).await?;
            self.records.forget_gone(position.gone).await?;
        }
        Ok(written)
    }

    /// The three jobs of upkeep.
    pub(crate) async fn care(&self) {
        let Ok(index) = self.index().await else { return };
        for (job, done) in [
            ("merging its files", index.compact().await),
            ("removing its old versions", index.prune().await),
            ("refreshing its indexes", index.refresh().await),
            ("dropping what another embedder left", index.drop_others().await),
        ] {
            if let Err(error) = done {
                tracing::warn!(%error, job, "upkeep of the search index");
            }
        }
    }

    /// Brings the index up to date now, whoever usually does so.
    pub(crate) async fn flush(&self) -> Result<()> {
        let mut leased = self.writing.lock().await;
        self.keep_up(&mut leased).await.map(|_| ())
    }

    /// Takes removed rows out now, with every trace of them.
    pub(crate) async fn scrub(&self) -> Result<()> {
        let _writing = self.writing.lock().await;
        let index = self.index().await?;
        let position = self.position().await?;
        let mut number = position.gone;
        loop {
            let gone = self.records.gone(number, BATCH).await?;
            let Some(last) = gone.last() else { break };
            let ids: Vec<i64> = gone.iter().map(|gone| gone.id).collect();
            index.remove(&ids).await?;
            number = last.number;
        }
        index.scrub().await
    }

    /// Builds the index anew from the records.
    pub(crate) async fn rebuild(&self) -> Result<usize> {
        let mut leased = self.writing.lock().await;
        if !self.records.lease(LEASED, &self.holder, LEASE).await? {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "another process is writing the search index",
            )
            .with_hint("stop it, or try again in a minute"));
        }
        self.index().await?;
        if let Some(index) = self.opened.write().await.as_mut() {
            self.set_position(Position::default()).await?;
            index.recreate().await?;
        }
        *leased = true;
        let written = self.catch_up(false).await?;
        self.care().await;
        Ok(written)
    }

    /// What there is.
    pub(crate) async fn status(&self) -> Result<IndexStatus> {
        let index = self.index().await?;
        let position = self.position().await?;
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Ok(IndexStatus {
            place: self.at.uri.clone(),
            embedder: self.embedder.identity().to_owned(),
            rows: number(index.rows().await?),
            fragments: number(index.fragments().await?),
            versions: number(index.versions().await?),
            behind: number(self.records.after(position.row, 100_000).await?.len()),
        })
    }
}
