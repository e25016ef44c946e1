//! A workload in; how far its rollout is and what holds it up out.

use async_trait::async_trait;
use jamie_core::{
    Block, Error, ErrorKind, NextStep, ObjectRef, Phrase, Result, Severity, ToolContext, ToolOutput,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, findings, must_exist, phrases, table::table};
use crate::{
    Snapshot,
    changes::{Difference, revisions_of},
    cluster::{Cluster, Freshness},
    diagnosis::{Scope, facts},
    pod_status::status_of,
    snapshot::is_finished,
    wording,
    workload_status::replicas_of,
};

pub(super) struct RolloutStatus;

/// Of what.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Deployment, StatefulSet or DaemonSet.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "StatefulSet", "DaemonSet"]))]
    target: ObjectRef,
}

#[async_trait]
impl Look for RolloutStatus {
    type Args = Args;
    const NAME: &'static str = "rollout_status";
    const DESCRIPTION: &'static str = "How far the rollout of a workload is, and what holds it up.";
    const EXAMPLE: &'static str = "is the rollout of web done?";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "rollout status of {target}",
            "rollout of {target}",
            "is the rollout of {target} done",
            "has {target} rolled out",
            "did the deploy of {target} work",
            "did the deployment of {target} go through",
            "is {target} deployed",
            "is the new version of {target} out",
            "how far is the rollout of {target}",
            "progress of the {target} deployment",
            "is {target} fully rolled out",
            "is {target} still rolling",
            "is {target} updated",
            "why is the rollout of {target} stuck",
            "why does the rollout of {target} not finish",
            "how many replicas of {target} are ready",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let target = args.target;
        if let Some(namespace) = &target.namespace {
            cluster.include_namespace(namespace);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        must_exist(&snapshot, &target)?;
        let mut output = told(&snapshot, context, &target)?;
        findings::bring(cluster, &mut output, &Scope::Object(target), Severity::Warning).await?;
        Ok(output)
    }
}

