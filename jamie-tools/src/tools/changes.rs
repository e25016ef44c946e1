//! An object, a namespace or nothing and a stretch of time in; what changed and what broke then, in one timeline,
//! out.

use async_trait::async_trait;
use jamie_core::{
    Block, Evidence, NextStep, ObjectRef, Phrase, Quoted, Result, Severity, ToolContext, ToolOutput,
    tool::Fill,
};
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Look, findings, must_be_namespace, must_exist, namespace, phrases, rollout_history, table::MAX_ROWS,
};
use crate::{
    Snapshot,
    changes::{About, Change, Sort, timeline},
    cluster::{Cluster, Freshness},
    diagnosis::Scope,
    wording,
};

pub(super) struct Changes;

/// Of what, and when.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The object; what it depends on counts too.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRef>,
    /// The namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// From when, RFC 3339; a day ago without it.
    #[schemars(with = "Option<String>", extend("x-slot" = "since"))]
    since: Option<Timestamp>,
    /// Until when, RFC 3339; now without it.
    #[schemars(with = "Option<String>", extend("x-slot" = "until"))]
    until: Option<Timestamp>,
}

#[async_trait]
impl Look for Changes {
    type Args = Args;
    const NAME: &'static str = "changes";
    const DESCRIPTION: &'static str = "What changed, and when, in one timeline: rollouts with their differences, ConfigMaps and Secrets, scaling, nodes, jobs, and what broke.";
    const EXAMPLE: &'static str = "what changed in shop since yesterday?";
    const FILL: Option<Fill> = Some(super::overview::place);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "what changed",
            "what changed since {time}",
            "what changed in {namespace}",
            "what changed in {namespace} since {time}",
            "what has changed with {target}",
            "what changed in {target} before it broke",
            "recent changes",
            "changes to {target}",
            "changes since {time}",
            "anything changed",
            "did anybody change {target}",
            "who changed {target}",
            "who touched {target}",
            "who deployed",
            "was there a deployment",
            "what was deployed since {time}",
            "what got deployed",
            "latest deployments",
            "when was {target} last deployed",
            "when was {target} changed",
            "when did {target} break",
            "since when is {target} broken",
            "timeline of {target}",
            "what is different since {time}",
            "what did we change",
            "it worked {time}",
        ])
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
        let target = args.target.clone().filter(|target| target.kind != "Namespace");
        if let Some(target) = &target {
            must_exist(&snapshot, target)?;
        }
        if let Some(name) = &place {
            must_be_namespace(&snapshot, name)?;
        }
        let about = match (target, place) {
            (Some(target), _) => About::Object(target),
            (None, Some(place)) => About::Namespace(place),
            (None, None) => About::Cluster,
        };
        let mut output = told(&snapshot, context, &about, args.since, args.until);
        if let About::Object(object) = about {
            findings::bring(cluster, &mut output, &Scope::Object(object), Severity::Warning).await?;
        }
        Ok(output)
    }
}

fn name_of(about: &About) -> String {
    match about {
        About::Object(object) => format!("`{}`", object.path()),
        About::Namespace(name) => format!("`{name}`"),
        About::Cluster => "the cluster".to_owned(),
    }
}

fn hours_ago(context: &ToolContext, hours: i64) -> Timestamp {
    context.now.checked_sub(hours.hours()).unwrap_or(Timestamp::MIN)
}

