//! A workload and a number of replicas, absolute or against what it has, in; the change of its replicas out.

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, ObjectRef, Phrase, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Act, lacking, phrases,
    said::{self, Step},
    the, unfit,
};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::Cluster,
    wording,
};

pub(super) struct Scale;

/// More than so many times as many replicas, and more than that number, are hardly meant.
const BOLD: (i64, i64) = (10, 50);
/// More than this no cluster takes.
const MOST: i64 = 5_000;

/// What, and to how many.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Deployment, StatefulSet or ReplicaSet.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "StatefulSet"]))]
    target: ObjectRef,
    /// So many replicas.
    replicas: Option<u32>,
    /// So many more; fewer where negative.
    by: Option<i64>,
    /// So many times as many: 2 doubles, 0.5 halves.
    times: Option<f64>,
}

#[async_trait]
impl Act for Scale {
    type Args = Args;
    const NAME: &'static str = "scale";
    const DESCRIPTION: &'static str =
        "Sets how many replicas a workload has: a number, so many more or fewer, or so many times as many.";
    const EXAMPLE: &'static str = "scale web to 5";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "scale {target} to {count}",
            "scale {target} up",
            "scale {target} down",
            "scale {target} up by {count}",
            "scale up {target}",
            "scale down {target}",
            "double the replicas of {target}",
            "double {target}",
            "halve {target}",
            "triple {target}",
            "set {target} to {count} replicas",
            "give {target} {count} more replicas",
            "add {count} replicas to {target}",
            "add {count} pods to {target}",
            "remove {count} replicas from {target}",
            "run {count} replicas of {target}",
            "increase {target} to {count} replicas",
            "reduce {target} to {count} replicas",
            "bump {target} to {count} replicas",
            "one more replica of {target}",
            "bring {target} up to {count} replicas",
            "bring {target} down to {count} replicas",
            "i want {count} replicas of {target}",
            "take {count} replicas away from {target}",
            "scale {target}",
            "change the replicas of {target}",
            "change the number of replicas of {target}",
            "adjust the replicas of {target}",
            "{target} needs scaling",
            "set the replicas of {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let target = args.target.clone();
        if !matches!(target.kind.as_str(), "Deployment" | "StatefulSet" | "ReplicaSet") {
            return Err(unfit(&target, "scaled", "Deployments and StatefulSets"));
        }
        let object = the(cluster, &target).await?;
        let has = object
            .pointer("/spec/replicas")
            .and_then(Value::as_i64)
            .unwrap_or(1);
        let wanted = wanted(&target, &args, has)?;
        if wanted == has {
            return Err(lacking(
                format!("{target} has {} already", replicas(has)),
                "say another number",
            ));
        }
        let body = json!({"spec": {"replicas": wanted}});
        let operation = Operation::on(cluster, &target, Write::Merge { body }).await?;
        let mut draft = Draft::new(
            format!("Scale {target} from {has} to {}", replicas(wanted)),
            json!({"target": target, "replicas": wanted}),
            vec![operation],
            Goal::RolledOut {
                object: target.clone(),
            },
        )
        .undone_by(
            Self::NAME,
            json!({"target": target, "replicas": has}),
            format!("{target} had {} before", replicas(has)),
        );
        if wanted > BOLD.1 && wanted > has * BOLD.0 {
            draft.warnings.push(format!(
                "{wanted} replicas are more than {} times what {target} has: is that what you mean?",
                BOLD.0
            ));
        }
        Ok(draft)
    }
}

fn replicas(count: i64) -> String {
    wording::count(usize::try_from(count).unwrap_or(0), "replica")
}

fn wanted(target: &ObjectRef, args: &Args, has: i64) -> Result<i64> {
    let wanted = match (args.replicas, args.by, args.times) {
        (Some(replicas), ..) => i64::from(replicas),
        (None, Some(by), _) => has.saturating_add(by),
        (None, None, Some(times)) if times.is_finite() && times >= 0.0 => {
            let exact = has as f64 * times;
            // "Halve it" of one is no wish to switch it off.
            if times > 1.0 {
                exact.ceil() as i64
            } else if times > 0.0 {
                (exact.floor() as i64).max(1.min(has))
            } else {
                0
            }
        }
        _ => {
            return Err(lacking(
                format!("to how many replicas shall I scale {target}? It has {has}"),
                format!("for instance: scale {} to {}", target.name, has + 1),
            ));
        }
    };
    if wanted < 0 {
        return Err(lacking(
            format!("{target} has only {}", replicas(has)),
            "say how many should be left",
        ));
    }
    if wanted > MOST {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("{wanted} replicas are more than any cluster takes"),
        )
        .with_hint("say how many you really mean"));
    }
    Ok(wanted)
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    if ["replicas", "by", "times"]
        .iter()
        .any(|name| args.contains_key(*name))
    {
        return;
    }
    match said::step(question) {
        Some(Step::To(count)) => said::set(args, "replicas", count),
        Some(Step::By(by)) => said::set(args, "by", by),
        Some(Step::Times(times)) => said::set(args, "times", times),
        None => {}
    }
}
