//! What a list shows in, the part of the cluster whose troubles belong to the answer out.

use jamie_core::{Result, Severity, ToolOutput};

use super::{
    Found,
    filter::{Filter, Standing},
};
use crate::{cluster::Cluster, diagnosis::Scope, tools::findings};

/// Where to look for trouble, and from which severity up it is told.
pub(super) type Concern = Option<(Scope, Severity)>;

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
        || filter
            .state
            .as_deref()
            .is_some_and(|state| TROUBLED.contains(&state))
}

pub(super) fn of(found: &Found) -> Concern {
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
    if let Some(target) = &filter.target
        && target.kind != "Node"
        && target.kind != "Namespace"
    {
        return Some((Scope::Object(target.clone()), Severity::Error));
    }
    // "Are all pods ready in X" is a question about X: its broken Service or forbidden operator counts too.
    if health
        && RUNNING.contains(&found.kind.as_str())
        && let Some(namespace) = &found.namespace
    {
        return Some((Scope::Namespace(namespace.clone()), Severity::Error));
    }
    let objects = if filter.state.is_some() || filter.min_restarts.is_some() {
        found
            .items
            .iter()
            .map(|item| item.object.clone())
            .take(20)
            .collect()
    } else {
        found.looked_at.clone()
    };
    Some((Scope::Objects(objects), least))
}

/// Adds the troubles to the answer.
pub(super) async fn tell(cluster: &Cluster, output: &mut ToolOutput, concern: Concern) -> Result<()> {
    if let Some((scope, least)) = concern {
        findings::bring(cluster, output, &scope, least).await?;
    }
    Ok(())
}
