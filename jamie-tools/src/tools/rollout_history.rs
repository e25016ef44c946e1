//! A workload in; its revisions, and what one changed against another, out.

use async_trait::async_trait;
use jamie_core::{
    Block, Error, ErrorKind, NextStep, ObjectRef, Phrase, Quantity, Question, Quoted, Result, ToolContext,
    ToolOutput, tool::Fill,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Look, must_exist, phrases, table::table};
use crate::{
    changes::{Difference, Revision, revisions_of},
    cluster::{Cluster, Freshness},
    wording,
};

pub(super) struct RolloutHistory;

/// Of what, and which.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Deployment, StatefulSet or DaemonSet.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "StatefulSet", "DaemonSet"]))]
    target: ObjectRef,
    /// The revision to look at; the newest without it.
    revision: Option<u64>,
    /// The revision to compare with; the one before without it.
    against: Option<u64>,
}

#[async_trait]
impl Look for RolloutHistory {
    type Args = Args;
    const NAME: &'static str = "rollout_history";
    const DESCRIPTION: &'static str =
        "The revisions of a workload with images and causes, and what one changed against another.";
    const EXAMPLE: &'static str = "rollout history of api";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "rollout history of {target}",
            "history of {target}",
            "revisions of {target}",
            "previous versions of {target}",
            "which versions of {target} were there",
            "what was the previous version of {target}",
            "what was deployed before in {target}",
            "diff between revisions of {target}",
            "difference between revision {count} and the current of {target}",
            "compare revisions of {target}",
            "what did the last deploy of {target} change",
            "what did revision {count} of {target} change",
            "what could {target} be rolled back to",
            "deployment history of {target}",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let target = &args.target;
        let namespace = target.namespace.as_deref().unwrap_or_default();
        cluster.include_namespace(namespace);
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        must_exist(&snapshot, target)?;
        let revisions = match target.kind.as_str() {
            "Deployment" => snapshot
                .deployment(namespace, &target.name)
                .map(|one| revisions_of(&snapshot, one))
                .unwrap_or_default(),
            "StatefulSet" | "DaemonSet" => controller_revisions(cluster, target).await?,
            kind => {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    format!("A {kind} has no rollout history"),
                )
                .with_hint("ask about a Deployment, StatefulSet or DaemonSet"));
            }
        };
        told(&args, &revisions, context)
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    let mut numbers = question.quantities.iter().filter_map(|quantity| match quantity {
        Quantity::Count(count) => Some(*count),
        _ => None,
    });
    if question
        .words
        .iter()
        .any(|word| word.starts_with("revision") || word.starts_with("version"))
    {
        match (numbers.next(), numbers.next()) {
            (Some(first), Some(second)) => {
                args.insert("revision".to_owned(), json!(first.max(second)));
                args.insert("against".to_owned(), json!(first.min(second)));
            }
            (Some(only), None) => _ = args.insert("revision".to_owned(), json!(only)),
            (None, _) => {}
        }
    }
}

/// The ControllerRevisions of a namespace that have an owner of this description.
pub(super) async fn owned_revisions(
    cluster: &Cluster,
    namespace: &str,
    owns: impl Fn(&Value) -> bool,
) -> Result<Vec<Value>> {
    let mut list = cluster
        .read(&format!(
            "/apis/apps/v1/namespaces/{namespace}/controllerrevisions?limit=500"
        ))
        .await?;
    let Some(Value::Array(mut all)) = list.get_mut("items").map(Value::take) else {
        return Ok(Vec::new());
    };
    all.retain(|one| {
        one.pointer("/metadata/ownerReferences")
            .and_then(Value::as_array)
            .is_some_and(|owners| owners.iter().any(&owns))
    });
    Ok(all)
}

/// StatefulSets and DaemonSets keep their revisions as ControllerRevisions.
async fn controller_revisions(cluster: &Cluster, target: &ObjectRef) -> Result<Vec<Revision>> {
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let owned = owned_revisions(cluster, namespace, |owner| {
        owner.get("kind").and_then(Value::as_str) == Some(&target.kind)
            && owner.get("name").and_then(Value::as_str) == Some(&target.name)
    });
    let mut revisions: Vec<Revision> = owned
        .await?
        .iter()
        .map(|one| {
            let text = |path: &str| one.pointer(path).and_then(Value::as_str).map(str::to_owned);
            let template = one.pointer("/data/spec/template").cloned().unwrap_or_default();
            let images = template
                .pointer("/spec/containers")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|container| container.get("image")?.as_str().map(str::to_owned))
                .collect();
            Revision {
                number: one.get("revision").and_then(Value::as_u64).unwrap_or(0),
                at: text("/metadata/creationTimestamp").and_then(|at| at.parse::<Timestamp>().ok()),
                images,
                cause: one
                    .pointer("/metadata/annotations")
                    .and_then(|all| all.get("kubernetes.io/change-cause"))
                    .and_then(Value::as_str)
                    .map(str::to_owned),
                object: ObjectRef::namespaced(
                    "ControllerRevision",
                    namespace,
                    text("/metadata/name").unwrap_or_default(),
                ),
                wanted: 0,
                ready: 0,
                template,
            }
        })
        .collect();
    revisions.sort_by_key(|revision| std::cmp::Reverse(revision.number));
    Ok(revisions)
}