fn told(
    snapshot: &Snapshot,
    context: &ToolContext,
    about: &About,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> ToolOutput {
    let end = until.unwrap_or(context.now);
    let mut from = since.unwrap_or_else(|| hours_ago(context, 24));
    let mut found = timeline(snapshot, about, from, end);
    let mut output = ToolOutput::default();
    if let About::Object(object) = about {
        output.focus = vec![object.clone()];
    }
    // Nothing asked for a day: when there is nothing in it, the last change may lie further back.
    if since.is_none() && !found.iter().any(|change| change.sort == Sort::Change) {
        from = hours_ago(context, 24 * 30);
        found = timeline(snapshot, about, from, end);
        output
            .notes
            .push("Nothing was changed in the last day, so I looked a month back.".to_owned());
    }
    let show = |at: Timestamp| wording::moment(at, context.now, &context.zone);
    let range = match until {
        Some(until) => format!("between {} and {}", show(from), show(until)),
        None => format!("since {}", show(from)),
    };
    output.facts = facts(from, &found);
    if found.is_empty() {
        output.headline = format!("I see no change in {} {range}.", name_of(about));
        output.notes.push("The API server keeps no history: only revisions, the last write of each object and an hour or so of events can be seen.".to_owned());
        return output;
    }
    let pair = suspect(&found);
    output.headline = headline(context, about, &range, &found, pair);
    output.good = found
        .iter()
        .any(|change| change.sort == Sort::Breakage)
        .then_some(false);
    lines(&mut output, context, &found);
    let changes = || found.iter().filter(|change| change.sort == Sort::Change);
    let told = pair
        .map(|(change, _)| change)
        .or_else(|| changes().rfind(|change| !change.differences.is_empty()));
    if let Some(change) = told.filter(|change| !change.differences.is_empty()) {
        output.blocks.push(Block::para(format!(
            "What that changed in `{}`:",
            change.object.path()
        )));
        output.blocks.push(rollout_history::diff(&change.differences));
    }
    if let Some((change, _)) = pair.filter(|(change, _)| change.object.kind == "Deployment") {
        let namespace = change.object.namespace.as_deref().unwrap_or_default();
        output.next.push(NextStep::command(
            "If that change is to blame, go back to the revision before it",
            format!(
                "kubectl rollout undo deployment/{} -n {namespace}",
                change.object.name
            ),
        ));
    }
    for change in changes().rev().take(3) {
        output.evidence.push(Evidence::new(
            change.object.to_string(),
            &change.text,
            Some(change.at),
        ));
    }
    output
}

fn facts(from: Timestamp, found: &[Change]) -> Value {
    let changes: Vec<Value> = found
        .iter()
        .take(200)
        .map(|change| {
            json!({
                "at": change.at.to_string(),
                "object": change.object,
                "what": change.text,
                "sort": format!("{:?}", change.sort).to_lowercase(),
            })
        })
        .collect();
    json!({"from": from.to_string(), "changes": changes})
}

/// The change to suspect, and what broke after it: in the hours before something broke, the weightier and the
/// nearer the likelier.
fn suspect(found: &[Change]) -> Option<(&Change, &Change)> {
    const WINDOW: i64 = 6 * 3_600;
    let broken = found.iter().filter(|change| change.sort == Sort::Breakage);
    broken
        .flat_map(|broke| {
            let before = move |change: &&Change| {
                let gap = broke.at.as_second() - change.at.as_second();
                change.sort == Sort::Change && (0..=WINDOW).contains(&gap)
            };
            found.iter().filter(before).map(move |change| (change, broke))
        })
        .max_by_key(|(change, broke)| {
            (
                weight(change, broke),
                std::cmp::Reverse(broke.at.as_second() - change.at.as_second()),
            )
        })
}

fn headline(
    context: &ToolContext,
    about: &About,
    range: &str,
    found: &[Change],
    suspect: Option<(&Change, &Change)>,
) -> String {
    let show = |at: Timestamp| wording::moment(at, context.now, &context.zone);
    let name = name_of(about);
    let changes: Vec<&Change> = found
        .iter()
        .filter(|change| change.sort == Sort::Change)
        .collect();
    let broke = found.iter().find(|change| change.sort == Sort::Breakage);
    match (suspect, broke, changes.last()) {
        (Some((change, broke)), ..) => {
            let gap = broke.at.as_second() - change.at.as_second();
            let gap = if gap < 5 {
                "right".to_owned()
            } else {
                wording::duration(gap)
            };
            format!(
                "The change to suspect: `{}` {} ({}), {gap} before {} ({}).",
                change.object.path(),
                change.text,
                show(change.at),
                lower(broke),
                show(broke.at),
            )
        }
        (None, _, Some(last)) => format!(
            "{} in {name} {range}; the latest: `{}` {} ({}).",
            wording::count(changes.len(), "change"),
            last.object.path(),
            last.text,
            show(last.at)
        ),
        (_, Some(broke), None) => format!(
            "Nothing was changed in {name} {range} that I can see, but {} ({}).",
            lower(broke),
            show(broke.at)
        ),
        _ => {
            let count = wording::count(found.len(), "thing");
            format!("Nothing was changed in {name} {range}; the cluster itself did {count}.")
        }
    }
}

fn weight(change: &Change, broke: &Change) -> u8 {
    let same = u8::from(change.object.is_same(&broke.object));
    let settles = match change.object.kind.as_str() {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ConfigMap" | "Secret" | "NetworkPolicy"
        | "ResourceQuota" => 2,
        _ => 1,
    };
    same * 4 + settles
}

fn lower(change: &Change) -> String {
    format!("`{}`: {}", change.object.path(), change.text)
}

fn lines(output: &mut ToolOutput, context: &ToolContext, found: &[Change]) {
    let skipped = found.len().saturating_sub(MAX_ROWS + 10);
    if skipped > 0 {
        output.notes.push(format!(
            "I show the last {} of {} entries.",
            found.len() - skipped,
            found.len()
        ));
    }
    let shown: Vec<String> = found
        .iter()
        .skip(skipped)
        .map(|change| {
            let mark = match change.sort {
                Sort::Change => "*",
                Sort::Reaction => " ",
                Sort::Breakage => "!",
            };
            let by = change
                .by
                .as_ref()
                .map_or_else(String::new, |by| format!(" [{}]", wording::clip(by, 60)));
            format!(
                "{mark} {}  {} {}: {}{by}",
                wording::moment(change.at, context.now, &context.zone),
                change.object.kind,
                change.object.path(),
                change.text.replace('`', "")
            )
        })
        .collect();
    output
        .blocks
        .push(Block::para("The timeline (`*` changed, `!` broke), newest last:"));
    output.blocks.push(Block::Code {
        language: "log".to_owned(),
        text: Quoted::passage(shown.join("\n"), 9_000),
    });
}
