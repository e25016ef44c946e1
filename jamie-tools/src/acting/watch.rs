//! A plan that was carried out in; whether its effect has come, with the deciding fact, out.

use std::time::Duration;

use jamie_core::{Error, ErrorKind, Event, ObjectRef, Result, Severity, ToolContext, tool::WatchReport};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{Goal, Payload, goal::Standing};
use crate::{
    cluster::{Cluster, Freshness},
    diagnosis::{self, Scope},
    tools::Patience,
    wording,
};

/// The first pause between two looks, and the longest.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(2);
/// So many things that are wrong are told.
const MOST: usize = 3;

/// Looks until the goal has held for a while, cannot hold any more, or patience is at its end.
pub(crate) async fn watch(
    cluster: &Cluster,
    context: &ToolContext,
    payload: &Value,
    patience: Patience,
) -> Result<WatchReport> {
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(|error| {
        Error::new(ErrorKind::Internal, "the plan cannot be read any more").with_source(error)
    })?;
    let until = Instant::now() + patience.watch;
    let settle = if payload.goal.is_lively() {
        patience.settle
    } else {
        Duration::ZERO
    };
    let mut held: Option<Instant> = None;
    let mut pause = FIRST;
    let mut told = String::new();
    loop {
        let fact = match payload.goal.look(cluster).await {
            Ok(Standing::Reached(fact)) => {
                let since = *held.get_or_insert_with(Instant::now);
                if since.elapsed() < settle && Instant::now() + pause < until {
                    pause = pause.min(settle).max(FIRST);
                    sleep(pause).await;
                    continue;
                }
                return Ok(WatchReport {
                    worked: true,
                    told: format!("{}.", wording::sentence(&fact)),
                    notes: Vec::new(),
                });
            }
            Ok(Standing::Lost(fact)) => return Ok(failed(cluster, &payload.goal, fact).await),
            Ok(Standing::Waiting(fact)) => {
                held = None;
                fact
            }
            // A look that fails for a moment is no verdict.
            Err(error) if error.is_retryable() => error.message().to_owned(),
            Err(error) => {
                return Ok(failed(cluster, &payload.goal, error.message().to_owned()).await);
            }
        };
        if fact != told {
            (context.emit)(Event::Thinking {
                line: format!("{}.", wording::sentence(&fact)),
            });
            told = fact;
        }
        if Instant::now() + pause > until {
            let fact = format!("{told} after {} s", patience.watch.as_secs());
            return Ok(failed(cluster, &payload.goal, fact).await);
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(LONGEST);
    }
}

/// What came instead, with what is wrong with the objects as far as that can be told.
async fn failed(cluster: &Cluster, goal: &Goal, fact: String) -> WatchReport {
    let objects: Vec<ObjectRef> = goal.objects().into_iter().take(8).collect();
    let scope = Scope::Objects(objects);
    let notes = match diagnosis::diagnose(cluster, &scope, Freshness::Now).await {
        Ok(found) => found
            .incidents
            .iter()
            .filter(|finding| finding.severity > Severity::Info)
            .take(MOST)
            .map(|finding| {
                if finding.cause.is_empty() {
                    format!("{}.", finding.title)
                } else {
                    format!("{}: {}", finding.title, finding.cause)
                }
            })
            .collect(),
        Err(error) => vec![format!("I could not look further: {}", error.message())],
    };
    WatchReport {
        worked: false,
        told: format!("{}.", wording::sentence(fact.trim_end_matches('.'))),
        notes,
    }
}
