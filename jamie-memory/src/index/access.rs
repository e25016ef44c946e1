//! The way to an index that may be out of reach: a place in, the open index out, or why there is none just now.
//!
//! It is opened when it is first needed. One that fails is left alone for a while, so that searches go to the records at
//! once. A folder that cannot be read is moved away; in object storage, which knows no moving, whoever writes empties it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jamie_core::{Embedder, Error, ErrorKind, Result};
use tokio::sync::RwLock;

use super::{
    Index, IndexAt,
    fault::{guarded, is_about_content, is_foreign},
    open,
};

/// An index, as far as it can be reached.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) at: IndexAt,
    pub(super) embedder: Arc<dyn Embedder>,
    opened: RwLock<Option<Index>>,
    /// When it failed, and why.
    failed: Mutex<Option<(Instant, String)>>,
}

impl Access {
    /// How long an index that failed is left alone.
    const PAUSE: Duration = Duration::from_secs(10);

    pub(super) fn new(at: IndexAt, embedder: Arc<dyn Embedder>) -> Self {
        Self {
            at,
            embedder,
            opened: RwLock::default(),
            failed: Mutex::default(),
        }
    }

    /// The index, where it is open.
    pub(super) async fn opened(&self) -> Option<Index> {
        self.opened.read().await.clone()
    }

    /// The index, opened where it is not yet.
    pub(super) async fn index(&self) -> Result<Index> {
        if let Some(index) = self.opened().await {
            return Ok(index);
        }
        let mut opened = self.opened.write().await;
        if let Some(index) = opened.as_ref() {
            return Ok(index.clone());
        }
        self.unless_failed()?;
        match self.open().await {
            Ok(index) => {
                *opened = Some(index.clone());
                Ok(index)
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// The same for a search, which may give up waiting: the opening goes on, for the next one.
    pub(super) async fn to_search(self: &Arc<Self>) -> Result<Index> {
        self.unless_failed()?;
        let this = Arc::clone(self);
        tokio::spawn(async move { this.index().await })
            .await
            .unwrap_or_else(|_| {
                Err(Error::new(
                    ErrorKind::Unavailable,
                    "the search index cannot be read",
                ))
            })
    }

    /// Opened anew, by whoever has just become the one to write: what others did to it meanwhile is seen.
    pub(super) async fn reopen(&self) -> Result<Index> {
        let mut opened = self.opened.write().await;
        *opened = None;
        let index = match self.open().await {
            Err(error) if self.at.folder().is_none() && is_about_content(&error) => {
                let (at, embedder) = (self.at.clone(), Arc::clone(&self.embedder));
                let replaced = guarded(async move { Index::replace(&at, embedder).await }).await;
                match replaced {
                    Ok(Some(index)) => {
                        tracing::warn!(%error, "the search index is damaged; it is rebuilt from the records");
                        Ok(index)
                    }
                    Ok(None) => Err(error),
                    Err(error) => Err(error),
                }
            }
            other => other,
        };
        let index = index.map_err(|error| self.fail(error))?;
        *self.failure() = None;
        *opened = Some(index.clone());
        Ok(index)
    }

    /// Empties it.
    pub(super) async fn recreate(&self) -> Result<()> {
        self.index().await?;
        let mut opened = self.opened.write().await;
        match opened.as_mut() {
            Some(index) => index.recreate().await,
            None => Ok(()),
        }
    }

    /// Notes that it failed just now, and gives that back.
    pub(super) fn fail(&self, error: Error) -> Error {
        let mut failure = self.failure();
        // Said once for as long as it stays so.
        if failure.is_none() {
            let place = self.at.place();
            tracing::warn!(%error, hint = error.hint(), place, "the search index fails; searching the records");
        }
        *failure = Some((Instant::now(), error.message().to_owned()));
        error
    }

    /// Notes that it works.
    pub(super) fn works(&self) {
        if self.failure().take().is_some() {
            tracing::info!(place = self.at.place(), "the search index is back");
        }
    }

    fn unless_failed(&self) -> Result<()> {
        match self.failure().as_ref() {
            Some((at, message)) if at.elapsed() < Self::PAUSE => {
                Err(Error::new(ErrorKind::Unavailable, message.clone()))
            }
            _ => Ok(()),
        }
    }

    fn failure(&self) -> MutexGuard<'_, Option<(Instant, String)>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens it; a folder that cannot be read is moved away, for the index to be rebuilt in its place.
    async fn open(&self) -> Result<Index> {
        let error = match self.try_open().await {
            Ok(index) => return Ok(index),
            Err(error) => error,
        };
        let Some(folder) = self.at.folder() else {
            return Err(error);
        };
        let table = folder.join(format!("{}.lance", open::name(self.embedder.as_ref())));
        if is_foreign(&error) || error.is_retryable() && !table.is_dir() {
            return Err(error);
        }
        let Some(aside) = open::set_aside(&table)? else {
            return Err(error);
        };
        tracing::warn!(%error, aside, "the search index is damaged; it is rebuilt from the records");
        self.try_open().await
    }

    async fn try_open(&self) -> Result<Index> {
        let (at, embedder) = (self.at.clone(), Arc::clone(&self.embedder));
        guarded(async move {
            let index = Index::open(&at, embedder).await?;
            index.rows().await?;
            Ok(index)
        })
        .await
    }
}
