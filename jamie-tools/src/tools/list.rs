//! A kind and a filter in, the objects that pass out; `count` answers the same question with a number.

use async_trait::async_trait;
use jamie_core::{Block, NextStep, ObjectRef, Phrase, Result, ToolContext, ToolOutput, tool::Fill};
use serde_json::json;

use super::{Look, must_be_namespace, namespace, phrases, table::table};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    diagnosis::facts,
    wording,
    workload_status::replicas_of,
};

mod concern;
mod custom;
mod filter;
mod item;
mod kinds;
mod network;
mod running;
mod settings;
mod words;

pub(crate) use self::custom::Kind;
use self::filter::Filter;
pub(super) use self::{
    custom::{find_kind, state_of},
    item::{Item, is_held},
    kinds::{collect, headers},
};

pub(super) struct List;

pub(super) struct Count;

#[async_trait]
impl Look for List {
    type Args = Filter;
    const NAME: &'static str = "list";
    const DESCRIPTION: &'static str = "Lists objects of any kind, filtered by status, label, image, node, age, restarts, replicas or missing limits.";
    const EXAMPLE: &'static str = "which pods restarted more than 5 times?";
    const FILL: Option<Fill> = Some(words::fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "list {kind}",
            "which {kind} are there",
            "what {kind} do we have",
            "show all {kind}",
            "get {kind}",
            "{kind}",
            "{kind} in {namespace}",
            "what runs in {namespace}",
            "what is running",
            "which {kind} are not ready",
            "which {kind} are failing",
            "which {kind} are crashing",
            "which {kind} are running",
            "{kind} with label {quoted}",
            "{kind} using image {quoted}",
            "{kind} that use the image",
            "{kind} on node {target}",
            "what runs on {target}",
            "{kind} of {target}",
            "{kind} without limits",
            "{kind} without requests",
            "{kind} without memory limits",
            "{kind} without probes",
            "{kind} with less than {count} replicas",
            "{kind} scaled to zero",
            "{kind} that restarted more than {count} times",
            "oldest {kind}",
            "newest {kind}",
            "{kind} older than {time}",
            "{kind} created since {time}",
            "{kind} named like {quoted}",
            "which namespaces exist",
            "suspended {kind}",
            "which {kind} are tainted",
            "which {kind} got a taint",
            "{kind} with taints",
            "anything odd with the {kind}",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Filter) -> Result<ToolOutput> {
        let found = find(cluster, context, args).await?;
        let concern = concern::of(&found);
        let mut output = listed(found, context);
        concern::tell(cluster, &mut output, concern).await?;
        Ok(output)
    }
}

#[async_trait]
impl Look for Count {
    type Args = Filter;
    const NAME: &'static str = "count";
    const DESCRIPTION: &'static str = "Counts objects of any kind, with the same filters as `list`.";
    const EXAMPLE: &'static str = "how many pods are running in staging?";
    const FILL: Option<Fill> = Some(words::fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "how many {kind}",
            "how many {kind} are there",
            "how many {kind} are in {namespace}",
            "how many {kind} have we got",
            "how many {kind} are running",
            "how many {kind} are failing",
            "how many {kind} of {target}",
            "how many {kind} on {target}",
            "how many replicas does {target} have",
            "count {kind}",
            "number of {kind}",
            "amount of {kind}",
            "total {kind}",
        ])
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Filter) -> Result<ToolOutput> {
        let found = find(cluster, context, args).await?;
        let concern = concern::of(&found).filter(|_| concern::is_telling(&found.filter));
        let mut output = counted(found);
        concern::tell(cluster, &mut output, concern).await?;
        Ok(output)
    }
}

/// What was found, and how it was asked for.
struct Found {
    kind: String,
    items: Vec<Item>,
    /// What there was before only its state was looked at, the unwell first.
    looked_at: Vec<ObjectRef>,
    /// How many there were before the filter.
    total: usize,
    filter: Filter,
    namespace: Option<String>,
    headers: Vec<&'static str>,
    notes: Vec<String>,
    /// What else explains it, one sentence each.
    asides: Vec<String>,
}

