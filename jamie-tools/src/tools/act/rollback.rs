//! A workload and perhaps a revision in; the change of its template back to that revision's out.

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use k8s_openapi::api::apps::v1::Deployment;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Act, lacking, phrases, said, text, the, unfit};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    changes::{differences, revisions_of},
    cluster::{Cluster, Freshness},
    tools::rollout_history::owned_revisions,
    wording,
};

pub(super) struct Rollback;

/// What, and how far back.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Deployment, StatefulSet or DaemonSet.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "StatefulSet", "DaemonSet"]))]
    target: ObjectRef,
    /// The revision; the one before the present one where none is given.
    revision: Option<u64>,
}

/// One revision that can be gone back to.
struct Kept {
    number: u64,
    template: Value,
}

#[async_trait]
impl Act for Rollback {
    type Args = Args;
    const NAME: &'static str = "rollback";
    const DESCRIPTION: &'static str =
        "Takes a workload back to its previous revision, or to a revision by number.";
    const EXAMPLE: &'static str = "roll back web";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "rollback {target}",
            "rollback {target} to revision {count}",
            "rollback {target} to the previous version",
            "roll {target} back",
            "roll {target} back to revision {count}",
            "undo the rollout of {target}",
            "undo the last deploy of {target}",
            "revert {target}",
            "revert {target} to the previous version",
            "revert {target} to revision {count}",
            "put the old version of {target} back",
            "take {target} back to the previous revision",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let Args { target, revision } = args;
        let object = the(cluster, &target).await?;
        let mut kept = match target.kind.as_str() {
            "Deployment" => of_deployment(cluster, &target, &object).await?,
            "StatefulSet" | "DaemonSet" => of_set(cluster, &target, &object).await?,
            _ => {
                return Err(unfit(
                    &target,
                    "rolled back",
                    "Deployments, StatefulSets and DaemonSets",
                ));
            }
        };
        kept.sort_by_key(|one| std::cmp::Reverse(one.number));
        let now = object.pointer("/spec/template").cloned().unwrap_or_default();
        let current = kept
            .iter()
            .find(|one| differences(&one.template, &now).is_empty())
            .or(kept.first())
            .map(|one| one.number);
        let numbers: Vec<String> = kept.iter().map(|one| one.number.to_string()).collect();
        let chosen = match revision {
            Some(number) => kept.iter().find(|one| one.number == number).ok_or_else(|| {
                Error::new(
                    ErrorKind::NotFound,
                    format!(
                        "{target} has no revision {number}; it keeps {}",
                        wording::list(&numbers, 8)
                    ),
                )
                .with_hint("name one of these")
            })?,
            None => kept
                .iter()
                .find(|one| current.is_none_or(|current| one.number < current))
                .ok_or_else(|| {
                    Error::new(
                        ErrorKind::NotFound,
                        format!("{target} keeps no earlier revision to go back to"),
                    )
                    .with_hint("set the image or the settings that it should have instead")
                })?,
        };
        let body = patch(&now, &chosen.template);
        let Some(body) = body else {
            return Err(lacking(
                format!("{target} is at revision {} already", chosen.number),
                "name another revision",
            ));
        };
        let operation = Operation::on(cluster, &target, Write::Json { body }).await?;
        let mut draft = Draft::new(
            match current {
                Some(current) => format!(
                    "Roll {target} back from revision {current} to revision {}",
                    chosen.number
                ),
                None => format!("Roll {target} back to revision {}", chosen.number),
            },
            json!({"target": target, "revision": chosen.number}),
            vec![operation],
            if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
                Goal::Present {
                    objects: vec![target.clone()],
                }
            } else {
                Goal::RolledOut {
                    object: target.clone(),
                }
            },
        );
        let told: Vec<String> = differences(&now, &chosen.template)
            .iter()
            .take(6)
            .map(crate::changes::Difference::text)
            .collect();
        if !told.is_empty() {
            draft.impact.push(format!("It changes {}.", told.join("; ")));
        }
        Ok(match current {
            Some(current) => draft.undone_by(
                Self::NAME,
                json!({"target": target, "revision": current}),
                format!("{target} was at revision {current} before"),
            ),
            None => draft,
        })
    }
}

/// The whole template is put in place of the present one: a merge would keep what the later revision added.
fn patch(now: &Value, then: &Value) -> Option<Value> {
    if differences(now, then).is_empty() && now == then {
        return None;
    }
    Some(json!([{"op": "replace", "path": "/spec/template", "value": then}]))
}

async fn of_deployment(cluster: &Cluster, target: &ObjectRef, object: &Value) -> Result<Vec<Kept>> {
    if let Some(namespace) = &target.namespace {
        cluster.include_namespace(namespace);
    }
    let snapshot = cluster.snapshot(Freshness::Now).await?;
    let deployment: Deployment = serde_json::from_value(object.clone()).map_err(|error| {
        Error::new(ErrorKind::Unsupported, format!("{target} cannot be read")).with_source(error)
    })?;
    Ok(revisions_of(&snapshot, &deployment)
        .into_iter()
        .map(|one| {
            let mut template = one.template;
            if let Some(labels) = template
                .pointer_mut("/metadata/labels")
                .and_then(Value::as_object_mut)
            {
                labels.remove("pod-template-hash");
            }
            Kept {
                number: one.number,
                template,
            }
        })
        .collect())
}

/// The revisions that a StatefulSet or DaemonSet keeps as ControllerRevisions.
async fn of_set(cluster: &Cluster, target: &ObjectRef, object: &Value) -> Result<Vec<Kept>> {
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let uid = text(object, "/metadata/uid");
    let owned = owned_revisions(cluster, namespace, |owner| text(owner, "/uid") == uid).await?;
    Ok(owned
        .iter()
        .filter_map(|one| {
            let mut template = one.pointer("/data/spec/template")?.clone();
            if let Some(fields) = template.as_object_mut() {
                fields.remove("$patch");
            }
            Some(Kept {
                number: one.get("revision")?.as_u64()?,
                template,
            })
        })
        .collect())
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    let number = ["revision", "version", "number", "rev", "to"]
        .iter()
        .filter_map(|word| said::after(question, word))
        .find_map(said::number);
    if let Some(number) = number.filter(|number| *number > 0) {
        said::set(args, "revision", number);
    }
}
