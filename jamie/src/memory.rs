//! Settings in, the memory that they name out.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jamie_core::{
    Error, ErrorKind, MemoryStore, Result,
    memory::{self, Forget, InMemory, Kind, Recall, Record},
};
pub use jamie_memory::Status;
use jamie_memory::{Bucket, IndexAt, Keep, Keys, Memory, RecordsAt, Retention, Settings};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::RwLock;

use crate::{
    config::{Config, Environment, S3},
    guides::Guided,
};

/// The memory that the settings name. It is opened when it is first needed: one that cannot be opened costs a note in
/// the first answer, and what is said meanwhile is written as soon as it can be.
pub fn store(config: &Config, environment: &Environment) -> Result<Arc<dyn MemoryStore>> {
    Ok(match settings(config, environment)? {
        Some(settings) => Arc::new(Guided::new(Arc::new(Late::new(settings)))),
        None => Arc::new(Guided::new(Arc::new(InMemory::default()))),
    })
}

/// The memory that the settings name, opened; none where they want it gone with the process.
pub async fn open(config: &Config, environment: &Environment) -> Result<Option<Memory>> {
    match settings(config, environment)? {
        Some(settings) => Ok(Some(Memory::open(settings).await?)),
        None => Ok(None),
    }
}

/// What the settings say; none where memories go with the process, or there is no home directory to keep them in.
fn settings(config: &Config, environment: &Environment) -> Result<Option<Settings>> {
    let memory = &config.memory;
    let records = match memory.store.as_str() {
        "process" => return Ok(None),
        "disk" => match memory.folder(environment) {
            Some(folder) => RecordsAt::Folder(folder),
            None => return Ok(None),
        },
        "postgres" => RecordsAt::Postgres {
            url: memory.url.given().ok_or_else(|| {
                Error::new(
                    ErrorKind::Config,
                    "memory.store is \"postgres\", and memory.url is empty",
                )
                .with_hint("set JAMIE_MEMORY_URL to postgres://user:password@host:5432/database")
            })?,
            schema: memory.schema.clone(),
        },
        other => {
            return Err(Error::new(
                ErrorKind::Config,
                format!("there is no memory store called {other:?}"),
            )
            .with_hint("memory.store is \"disk\", \"postgres\" or \"process\""));
        }
    };
    let keep = |days: u32| Keep {
        days: Some(days).filter(|days| *days > 0),
        most: Some(memory.most_records).filter(|most| *most > 0),
    };
    let index = match memory.index.as_str() {
        "none" => None,
        "" => memory
            .folder(environment)
            .map(|folder| IndexAt::Folder(folder.join("index"))),
        uri if uri.starts_with(Bucket::SCHEME) => Some(IndexAt::Bucket(bucket(uri, &memory.s3)?)),
        folder => Some(IndexAt::Folder(folder.into())),
    };
    Ok(Some(Settings {
        index,
        retention: Retention(BTreeMap::from([
            (Kind::Turn, keep(memory.keep_turns_days)),
            (Kind::Gap, keep(memory.keep_gaps_days)),
            (Kind::Feedback, keep(memory.keep_feedback_days)),
            (Kind::Incident, keep(memory.keep_incidents_days)),
        ])),
        ..Settings::new(records)
    }))
}

/// The bucket of an index, with what the settings say about reaching it.
fn bucket(uri: &str, s3: &S3) -> Result<Bucket> {
    let text = |value: &str| Some(value.trim().to_owned()).filter(|value| !value.is_empty());
    let mut bucket = Bucket::named(uri)?;
    bucket.endpoint = text(&s3.endpoint);
    bucket.region = text(&s3.region);
    bucket.allow_http = s3.allow_http;
    let wrong = |what: &str, hint: &str| Err(Error::new(ErrorKind::Config, what).with_hint(hint));
    if bucket
        .endpoint
        .as_deref()
        .is_some_and(|url| url.starts_with("http://"))
        && !s3.allow_http
    {
        return wrong(
            "memory.s3.endpoint is not encrypted",
            "write https://, or set memory.s3.allow_http = true where the network is yours",
        );
    }
    bucket.keys = match (s3.access_key_id.given(), s3.secret_access_key.given()) {
        (Some(id), Some(secret)) => Some(Keys {
            id,
            secret,
            token: s3.session_token.given(),
        }),
        (None, None) => None,
        _ => {
            return wrong(
                "memory.s3 has one half of a pair of keys",
                "set memory.s3.access_key_id and memory.s3.secret_access_key, or neither",
            );
        }
    };
    Ok(bucket)
}

/// A memory that is opened when it is needed, and again where that did not work.
#[derive(Debug)]
struct Late {
    settings: Settings,
    opened: RwLock<Option<Memory>>,
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

    fn new(settings: Settings) -> Self {
        Self {
            settings,
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

    async fn try_open(&self) -> Result<Memory> {
        let opening = tokio::time::timeout(Self::OPENING, Memory::open(self.settings.clone()));
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
