//! A node in; the change that closes it to new pods, opens it again, or empties it out.

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use k8s_openapi::api::core::v1::Pod;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Act, lacking, phrases, said, the, unfit};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::{Cluster, Freshness},
    snapshot::{is_finished, reference},
    wording,
};

pub(super) struct Cordon;
pub(super) struct Uncordon;
pub(super) struct Drain;

/// Which.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The node.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Node"]))]
    target: ObjectRef,
}

/// Which, and how ruthlessly.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct DrainArgs {
    /// The node.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Node"]))]
    target: ObjectRef,
    /// Whether pods go too that nothing brings back.
    #[serde(default)]
    force: bool,
}

#[async_trait]
impl Act for Cordon {
    type Args = Args;
    const NAME: &'static str = "cordon";
    const DESCRIPTION: &'static str = "Closes a node to new pods; those that run there stay.";
    const EXAMPLE: &'static str = "cordon node-2";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "cordon {target}",
            "cordon off {target}",
            "cordon the node {target}",
            "close {target} to new pods",
            "make {target} unschedulable",
            "mark {target} unschedulable",
            "disable scheduling on {target}",
            "keep new pods off {target}",
            "stop scheduling pods on {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let target = args.target;
        let operation = gate(cluster, &target, true).await?.ok_or_else(|| {
            lacking(
                format!("{target} is cordoned already"),
                "to move its pods elsewhere, drain it",
            )
        })?;
        Ok(Draft::new(
            format!("Cordon {target}"),
            json!({"target": target}),
            vec![operation],
            closed(&target, true),
        )
        .undone_by(
            Uncordon::NAME,
            json!({"target": target}),
            format!("{target} took pods before"),
        ))
    }
}

#[async_trait]
impl Act for Uncordon {
    type Args = Args;
    const NAME: &'static str = "uncordon";
    const DESCRIPTION: &'static str = "Opens a cordoned node to new pods again.";
    const EXAMPLE: &'static str = "uncordon node-2";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "uncordon {target}",
            "uncordon the node {target}",
            "open {target} to new pods",
            "make {target} schedulable",
            "mark {target} schedulable again",
            "enable scheduling on {target}",
            "put {target} back into service",
            "let new pods on {target} again",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let target = args.target;
        let operation = gate(cluster, &target, false).await?.ok_or_else(|| {
            lacking(
                format!("{target} is not cordoned"),
                "if nothing is placed there all the same, ask me why",
            )
        })?;
        Ok(Draft::new(
            format!("Uncordon {target}"),
            json!({"target": target}),
            vec![operation],
            closed(&target, false),
        )
        .undone_by(
            Cordon::NAME,
            json!({"target": target}),
            format!("{target} was cordoned before"),
        ))
    }
}

