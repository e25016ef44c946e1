//! The store that people get: [`Memory`], which keeps records in SQL and finds them again through the index.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use jamie_core::{
    Embedder, MemoryStore, Result,
    memory::{self, Forget, Recall, Record},
};
use jiff::Timestamp;
use serde::Serialize;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    embed::Distilled,
    identity::unique,
    index::{Follower, IndexAt, IndexStatus},
    rank::rank,
    records::{Records, RecordsAt, Retention, Row},
    search::search,
};

/// How often what is too old, or too much, is removed.
const TRIM_EVERY: Duration = Duration::from_hours(6);
/// How long a process that has just started leaves the store to its questions.
const TRIM_AFTER: Duration = Duration::from_mins(1);
/// Rows that are ranked for a search, for each that is wanted.
const CANDIDATES: usize = 4;
/// The lease of whoever removes what is too old.
const TRIMMER: &str = "trim";

/// What a store is opened with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the records are.
    pub records: RecordsAt,
    /// Where the index is; without one, searching takes the full text search of the database.
    pub index: Option<IndexAt>,
    /// What makes vectors of words for the index.
    pub embedder: Arc<dyn Embedder>,
    /// How long records are kept.
    pub retention: Retention,
}

impl Settings {
    /// Records at a place without an index, kept as long as is usual.
    pub fn new(records: RecordsAt) -> Self {
        Self {
            records,
            index: None,
            embedder: Arc::new(Distilled),
            retention: Retention::default(),
        }
    }

    /// With an index.
    #[must_use]
    pub fn with_index(mut self, at: IndexAt) -> Self {
        self.index = Some(at);
        self
    }
}

/// What a store holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Where the records are; no secret in it.
    pub place: String,
    /// Records by the name of their kind.
    pub records: BTreeMap<&'static str, u64>,
    /// The index, where there is one and it can be read.
    pub index: Option<IndexStatus>,
    /// Why the index cannot be read.
    pub index_error: Option<String>,
}

/// Memory on disk.
#[derive(Debug)]
pub struct Memory {
    records: Arc<dyn Records>,
    follower: Option<Arc<Follower>>,
    retention: Retention,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Memory {
    /// Opens a store, or makes a new one where there is none; within a tokio runtime.
    ///
    /// The index is opened when it is first needed. What goes wrong with it is never an error here: searching then takes
    /// the records. Only a place that this build cannot reach at all is one.
    pub async fn open(settings: Settings) -> Result<Self> {
        if let Some(at) = &settings.index {
            at.check()?;
        }
        let records = settings.records.open().await?;
        let follower = settings
            .index
            .map(|at| Arc::new(Follower::new(Arc::clone(&records), at, settings.embedder)));
        let memory = Self {
            records,
            follower,
            retention: settings.retention,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        memory.start();
        Ok(memory)
    }

    fn start(&self) {
        if let Some(follower) = self.follower.clone() {
            let stop = self.stop.clone();
            self.tasks.spawn(async move { follower.follow(&stop).await });
        }
        let (records, retention) = (Arc::clone(&self.records), self.retention.clone());
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let mut wait = TRIM_AFTER;
            while stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
                wait = TRIM_EVERY;
                if let Err(error) = trim_alone(records.as_ref(), &retention).await {
                    tracing::warn!(%error, "old memories were not removed");
                }
            }
        });
    }

    /// Removes what is older, or more, than is kept, and gives how many records that was. A task does so by itself.
    pub async fn trim(&self, now: Timestamp) -> Result<u64> {
        trim(self.records.as_ref(), &self.retention, now).await
    }

    /// Brings the index up to date now; a task does so by itself.
    pub async fn flush(&self) -> Result<()> {
        match &self.follower {
            Some(follower) => follower.flush().await,
            None => Ok(()),
        }
    }

    /// Merges the files of the index, removes its old versions, and refreshes what finds rows in it; a task does so by
    /// itself.
    pub async fn care(&self) {
        if let Some(follower) = &self.follower {
            follower.care().await;
        }
    }

    /// Builds the index anew from the records, and gives how many rows it has then; searching goes on meanwhile.
    pub async fn rebuild(&self) -> Result<usize> {
        match &self.follower {
            Some(follower) => follower.rebuild().await,
            None => Ok(0),
        }
    }

    /// What there is.
    pub async fn status(&self) -> Result<Status> {
        let records = self.records.count().await?;
        let index = match &self.follower {
            Some(follower) => Some(follower.status().await),
            None => None,
        };
        let (index, index_error) = match index {
            Some(Ok(index)) => (Some(index), None),
            Some(Err(error)) => (None, Some(error.message().to_owned())),
            None => (None, None),
        };
        Ok(Status {
            place: self.records.place().to_owned(),
            records: records
                .into_iter()
                .map(|(kind, count)| (kind.name(), count))
                .collect(),
            index,
            index_error,
        })
    }

    /// Ends the tasks and closes the files. What was acknowledged is on disk with or without it.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.records.close().await;
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn trim(records: &dyn Records, retention: &Retention, now: Timestamp) -> Result<u64> {
    let mut removed = 0;
    for (kind, keep) in &retention.0 {
        removed += records.trim(*kind, *keep, now).await?;
    }
    Ok(removed)
}

