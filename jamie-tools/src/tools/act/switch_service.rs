//! A Service and another version of its pods in; the change of its selector out.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Act, containers::template_pointer, lacking, phrases, said, the, unfit};
use crate::{
    Snapshot,
    acting::{Draft, Goal, Operation, Write},
    cluster::{Cluster, Freshness},
    selector::show_pairs,
    wording,
};

pub(super) struct SwitchService;

type Labels = BTreeMap<String, String>;

/// Which, and to whose pods.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Service.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Service"]))]
    target: ObjectRef,
    /// The workload whose pods it shall reach.
    #[schemars(extend("x-slot" = "second_target", "x-kinds" = ["Deployment", "StatefulSet", "DaemonSet"]))]
    to: Option<ObjectRef>,
    /// The value of the label that tells the versions apart: `v2`, `green`.
    version: Option<String>,
    /// The whole selector.
    selector: Option<Labels>,
}

#[async_trait]
impl Act for SwitchService {
    type Args = Args;
    const NAME: &'static str = "switch_service";
    const DESCRIPTION: &'static str = "Points a Service at the pods of another version or workload.";
    const EXAMPLE: &'static str = "switch the web service to green";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "switch the service {target} to",
            "switch the service {target} to {target}",
            "switch {target} to the version",
            "switch {target} to the other version",
            "switch traffic of {target} to",
            "point the service {target} at {target}",
            "point the service {target} at the version",
            "send the traffic of {target} to {target}",
            "send the traffic of {target} to",
            "{target} should send traffic to",
            "let {target} send traffic to {target}",
            "send traffic of {target} to",
            "flip the service {target} to",
            "change the selector of the service {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let target = args.target;
        if target.kind != "Service" {
            return Err(unfit(&target, "switched", "Services"));
        }
        let object = the(cluster, &target).await?;
        let now: Labels = object
            .pointer("/spec/selector")
            .and_then(|one| serde_json::from_value(one.clone()).ok())
            .unwrap_or_default();
        if now.is_empty() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("{target} has no selector: somebody else writes its endpoints"),
            )
            .with_hint("change it where its endpoints come from"));
        }
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        let then = match (args.selector, args.to, args.version) {
            (Some(selector), ..) if !selector.is_empty() => selector,
            (_, Some(to), _) => of_workload(&snapshot, &target, &now, &to, &the(cluster, &to).await?)?,
            (_, None, Some(version)) => of_version(&snapshot, &target, &now, &version)?,
            _ => {
                return Err(lacking(
                    format!(
                        "to which version shall {target} go? It looks for {}",
                        show_pairs(&now)
                    ),
                    "name the workload, or the value of the label that tells the versions apart",
                ));
            }
        };
        if then == now {
            return Err(lacking(
                format!("{target} looks for {} already", show_pairs(&now)),
                "name another version",
            ));
        }
        let mut selector: Map<String, Value> = then
            .iter()
            .map(|(key, value)| (key.clone(), json!(value)))
            .collect();
        for gone in now.keys().filter(|key| !then.contains_key(*key)) {
            selector.insert(gone.clone(), Value::Null);
        }
        let body = json!({"spec": {"selector": selector}});
        let operation = Operation::on(cluster, &target, Write::Merge { body }).await?;
        Ok(Draft::new(
            format!(
                "Switch {target} from the pods with {} to those with {}",
                show_pairs(&now),
                show_pairs(&then)
            ),
            json!({"target": target, "selector": then}),
            vec![operation],
            Goal::Backed {
                service: target.clone(),
            },
        )
        .undone_by(
            Self::NAME,
            json!({"target": target, "selector": now}),
            format!("{target} looked for {} before", show_pairs(&now)),
        ))
    }
}

