//! A workload or a pod in; its pods, replaced one after another, out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Result, ToolContext};
use jiff::{Timestamp, Unit};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Act, phrases, the, unfit};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::Cluster,
};

pub(super) struct Restart;

/// Of what.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Deployment, StatefulSet, DaemonSet or Pod.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "StatefulSet", "DaemonSet", "Pod"]))]
    target: ObjectRef,
    /// The moment that is noted as its cause; now where none is given.
    #[schemars(with = "Option<String>")]
    at: Option<Timestamp>,
}

#[async_trait]
impl Act for Restart {
    type Args = Args;
    const NAME: &'static str = "restart";
    const DESCRIPTION: &'static str =
        "Restarts a workload by replacing its pods one after another, or a single pod.";
    const EXAMPLE: &'static str = "restart web";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "restart {target}",
            "bounce {target}",
            "reboot {target}",
            "give {target} a restart",
            "give {target} a kick",
            "rollout restart {target}",
            "do a rolling restart of {target}",
            "recycle the pods of {target}",
            "turn {target} off and on again",
        ])
    }

    async fn draft(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<Draft> {
        let Args { target, at } = args;
        let object = the(cluster, &target).await?;
        match target.kind.as_str() {
            "Deployment" | "StatefulSet" | "DaemonSet" => {
                let at = at.unwrap_or_else(|| context.now.round(Unit::Second).unwrap_or(context.now));
                let body = json!({"spec": {"template": {"metadata": {"annotations": {
                    "kubectl.kubernetes.io/restartedAt": at.to_string(),
                }}}}});
                let operation = Operation::on(cluster, &target, Write::Strategic { body }).await?;
                let goal = Goal::RolledOut {
                    object: target.clone(),
                };
                let mut draft = Draft::new(
                    format!("Restart {target}"),
                    json!({"target": target, "at": at}),
                    vec![operation],
                    goal,
                );
                draft.is_gentle = true;
                Ok(draft)
            }
            "Pod" => pod(cluster, target, &object).await,
            _ => Err(unfit(
                &target,
                "restarted",
                "Deployments, StatefulSets, DaemonSets and their pods",
            )),
        }
    }
}

/// A pod is restarted by deleting it: its owner makes another.
async fn pod(cluster: &Cluster, target: ObjectRef, object: &Value) -> Result<Draft> {
    let owner = owner(object);
    let Some(owner) = owner else {
        return Err(super::lacking(
            format!("{target} belongs to no workload, so nothing would bring it back after a restart"),
            "delete it and apply its manifest again, or make it part of a Deployment",
        ));
    };
    let operation = Operation::on(cluster, &target, Write::Delete).await?;
    let target = target.with_uid(
        object
            .pointer("/metadata/uid")
            .and_then(Value::as_str)
            .map(str::to_owned),
    );
    let goal = Goal::All {
        of: vec![
            Goal::Gone {
                objects: vec![target.clone()],
            },
            Goal::RolledOut { object: owner },
        ],
    };
    let mut draft = Draft::new(
        format!("Restart {target} by deleting it, so that another takes its place"),
        json!({"target": target}),
        vec![operation],
        goal,
    );
    draft.is_gentle = true;
    Ok(draft)
}

/// The object that keeps as many pods as it wants.
pub(super) fn owner(pod: &Value) -> Option<ObjectRef> {
    let owners = pod.pointer("/metadata/ownerReferences")?.as_array()?;
    let owner = owners
        .iter()
        .find(|owner| owner.get("controller") == Some(&Value::Bool(true)))?;
    let (kind, name) = (owner.get("kind")?.as_str()?, owner.get("name")?.as_str()?);
    matches!(kind, "ReplicaSet" | "StatefulSet" | "DaemonSet").then(|| {
        ObjectRef::namespaced(
            kind,
            pod.pointer("/metadata/namespace")
                .and_then(Value::as_str)
                .unwrap_or_default(),
            name,
        )
    })
}
