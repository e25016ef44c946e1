//! Faults in, the logs that they ask for out: a few at once, each short, none awaited for long.

use std::{collections::BTreeMap, time::Duration};

use futures::{StreamExt, stream};
use jamie_core::{ErrorKind, ObjectRef};

use crate::{
    cluster::{Cluster, LogQuery},
    fault::{Fault, Lead},
};

/// A log that a lead points at.
#[derive(Debug, Clone)]
pub(crate) struct Fetched {
    /// The lines; empty where the log could not be read.
    pub(crate) text: String,
    /// Whether they are of the container before its last restart.
    pub(crate) previous: bool,
    /// Why there is nothing, one sentence.
    pub(crate) failure: Option<String>,
}

/// Logs in flight at once.
const AT_ONCE: usize = 8;
/// All logs together may take so long: an answer without them is still an answer.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// Lines from the end: a stack trace and what led to it.
const LINES: u32 = 160;
const BYTES: usize = 96 * 1024;

/// Fetches what the first `most` leads point at, those of the first faults first.
pub(crate) async fn fetch(cluster: &Cluster, faults: &[&Fault], most: usize) -> BTreeMap<Lead, Fetched> {
    let mut leads: Vec<Lead> = Vec::new();
    for fault in faults {
        for lead in &fault.leads {
            if !leads.contains(lead) && leads.len() < most {
                leads.push(lead.clone());
            }
        }
    }
    if leads.is_empty() {
        return BTreeMap::new();
    }
    drop(tokio::task::spawn_blocking(super::prepare));
    let patience = PATIENCE.min(cluster.timeout());
    let found = stream::iter(leads)
        .map(|lead| async {
            let fetched = one(cluster, &lead, patience).await;
            (lead, fetched)
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>();
    tokio::time::timeout(patience * 2, found)
        .await
        .map(|found| found.into_iter().collect())
        .unwrap_or_default()
}

async fn one(cluster: &Cluster, lead: &Lead, patience: Duration) -> Fetched {
    let Lead::Log {
        pod,
        container,
        previous,
    } = lead;
    let first = read(cluster, pod, container, *previous, patience).await;
    match first {
        Ok(text) if !text.trim().is_empty() => Fetched {
            text,
            previous: *previous,
            failure: None,
        },
        // Kubelets drop the previous container's log at times; the other one may tell as much.
        other => {
            let worth_it = !matches!(&other, Err((kind, _)) if matches!(kind, ErrorKind::Forbidden | ErrorKind::Timeout));
            if worth_it
                && let Ok(text) = read(cluster, pod, container, !previous, patience).await
                && !text.trim().is_empty()
            {
                return Fetched {
                    text,
                    previous: !previous,
                    failure: None,
                };
            }
            Fetched {
                text: String::new(),
                previous: *previous,
                failure: Some(match other {
                    Ok(_) => format!("the log of container `{container}` in `{}` is empty", pod.path()),
                    Err((ErrorKind::Forbidden, _)) => {
                        format!("I am not allowed to read the log of `{}`", pod.path())
                    }
                    Err((ErrorKind::Timeout, _)) => {
                        format!("the log of `{}` did not come in time", pod.path())
                    }
                    Err((_, message)) => format!("the log of `{}` cannot be read: {message}", pod.path()),
                }),
            }
        }
    }
}

async fn read(
    cluster: &Cluster,
    pod: &ObjectRef,
    container: &str,
    previous: bool,
    patience: Duration,
) -> Result<String, (ErrorKind, String)> {
    let query = LogQuery {
        container: Some(container.to_owned()),
        previous,
        tail: Some(LINES),
        max_bytes: BYTES,
        patience,
        ..LogQuery::default()
    };
    cluster
        .log(pod.namespace.as_deref().unwrap_or("default"), &pod.name, &query)
        .await
        .map(|log| log.text)
        .map_err(|error| (error.kind(), error.message().to_owned()))
}
