//! A plan in; its writes carried out in order, each on the object as it was planned, or an error that says how far
//! it came.

use std::{collections::BTreeMap, time::Duration};

use jamie_core::{Error, ErrorKind, Plan, Result, ToolContext};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{Operation, Payload, Write, guard::Seen, refusal::refusal};
use crate::{
    cluster::{Cluster, Denial},
    wording,
};

/// So often a write is tried on an object whose status moved meanwhile.
const ATTEMPTS: usize = 6;
/// So long a pod is asked to leave that a disruption budget keeps.
const PATIENCE: Duration = Duration::from_mins(2);
/// Between two such requests.
const PAUSE: Duration = Duration::from_secs(1);

/// Carries out exactly what the plan holds.
pub(crate) async fn run(
    cluster: &Cluster,
    context: &ToolContext,
    plan: &Plan,
    payload: &Value,
) -> Result<()> {
    let unreadable = |error: serde_json::Error| {
        Error::new(
            ErrorKind::Internal,
            format!("the plan `{}` cannot be read any more", plan.title),
        )
        .with_source(error)
    };
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(unreadable)?;
    let guard: BTreeMap<String, Seen> = serde_json::from_value(plan.guard.clone()).map_err(unreadable)?;
    let mut done: Vec<String> = Vec::new();
    let total = payload.operations.len();
    for operation in &payload.operations {
        let seen = guard.get(&operation.path());
        let carried = match operation.write {
            Write::Evict => evict(cluster, context, operation).await,
            _ => carry_out(cluster, operation, seen).await,
        };
        match carried {
            Ok(()) => done.push(operation.told()),
            Err(error) => return Err(part_way(error, &done, total)),
        }
        if total > 1 {
            (context.emit)(jamie_core::Event::Thinking {
                line: format!("{} of {} done: {}", done.len(), total, operation.told()),
            });
        }
    }
    Ok(())
}

/// The error with what was written before it.
fn part_way(error: Error, done: &[String], total: usize) -> Error {
    if total == 1 {
        return error;
    }
    let before = if done.is_empty() {
        "nothing was written before it".to_owned()
    } else {
        format!(
            "{} of {total} writes were done before it: {}",
            done.len(),
            wording::list(done, 5)
        )
    };
    let told = Error::new(error.kind(), format!("{}; {before}", error.message()));
    match error.hint() {
        Some(hint) => told.with_hint(hint),
        None => told,
    }
}

/// One write, on the object as it was planned: where only its status moved meanwhile, on its present version.
async fn carry_out(cluster: &Cluster, operation: &Operation, seen: Option<&Seen>) -> Result<()> {
    let uid = operation.target.uid.as_deref();
    let mut version = seen.and_then(|seen| seen.version.clone());
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let written = cluster
            .write(operation.wire(uid, version.as_deref(), false))
            .await;
        let Err(denial) = written else { return Ok(()) };
        if !has_moved(operation, &denial) {
            return Err(refusal(operation, denial));
        }
        let now = cluster.read(&operation.path()).await?;
        let now = Seen::of(&operation.target, Some(&now));
        let same = seen.is_some_and(|seen| seen.wish == now.wish && seen.uid == now.uid);
        if !same {
            return Err(stale(operation));
        }
        version = now.version;
        last = Some(denial);
    }
    Err(last.map_or_else(|| stale(operation), |denial| refusal(operation, denial)))
}

/// Whether the write failed because the object is not of the planned version any more.
fn has_moved(operation: &Operation, denial: &Denial) -> bool {
    match (&operation.write, denial.code) {
        (Write::Create { .. } | Write::Delete | Write::Evict, _) => false,
        (_, Some(409)) => true,
        // A step of a JSON patch that tests the version did not hold.
        (Write::Json { .. }, Some(422)) => denial.said.contains("test") || denial.said.contains("Test"),
        _ => false,
    }
}

fn stale(operation: &Operation) -> Error {
    Error::new(
        ErrorKind::InvalidInput,
        format!(
            "{} was not touched: it changed since it was planned",
            operation.target
        ),
    )
    .with_hint("ask again, and I work it out anew on what is there now")
}

/// Asks a pod to leave until its disruption budget lets it go.
async fn evict(cluster: &Cluster, context: &ToolContext, operation: &Operation) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    let uid = operation.target.uid.as_deref();
    let mut told = false;
    loop {
        let denial = match cluster.write(operation.wire(uid, None, false)).await {
            Ok(_) => return Ok(()),
            // It left by itself, or another has its name by now.
            Err(denial) if matches!(denial.code, Some(404 | 409)) => return Ok(()),
            Err(denial) => denial,
        };
        if denial.code != Some(429) || Instant::now() + PAUSE > until {
            return Err(refusal(operation, denial));
        }
        if !told {
            told = true;
            let why = wording::clip(&denial.causes().join("; "), 200);
            (context.emit)(jamie_core::Event::Thinking {
                line: format!("{} has to wait: {why}", operation.target),
            });
        }
        sleep(PAUSE).await;
    }
}
