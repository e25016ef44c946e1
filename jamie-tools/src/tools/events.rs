//! An object, a namespace or nothing in; what the cluster said happened there, alike things together, out.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jamie_core::{
    Block, Evidence, NextStep, ObjectRef, Phrase, Question, Quoted, Result, ToolContext, ToolOutput,
    tool::Fill,
};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Look, must_be_namespace, must_exist, namespace, table::MAX_ROWS};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    leads::pattern::mask,
    snapshot::{event_count, event_object, event_time, reference},
    wording,
};

pub(super) struct Events;

/// Which events.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The object; its pods' events are told too.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRef>,
    /// The namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// Only what happened after this, RFC 3339.
    #[schemars(with = "Option<String>", extend("x-slot" = "since"))]
    since: Option<Timestamp>,
    /// Only what happened before this, RFC 3339.
    #[schemars(with = "Option<String>", extend("x-slot" = "until"))]
    until: Option<Timestamp>,
    /// Only warnings.
    #[serde(default)]
    warnings: bool,
    /// Only events with this in their reason or message.
    #[schemars(extend("x-slot" = "quoted"))]
    containing: Option<String>,
}

#[async_trait]
impl Look for Events {
    type Args = Args;
    const NAME: &'static str = "events";
    const DESCRIPTION: &'static str = "The events of an object, a namespace or the cluster: alike ones together, warnings first, newest last.";
    const EXAMPLE: &'static str = "any warnings in the shop namespace in the last hour?";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        let warnings = || json!({"warnings": true});
        vec![
            Phrase::new("events"),
            Phrase::new("events of {target}"),
            Phrase::new("events in {namespace}"),
            Phrase::new("events since {time}"),
            Phrase::new("events of {target} since {time}"),
            Phrase::new("recent events"),
            Phrase::new("what events are there for {target}"),
            Phrase::new("what is going on in {namespace}"),
            Phrase::new("what has been going on with {target}"),
            Phrase::new("what happened in {namespace} since {time}"),
            Phrase::new("what happened last night"),
            Phrase::new("event log"),
            Phrase::with("warnings", warnings()),
            Phrase::with("warnings in {namespace}", warnings()),
            Phrase::with("warning events of {target}", warnings()),
            Phrase::with("any warnings since {time}", warnings()),
        ]
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let place = match &args.target {
            Some(target) if target.kind == "Namespace" => Some(target.name.clone()),
            Some(target) => target.namespace.clone(),
            None => namespace(args.namespace.clone(), context),
        };
        if let Some(name) = &place {
            cluster.include_namespace(name);
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        if let Some(name) = &place {
            must_be_namespace(&snapshot, name)?;
        }
        let target = args.target.clone().filter(|target| target.kind != "Namespace");
        if let Some(target) = &target {
            must_exist(&snapshot, target)?;
        }
        Ok(told(&snapshot, context, &args, target.as_ref(), place.as_deref()))
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    super::overview::place(question, args);
    if question.words.iter().any(|word| {
        matches!(
            word.as_str(),
            "warning" | "warnings" | "bad" | "failed" | "failures"
        )
    }) {
        args.insert("warnings".to_owned(), json!(true));
    }
}

/// Events that say the same of the same thing.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) is_warning: bool,
    pub(super) reason: String,
    /// The message of the newest.
    pub(super) message: String,
    /// What it is about: the workload of pods.
    pub(super) about: ObjectRef,
    pub(super) count: u64,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    /// On how many objects it was seen.
    pub(super) objects: Vec<String>,
}

