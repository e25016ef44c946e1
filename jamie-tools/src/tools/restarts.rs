//! A namespace or nothing in; what keeps restarting there, how often and why, out.

use async_trait::async_trait;
use jamie_core::{NextStep, ObjectRef, Phrase, Result, Severity, ToolContext, ToolOutput, tool::Fill};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, findings, must_be_namespace, namespace, phrases, table::table};
use crate::{
    cluster::{Cluster, Freshness},
    diagnosis::Scope,
    pod_status::{last_end, show_end},
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
        let pods = match &target {
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
        let mut rows: Vec<(i32, Option<Timestamp>, ObjectRef, Vec<String>)> = Vec::new();
        for pod in pods {
            let Some(status) = &pod.status else { continue };
            for one in status
                .container_statuses
                .iter()
                .flatten()
                .chain(status.init_container_statuses.iter().flatten())
            {
                if one.restart_count == 0 {
                    continue;
                }
                let end = last_end(one);
                let at = end.and_then(|end| end.finished_at.as_ref()).map(|time| time.0);
                if args.since.is_some_and(|since| at.is_none_or(|at| at < since)) {
                    continue;
                }
                let name = pod.metadata.name.clone().unwrap_or_default();
                let row = vec![
                    format!(
                        "`{}/{name}`",
                        pod.metadata.namespace.as_deref().unwrap_or_default()
                    ),
                    one.name.clone(),
                    one.restart_count.to_string(),
                    at.map(|at| format!("{} ago", wording::age(at, context.now)))
                        .unwrap_or_default(),
                    end.map(show_end).unwrap_or_default(),
                ];
                rows.push((one.restart_count, at, snapshot.workload_of(pod), row));
            }
        }
        rows.sort_by_key(|(count, at, ..)| (std::cmp::Reverse(*count), std::cmp::Reverse(*at)));
        let mut output = ToolOutput::default();
        let subject = match (&target, &place) {
            (Some(target), _) => format!(" of `{}`", target.path()),
            (None, Some(place)) => format!(" in `{place}`"),
            (None, None) => String::new(),
        };
        let when = args.since.map_or_else(String::new, |since| {
            format!(" since {}", wording::moment(since, context.now, &context.zone))
        });
        let Some((count, at, workload, row)) = rows.first() else {
            output.headline = format!("No container{subject} has restarted{when}.");
            output.good = Some(true);
            if let Some(target) = target {
                findings::bring_of(cluster, &mut output, &target).await?;
            }
            return Ok(output);
        };
        let ago = at.map_or_else(String::new, |at| {
            format!(", last {} ago", wording::age(at, context.now))
        });
        let why = row
            .last()
            .filter(|why| !why.is_empty())
            .map_or_else(String::new, |why| format!(", ended with {why}"));
        output.headline = format!(
            "{}{subject} restarted{when}; most often `{}`: {}{ago}{why}.",
            wording::count(rows.len(), "container"),
            workload.path(),
            wording::count(usize::try_from(*count).unwrap_or(0), "time"),
        );
        let recent = at.is_some_and(|at| context.now.as_second() - at.as_second() < 3_600);
        output.good = recent.then_some(false);
        output.facts = json!({"containers": rows.len(), "most": count});
        output.focus = vec![workload.clone()];
        output.next.push(NextStep::command(
            "See what it said before it ended",
            format!(
                "kubectl logs -n {} {} --previous --all-containers",
                workload.namespace.as_deref().unwrap_or_default(),
                row.first()
                    .map(|name| name.trim_matches('`').rsplit('/').next().unwrap_or_default())
                    .unwrap_or_default()
            ),
        ));
        let mut restless: Vec<ObjectRef> = Vec::new();
        for (_, _, workload, _) in &rows {
            if restless.len() < MOST && !restless.contains(workload) {
                restless.push(workload.clone());
            }
        }
        output.blocks.extend(table(
            &["Pod", "Container", "Restarts", "Last", "How it ended"],
            rows.into_iter().map(|(.., row)| row).collect(),
            "container",
        ));
        findings::bring(cluster, &mut output, &Scope::Objects(restless), Severity::Warning).await?;
        Ok(output)
    }
}