impl Found {
    /// "pods in `shop` that are not ready".
    fn subject(&self, number: usize) -> String {
        let noun = wording::count(number, &wording::noun(&self.kind));
        let place = self
            .namespace
            .as_ref()
            .map_or_else(String::new, |name| format!(" in `{name}`"));
        let of = self.filter.target.as_ref().map_or_else(String::new, |target| {
            if self.filter.outside {
                format!(" without `{}`", target.path())
            } else if target.kind == "Node" {
                format!(" on `{}`", target.name)
            } else {
                format!(" of `{}`", target.path())
            }
        });
        let what = self.filter.text();
        format!("{noun}{of}{place}{what}")
    }
}

async fn find(cluster: &Cluster, context: &ToolContext, args: Filter) -> Result<Found> {
    let kind = args.kind();
    let place = namespace(args.namespace.clone(), context);
    if let Some(name) = &place {
        cluster.include_namespace(name);
    }
    let snapshot = cluster.snapshot(Freshness::Recent).await?;
    if let Some(name) = &place {
        must_be_namespace(&snapshot, name)?;
    }
    let mut notes = Vec::new();
    let (kind, headers, mut items) = if item::is_held(&kind) {
        if kind != "Workload" && !snapshot.may_see(&kind, place.as_deref()) {
            notes.push(format!(
                "I may not see all {}, so some may be missing here.",
                wording::plural(&wording::noun(&kind))
            ));
        }
        let headers = kinds::headers(&kind);
        let items = kinds::collect(&snapshot, &kind, context.now);
        (kind, headers, items)
    } else {
        let found = custom::find_kind(cluster, &kind).await?;
        let items = custom::collect(cluster, &found, place.as_deref(), context.now).await?;
        (found.name, custom::HEADERS.to_vec(), items)
    };
    items.retain(|item| {
        let cluster_wide = item.object.namespace.is_none();
        place
            .as_ref()
            .is_none_or(|name| cluster_wide || item.object.namespace.as_ref() == Some(name))
    });
    if let Some(target) = &args.target
        && let Some(inside) = kinds::belonging(&snapshot, &kind, target)
    {
        items.retain(|item| inside.iter().any(|object| object.is_same(&item.object)) != args.outside);
    }
    let total = items.len();
    let looked_at = args.looked_at(&items, context.now);
    items.retain(|item| args.passes(item, context.now));
    args.sort(&mut items);
    let asides = args
        .target
        .as_ref()
        .map(|target| asides(&snapshot, &kind, target))
        .unwrap_or_default();
    Ok(Found {
        asides,
        kind,
        items,
        looked_at,
        total,
        filter: args,
        namespace: place,
        headers,
        notes,
    })
}

/// What explains how many there are: a target that is scaled to zero, a DaemonSet that leaves nodes out.
fn asides(snapshot: &Snapshot, kind: &str, target: &ObjectRef) -> Vec<String> {
    let mut asides = Vec::new();
    if matches!(kind, "Pod" | "Node")
        && replicas_of(snapshot, target).is_some_and(|replicas| replicas.wanted == 0)
    {
        asides.push(if target.kind == "DaemonSet" {
            format!("No node is one that `{}` may run on.", target.path())
        } else {
            format!("`{}` is scaled to zero: 0 replicas are wanted.", target.path())
        });
    }
    asides.extend(facts::left_out(snapshot, target).map(|fact| format!("{}.", wording::sentence(&fact))));
    asides
}

fn refs(items: &[Item]) -> Vec<ObjectRef> {
    items.iter().map(|item| item.object.clone()).take(20).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "an answer uses up what was found")]