/// The events of an object and of what it is made of: its pods, its ReplicaSets, its jobs.
pub(super) fn about<'a>(snapshot: &'a Snapshot, target: &ObjectRef) -> Vec<&'a Event> {
    let mut objects = vec![target.clone()];
    objects.extend(snapshot.pods_of(target).iter().map(|pod| reference(pod.as_ref())));
    if target.kind == "Deployment"
        && let Some(deployment) =
            snapshot.deployment(target.namespace.as_deref().unwrap_or_default(), &target.name)
    {
        objects.extend(
            snapshot
                .replica_sets_of(deployment)
                .into_iter()
                .map(|set| reference(set.as_ref())),
        );
    }
    if target.kind == "CronJob" {
        let owned = snapshot.jobs.iter().filter(|job| {
            job.metadata.namespace == target.namespace
                && job
                    .metadata
                    .owner_references
                    .iter()
                    .flatten()
                    .any(|owner| owner.kind == "CronJob" && owner.name == target.name)
        });
        objects.extend(owned.map(|job| reference(job.as_ref())));
    }
    // Events of pods that are gone by now still belong to the workload: they carry its name.
    let prefix = format!("{}-", target.name);
    let is_workload = matches!(
        target.kind.as_str(),
        "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" | "Job" | "ReplicaSet"
    );
    let mut events: Vec<&Event> = Vec::new();
    for event in &snapshot.events {
        let object = event_object(event);
        let listed = objects.iter().any(|one| one.is_same(&object));
        let gone = is_workload
            && object.namespace == target.namespace
            && matches!(object.kind.as_str(), "Pod" | "ReplicaSet" | "Job")
            && object.name.strip_prefix(&prefix).is_some_and(|rest| {
                rest.split('-').count() <= 2 && !rest.is_empty() && snapshot.exists(&object) == Some(false)
            });
        if listed || gone {
            events.push(event);
        }
    }
    events
}

/// Puts alike events together, oldest first.
pub(super) fn grouped<'a>(snapshot: &Snapshot, events: impl Iterator<Item = &'a Event>) -> Vec<Group> {
    let mut groups: BTreeMap<(String, String, String), Group> = BTreeMap::new();
    for event in events {
        let object = event_object(event);
        let about = match object.kind.as_str() {
            "Pod" => snapshot
                .pod(object.namespace.as_deref().unwrap_or_default(), &object.name)
                .map_or_else(|| object.clone(), |pod| snapshot.workload_of(pod)),
            _ => object.clone(),
        };
        let reason = event.reason.clone().unwrap_or_default();
        let message = event.message.clone().unwrap_or_default();
        let own = mask(&message.replace(&object.name, "#"));
        let at = event_time(event);
        let group = groups
            .entry((about.path(), reason.clone(), own))
            .or_insert_with(|| Group {
                is_warning: event.type_.as_deref() == Some("Warning"),
                reason,
                message: message.clone(),
                about,
                count: 0,
                first: event.first_timestamp.as_ref().map(|time| time.0).or(at),
                last: at,
                objects: Vec::new(),
            });
        group.count += u64::from(event_count(event));
        if at >= group.last {
            group.last = at;
            group.message = message;
        }
        let first = event.first_timestamp.as_ref().map(|time| time.0).or(at);
        group.first = match (group.first, first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if !group.objects.contains(&object.name) {
            group.objects.push(object.name);
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by_key(|group| group.last);
    groups
}

/// The events that the arguments let pass.
fn chosen<'a>(
    snapshot: &'a Snapshot,
    args: &Args,
    target: Option<&ObjectRef>,
    place: Option<&str>,
) -> Vec<&'a Event> {
    let mut events: Vec<&Event> = match target {
        Some(target) => about(snapshot, target),
        None => snapshot.events.iter().map(AsRef::as_ref).collect(),
    };
    let is_inside = |event: &Event| {
        let places = [&event.metadata.namespace, &event.involved_object.namespace];
        target.is_some() || place.is_none_or(|place| places.iter().any(|own| own.as_deref() == Some(place)))
    };
    let contains = |event: &Event, part: &str| {
        let part = part.to_lowercase();
        [&event.reason, &event.message]
            .into_iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(&part))
    };
    events.retain(|event| {
        let at = event_time(event);
        is_inside(event)
            && args.since.is_none_or(|since| at.is_none_or(|at| at >= since))
            && args.until.is_none_or(|until| at.is_none_or(|at| at <= until))
            && (!args.warnings || event.type_.as_deref() == Some("Warning"))
            && args.containing.as_ref().is_none_or(|part| contains(event, part))
    });
    events
}

