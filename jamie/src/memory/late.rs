//! A memory that need not be there: it is opened when it is needed, and what is said before that is written then.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jamie_core::{
    Error, ErrorKind, MemoryStore, Result,
    memory::{self, Forget, InMemory, Kind, Recall, Record},
};
use jamie_memory::{Settings, cache::Redis};
use tokio::sync::RwLock;

use super::Opened;

/// A memory that is opened when it is needed, and again where that did not work.
///
/// What is kept at hand is inside it: what is said while it cannot be opened is nobody else's to see.
#[derive(Debug)]
pub(super) struct Late {
    settings: Settings,
    cache: Option<Redis>,
    opened: RwLock<Option<Opened>>,
    /// What is kept while it cannot be opened.
    meanwhile: InMemory,
    failed: Mutex<Option<Failure>>,
}

/// Why it could not be opened.
#[derive(Debug)]
struct Failure {
    at: Instant,
    error: Error,
    told: bool,
}

impl Late {
    /// How long it is left alone after it could not be opened.
    const PAUSE: Duration = Duration::from_secs(15);
    /// The longest that opening it may take.
    const OPENING: Duration = Duration::from_secs(2);

    /// A memory that `settings` name, with what turns begin with kept at hand in `cache`.
    pub(super) fn new(settings: Settings, cache: Option<Redis>) -> Self {
        Self {
            settings,
            cache,
            opened: RwLock::default(),
            meanwhile: InMemory::default(),
            failed: Mutex::default(),
        }
    }

    /// Sees to it that it is open, unless that failed a moment ago.
    async fn open(&self) {
        if self.opened.read().await.is_some() || self.failed_lately() {
            return;
        }
        let mut opened = self.opened.write().await;
        if opened.is_some() || self.failed_lately() {
            return;
        }
        match self.try_open().await {
            Ok(memory) => {
                *opened = Some(memory);
                *self.failure() = None;
            }
            Err(error) => {
                tracing::warn!(error = %error, hint = error.hint(), "the memory cannot be opened");
                let mut failure = self.failure();
                let told = failure.as_ref().is_some_and(|before| before.told);
                *failure = Some(Failure {
                    at: Instant::now(),
                    error,
                    told,
                });
            }
        }
    }

    async fn try_open(&self) -> Result<Opened> {
        let opening = tokio::time::timeout(
            Self::OPENING,
            Opened::open(self.settings.clone(), self.cache.clone()),
        );
        let memory = opening.await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout, "the memory did not open in time")
                .with_hint("`jamie memory status` says more; Jamie tries again by itself"))
        })?;
        for kind in Kind::ALL {
            let mut kept = self.meanwhile.recall(&Recall::new(kind, 10_000)).await?;
            kept.reverse();
            memory
                .remember(kept.into_iter().map(|memory| memory.record).collect())
                .await?;
            let all = Forget {
                kind: Some(kind),
                ..Forget::default()
            };
            self.meanwhile.forget(&all).await?;
        }
        Ok(memory)
    }

    fn failure(&self) -> std::sync::MutexGuard<'_, Option<Failure>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed_lately(&self) -> bool {
        self.failure()
            .as_ref()
            .is_some_and(|failure| failure.at.elapsed() < Self::PAUSE)
    }

    /// The error of opening, the first time somebody asks.
    fn untold(&self) -> Result<()> {
        match self.failure().as_mut().filter(|failure| !failure.told) {
            Some(failure) => {
                failure.told = true;
                let copy = Error::new(failure.error.kind(), failure.error.message());
                Err(failure.error.hint().into_iter().fold(copy, Error::with_hint))
            }
            None => Ok(()),
        }
    }
}

#[async_trait]
impl MemoryStore for Late {
    async fn remember(&self, records: Vec<Record>) -> Result<()> {
        self.open().await;
        match self.opened.read().await.as_ref() {
            Some(memory) => memory.remember(records).await,
            None => self.meanwhile.remember(records).await,
        }
    }

    async fn recall(&self, recall: &Recall) -> Result<Vec<memory::Memory>> {
        self.open().await;
        if let Some(memory) = self.opened.read().await.as_ref() {
            memory.recall(recall).await
        } else {
            self.untold()?;
            self.meanwhile.recall(recall).await
        }
    }

    async fn forget(&self, forget: &Forget) -> Result<u64> {
        self.open().await;
        if let Some(memory) = self.opened.read().await.as_ref() {
            memory.forget(forget).await
        } else {
            self.untold()?;
            self.meanwhile.forget(forget).await
        }
    }
}