/// Where several processes share the records, one of them removes.
async fn trim_alone(records: &dyn Records, retention: &Retention) -> Result<()> {
    let holder = unique();
    if records.lease(TRIMMER, &holder, Duration::from_mins(10)).await? {
        trim(records, retention, Timestamp::now()).await?;
        records.release(TRIMMER, &holder).await?;
    }
    Ok(())
}

#[async_trait]
impl MemoryStore for Memory {
    async fn remember(&self, records: Vec<Record>) -> Result<()> {
        self.records.insert(records).await?;
        if let Some(follower) = &self.follower {
            follower.wake();
        }
        Ok(())
    }

    async fn recall(&self, recall: &Recall) -> Result<Vec<memory::Memory>> {
        if recall.limit == 0 {
            return Ok(Vec::new());
        }
        if recall.text.is_none() {
            let rows = self.records.find(recall).await?;
            return Ok(rows.into_iter().map(Row::into_memory).collect());
        }
        let wanted = recall.skip.saturating_add(recall.limit);
        let wide = Recall {
            skip: 0,
            limit: wanted.saturating_mul(CANDIDATES).max(20),
            ..recall.clone()
        };
        let found = search(self.records.as_ref(), self.follower.as_deref(), &wide).await?;
        let ids: Vec<i64> = found.keys().copied().collect();
        let mut scored = Vec::with_capacity(ids.len());
        for row in self.records.get(&ids).await? {
            // The records have the last word: what the index still holds may be gone.
            if recall.fits(&row.record) {
                let relevance = found.get(&row.id).copied().unwrap_or_default();
                scored.push((row, relevance));
            }
        }
        let ranked = rank(scored, recall, Timestamp::now());
        Ok(ranked.into_iter().skip(recall.skip).take(recall.limit).collect())
    }

    async fn forget(&self, forget: &Forget) -> Result<u64> {
        // A person leaves no trace. Rewriting all files for a single record would keep everybody else waiting.
        if forget.person.is_some() && forget.kind.is_none() && forget.id.is_none() {
            return self.erase(forget).await;
        }
        let removed = self.records.remove(forget).await?;
        if let Some(follower) = self.follower.as_ref().filter(|_| removed > 0) {
            follower.wake();
        }
        Ok(removed)
    }
}

impl Memory {
    /// Removes what fits with every trace of it.
    async fn erase(&self, forget: &Forget) -> Result<u64> {
        let Some(follower) = &self.follower else {
            let removed = self.records.remove(forget).await?;
            if removed > 0 {
                self.records.scrub().await?;
            }
            return Ok(removed);
        };
        let nothing_due = follower.has_erased().await?;
        follower.want_erasure().await?;
        let removed = self.records.remove(forget).await?;
        if removed == 0 && nothing_due {
            follower.unwant_erasure().await?;
            return Ok(0);
        }
        self.records.scrub().await?;
        follower.want_erasure().await?;
        follower.erase().await?;
        Ok(removed)
    }
}
