//! An answer and what it is about in; the same answer with what is wrong there, so that no look looks away, out.

use jamie_core::{ObjectRef, Result, Severity, ToolOutput};

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

/// The same for one object that a question is about: only what is broken, for it is not what was asked.
pub(super) async fn bring_of(cluster: &Cluster, output: &mut ToolOutput, object: &ObjectRef) -> Result<bool> {
    let scope = if object.kind == "Namespace" {
        return Ok(false);
    } else {
        Scope::Object(object.clone())
    };
    bring(cluster, output, &scope, Severity::Error).await
}
