//! Objects in; their deletion out. Pods of a workload come again; pods that are over are cleaned up by how they ended.

use async_trait::async_trait;
use jamie_core::{Effect, ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use k8s_openapi::api::core::v1::Pod;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Act, lacking, phrases, restart::owner, said, the, unfit};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::{Cluster, Freshness},
    snapshot::reference,
    tools::{must_be_namespace, namespace},
    wording,
};

pub(super) struct Delete;
pub(super) struct DeletePod;
pub(super) struct CleanUpPods;

/// What.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The objects.
    #[schemars(extend("x-slot" = "targets"))]
    targets: Vec<ObjectRef>,
}

/// Which.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct PodArgs {
    /// The pod.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Pod"]))]
    target: ObjectRef,
}

/// How a pod ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Ended {
    /// It was evicted.
    Evicted,
    /// It failed.
    Failed,
    /// It has done its work.
    Completed,
}

/// Where, and which.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct CleanUpArgs {
    /// Only in this namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// How they ended: evicted and failed ones where nothing is said.
    which: Option<Vec<Ended>>,
}

#[async_trait]
impl Act for Delete {
    type Args = Args;
    const NAME: &'static str = "delete";
    const DESCRIPTION: &'static str = "Deletes objects by name; namespaces it leaves alone.";
    const EXAMPLE: &'static str = "delete the old-config config map";
    const EFFECT: Effect = Effect::Destroy;

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "delete {target}",
            "remove {target}",
            "destroy {target}",
            "get rid of {target}",
            "drop {target}",
            "nuke {target}",
            "bin {target}",
            "delete the namespace {namespace}",
            "delete everything in {namespace}",
            "delete all {kind} in {namespace}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        if args.targets.is_empty() {
            return Err(lacking(
                "I delete nothing wholesale: which objects, by name?",
                "name each of them",
            ));
        }
        let mut operations = Vec::new();
        let mut targets = Vec::new();
        for target in args.targets {
            let uid = if target.kind == "Secret" || target.kind == "Namespace" {
                target.uid.clone()
            } else {
                uid(&the(cluster, &target).await?)
            };
            operations.push(Operation::on(cluster, &target, Write::Delete).await?);
            targets.push(target.with_uid(uid));
        }
        let names: Vec<String> = targets.iter().map(ToString::to_string).collect();
        let mut draft = Draft::new(
            format!("Delete {}", wording::list(&names, 5)),
            json!({"targets": targets}),
            operations,
            Goal::Gone {
                objects: targets.clone(),
            },
        );
        draft.warnings.push(format!(
            "This cannot be taken back: keep {} manifest{} if you may need {} again.",
            if targets.len() == 1 { "its" } else { "their" },
            if targets.len() == 1 { "" } else { "s" },
            if targets.len() == 1 { "it" } else { "them" }
        ));
        if targets.iter().any(|one| one.kind == "PersistentVolumeClaim") {
            draft.warnings.push(
                "The data of the volume goes with the claim unless its class keeps volumes.".to_owned(),
            );
        }
        Ok(draft)
    }
}

#[async_trait]
impl Act for DeletePod {
    type Args = PodArgs;
    const NAME: &'static str = "delete_pod";
    const DESCRIPTION: &'static str = "Deletes one pod; its workload makes another.";
    const EXAMPLE: &'static str = "delete the pod web-7d9c5-x2k4q";
    const EFFECT: Effect = Effect::Destroy;

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "delete the pod {target}",
            "delete pod {target}",
            "remove the pod {target}",
            "kill the pod {target}",
            "kill pod {target}",
            "kill {target}",
            "terminate the pod {target}",
            "get rid of the pod {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: PodArgs) -> Result<Draft> {
        let target = args.target;
        if target.kind != "Pod" {
            return Err(unfit(&target, "deleted as a pod", "single pods"));
        }
        let object = the(cluster, &target).await?;
        let operation = Operation::on(cluster, &target, Write::Delete).await?;
        let target = target.with_uid(uid(&object));
        let mut of = vec![Goal::Gone {
            objects: vec![target.clone()],
        }];
        of.extend(owner(&object).map(|object| Goal::RolledOut { object }));
        Ok(Draft::new(
            format!("Delete {target}"),
            json!({"target": target}),
            vec![operation],
            Goal::All { of },
        ))
    }
}

