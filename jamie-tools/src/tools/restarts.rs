//! A namespace or nothing in; what keeps restarting there, how often and why, out.

use std::sync::Arc;

use async_trait::async_trait;
use jamie_core::{NextStep, ObjectRef, Phrase, Result, Severity, ToolContext, ToolOutput, tool::Fill};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, findings, must_be_namespace, namespace, phrases, table::table};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    diagnosis::Scope,
    pod_status::{last_end, show_end},
    snapshot::reference,
    wording,
};

pub(super) struct Restarts;

/// So many of what restarted are looked into.
const MOST: usize = 6;

/// Where, and since when.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// Only this namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// Only the pods of this object.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRef>,
    /// Only what restarted after this, RFC 3339.
    #[schemars(with = "Option<String>", extend("x-slot" = "since"))]
    since: Option<Timestamp>,
}

#[async_trait]
impl Look for Restarts {
    type Args = Args;
    const NAME: &'static str = "restarts";
    const DESCRIPTION: &'static str = "What restarts most, how each container last ended, and when.";
    const EXAMPLE: &'static str = "what's flapping?";
    const FILL: Option<Fill> = Some(super::overview::place);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "what is flapping",
            "what keeps restarting",
            "what restarted since {time}",
            "what restarted last night",
            "who restarts most",
            "restarts",
            "restarts in {namespace}",
            "restart counts",
            "restart count of {target}",
            "how often did {target} restart",
            "how many times has {target} restarted",
            "when did {target} last restart",
            "was anything killed for memory",
            "what got oom killed",
            "crash loops",
            "any crash loops in {namespace}",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let place = match &args.target {
            Some(target) if target.kind == "Namespace" => Some(target.name.clone()),
            Some(target) => target.namespace.clone(),
            None => namespace(args.namespace.clone(), context),
        };
        if let Some(place) = &place {
            cluster.include_namespace(place);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        if let Some(place) = &place {
            must_be_namespace(&snapshot, place)?;
        }
        let target = args.target.filter(|target| target.kind != "Namespace");
        let pods: Vec<&Arc<Pod>> = match &target {
            Some(target) => snapshot.pods_of(target),
            None => snapshot
                .pods
                .iter()
                .filter(|pod| {
                    place
                        .as_deref()
                        .is_none_or(|own| pod.metadata.namespace.as_deref() == Some(own))
                })
                .collect(),
        };
        let rows = rows(&snapshot, &pods, args.since);
        let mut output = told(context, target.as_ref(), place.as_deref(), args.since, &rows);
        let mut restless: Vec<ObjectRef> = Vec::new();
        for row in &rows {
            if restless.len() < MOST && !restless.contains(&row.workload) {
                restless.push(row.workload.clone());
            }
        }
        findings::bring(cluster, &mut output, &Scope::Objects(restless), Severity::Warning).await?;
        Ok(output)
    }
}

/// A container that restarted.
struct Row {
    count: i32,
    at: Option<Timestamp>,
    workload: ObjectRef,
    pod: String,
    container: String,
    end: String,
}

/// Everything that restarted, most first.
fn rows(snapshot: &Snapshot, pods: &[&Arc<Pod>], since: Option<Timestamp>) -> Vec<Row> {
    let mut rows = Vec::new();
    for pod in pods {
        let Some(status) = &pod.status else { continue };
        let all = status
            .container_statuses
            .iter()
            .flatten()
            .chain(status.init_container_statuses.iter().flatten());
        for one in all.filter(|one| one.restart_count > 0) {
            let end = last_end(one);
            let at = end.and_then(|end| end.finished_at.as_ref()).map(|time| time.0);
            if since.is_some_and(|since| at.is_none_or(|at| at < since)) {
                continue;
            }
            rows.push(Row {
                count: one.restart_count,
                at,
                workload: snapshot.workload_of(pod),
                pod: reference(pod.as_ref()).path(),
                container: one.name.clone(),
                end: end.map(show_end).unwrap_or_default(),
            });
        }
    }
    rows.sort_by_key(|row| (std::cmp::Reverse(row.count), std::cmp::Reverse(row.at)));
    rows
}

fn told(
    context: &ToolContext,
    target: Option<&ObjectRef>,
    place: Option<&str>,
    since: Option<Timestamp>,
    rows: &[Row],
) -> ToolOutput {
    let mut output = ToolOutput::default();
    let subject = match (target, place) {
        (Some(target), _) => format!(" of `{}`", target.path()),
        (None, Some(place)) => format!(" in `{place}`"),
        (None, None) => String::new(),
    };
    let when = since.map_or_else(String::new, |since| {
        format!(" since {}", wording::moment(since, context.now, &context.zone))
    });
    let Some(most) = rows.first() else {
        output.headline = format!("No container{subject} has restarted{when}.");
        output.good = Some(true);
        return output;
    };
    let ago = most.at.map_or_else(String::new, |at| {
        format!(", last {} ago", wording::age(at, context.now))
    });
    let why = if most.end.is_empty() {
        String::new()
    } else {
        format!(", ended with {}", most.end)
    };
    output.headline = format!(
        "{}{subject} restarted{when}; most often `{}`: {}{ago}{why}.",
        wording::count(rows.len(), "container"),
        most.workload.path(),
        wording::count(usize::try_from(most.count).unwrap_or(0), "time"),
    );
    let recent = most
        .at
        .is_some_and(|at| context.now.as_second() - at.as_second() < 3_600);
    output.good = recent.then_some(false);
    output.facts = json!({"containers": rows.len(), "most": most.count});
    output.focus = vec![most.workload.clone()];
    output.next.push(NextStep::command(
        "See what it said before it ended",
        format!(
            "kubectl logs -n {} {} -c {} --previous",
            most.workload.namespace.as_deref().unwrap_or_default(),
            most.pod.rsplit('/').next().unwrap_or_default(),
            most.container
        ),
    ));
    let cells = rows
        .iter()
        .map(|row| {
            let ago = row.at.map(|at| format!("{} ago", wording::age(at, context.now)));
            let name = format!("`{}`", row.pod);
            vec![
                name,
                row.container.clone(),
                row.count.to_string(),
                ago.unwrap_or_default(),
                row.end.clone(),
            ]
        })
        .collect();
    output.blocks.extend(table(
        &["Pod", "Container", "Restarts", "Last", "How it ended"],
        cells,
        "container",
    ));
    output
}
