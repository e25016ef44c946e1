//! One object in; what it is, how it stands and what happened to it lately, in readable form, out.

use async_trait::async_trait;
use jamie_core::{Block, NextStep, ObjectRef, Phrase, Quoted, Result, ToolContext, ToolOutput};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Look, events, list, manifest, must_exist, phrases, table::table};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    pod_status::status_of,
    snapshot::is_finished,
    wording,
    workload_status::replicas_of,
};

mod facts;
mod pods;

pub(super) struct Describe;

/// What to describe.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The object.
    #[schemars(extend("x-slot" = "target"))]
    target: ObjectRef,
}

#[async_trait]
impl Look for Describe {
    type Args = Args;
    const NAME: &'static str = "describe";
    const DESCRIPTION: &'static str =
        "One object in readable form: what it is made of, its state, conditions and latest events.";
    const EXAMPLE: &'static str = "describe the orders-db statefulset";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "describe {target}",
            "details of {target}",
            "tell me about {target}",
            "what is {target}",
            "info on {target}",
            "more about {target}",
            "how is {target} configured",
            "configuration of {target}",
            "settings of {target}",
            "environment variables of {target}",
            "env vars of {target}",
            "what are the limits of {target}",
            "resource limits of {target}",
            "memory limits of {target}",
            "requests and limits of {target}",
            "which image does {target} run",
            "what version of {target} is running",
            "which probes does {target} have",
            "conditions of {target}",
            "who owns {target}",
            "labels of {target}",
            "which node is {target} on",
            "where does {target} run",
            "what does {target} depend on",
            "taints of {target}",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let target = args.target;
        if let Some(namespace) = &target.namespace {
            cluster.include_namespace(namespace);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        must_exist(&snapshot, &target)?;
        let object = if list::is_held(&target.kind) {
            None
        } else {
            Some(manifest::read(cluster, &target).await?)
        };
        Ok(told(&snapshot, context, &target, object))
    }
}

fn told(snapshot: &Snapshot, context: &ToolContext, target: &ObjectRef, object: Option<Value>) -> ToolOutput {
    let mut output = ToolOutput {
        focus: vec![target.clone()],
        ..ToolOutput::default()
    };
    let item = list::collect(snapshot, &target.kind, context.now)
        .into_iter()
        .find(|item| item.object.is_same(target));
    output.headline = headline(snapshot, context, target, item.as_ref(), object.as_ref());
    let mut items: Vec<String> = Vec::new();
    if let Some(item) = &item {
        for (name, value) in list::headers(&target.kind).iter().zip(&item.cells) {
            if !value.is_empty() {
                items.push(format!("{name}: {value}"));
            }
        }
        if !item.labels.is_empty() {
            items.push(format!(
                "Labels: `{}`",
                wording::clip(&crate::selector::show_pairs(&item.labels), 300)
            ));
        }
    }
    items.extend(facts::of(snapshot, target));
    if !items.is_empty() {
        output.blocks.push(Block::List { items });
    }
    pods::containers(snapshot, target, &mut output);
    if let Some(mut object) = object {
        manifest::tidy(&mut object);
        conditions(&object, &mut output);
        if let Some(spec) = object.get("spec")
            && let Ok(text) = serde_saphyr::to_string(spec)
        {
            output.blocks.push(Block::Code {
                language: "yaml".to_owned(),
                text: Quoted::passage(text, 4_000),
            });
        }
    }
    if target.kind != "Pod" {
        pods::table_of(snapshot, context, target, &mut output);
    }
    happened(snapshot, context, target, &mut output);
    let place = target
        .namespace
        .as_ref()
        .map_or_else(String::new, |namespace| format!(" -n {namespace}"));
    output.next.push(NextStep::command(
        "See all of it",
        format!(
            "kubectl describe {} {}{place}",
            target.kind.to_lowercase(),
            target.name
        ),
    ));
    output.facts = json!({"object": target});
    output
}