#[async_trait]
impl Act for CleanUpPods {
    type Args = CleanUpArgs;
    const NAME: &'static str = "clean_up_pods";
    const DESCRIPTION: &'static str = "Deletes pods that are over: evicted, failed, or completed ones.";
    const EXAMPLE: &'static str = "clean up the evicted pods";
    const EFFECT: Effect = Effect::Destroy;
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "clean up evicted pods",
            "clean up failed pods",
            "clean up completed pods",
            "clean up the evicted pods in {namespace}",
            "clean up the failed pods in {namespace}",
            "delete evicted pods",
            "delete all failed pods",
            "delete the completed pods in {namespace}",
            "remove evicted pods",
            "tidy up dead pods",
            "purge failed pods",
            "clear out evicted pods",
            "clear out failed pods",
            "get rid of evicted pods",
            "get rid of failed pods",
            "clear the failed pods in {namespace}",
        ])
    }

    async fn draft(cluster: &Cluster, context: &ToolContext, args: CleanUpArgs) -> Result<Draft> {
        let place = namespace(args.namespace, context);
        if let Some(place) = &place {
            cluster.include_namespace(place);
        }
        let mut which = args
            .which
            .filter(|which| !which.is_empty())
            .unwrap_or_else(|| vec![Ended::Evicted, Ended::Failed]);
        which.sort_unstable();
        which.dedup();
        let snapshot = cluster.snapshot(Freshness::Now).await?;
        if let Some(place) = &place {
            must_be_namespace(&snapshot, place)?;
        }
        let over: Vec<ObjectRef> = snapshot
            .pods
            .iter()
            .filter(|pod| {
                let own = pod.metadata.namespace.as_deref().unwrap_or_default();
                place
                    .as_deref()
                    .map_or(!own.starts_with("kube-"), |place| place == own)
            })
            .filter(|pod| pod.metadata.deletion_timestamp.is_none())
            // An evicted pod has failed, too.
            .filter(|pod| {
                ended(pod).is_some_and(|how| {
                    which.contains(&how) || (how == Ended::Evicted && which.contains(&Ended::Failed))
                })
            })
            .map(|pod| reference(pod.as_ref()))
            .collect();
        let said: Vec<&str> = which
            .iter()
            .map(|how| match how {
                Ended::Evicted => "evicted",
                Ended::Failed => "failed",
                Ended::Completed => "completed",
            })
            .collect();
        let here = place
            .as_ref()
            .map_or_else(String::new, |place| format!(" in `{place}`"));
        if over.is_empty() {
            return Err(lacking(
                format!("there is no {} pod{here} to clean up", said.join(" or ")),
                "say another namespace, or \"completed\" for those that have done their work",
            ));
        }
        let mut operations = Vec::new();
        for pod in &over {
            operations.push(Operation::on(cluster, pod, Write::Delete).await?);
        }
        let mut draft = Draft::new(
            format!(
                "Delete {}{here}",
                wording::count(over.len(), &format!("{} pod", said.join(" or ")))
            ),
            json!({"namespace": place, "which": which}),
            operations,
            Goal::Gone { objects: over },
        );
        draft
            .impact
            .push("None of them runs any more; their logs go with them.".to_owned());
        Ok(draft)
    }
}

fn ended(pod: &Pod) -> Option<Ended> {
    let status = pod.status.as_ref()?;
    match (status.phase.as_deref()?, status.reason.as_deref()) {
        ("Failed", Some("Evicted")) => Some(Ended::Evicted),
        ("Failed", _) => Some(Ended::Failed),
        ("Succeeded", _) => Some(Ended::Completed),
        _ => None,
    }
}

fn uid(object: &Value) -> Option<String> {
    object
        .pointer("/metadata/uid")
        .and_then(Value::as_str)
        .map(str::to_owned)
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    let mut which = Vec::new();
    for (words, how) in [
        (&["evicted", "evict"][..], Ended::Evicted),
        (
            &["failed", "failing", "dead", "crashed", "error"][..],
            Ended::Failed,
        ),
        (
            &["completed", "complete", "finished", "done", "succeeded"][..],
            Ended::Completed,
        ),
    ] {
        if said::has(question, words) {
            which.push(how);
        }
    }
    if !which.is_empty() {
        said::set(args, "which", json!(which));
    }
}
