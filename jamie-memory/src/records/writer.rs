//! Group commit: records of many callers go in, one transaction for all who wait at that moment, each acknowledged once
//! it is on disk.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, Result, memory::Record};
use tokio::sync::{mpsc, oneshot};

use super::Row;

/// Callers that may wait before the next has to wait for a place.
const QUEUE: usize = 1_024;
/// The most records of one transaction, so that the last caller in it does not wait for long.
const RECORDS: usize = 2_000;
/// The longest record, in bytes of JSON.
pub(super) const LONGEST: usize = 4_000_000;

/// What commits records in one transaction.
#[async_trait]
pub(super) trait Commit: fmt::Debug + Send + Sync + 'static {
    /// Commits all of them or none, and gives their ids in order.
    async fn commit(&self, records: &[Prepared]) -> Result<Vec<i64>>;
}

/// A record with its body as it will be written.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) record: Record,
    pub(super) body: String,
}

impl Prepared {
    fn new(record: Record) -> Result<Self> {
        let body = serde_json::to_string(&record).map_err(|error| {
            Error::new(ErrorKind::Internal, "a memory cannot be written as JSON").with_source(error)
        })?;
        if body.len() > LONGEST {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("a memory of {} bytes is too long to keep", body.len()),
            )
            .with_hint(format!("the longest has {LONGEST} bytes; split it")));
        }
        Ok(Self { record, body })
    }
}

struct Job {
    records: Vec<Prepared>,
    done: oneshot::Sender<Result<Vec<Row>>>,
}

/// The one who writes.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the task that writes; it ends when the last handle is gone and everything in the queue is written.
    pub(super) fn start(commit: Arc<dyn Commit>) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(work(commit, jobs));
        Self { queue }
    }

    /// Waits until the records are committed, or are not.
    pub(super) async fn write(&self, records: Vec<Record>) -> Result<Vec<Row>> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let records = records.into_iter().map(Prepared::new).collect::<Result<_>>()?;
        let (done, written) = oneshot::channel();
        let closed =
            || Error::new(ErrorKind::Unavailable, "the memory was closed").with_hint("start Jamie again");
        self.queue
            .send(Job { records, done })
            .await
            .map_err(|_| closed())?;
        written.await.map_err(|_| closed())?
    }
}

async fn work(commit: Arc<dyn Commit>, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.recv().await {
        let mut batch = vec![first];
        let mut records = batch.iter().map(|job| job.records.len()).sum::<usize>();
        while records < RECORDS
            && let Ok(job) = jobs.try_recv()
        {
            records += job.records.len();
            batch.push(job);
        }
        write_all(commit.as_ref(), batch).await;
    }
}

/// One transaction for all; where that fails and more than one waits, one for each, so that nobody fails for another.
async fn write_all(commit: &dyn Commit, batch: Vec<Job>) {
    let several = batch.len() > 1;
    let (sizes, waiting): (Vec<usize>, Vec<_>) = batch.iter().map(|job| job.records.len()).zip(0..).unzip();
    let mut done = Vec::with_capacity(waiting.len());
    let mut records = Vec::new();
    for job in batch {
        records.extend(job.records);
        done.push(job.done);
    }
    match commit.commit(&records).await {
        Ok(ids) => {
            let mut rows = ids.into_iter().zip(records).map(|(id, prepared)| Row {
                id,
                record: prepared.record,
            });
            for (size, done) in sizes.into_iter().zip(done) {
                // Whoever gave up waiting is not told; the records are there all the same.
                let _ = done.send(Ok(rows.by_ref().take(size).collect()));
            }
        }
        Err(error) if several && !error.is_retryable() => {
            let mut records = records.into_iter();
            for (size, done) in sizes.into_iter().zip(done) {
                let own: Vec<Prepared> = records.by_ref().take(size).collect();
                let written = commit.commit(&own).await.map(|ids| {
                    ids.into_iter()
                        .zip(own)
                        .map(|(id, prepared)| Row {
                            id,
                            record: prepared.record,
                        })
                        .collect()
                });
                let _ = done.send(written);
            }
        }
        Err(error) => {
            for done in done {
                let copy = Error::new(error.kind(), error.message());
                let copy = error.hint().into_iter().fold(copy, Error::with_hint);
                let _ = done.send(Err(copy));
            }
        }
    }
}