/// The selector that picks the pods of a workload: the same keys with its values, and one more where those do not
/// tell it from the others.
fn of_workload(
    snapshot: &Snapshot,
    target: &ObjectRef,
    now: &Labels,
    to: &ObjectRef,
    object: &Value,
) -> Result<Labels> {
    let template = template_pointer(&to.kind).unwrap_or("/spec/template");
    let labels: Labels = object
        .pointer(&format!("{template}/metadata/labels"))
        .and_then(|labels| serde_json::from_value(labels.clone()).ok())
        .unwrap_or_default();
    let mut then: Labels = now
        .keys()
        .filter_map(|key| Some((key.clone(), labels.get(key)?.clone())))
        .collect();
    if then.is_empty() {
        // Nothing in common: what the workload itself goes by.
        let own = object.pointer("/spec/selector/matchLabels");
        then = own
            .and_then(|own| serde_json::from_value(own.clone()).ok())
            .unwrap_or_default();
    }
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let strangers = |then: &Labels| {
        snapshot
            .pods_labelled(namespace, then)
            .iter()
            .any(|pod| !snapshot.workload_of(pod).is_same(to))
    };
    if strangers(&then) {
        let telling = labels.iter().find(|(key, value)| {
            let mut tried = then.clone();
            tried.insert((*key).clone(), (*value).clone());
            !then.contains_key(*key) && !strangers(&tried)
        });
        match telling {
            Some((key, value)) => {
                then.insert(key.clone(), value.clone());
            }
            None => {
                return Err(lacking(
                    format!("no label tells the pods of {to} from the others that {target} reaches"),
                    "give its template a label of its own, like version",
                ));
            }
        }
    }
    Ok(then)
}

/// The selector that picks a version by the value of one label, which pods beside those of now must have.
fn of_version(snapshot: &Snapshot, target: &ObjectRef, now: &Labels, version: &str) -> Result<Labels> {
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let mut found: Vec<Labels> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    for pod in snapshot.pods_in(namespace) {
        let Some(labels) = &pod.metadata.labels else {
            continue;
        };
        // The pods of another version share at least one label with what is looked for now, or all but the version.
        let kin = now
            .iter()
            .filter(|(key, value)| labels.get(*key) == Some(*value))
            .count();
        if kin + 1 < now.len() || kin == 0 {
            continue;
        }
        for (key, value) in labels {
            if key.contains("hash") || key.contains("pod-name") {
                continue;
            }
            let is_version = ["version", "color", "colour", "track", "release", "slot", "tier"]
                .iter()
                .any(|word| key.to_lowercase().contains(word));
            if is_version && !values.contains(value) {
                values.push(value.clone());
            }
            if value.eq_ignore_ascii_case(version) {
                let mut then: Labels = now
                    .iter()
                    .filter(|(own, had)| labels.get(*own) == Some(*had))
                    .map(|(own, had)| (own.clone(), had.clone()))
                    .collect();
                then.insert(key.clone(), value.clone());
                if !found.contains(&then) {
                    found.push(then);
                }
            }
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => {
            values.sort();
            Err(Error::new(
                ErrorKind::NotFound,
                format!("no pods beside those of {target} have a label with the value `{version}`"),
            )
            .with_hint(if values.is_empty() {
                "name the workload whose pods it shall reach".to_owned()
            } else {
                format!("there are {}", wording::code_list(&values, 6))
            }))
        }
        _ => Err(Error::new(
            ErrorKind::Ambiguous,
            format!("`{version}` is the value of several labels"),
        )
        .with_hint("name the workload whose pods it shall reach")),
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    if args.contains_key("to") {
        return;
    }
    let words: Vec<&str> = said::typed(question).collect();
    let skip = |word: &str| {
        matches!(
            word.to_lowercase().as_str(),
            "the"
                | "version"
                | "pods"
                | "with"
                | "of"
                | "labelled"
                | "label"
                | "other"
                | "another"
                | "its"
                | "deployment"
        )
    };
    let named = |word: &str| {
        question
            .targets
            .iter()
            .any(|target| target.object.name.eq_ignore_ascii_case(word))
    };
    let to = words
        .iter()
        .rposition(|word| matches!(word.to_lowercase().as_str(), "to" | "at" | "onto"));
    let version = to
        .and_then(|at| words.get(at + 1..))
        .into_iter()
        .flatten()
        .find(|word| !skip(word) && !named(word))
        // "colour=green" is the version green.
        .map(|word| word.rsplit('=').next().unwrap_or(word));
    if let Some(version) = version {
        said::set(args, "version", version);
    }
}
