//! What keeps the index behind the records: rows that were committed are added in batches, rows that are gone are taken
//! out, by one process at a time.
//!
//! How far the index has come is a setting in the records. It is written after the rows: a crash in between leaves rows
//! that are added a second time, so whoever takes over first takes out what lies beyond it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jamie_core::{Embedder, Error, ErrorKind, Result};
use tokio::sync::{Mutex, Notify};
use tokio_util::sync::CancellationToken;

use super::{
    Index, IndexAt, IndexStatus,
    access::Access,
    leased::while_leased,
    open,
    progress::{Position, Progress},
};
use crate::{identity::unique, records::Records};

/// How long the first new row waits for others to be written with it.
const GATHER: Duration = Duration::from_millis(500);
/// Rows of one batch.
const BATCH: usize = 512;
/// How often it looks for what other processes wrote.
const LOOK: Duration = Duration::from_secs(5);
/// How long a process that has stopped keeps others from writing.
const LEASE: Duration = Duration::from_secs(15);
/// How often upkeep is due.
const UPKEEP: Duration = Duration::from_mins(5);
/// Rows after which upkeep is due before its time: until then, every question reads through all of them.
const UPKEEP_ROWS: usize = 2_048;
/// The share of the time that upkeep may take where rows come fast: one part in so many.
const UPKEEP_SHARE: u32 = 10;
/// The longest that a search waits for an index in object storage.
const PATIENCE: Duration = Duration::from_millis(900);
/// How long work that is under way may go on once the store is closed. Breaking it off is no more than a crash.
const GRACE: Duration = Duration::from_secs(3);
const LEASED: &str = "index";

/// The index, and what keeps it up to date.
#[derive(Debug)]
pub(crate) struct Follower {
    records: Arc<dyn Records>,
    access: Arc<Access>,
    pub(super) progress: Progress,
    wake: Notify,
    /// Whose the lease is.
    holder: String,
    /// Held while the index is written; whether this store has had the lease since it last looked.
    writing: Mutex<bool>,
}

impl Follower {
    pub(crate) fn new(records: Arc<dyn Records>, at: IndexAt, embedder: Arc<dyn Embedder>) -> Self {
        let name = open::name(embedder.as_ref());
        Self {
            access: Arc::new(Access::new(at, embedder)),
            progress: Progress::new(Arc::clone(&records), name),
            records,
            wake: Notify::new(),
            holder: unique(),
            writing: Mutex::default(),
        }
    }