fn told(snapshot: &Snapshot, context: &ToolContext, target: &ObjectRef) -> Result<ToolOutput> {
    let Some(replicas) = replicas_of(snapshot, target) else {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("A {} has no rollout", target.kind),
        )
        .with_hint("ask about a Deployment, StatefulSet or DaemonSet"));
    };
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let left_out = facts::left_out(snapshot, target);
    let mut output = ToolOutput {
        focus: vec![target.clone()],
        ..ToolOutput::default()
    };
    let name = format!("`{}`", target.path());
    let deployment = snapshot
        .deployment(namespace, &target.name)
        .filter(|_| target.kind == "Deployment");
    let progressing = deployment.and_then(|one| {
        one.status
            .as_ref()?
            .conditions
            .as_ref()?
            .iter()
            .find(|condition| condition.type_.as_deref() == Some("Progressing"))
    });
    let stuck =
        progressing.is_some_and(|condition| condition.reason.as_deref() == Some("ProgressDeadlineExceeded"));
    let paused = deployment.is_some_and(|one| one.spec.paused == Some(true));
    let unseen = deployment.is_some_and(|one| {
        let seen = one.status.as_ref().and_then(|status| status.observed_generation);
        seen.is_some_and(|seen| one.metadata.generation.is_some_and(|own| own > seen))
    });
    let unwell: Vec<String> = snapshot
        .pods_of(target)
        .into_iter()
        .filter(|pod| !is_finished(pod))
        .filter_map(|pod| {
            let status = status_of(pod);
            status.is_unwell().then(|| {
                let end = status
                    .last_end
                    .as_ref()
                    .map_or_else(String::new, |end| format!(", last ended: {end}"));
                format!(
                    "`{}` is {}{end}",
                    pod.metadata.name.as_deref().unwrap_or_default(),
                    if status.state == "Running" {
                        "running but not ready".to_owned()
                    } else {
                        status.state.clone()
                    }
                )
            })
        })
        .collect();
    let because = if unwell.is_empty() {
        String::new()
    } else {
        format!(": {}", wording::list(&unwell, 3))
    };
    let figures = format!(
        "{} of {} updated, {} ready, {} available",
        replicas.updated.min(replicas.wanted),
        wording::count(replicas.wanted, "replica"),
        replicas.ready,
        replicas.available
    );
    let (headline, good) = if replicas.wanted == 0 {
        (
            format!("{name} is scaled to zero, so there is nothing to roll out."),
            None,
        )
    } else if unseen {
        (
            format!("The latest change of {name} was not taken up by the controller yet ({figures})."),
            None,
        )
    } else if stuck {
        (
            format!("The rollout of {name} is stuck (ProgressDeadlineExceeded): {figures}{because}."),
            Some(false),
        )
    } else if paused && !replicas.is_complete() {
        (
            format!("The rollout of {name} is paused: {figures}."),
            Some(false),
        )
    } else if replicas.is_complete() && unwell.is_empty() {
        (format!("{name} is fully rolled out: {figures}."), Some(true))
    } else if replicas.updated >= replicas.wanted && replicas.is_short() {
        (
            format!("{name} is rolled out, but not all of it is ready: {figures}{because}."),
            Some(false),
        )
    } else {
        (
            format!("The rollout of {name} is under way: {figures}{because}."),
            (!unwell.is_empty()).then_some(false),
        )
    };
    output.headline = headline;
    output.good = good;
    output.facts = json!({
        "wanted": replicas.wanted, "updated": replicas.updated, "ready": replicas.ready,
        "available": replicas.available, "stuck": stuck, "paused": paused,
    });
    if let Some(left_out) = left_out {
        output
            .blocks
            .push(Block::para(format!("{}.", wording::sentence(&left_out))));
    }
    if let Some(deployment) = deployment {
        revisions(snapshot, deployment, context, &mut output);
    }
    if paused {
        output.next.push(NextStep::command(
            "Let it go on",
            format!("kubectl rollout resume deployment/{} -n {namespace}", target.name),
        ));
    }
    if stuck || !unwell.is_empty() {
        output.next.push(NextStep::advice(format!(
            "Ask me \"what is wrong with {}\" for the cause",
            target.name
        )));
        if deployment.is_some() {
            output.next.push(NextStep::command(
                "Go back to the revision before",
                format!("kubectl rollout undo deployment/{} -n {namespace}", target.name),
            ));
        }
    }
    output.next.push(NextStep::command(
        "Watch it",
        format!(
            "kubectl rollout status {}/{} -n {namespace}",
            target.kind.to_lowercase(),
            target.name
        ),
    ));
    Ok(output)
}

fn revisions(
    snapshot: &Snapshot,
    deployment: &k8s_openapi::api::apps::v1::Deployment,
    context: &ToolContext,
    output: &mut ToolOutput,
) {
    let all = revisions_of(snapshot, deployment);
    let rows = all
        .iter()
        .enumerate()
        .filter(|(position, revision)| *position == 0 || revision.wanted > 0)
        .map(|(position, revision)| {
            vec![
                format!(
                    "{}{}",
                    revision.number,
                    if position == 0 { " (new)" } else { " (old)" }
                ),
                format!("{}/{}", revision.ready, revision.wanted),
                wording::list(&revision.images, 2),
                revision
                    .at
                    .map(|at| format!("{} ago", wording::age(at, context.now)))
                    .unwrap_or_default(),
            ]
        })
        .collect();
    output
        .blocks
        .extend(table(&["Revision", "Ready", "Images", "Made"], rows, "revision"));
    if let [new, old, ..] = all.as_slice() {
        let changed: Vec<String> = new.since(old).iter().map(Difference::text).collect();
        if !changed.is_empty() {
            output.blocks.push(Block::para(format!(
                "Revision {} changed: {}.",
                new.number,
                wording::list(&changed, 5)
            )));
        }
    }
}
