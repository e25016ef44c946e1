//! A workload in; how far its rollout is and what holds it up out.

use async_trait::async_trait;
use jamie_core::{
    Block, Error, ErrorKind, NextStep, ObjectRef, Phrase, Result, Severity, ToolContext, ToolOutput,
    tool::Fill,
};
use k8s_openapi::api::apps::v1::Deployment;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, findings, must_be_namespace, must_exist, namespace, overview, phrases, table::table};
use crate::{
    Snapshot,
    changes::{Difference, revisions_of},
    cluster::{Cluster, Freshness},
    diagnosis::{Scope, facts},
    pod_status::status_of,
    snapshot::is_finished,
    wording,
    workload_status::{Replicas, replicas_of},
};

pub(super) struct RolloutStatus;

/// So many workloads of a place are looked into.
const MOST: usize = 40;

/// Of what.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Deployment, StatefulSet or DaemonSet.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "StatefulSet", "DaemonSet"]))]
    target: Option<ObjectRef>,
    /// All rollouts in this namespace, where no workload is named.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
}

#[async_trait]
impl Look for RolloutStatus {
    type Args = Args;
    const NAME: &'static str = "rollout_status";
    const DESCRIPTION: &'static str = "How far the rollout of a workload is, and what holds it up.";
    const IS_BARE: bool = true;
    const EXAMPLE: &'static str = "is the rollout of web done?";

    const FILL: Option<Fill> = Some(overview::place);

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
            "is a rollout stuck in {namespace}",
            "state of the rollouts in {namespace}",
            "are all rollouts done",
            "which rollouts are stuck",
            "which deploys are not finished",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let target = args.target.filter(|target| target.kind != "Namespace");
        let place = match &target {
            Some(target) => target.namespace.clone(),
            None => namespace(args.namespace, context),
        };
        if let Some(name) = &place {
            cluster.include_namespace(name);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        let (mut output, scope) = if let Some(target) = target {
            must_exist(&snapshot, &target)?;
            (told(&snapshot, context, &target)?, Scope::Object(target))
        } else {
            if let Some(name) = &place {
                must_be_namespace(&snapshot, name)?;
            }
            let rollouts = overview::workloads(&snapshot, place.as_deref());
            let output = all(&snapshot, place.as_deref(), &rollouts);
            let objects = rollouts
                .into_iter()
                .map(|(object, _)| object)
                .take(MOST)
                .collect();
            (output, Scope::Objects(objects))
        };
        findings::bring(cluster, &mut output, &scope, Severity::Warning).await?;
        Ok(output)
    }
}

/// Where a rollout stands.
struct Standing {
    replicas: Replicas,
    stuck: bool,
    paused: bool,
    /// The controller has not seen the latest change.
    unseen: bool,
    /// Pods that are not well, and how.
    unwell: Vec<String>,
}

impl Standing {
    fn of(
        snapshot: &Snapshot,
        target: &ObjectRef,
        deployment: Option<&Deployment>,
        replicas: Replicas,
    ) -> Self {
        let status = deployment.and_then(|one| one.status.as_ref());
        let conditions = status
            .and_then(|status| status.conditions.as_deref())
            .unwrap_or_default();
        let progressing = conditions
            .iter()
            .find(|condition| condition.type_.as_deref() == Some("Progressing"));
        let seen = status.and_then(|status| status.observed_generation);
        let written = deployment.and_then(|one| one.metadata.generation);
        Self {
            replicas,
            stuck: progressing
                .is_some_and(|condition| condition.reason.as_deref() == Some("ProgressDeadlineExceeded")),
            paused: deployment.is_some_and(|one| one.spec.paused == Some(true)),
            unseen: seen.zip(written).is_some_and(|(seen, written)| written > seen),
            unwell: unwell(snapshot, target),
        }
    }

    /// The sentence about it, and whether that is good news.
    fn told(&self, name: &str) -> (String, Option<bool>) {
        let replicas = self.replicas;
        let because = if self.unwell.is_empty() {
            String::new()
        } else {
            format!(": {}", wording::list(&self.unwell, 3))
        };
        let figures = format!(
            "{} of {} updated, {} ready, {} available",
            replicas.updated.min(replicas.wanted),
            wording::count(replicas.wanted, "replica"),
            replicas.ready,
            replicas.available
        );
        if replicas.wanted == 0 {
            (
                format!("{name} is scaled to zero, so there is nothing to roll out."),
                None,
            )
        } else if self.unseen {
            (
                format!("The latest change of {name} was not taken up by the controller yet ({figures})."),
                None,
            )
        } else if self.stuck {
            let text =
                format!("The rollout of {name} is stuck (ProgressDeadlineExceeded): {figures}{because}.");
            (text, Some(false))
        } else if self.paused && !replicas.is_complete() {
            (
                format!("The rollout of {name} is paused: {figures}."),
                Some(false),
            )
        } else if replicas.is_complete() && self.unwell.is_empty() {
            (format!("{name} is fully rolled out: {figures}."), Some(true))
        } else if replicas.updated >= replicas.wanted && replicas.is_short() {
            (
                format!("{name} is rolled out, but not all of it is ready: {figures}{because}."),
                Some(false),
            )
        } else {
            let text = format!("The rollout of {name} is under way: {figures}{because}.");
            (text, (!self.unwell.is_empty()).then_some(false))
        }
    }
}