fn headline(
    snapshot: &Snapshot,
    context: &ToolContext,
    target: &ObjectRef,
    item: Option<&list::Item>,
    object: Option<&Value>,
) -> String {
    let since = item.and_then(|item| item.created).map_or_else(String::new, |at| {
        format!(", {} old", wording::age(at, context.now))
    });
    let name = format!("{} `{}`", target.kind, target.path());
    if let Some(replicas) = replicas_of(snapshot, target) {
        return format!(
            "{name} has {} of {} ready{since}.",
            replicas.ready,
            wording::count(replicas.wanted, "replica")
        );
    }
    match target.kind.as_str() {
        "Pod" => {
            let Some(pod) = snapshot.pod(target.namespace.as_deref().unwrap_or_default(), &target.name)
            else {
                return format!("{name}.");
            };
            let status = status_of(pod);
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_ref());
            let on = node.map_or_else(|| ", on no node yet".to_owned(), |node| format!(" on `{node}`"));
            let restarts = match status.restarts {
                0 => String::new(),
                restarts => {
                    let end = status
                        .last_end
                        .as_ref()
                        .map_or_else(String::new, |end| format!(", last ended: {end}"));
                    format!(", {}{end}", wording::count(restarts as usize, "restart"))
                }
            };
            format!(
                "{name} is {}{on}, {} containers ready{restarts}{since}.",
                status.state,
                status.readiness()
            )
        }
        "Service" => {
            let ports = item
                .and_then(|item| item.cells.get(2).cloned())
                .unwrap_or_default();
            let kind = item.and_then(|item| item.state.clone()).unwrap_or_default();
            let service = snapshot.service(target.namespace.as_deref().unwrap_or_default(), &target.name);
            let ready = service
                .map(|service| snapshot.endpoints_of(service))
                .filter(|state| state.known);
            let ready = ready.map_or_else(String::new, |state| {
                format!(" has {}", wording::count(state.ready, "ready endpoint"))
            });
            format!("{name} ({kind}, port {ports}){ready}{since}.")
        }
        "Namespace" => {
            let pods: Vec<_> = snapshot
                .pods_in(&target.name)
                .filter(|pod| !is_finished(pod))
                .collect();
            let well = pods.iter().filter(|pod| !status_of(pod).is_unwell()).count();
            format!(
                "{name} has {}, {well} of them well{since}.",
                wording::count(pods.len(), "pod")
            )
        }
        _ => {
            let state = item
                .and_then(|item| item.state.clone())
                .or_else(|| list::state_of(object?).0);
            match state {
                Some(state) => format!("{name} is {state}{since}."),
                None => format!("{name} exists{since}."),
            }
        }
    }
}

fn conditions(object: &Value, output: &mut ToolOutput) {
    let conditions = object
        .pointer("/status/conditions")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let text = |value: &Value, key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let rows = conditions
        .iter()
        .map(|one| {
            vec![
                text(one, "type"),
                text(one, "status"),
                text(one, "reason"),
                wording::clip(&text(one, "message"), 200),
            ]
        })
        .collect();
    output.blocks.extend(table(
        &["Condition", "Status", "Reason", "Message"],
        rows,
        "condition",
    ));
}

/// The latest events.
fn happened(snapshot: &Snapshot, context: &ToolContext, target: &ObjectRef, output: &mut ToolOutput) {
    const SHOWN: usize = 8;
    let groups = events::grouped(snapshot, events::about(snapshot, target).into_iter());
    if groups.is_empty() {
        return;
    }
    let skipped = groups.len().saturating_sub(SHOWN);
    let lines: Vec<String> = groups
        .iter()
        .skip(skipped)
        .map(|group| events::line(group, context))
        .collect();
    output.blocks.push(Block::para("Latest events, newest last:"));
    output.blocks.push(Block::Code {
        language: "log".to_owned(),
        text: Quoted::passage(lines.join("\n"), 4_000),
    });
}