#[async_trait]
impl Act for Drain {
    type Args = DrainArgs;
    const NAME: &'static str = "drain";
    const DESCRIPTION: &'static str =
        "Cordons a node and evicts its pods one after another, as their disruption budgets allow.";
    const EXAMPLE: &'static str = "drain node-2";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "drain {target}",
            "drain the node {target}",
            "empty {target}",
            "evict everything from {target}",
            "evict all pods from {target}",
            "move all pods off {target}",
            "move everything off {target}",
            "clear {target} for maintenance",
            "take {target} out of service",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: DrainArgs) -> Result<Draft> {
        let DrainArgs { target, force } = args;
        let mut operations: Vec<Operation> = gate(cluster, &target, true).await?.into_iter().collect();
        let was_open = !operations.is_empty();
        let snapshot = cluster.snapshot(Freshness::Now).await?;
        if !snapshot.may_see("Pod", None) {
            return Err(Error::new(
                ErrorKind::Forbidden,
                format!("I may not see the pods of all namespaces, so I cannot tell what runs on {target}"),
            )
            .with_hint("let somebody drain it who may"));
        }
        let (mut leaving, mut staying, mut lone, mut scratch) = (Vec::new(), 0, Vec::new(), Vec::new());
        for pod in snapshot.pods_of(&target) {
            let object = reference(pod.as_ref());
            if stays(pod) {
                staying += 1;
                continue;
            }
            if pod.metadata.deletion_timestamp.is_some() {
                continue;
            }
            if !is_finished(pod) {
                if snapshot.workload_of(pod).is_same(&object) {
                    lone.push(format!("`{}`", object.path()));
                }
                if has_scratch(pod) {
                    scratch.push(format!("`{}`", object.path()));
                }
            }
            operations.push(Operation::on(cluster, &object, Write::Evict).await?);
            leaving.push(object);
        }
        if !lone.is_empty() && !force {
            return Err(lacking(
                format!(
                    "{} on {target} belong{} to no workload: nothing would bring {} back",
                    wording::list(&lone, 5),
                    if lone.len() == 1 { "s" } else { "" },
                    if lone.len() == 1 { "it" } else { "them" }
                ),
                "say \"force\" if they may go for good",
            ));
        }
        if operations.is_empty() {
            return Err(lacking(
                format!("{target} is cordoned and empty already"),
                "there is nothing left to move",
            ));
        }
        let mut of = vec![closed(&target, true)];
        if !leaving.is_empty() {
            of.push(Goal::Gone {
                objects: leaving.clone(),
            });
        }
        let mut draft = Draft::new(
            format!("Drain {target}: {} to move", wording::count(leaving.len(), "pod")),
            json!({"target": target, "force": force}),
            operations,
            Goal::All { of },
        );
        if was_open {
            draft = draft.undone_by(
                Uncordon::NAME,
                json!({"target": target}),
                "it opens the node again; pods that have moved stay where they are".to_owned(),
            );
        }
        if staying > 0 {
            draft.impact.push(format!(
                "{} of DaemonSets or of the node itself stay{}.",
                wording::count(staying, "pod"),
                if staying == 1 { "s" } else { "" }
            ));
        }
        if !scratch.is_empty() {
            draft.warnings.push(format!(
                "What {} keep{} in emptyDir volumes is lost.",
                wording::list(&scratch, 5),
                if scratch.len() == 1 { "s" } else { "" }
            ));
        }
        Ok(draft)
    }
}

/// The change that closes or opens a node; none where it is so already.
async fn gate(cluster: &Cluster, target: &ObjectRef, close: bool) -> Result<Option<Operation>> {
    if target.kind != "Node" {
        return Err(unfit(target, "cordoned or drained", "nodes"));
    }
    let object = the(cluster, target).await?;
    if (object.pointer("/spec/unschedulable") == Some(&Value::Bool(true))) == close {
        return Ok(None);
    }
    let body = json!({"spec": {"unschedulable": if close { json!(true) } else { Value::Null }}});
    Operation::on(cluster, target, Write::Merge { body })
        .await
        .map(Some)
}

fn closed(target: &ObjectRef, close: bool) -> Goal {
    Goal::Reads {
        object: target.clone(),
        pointer: "/spec/unschedulable".to_owned(),
        value: if close { json!(true) } else { Value::Null },
    }
}

/// Whether a pod belongs to the node: one of a DaemonSet, or one that the kubelet runs by itself.
fn stays(pod: &Pod) -> bool {
    let mirrored = pod
        .metadata
        .annotations
        .as_ref()
        .is_some_and(|all| all.contains_key("kubernetes.io/config.mirror"));
    mirrored
        || pod
            .metadata
            .owner_references
            .iter()
            .flatten()
            .any(|owner| matches!(owner.kind.as_str(), "DaemonSet" | "Node"))
}

fn has_scratch(pod: &Pod) -> bool {
    pod.spec
        .iter()
        .flat_map(|spec| spec.volumes.iter().flatten())
        .any(|volume| volume.empty_dir.is_some())
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    if said::has(question, &["force", "forcefully", "forced", "regardless"]) {
        said::set(args, "force", true);
    }
}
