//! A scenario and the present moment in; the store as it would be had the scenario really happened out.
//!
//! What happened is put in order of time and played through the controllers and kubelets, which take time as a value.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{base, merge::merge};
use crate::{
    controllers::{
        World, all_nodes, cron_runs, degrade_node, ensure_namespace, events::Report, run_cron_job,
    },
    defaults,
    kubelet::matches_pattern,
    object::{self, kind, later, name, stamp, text},
    scenario::{ExtraEvent, Node, PastChange, Span},
};

/// How long things are given to settle after something happened.
const SETTLE_MS: i64 = 120_000;
/// The most looks that are spent on that.
const MOST_LOOKS: usize = 60;

enum Event {
    Apply(Value),
    Schedule { namespace: String, name: String },
    Degrade(Box<Node>),
    Look,
}

/// Plays the past up to `epoch`.
pub(crate) fn play(world: &mut World, epoch: Timestamp) -> Result<(), String> {
    let scenario = std::sync::Arc::clone(&world.scenario);
    let mut events: Vec<(Timestamp, Event)> = Vec::new();
    let born = scenario
        .history
        .iter()
        .map(|change| change.at)
        .chain([scenario.age])
        .max()
        .unwrap_or(scenario.age)
        .before(epoch);
    for manifest in &scenario.manifests {
        plan(world, manifest, epoch, &mut events);
    }
    for node in all_nodes(&scenario)
        .into_iter()
        .filter(|node| !node.conditions.is_empty())
    {
        let at = node.since.map_or(scenario.age, |since| since).before(epoch);
        events.push((at, Event::Degrade(Box::new(node))));
        events.push((later(at, 305_000), Event::Look));
    }
    for since in scenario.behaviours.iter().filter_map(|behaviour| behaviour.since) {
        let at = since.before(epoch);
        events.push((later(at, 1_000), Event::Look));
        events.push((later(at, 45_000), Event::Look));
    }
    events.retain(|(at, _)| *at <= epoch);
    events.sort_by_key(|(at, _)| *at);

    world.now = born;
    base::lay(world, born);
    for object in &scenario.objects {
        store_verbatim(world, object, born, epoch)?;
    }
    let mut events = events.into_iter().peekable();
    while let Some((at, event)) = events.next() {
        world.now = world.now.max(at);
        happen(world, event)?;
        // What happens at the same moment settles together.
        if events.peek().is_some_and(|(next, _)| *next == at) {
            continue;
        }
        let until = events
            .peek()
            .map_or(epoch, |(next, _)| *next)
            .min(later(world.now, SETTLE_MS));
        settle(world, until);
    }
    world.now = epoch;
    world.arriving = true;
    let all = world.namespaces();
    world.pass(&all);
    world.arriving = false;
    let mut dirty = all;
    for _ in 0..MOST_LOOKS {
        dirty = world.pass(&dirty);
        if dirty.is_empty() {
            break;
        }
    }
    for extra in &scenario.events {
        note(world, extra, epoch);
    }
    let store = world.store.clone();
    world.recorder.flush(&store, epoch);
    Ok(())
}

