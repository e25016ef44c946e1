//! Snapshots are shared for a moment: many askers, one look.

use std::{sync::Arc, time::Duration};

use jamie_core::{Error, ErrorKind, Result};
use tokio::{sync::Mutex, time::Instant};

use super::Cluster;
use crate::snapshot::Snapshot;

/// How old a look at the cluster may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freshness {
    /// Up to two seconds: the same question's tools share one look.
    #[default]
    Recent,
    /// Begun after this call, for watching the effect of a change.
    Now,
}

const RECENT: Duration = Duration::from_secs(2);

#[derive(Debug)]
struct Look {
    began: Instant,
    ended: Instant,
    outcome: Result<Arc<Snapshot>, (ErrorKind, String, Option<String>)>,
}

/// The last look. Its lock is held while one is under way, so that there is only one at a time.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Option<Look>>);

impl Cluster {
    /// The cluster as it is now, or was a moment ago.
    pub async fn snapshot(&self, freshness: Freshness) -> Result<Arc<Snapshot>> {
        let called = Instant::now();
        let mut last = self.cache.0.lock().await;
        if let Some(look) = last.as_ref() {
            let fresh = match freshness {
                Freshness::Recent => look.ended.elapsed() < RECENT,
                Freshness::Now => false,
            };
            match &look.outcome {
                Ok(snapshot) if fresh || look.began >= called => return Ok(snapshot.clone()),
                // Those who waited for a look that failed get its failure, not a timeout each.
                Err((kind, message, hint)) if look.ended >= called => {
                    let error = Error::new(*kind, message.clone());
                    return Err(match hint {
                        Some(hint) => error.with_hint(hint.clone()),
                        None => error,
                    });
                }
                _ => {}
            }
        }
        let began = Instant::now();
        let remembered = match freshness {
            Freshness::Recent => self.from_memory().await,
            Freshness::Now => None,
        };
        let fetched = match remembered {
            Some(snapshot) => snapshot,
            None => self.fetch().await,
        }
        .map(Arc::new);
        let outcome = match &fetched {
            Ok(snapshot) => Ok(snapshot.clone()),
            Err(error) => Err((
                error.kind(),
                error.message().to_owned(),
                error.hint().map(str::to_owned),
            )),
        };
        *last = Some(Look {
            began,
            ended: Instant::now(),
            outcome,
        });
        fetched
    }
}