fn listed(found: Found, context: &ToolContext) -> ToolOutput {
    let mut output = ToolOutput {
        focus: refs(&found.items),
        notes: found.notes.clone(),
        facts: json!({
            "kind": found.kind,
            "total": found.total,
            "count": found.items.len(),
            "items": found.items.iter().take(200).map(|item| &item.object).collect::<Vec<_>>(),
        }),
        ..ToolOutput::default()
    };
    output
        .blocks
        .extend(found.asides.iter().map(|aside| Block::para(aside.clone())));
    if found.items.is_empty() {
        output.headline = nothing(&found);
        return output;
    }
    let names: Vec<String> = found.items.iter().map(|item| item.object.path()).collect();
    let count = found.items.len();
    let verb = if count == 1 { "is" } else { "are" };
    let subject = found.subject(count);
    output.headline = match (count, found.filter.take) {
        (1, _) => format!(
            "There {verb} {subject}: `{}`{}.",
            names.first().cloned().unwrap_or_default(),
            found.items.first().map(item::Item::aside).unwrap_or_default()
        ),
        (2..=3, _) => format!("There {verb} {subject}: {}.", wording::code_list(&names, 3)),
        _ => format!("There {verb} {subject}."),
    };
    let with_namespace =
        found.namespace.is_none() && found.items.iter().any(|item| item.object.namespace.is_some());
    let mut headers = vec!["Name"];
    if with_namespace {
        headers.insert(0, "Namespace");
    }
    headers.extend(&found.headers);
    headers.push("Age");
    let rows = found
        .items
        .iter()
        .map(|item| {
            let mut row = Vec::new();
            if with_namespace {
                row.push(item.object.namespace.clone().unwrap_or_default());
            }
            row.push(format!("`{}`", item.object.name));
            row.extend(item.cells.iter().cloned());
            row.push(
                item.created
                    .map(|at| wording::age(at, context.now))
                    .unwrap_or_default(),
            );
            row
        })
        .collect();
    output.blocks.extend(table(&headers, rows, &found.kind));
    let flags = found.namespace.as_ref().map_or_else(
        || {
            if with_namespace {
                " -A".to_owned()
            } else {
                String::new()
            }
        },
        |name| {
            if with_namespace || found.items.iter().any(|item| item.object.namespace.is_some()) {
                format!(" -n {name}")
            } else {
                String::new()
            }
        },
    );
    output.next.push(NextStep::command(
        "See them all",
        format!(
            "kubectl get {}{flags} -o wide",
            if found.kind == "Workload" {
                "deployments,statefulsets,daemonsets".to_owned()
            } else {
                wording::plural(&found.kind.to_lowercase())
            }
        ),
    ));
    output
}

fn nothing(found: &Found) -> String {
    let what = found.subject(0);
    let what = what.trim_start_matches("0 ");
    if found.total == 0 {
        let place = found
            .namespace
            .as_ref()
            .map_or_else(|| " in the cluster".to_owned(), |name| format!(" in `{name}`"));
        let of = found.filter.target.as_ref().map_or_else(
            || place,
            |target| {
                let of = if found.filter.outside { "without" } else { "of" };
                format!(" {of} `{}`", target.path())
            },
        );
        return format!(
            "There are no {}{of}.",
            wording::plural(&wording::noun(&found.kind))
        );
    }
    format!(
        "There are no {what}; {} looked at.",
        wording::count(found.total, &wording::noun(&found.kind))
    )
}

#[expect(clippy::needless_pass_by_value, reason = "an answer uses up what was found")]
fn counted(found: Found) -> ToolOutput {
    let mut output = ToolOutput {
        focus: refs(&found.items),
        notes: found.notes.clone(),
        facts: json!({"kind": found.kind, "count": found.items.len(), "total": found.total}),
        ..ToolOutput::default()
    };
    let count = found.items.len();
    let verb = wording::is_are(count);
    let filtered = if count == found.total {
        String::new()
    } else {
        format!(" (of {} in all)", found.total)
    };
    output.headline = if count == 0 {
        nothing(&found)
    } else {
        format!("There {verb} {}{filtered}.", found.subject(count))
    };
    output
        .blocks
        .extend(found.asides.iter().map(|aside| Block::para(aside.clone())));
    // A number alone leaves the next question open: how they are, and where.
    let states = item::tally(found.items.iter().filter_map(|item| item.state.as_deref()));
    if states.len() > 1 || (states.len() == 1 && count > 1) {
        output
            .blocks
            .push(Block::para(format!("By state: {}.", wording::list(&states, 8))));
    }
    if found.namespace.is_none() {
        let places = item::tally(
            found
                .items
                .iter()
                .filter_map(|item| item.object.namespace.as_deref()),
        );
        if places.len() > 1 {
            output.blocks.push(Block::para(format!(
                "By namespace: {}.",
                wording::list(&places, 10)
            )));
        }
    }
    if (1..=10).contains(&count) {
        let names: Vec<String> = found.items.iter().map(|item| item.object.path()).collect();
        output
            .blocks
            .push(Block::para(format!("They are {}.", wording::code_list(&names, 10))).clone());
        if count == 1 {
            output.blocks.pop();
            output.blocks.push(Block::para(format!(
                "It is `{}`.",
                names.first().cloned().unwrap_or_default()
            )));
        }
    }
    output
}