/// When a manifest was applied, and what it was before.
fn plan(world: &World, manifest: &Value, epoch: Timestamp, events: &mut Vec<(Timestamp, Event)>) {
    let scenario = &world.scenario;
    let mine = |change: &&PastChange| change.apply.iter().any(|earlier| is_same(earlier, manifest));
    let earlier: Vec<&PastChange> = scenario.history.iter().filter(mine).collect();
    let mut created = scenario.age.before(epoch);
    let mut current = manifest.clone();
    if let (Some(first), Some(last)) = (earlier.first(), earlier.last()) {
        created = first.at.max(scenario.age).before(epoch);
        for (index, change) in earlier.iter().enumerate() {
            let mut state = manifest.clone();
            for document in change.apply.iter().filter(|document| is_same(document, manifest)) {
                merge(&mut state, document);
            }
            let at = if index == 0 {
                created
            } else {
                change.at.before(epoch)
            };
            events.push((at, Event::Apply(state)));
        }
        let workload = format!("{}/{}", kind(manifest).to_ascii_lowercase(), name(manifest));
        let since = scenario
            .behaviours
            .iter()
            .filter(|behaviour| behaviour.workload == workload)
            .filter_map(|behaviour| behaviour.since)
            .filter(|since| *since < last.at)
            .max();
        let applied = since.unwrap_or_else(|| Span::from_secs(last.at.duration().as_secs() / 2));
        events.push((applied.before(epoch), Event::Apply(manifest.clone())));
    } else {
        if let Some(given) = object::time(manifest, "/metadata/creationTimestamp") {
            created = given;
        } else if let Ok(ago) = text(manifest, "/metadata/creationTimestamp").parse::<Span>() {
            created = ago.before(epoch);
        }
        current["metadata"]["creationTimestamp"] = json!(stamp(created));
        events.push((created, Event::Apply(current)));
    }
    if kind(manifest) == "CronJob" {
        let namespace = match object::namespace(manifest) {
            "" => "default",
            namespace => namespace,
        };
        for run in cron_runs(manifest, created, epoch, 4) {
            let event = Event::Schedule {
                namespace: namespace.to_owned(),
                name: name(manifest).to_owned(),
            };
            events.push((run, event));
            events.push((later(run, 90_000), Event::Look));
        }
    }
}

fn is_same(a: &Value, b: &Value) -> bool {
    let namespace = |object: &Value| match object::namespace(object) {
        "" => "default".to_owned(),
        namespace => namespace.to_owned(),
    };
    kind(a) == kind(b) && name(a) == name(b) && namespace(a) == namespace(b)
}

fn happen(world: &mut World, event: Event) -> Result<(), String> {
    match event {
        Event::Apply(manifest) => apply(world, manifest),
        Event::Schedule { namespace, name } => {
            run_cron_job(world, &namespace, &name);
            Ok(())
        }
        Event::Degrade(node) => {
            degrade_node(world, &node);
            Ok(())
        }
        Event::Look => Ok(()),
    }
}

/// Applies a manifest as a person would, now.
fn apply(world: &mut World, mut manifest: Value) -> Result<(), String> {
    let about = format!("{}/{}", kind(&manifest), name(&manifest));
    let key = world
        .store
        .key_for(&manifest)
        .map_err(|error| format!("{}: {about}: {error}", world.scenario.name))?;
    if let Some(namespace) = &key.namespace {
        ensure_namespace(&world.store, namespace, world.now);
        manifest["metadata"]["namespace"] = json!(namespace);
    }
    defaults::fill(&mut manifest);
    let failed = |error: crate::store::ApiStatus| format!("{about}: {error}");
    if let Some(current) = world.store.get(&key) {
        if let Some(status) = current.get("status") {
            manifest["status"] = status.clone();
        }
        for (annotation, value) in object::entries(&current, "/metadata/annotations") {
            object::default_to(
                object::child(&mut manifest["metadata"], "annotations"),
                annotation,
                value.clone(),
            );
        }
        // Whoever sets replicas last wins: the manifest.
        world.store.update(&key, manifest).map_err(failed)?;
        return Ok(());
    }
    if manifest
        .pointer("/metadata/creationTimestamp")
        .is_none_or(Value::is_null)
    {
        manifest["metadata"]["creationTimestamp"] = json!(stamp(world.now));
    }
    if key.plural == "pods" && key.group.is_empty() {
        let shown = name(&manifest).to_owned();
        manifest["status"] = json!({});
        crate::controllers::admit_pod(&world.store, &mut manifest, &shown).map_err(failed)?;
    }
    world.store.create(key, manifest).map_err(failed)?;
    Ok(())
}

