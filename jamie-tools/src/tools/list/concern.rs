//! What a list shows in, the part of the cluster whose troubles belong to the answer out.

use jamie_core::{Block, Result, Severity, ToolOutput};

use super::{
    Found,
    filter::{Filter, Standing},
};
use crate::{cluster::Cluster, diagnosis::Scope, tools::findings};

/// Where to look for trouble.
pub(super) struct Concern {
    scope: Scope,
    /// From which severity up it is told.
    least: Severity,
    /// Where to look if there is none, for whoever asks after health.
    else_in: Option<Scope>,
    kind: String,
}

/// Kinds of which only the rows themselves are told: what is wrong elsewhere is another question.
const PLAIN: [&str; 4] = ["ConfigMap", "Secret", "ServiceAccount", "Namespace"];

/// Kinds that stand for the health of a whole namespace.
const RUNNING: [&str; 6] = [
    "Pod",
    "Workload",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
];

/// Whether a question is about health or about one thing, so that a number alone would look away.
pub(super) fn is_telling(filter: &Filter) -> bool {
    asks_health(filter)
        || filter
            .target
            .as_ref()
            .is_some_and(|target| target.kind != "Node" && target.kind != "Namespace")
}

fn asks_health(filter: &Filter) -> bool {
    const TROUBLED: [&str; 7] = [
        "CrashLoopBackOff",
        "ImagePull",
        "OOMKilled",
        "Evicted",
        "Pending",
        "Terminating",
        "Lost",
    ];
    matches!(filter.standing, Some(Standing::Well | Standing::Unwell))
        || filter.min_restarts.is_some()
        || filter.tainted
        || filter
            .state
            .as_deref()
            .is_some_and(|state| TROUBLED.contains(&state))
}

pub(super) fn of(found: &Found) -> Option<Concern> {
    let filter = &found.filter;
    let health = asks_health(filter);
    if PLAIN.contains(&found.kind.as_str()) || (filter.is_factual() && !health) {
        return None;
    }
    let least = if health {
        Severity::Warning
    } else {
        Severity::Error
    };
    let concern = |scope, least| Concern {
        scope,
        least,
        else_in: None,
        kind: found.kind.clone(),
    };
    if let Some(target) = &filter.target
        && target.kind != "Node"
        && target.kind != "Namespace"
    {
        return Some(concern(Scope::Object(target.clone()), Severity::Error));
    }
    let is_running = RUNNING.contains(&found.kind.as_str());
    // What never came up is in no list of pods, so a namespace is looked at as a whole: its broken Service,
    // its quota and its forbidden operator count too.
    if is_running
        && filter.target.is_none()
        && let Some(namespace) = &found.namespace
    {
        return Some(concern(Scope::Namespace(namespace.clone()), least));
    }
    let objects = if filter.state.is_some() || filter.min_restarts.is_some() || filter.tainted {
        found
            .items
            .iter()
            .map(|item| item.object.clone())
            .take(20)
            .collect()
    } else {
        found.looked_at.clone()
    };
    let mut rows = concern(Scope::Objects(objects), least);
    if health && is_running && filter.target.is_none() {
        rows.else_in = Some(Scope::Cluster);
    }
    Some(rows)
}

/// Adds the troubles to the answer.
pub(super) async fn tell(cluster: &Cluster, output: &mut ToolOutput, concern: Option<Concern>) -> Result<()> {
    let Some(concern) = concern else { return Ok(()) };
    let mut is_told = findings::bring(cluster, output, &concern.scope, concern.least).await?;
    if let Some(scope) = concern.else_in.filter(|_| !is_told) {
        is_told = findings::bring(cluster, output, &scope, Severity::Error).await?;
    }
    if !is_told && concern.kind == "NetworkPolicy" {
        output.blocks.push(Block::para(
            "They cut off nothing that I know of: I find no call named in the settings of a workload that they stop.",
        ));
    }
    Ok(())
}
