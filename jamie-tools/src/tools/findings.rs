//! An answer and what it is about in; the same answer with what is wrong there, so that no look looks away, out.

use jamie_core::{ErrorKind, ObjectRef, Result, Severity, ToolOutput};
use serde_json::Value;

use crate::{
    cluster::{Cluster, Freshness},
    diagnosis::{self, Scope},
};

/// No more findings than this come along with an answer to something else.
const MOST: usize = 6;

/// Adds what is wrong, from a severity up, and says whether anything is.
///
/// Good news stay good only where there is nothing to add.
pub(super) async fn bring(
    cluster: &Cluster,
    output: &mut ToolOutput,
    scope: &Scope,
    least: Severity,
) -> Result<bool> {
    if matches!(scope, Scope::Objects(objects) if objects.is_empty()) {
        return Ok(false);
    }
    let found = diagnosis::diagnose(cluster, scope, Freshness::Recent).await?;
    let wrong: Vec<_> = found
        .incidents
        .into_iter()
        .filter(|finding| finding.severity >= least && finding.severity > Severity::Info)
        .filter(|finding| {
            output
                .findings
                .iter()
                .all(|told| told.fingerprint != finding.fingerprint || told.title != finding.title)
        })
        .collect();
    if wrong.is_empty() {
        return Ok(false);
    }
    if output.good == Some(true) {
        output.good = Some(false);
    }
    for note in found.notes {
        if !output.notes.contains(&note) {
            output.notes.push(note);
        }
    }
    let left_out = wrong.len().saturating_sub(MOST);
    if left_out > 0 {
        output.notes.push(format!(
            "{left_out} more things are wrong there: ask me for an overview."
        ));
    }
    output.findings.extend(wrong.into_iter().take(MOST));
    Ok(true)
}

/// The object that a call is about.
pub(super) fn about(args: &Value) -> Option<ObjectRef> {
    let target = args.get("target")?;
    serde_json::from_value::<ObjectRef>(target.clone())
        .ok()
        .filter(|object| object.kind != "Namespace")
}

/// An answer about one object with what is broken there; instead of a refusal, what is broken alone.
pub(super) async fn with_those_of(
    cluster: &Cluster,
    object: &ObjectRef,
    looked: Result<ToolOutput>,
) -> Result<ToolOutput> {
    match looked {
        Ok(mut output) => {
            if output.findings.is_empty() {
                let scope = Scope::Object(object.clone());
                bring(cluster, &mut output, &scope, Severity::Error).await?;
            }
            Ok(output)
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => {
            let snapshot = cluster.snapshot(Freshness::Recent).await?;
            if snapshot.exists(object) != Some(true) {
                return Err(error);
            }
            let mut output = super::diagnose::objects(cluster, vec![object.clone()]).await?;
            if output.findings.is_empty() {
                return Err(error);
            }
            let message = error.message().trim_end_matches('.');
            output.notes.push(match error.hint() {
                Some(hint) => format!("{message}: {hint}."),
                None => format!("{message}."),
            });
            Ok(output)
        }
        Err(error) => Err(error),
    }
}
