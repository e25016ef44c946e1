//! Settings in, the memory that they name out.

mod embedder;
mod late;
mod opened;

use std::{collections::BTreeMap, sync::Arc};

use jamie_core::{
    Error, ErrorKind, MemoryStore, Result,
    memory::{InMemory, Kind},
};
pub use jamie_memory::Status;
use jamie_memory::{Bucket, IndexAt, Keep, Keys, RecordsAt, Retention, Settings, cache::Redis};

use self::late::Late;
pub use self::opened::Opened;
use crate::{
    cache,
    config::{Config, Environment, S3},
    guides::Guided,
};

/// The memory that the settings name. It is opened when it is first needed: one that cannot be opened costs a note in
/// the first answer, and what is said meanwhile is written as soon as it can be.
pub fn store(config: &Config, environment: &Environment) -> Result<Arc<dyn MemoryStore>> {
    store_with(config, environment, cache::shared(config)?)
}

/// The same with a shared cache that is there already.
pub(crate) fn store_with(
    config: &Config,
    environment: &Environment,
    cache: Option<Redis>,
) -> Result<Arc<dyn MemoryStore>> {
    Ok(match settings(config, environment)? {
        Some(settings) => Arc::new(Guided::new(Arc::new(Late::new(settings, cache)))),
        None => Arc::new(Guided::new(Arc::new(InMemory::default()))),
    })
}

/// The memory that the settings name, opened; none where they want it gone with the process.
pub async fn open(config: &Config, environment: &Environment) -> Result<Option<Opened>> {
    match settings(config, environment)? {
        Some(settings) => Ok(Some(Opened::open(settings, cache::shared(config)?).await?)),
        None => Ok(None),
    }
}

/// Where records are; none where memories go with the process, or there is no home directory to keep them in.
pub(crate) fn records_at(config: &Config, environment: &Environment) -> Result<Option<RecordsAt>> {
    let memory = &config.memory;
    Ok(Some(match memory.store.as_str() {
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
    }))
}

/// What the settings say; none where memories go with the process, or there is no home directory to keep them in.
fn settings(config: &Config, environment: &Environment) -> Result<Option<Settings>> {
    let Some(records) = records_at(config, environment)? else {
        return Ok(None);
    };
    let memory = &config.memory;
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
        embedder: embedder::embedder(config, environment)?,
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