/// Keeps an object as the scenario wrote it; times may be written as `-30m`.
fn store_verbatim(
    world: &mut World,
    object: &Value,
    born: Timestamp,
    epoch: Timestamp,
) -> Result<(), String> {
    let mut object = object.clone();
    resolve_times(&mut object, epoch);
    let about = format!("{}/{}", kind(&object), name(&object));
    let key = world
        .store
        .key_for(&object)
        .map_err(|error| format!("{}: {about}: {error}", world.scenario.name))?;
    if let Some(namespace) = &key.namespace {
        ensure_namespace(&world.store, namespace, born);
    }
    if object
        .pointer("/metadata/creationTimestamp")
        .is_none_or(Value::is_null)
    {
        object["metadata"]["creationTimestamp"] = json!(stamp(world.scenario.age.before(epoch)));
    }
    if object.get("status").is_none() || kind(&object) != "Pod" {
        defaults::fill(&mut object);
    }
    if world.store.get(&key).is_some() {
        let _ = world.store.delete(&key);
    }
    let stored = world
        .store
        .create(key, object)
        .map_err(|error| format!("{about}: {error}"))?;
    world.frozen.insert(object::uid(&stored).to_owned());
    Ok(())
}

fn resolve_times(value: &mut Value, epoch: Timestamp) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let is_time = ["Timestamp", "Time", "At", "timeAdded"]
                    .iter()
                    .any(|ending| key.ends_with(ending));
                let ago = value
                    .as_str()
                    .filter(|text| is_time && text.starts_with('-'))
                    .and_then(|text| text.parse::<Span>().ok());
                if let Some(ago) = ago {
                    *value = json!(stamp(ago.before(epoch)));
                } else {
                    resolve_times(value, epoch);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| resolve_times(item, epoch)),
        _ => {}
    }
}

/// Lets the controllers work until nothing moves or the time is up.
fn settle(world: &mut World, until: Timestamp) {
    let mut dirty = world.namespaces();
    for _ in 0..MOST_LOOKS {
        dirty = world.pass(&dirty);
        if !dirty.is_empty() {
            continue;
        }
        match world.next_wake().filter(|wake| *wake <= until) {
            Some(wake) => {
                world.now = wake.max(world.now);
                dirty = world.due();
            }
            None => return,
        }
    }
}

/// Adds an event that the scenario tells of.
fn note(world: &mut World, extra: &ExtraEvent, epoch: Timestamp) {
    let parts: Vec<&str> = extra.object.split('/').collect();
    let (wanted, namespace, pattern) = match parts.as_slice() {
        [kind, namespace, name] => (*kind, Some(*namespace), *name),
        [kind, name] => (*kind, None, *name),
        _ => return,
    };
    let found = world.store.kinds().into_iter().find_map(|(group, plural)| {
        let objects = world.store.list(&group, &plural, namespace);
        objects.into_iter().find(|object| {
            kind(object).eq_ignore_ascii_case(wanted) && matches_pattern(pattern, name(object))
        })
    });
    let found = found.unwrap_or_else(|| {
        let mut metadata = json!({"name": pattern.trim_end_matches('*').trim_end_matches('-')});
        if let Some(namespace) = namespace {
            ensure_namespace(&world.store, namespace, world.now);
            metadata["namespace"] = json!(namespace);
        }
        std::sync::Arc::new(json!({"apiVersion": "v1", "kind": wanted, "metadata": metadata}))
    });
    let source = extra.source.clone().unwrap_or_else(|| "kubelet".to_owned());
    let mut report = Report::new(&source, &found, &extra.reason, extra.message.clone());
    report.warning = extra.r#type == "Warning";
    let last = extra.last.before(epoch);
    let first = extra.first.map_or(last, |first| first.before(epoch));
    if extra.count > 1 {
        world.recorder.note(&report, first, 1);
        world.recorder.note(&report, last, extra.count - 1);
    } else {
        world.recorder.note(&report, last, 1);
    }
}