/// All rollouts of a place, those under way or stuck in a table.
fn all(snapshot: &Snapshot, place: Option<&str>, rollouts: &[(ObjectRef, Replicas)]) -> ToolOutput {
    let subject = place.map_or_else(String::new, |name| format!(" in `{name}`"));
    let mut rows = Vec::new();
    let mut open = Vec::new();
    for (object, replicas) in rollouts {
        let deployment = snapshot
            .deployment(object.namespace.as_deref().unwrap_or_default(), &object.name)
            .filter(|_| object.kind == "Deployment");
        let standing = Standing::of(snapshot, object, deployment.map(AsRef::as_ref), *replicas);
        let state = if standing.stuck {
            "stuck (ProgressDeadlineExceeded)"
        } else if standing.paused {
            "paused"
        } else if replicas.wanted > 0 && !(replicas.is_complete() && standing.unwell.is_empty()) {
            "not complete"
        } else {
            continue;
        };
        open.push(object.clone());
        rows.push(vec![
            format!("`{}`", object.path()),
            state.to_owned(),
            format!("{}/{}", replicas.updated.min(replicas.wanted), replicas.wanted),
            format!("{}/{}", replicas.ready, replicas.wanted),
            wording::list(&standing.unwell, 2),
        ]);
    }
    let mut output = ToolOutput {
        good: Some(open.is_empty()),
        facts: json!({"rollouts": rollouts.len(), "open": open}),
        ..ToolOutput::default()
    };
    output.headline = if open.is_empty() {
        format!(
            "No rollout{subject} is stuck, paused or under way ({} looked at).",
            wording::count(rollouts.len(), "workload")
        )
    } else {
        let names: Vec<String> = open.iter().map(ObjectRef::path).collect();
        format!(
            "{} of {}{subject} {} not through: {}.",
            open.len(),
            wording::count(rollouts.len(), "rollout"),
            wording::is_are(open.len()),
            wording::code_list(&names, 4)
        )
    };
    output.blocks.extend(table(
        &["Workload", "Rollout", "Updated", "Ready", "Unwell"],
        rows,
        "workload",
    ));
    output.focus = open;
    output
}

fn unwell(snapshot: &Snapshot, target: &ObjectRef) -> Vec<String> {
    let pods = snapshot.pods_of(target);
    pods.into_iter()
        .filter(|pod| !is_finished(pod))
        .filter_map(|pod| {
            let status = status_of(pod);
            let state = if status.state == "Running" {
                "running but not ready"
            } else {
                &status.state
            };
            let end = status
                .last_end
                .as_ref()
                .map_or_else(String::new, |end| format!(", last ended: {end}"));
            let name = pod.metadata.name.as_deref().unwrap_or_default();
            status.is_unwell().then(|| format!("`{name}` is {state}{end}"))
        })
        .collect()
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
    let deployment = snapshot
        .deployment(namespace, &target.name)
        .filter(|_| target.kind == "Deployment");
    let standing = Standing::of(snapshot, target, deployment.map(AsRef::as_ref), replicas);
    let (headline, good) = standing.told(&format!("`{}`", target.path()));
    let mut output = ToolOutput {
        headline,
        good,
        focus: vec![target.clone()],
        facts: json!({
            "wanted": replicas.wanted, "updated": replicas.updated, "ready": replicas.ready,
            "available": replicas.available, "stuck": standing.stuck, "paused": standing.paused,
        }),
        ..ToolOutput::default()
    };
    if let Some(left_out) = facts::left_out(snapshot, target) {
        output
            .blocks
            .push(Block::para(format!("{}.", wording::sentence(&left_out))));
    }
    if let Some(deployment) = deployment {
        revisions(snapshot, deployment, context, &mut output);
    }
    let name = format!("{}/{}", target.kind.to_lowercase(), target.name);
    if standing.paused {
        output.next.push(NextStep::command(
            "Let it go on",
            format!("kubectl rollout resume {name} -n {namespace}"),
        ));
    }
    if standing.stuck || !standing.unwell.is_empty() {
        output.next.push(NextStep::advice(format!(
            "Ask me \"what is wrong with {}\" for the cause",
            target.name
        )));
        let command = format!("kubectl rollout undo {name} -n {namespace}");
        output
            .next
            .push(NextStep::command("Go back to the revision before", command));
    }
    output.next.push(NextStep::command(
        "Watch it",
        format!("kubectl rollout status {name} -n {namespace}"),
    ));
    Ok(output)
}

fn revisions(snapshot: &Snapshot, deployment: &Deployment, context: &ToolContext, output: &mut ToolOutput) {
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