    /// Says that there is something new.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    pub(crate) fn embedder(&self) -> &Arc<dyn Embedder> {
        &self.access.embedder
    }

    pub(super) fn place(&self) -> String {
        self.access.at.place()
    }

    /// How long a search may wait for the index; for ever where it is on disk.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.access.at.folder().is_none().then_some(PATIENCE)
    }

    /// The index for a search, and how far it has come.
    pub(crate) async fn to_search(&self) -> Result<(Index, Position)> {
        let index = self.access.to_search().await?;
        let position = self.progress.of(index.table()).await?;
        Ok((index, position))
    }

    /// Notes that a search in it failed: where it is far away, the next ones do not wait for it.
    pub(crate) fn failed(&self, error: Error) -> Error {
        if self.patience().is_some() && error.is_retryable() {
            return self.access.fail(error);
        }
        error
    }

    /// Follows the records until it is told to stop.
    pub(crate) async fn follow(&self, stop: &CancellationToken) {
        let (mut cared_for, mut pause) = (Instant::now(), Duration::ZERO);
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
            let work = async {
                let mut leased = self.writing.lock().await;
                match self.keep_up(&mut leased).await {
                    Ok(rows) => since += rows,
                    Err(error) => {
                        tracing::debug!(%error, "the search index is behind; searching the records");
                    }
                }
                let rested = cared_for.elapsed();
                if *leased && since > 0 && (rested > UPKEEP || since > UPKEEP_ROWS && rested > pause) {
                    let begun = Instant::now();
                    self.care().await;
                    pause = begun.elapsed() * (UPKEEP_SHARE - 1);
                    (cared_for, since) = (Instant::now(), 0);
                }
            };
            let enough = async {
                stop.cancelled().await;
                tokio::time::sleep(GRACE).await;
            };
            tokio::select! {
                () = work => {}
                () = enough => break,
            }
        }
        // Work that was broken off holds it as well.
        let mut leased = self.writing.lock().await;
        *leased = false;
        self.release().await;
    }

    async fn release(&self) {
        if let Err(error) = self.records.release(LEASED, &self.holder).await {
            tracing::debug!(%error, "the lease of the search index runs out by itself");
        }
    }

    /// Adds and takes out what is due, where this process is the one to write; how many rows that was.
    async fn keep_up(&self, leased: &mut bool) -> Result<usize> {
        let position = match self.access.opened().await {
            Some(index) => self.progress.of(index.table()).await?,
            None => self.progress.noted().await?,
        };
        let due = self.records.newest().await? > position.row
            || !self.records.gone(position.gone, 1).await?.is_empty()
            || self.progress.wanted_erasure().await?.is_some();
        if !due {
            return Ok(0);
        }
        let interrupted = !std::mem::replace(leased, false);
        if !self.lease().await? {
            return Ok(0);
        }
        // Between two leases of ours another process may have had one, and have crashed.
        let first = interrupted || self.progress.writer().await? != self.holder;
        // Until the work is done it counts as interrupted: whoever goes on begins as after a crash.
        let done = self.while_leased(self.catch_up(first)).await;
        match &done {
            Ok(_) => {
                *leased = true;
                self.access.works();
            }
            Err(error) => {
                // Another process may reach it.
                self.release().await;
                if error.is_retryable() || error.kind() == ErrorKind::Config {
                    self.access.fail(
                        error
                            .hint()
                            .into_iter()
                            .fold(Error::new(error.kind(), error.message()), Error::with_hint),
                    );
                }
            }
        }
        done
    }

    async fn lease(&self) -> Result<bool> {
        self.records.lease(LEASED, &self.holder, LEASE).await
    }

    /// Does something for which the lease must be held all the while, however long it takes.
    async fn while_leased<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        while_leased(LEASE / 4, || self.lease(), Box::pin(work)).await
    }

    /// Brings the index to where the records are. `first` takes out what a crash may have left beyond its position.
    async fn catch_up(&self, first: bool) -> Result<usize> {
        let index = if first {
            self.access.reopen().await?
        } else {
            self.access.index().await?
        };
        if first {
            self.progress.set_writer(&self.holder).await?;
        }
        let erasure = self.progress.wanted_erasure().await?;
        let mut position = self.progress.begin(index.table()).await?;
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
            self.progress.set(position).await?;
        }
        loop {
            let gone = self.records.gone(position.gone, BATCH).await?;
            let Some(last) = gone.last() else { break };
            let ids: Vec<i64> = gone.iter().map(|gone| gone.id).collect();
            index.remove(&ids).await?;
            position.gone = last.number;
            written += gone.len();
            self.progress.set(position).await?;
            self.records.forget_gone(position.gone).await?;
        }
        if let Some(wanted) = erasure {
            index.scrub().await?;
            index.drop_others().await?;
            if let Some(folder) = self.access.at.folder() {
                open::remove_aside(folder)?;
            }
            self.progress.erased(&wanted).await?;
        }
        Ok(written)
    }

    /// The three jobs of upkeep.
    pub(crate) async fn care(&self) {
        let Ok(index) = self.access.index().await else {
            return;
        };
        for (job, done) in [
            ("merging its files", self.while_leased(index.compact()).await),
            (
                "removing its old versions",
                self.while_leased(index.prune()).await,
            ),
            ("refreshing its indexes", self.while_leased(index.refresh()).await),
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

    /// Builds the index anew from the records.
    pub(crate) async fn rebuild(&self) -> Result<usize> {
        let mut leased = self.writing.lock().await;
        let begun = Instant::now();
        while !self.lease().await? {
            // One that was stopped in the middle has a lease that runs out.
            if begun.elapsed() > LEASE + LOOK {
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    "another process is writing the search index",
                )
                .with_hint("stop it, or try again in a minute"));
            }
            tokio::time::sleep(GATHER).await;
        }
        *leased = false;
        self.access.reopen().await?;
        self.access.recreate().await?;
        self.progress.set_writer(&self.holder).await?;
        let written = self.while_leased(self.catch_up(false)).await?;
        *leased = true;
        self.care().await;
        Ok(written)
    }

    /// What there is.
    pub(crate) async fn status(&self) -> Result<IndexStatus> {
        let index = self.access.index().await?;
        let position = self.progress.of(index.table()).await?;
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Ok(IndexStatus {
            place: self.place(),
            embedder: self.embedder().identity().to_owned(),
            rows: number(index.rows().await?),
            fragments: number(index.fragments().await?),
            versions: number(index.versions().await?),
            behind: self.records.count_after(position.row).await?,
        })
    }
}