fn told(args: &Args, revisions: &[Revision], context: &ToolContext) -> Result<ToolOutput> {
    let target = &args.target;
    let name = target.path();
    let mut output = ToolOutput {
        focus: vec![target.clone()],
        ..ToolOutput::default()
    };
    let Some(newest) = revisions.first() else {
        output.headline =
            format!("No revisions of `{name}` are kept: I find no ReplicaSet or ControllerRevision of it.");
        return Ok(output);
    };
    let chosen = args
        .revision
        .map(|number| find(&name, revisions, number))
        .transpose()?
        .unwrap_or(newest);
    let other = match args.against {
        Some(number) => Some(find(&name, revisions, number)?),
        None => revisions
            .iter()
            .filter(|one| one.number < chosen.number)
            .max_by_key(|one| one.number),
    };
    let differences = other.map(|other| chosen.since(other)).unwrap_or_default();
    let shown: Vec<String> = differences.iter().map(Difference::text).collect();
    let made = chosen.at.map_or_else(String::new, |at| {
        format!(" (made {} ago)", wording::age(at, context.now))
    });
    let number = chosen.number;
    output.headline = match (other, shown.is_empty()) {
        (Some(other), false) => format!(
            "`{name}` has {}; revision {number}{made} changed against {}: {}.",
            wording::count(revisions.len(), "revision"),
            other.number,
            wording::list(&shown, 4)
        ),
        (Some(other), true) => {
            format!(
                "Revisions {number} and {} of `{name}` do not differ in anything that matters.",
                other.number
            )
        }
        (None, _) => {
            let images = wording::code_list(&chosen.images, 3);
            format!("`{name}` has one revision only: {number}{made}, with {images}.")
        }
    };
    let rows = revisions
        .iter()
        .map(|one| {
            vec![
                one.number.to_string(),
                one.at
                    .map(|at| wording::moment(at, context.now, &context.zone))
                    .unwrap_or_default(),
                wording::list(&one.images, 3),
                if one.wanted > 0 {
                    format!("{}/{}", one.ready, one.wanted)
                } else {
                    String::new()
                },
                one.cause.clone().unwrap_or_default(),
            ]
        })
        .collect();
    output.blocks.extend(table(
        &["Revision", "Made", "Images", "Ready now", "Cause"],
        rows,
        "revision",
    ));
    if shown.len() > 1 {
        output.blocks.push(diff(&differences));
    }
    let numbers: Vec<Value> = revisions
        .iter()
        .map(|one| json!({"number": one.number, "images": one.images}))
        .collect();
    output.facts = json!({"revisions": numbers});
    if let Some(other) = other {
        let namespace = target.namespace.as_deref().unwrap_or_default();
        let what = format!("{}/{}", target.kind.to_lowercase(), target.name);
        output.next.push(NextStep::command(
            format!("Go back to revision {}", other.number),
            format!(
                "kubectl rollout undo {what} -n {namespace} --to-revision={}",
                other.number
            ),
        ));
    }
    Ok(output)
}

fn find<'a>(name: &str, revisions: &'a [Revision], number: u64) -> Result<&'a Revision> {
    revisions
        .iter()
        .find(|revision| revision.number == number)
        .ok_or_else(|| {
            let known: Vec<String> = revisions
                .iter()
                .map(|revision| revision.number.to_string())
                .collect();
            Error::new(ErrorKind::NotFound, format!("`{name}` has no revision {number}"))
                .with_hint(format!("it has {}", wording::list(&known, 12)))
        })
}

/// Differences as a block: where, what it was, what it is.
pub(super) fn diff(differences: &[Difference]) -> Block {
    const MOST: usize = 30;
    let mut lines: Vec<String> = Vec::new();
    for one in differences.iter().take(MOST) {
        lines.push(format!("# {}", one.path));
        lines.extend(one.old.iter().map(|old| format!("- {old}")));
        lines.extend(one.new.iter().map(|new| format!("+ {new}")));
    }
    if differences.len() > MOST {
        lines.push(format!("# … and {} more", differences.len() - MOST));
    }
    Block::Code {
        language: "diff".to_owned(),
        text: Quoted::passage(lines.join("\n"), 6_000),
    }
}