fn told(
    snapshot: &Snapshot,
    context: &ToolContext,
    args: &Args,
    target: Option<&ObjectRef>,
    place: Option<&str>,
) -> ToolOutput {
    let subject = match (target, place) {
        (Some(target), _) => format!("of `{}`", target.path()),
        (None, Some(place)) => format!("in `{place}`"),
        (None, None) => "in the cluster".to_owned(),
    };
    let mut output = ToolOutput {
        focus: target.cloned().into_iter().collect(),
        ..ToolOutput::default()
    };
    if !snapshot.may_see("Event", place) {
        output
            .notes
            .push("I may not see all events, so some may be missing here.".to_owned());
    }
    let groups = grouped(snapshot, chosen(snapshot, args, target, place).into_iter());
    let when = args.since.map_or_else(String::new, |since| {
        format!(" since {}", wording::moment(since, context.now, &context.zone))
    });
    let (warnings, normal): (Vec<&Group>, Vec<&Group>) = groups.iter().partition(|group| group.is_warning);
    output.facts = json!({"warnings": warnings.len(), "normal": normal.len()});
    if groups.is_empty() {
        let what = if args.warnings { "warnings" } else { "events" };
        output.headline = format!("There are no {what} {subject}{when}.");
        let note = "An API server keeps events for about an hour by default, so older ones are gone.";
        output.blocks.push(Block::para(note));
        return output;
    }
    let newest = warnings.last().map_or_else(String::new, |group| {
        format!(
            "; the latest: {} on `{}` ({})",
            group.reason,
            group.about.path(),
            ago(group, context)
        )
    });
    let kinds = if warnings.len() == 1 { "kind" } else { "kinds" };
    let others = if args.warnings {
        String::new()
    } else {
        format!(" and {} of other events", normal.len())
    };
    output.headline = format!(
        "{} {kinds} of warning{others} {subject}{when}{newest}.",
        warnings.len()
    );
    output.good = (!warnings.is_empty()).then_some(false);
    show(&mut output, context, "Warnings, newest last", &warnings);
    if !args.warnings {
        let title = if warnings.is_empty() {
            "Newest last"
        } else {
            "The rest, newest last"
        };
        show(&mut output, context, title, &normal);
    }
    for group in warnings.iter().rev().take(3) {
        let source = format!("event {} of {}", group.reason, group.about);
        output
            .evidence
            .push(Evidence::new(source, &group.message, group.last));
    }
    let flags = place.map_or_else(|| " -A".to_owned(), |place| format!(" -n {place}"));
    let command = format!("kubectl get events{flags} --sort-by=.lastTimestamp");
    output.next.push(NextStep::command("See them all", command));
    output
}

fn ago(group: &Group, context: &ToolContext) -> String {
    group.last.map_or_else(
        || "time unknown".to_owned(),
        |at| format!("{} ago", wording::age(at, context.now)),
    )
}

/// A group as one line.
pub(super) fn line(group: &Group, context: &ToolContext) -> String {
    let times = if group.count > 1 {
        format!(" ×{}", group.count)
    } else {
        String::new()
    };
    let on = if group.objects.len() > 1 {
        format!(" ({} objects)", group.objects.len())
    } else {
        String::new()
    };
    format!(
        "{} {} {}/{}{on}{times}: {}",
        ago(group, context),
        group.reason,
        group.about.kind,
        group.about.name,
        wording::clip(&group.message, 240)
    )
}

fn show(output: &mut ToolOutput, context: &ToolContext, title: &str, groups: &[&Group]) {
    if groups.is_empty() {
        return;
    }
    let skipped = groups.len().saturating_sub(MAX_ROWS);
    let cut = if skipped > 0 {
        format!(" (the last {MAX_ROWS} of {})", groups.len())
    } else {
        String::new()
    };
    let lines: Vec<String> = groups
        .iter()
        .skip(skipped)
        .map(|group| line(group, context))
        .collect();
    output.blocks.push(Block::para(format!("{title}{cut}:")));
    output.blocks.push(Block::Code {
        language: "log".to_owned(),
        text: Quoted::passage(lines.join("\n"), 8_000),
    });
}
