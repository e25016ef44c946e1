//! A workload and bounds in, a HorizontalPodAutoscaler out.

use async_trait::async_trait;
use jamie_core::{Error, ErrorKind, ObjectRef, Phrase, Quantity, Question, Result, ToolContext, tool::Fill};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    super::{containers::containers, the, unfit},
    Act, called, fill_name, lacking, making, phrases, said,
};
use crate::{
    acting::{Draft, Goal},
    cluster::{Cluster, Freshness},
};

pub(in crate::tools::act) struct CreateAutoscaler;

/// For what, and between which bounds.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::tools::act) struct Args {
    /// The workload.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "StatefulSet"]))]
    target: ObjectRef,
    /// At least so many replicas.
    min: Option<u32>,
    /// At most so many.
    max: Option<u32>,
    /// The use of processor that it aims at, in per cent of what is requested.
    cpu_percent: Option<u32>,
    /// The name; the workload's where none is given.
    name: Option<String>,
}

#[async_trait]
impl Act for CreateAutoscaler {
    type Args = Args;
    const NAME: &'static str = "create_autoscaler";
    const DESCRIPTION: &'static str = "Creates an autoscaler for a workload, by its use of processor.";
    const EXAMPLE: &'static str = "create an autoscaler for web between 2 and 10 replicas at 70% cpu";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "create an autoscaler for {target}",
            "create a horizontalpodautoscaler for {target}",
            "create an hpa for {target} with min and max",
            "add an autoscaler to {target}",
            "autoscale {target}",
            "autoscale {target} between {count} and {count} replicas",
            "make {target} autoscale",
            "set up autoscaling for {target}",
            "enable autoscaling for {target} at cpu",
            "{target} should scale by itself between {count} and {count} pods",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        let workload = &args.target;
        if !matches!(workload.kind.as_str(), "Deployment" | "StatefulSet") {
            return Err(unfit(
                workload,
                "scaled by itself",
                "Deployments and StatefulSets",
            ));
        }
        let object = the(cluster, workload).await?;
        let min = args.min.unwrap_or(1);
        let Some(max) = args.max else {
            return Err(lacking(
                format!("up to how many replicas shall {workload} grow?"),
                "say: between 2 and 10 replicas",
            ));
        };
        if max < min || min == 0 {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("between {min} and {max} replicas there is no room"),
            )
            .with_hint("the least must be 1 or more, and not above the most"));
        }
        let namespace = workload.namespace.clone().unwrap_or_default();
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        let other = snapshot.autoscalers.iter().find(|one| {
            let of = &one.spec.scale_target_ref;
            one.metadata.namespace.as_deref() == Some(namespace.as_str())
                && of.kind == workload.kind
                && of.name == workload.name
        });
        if let Some(other) = other {
            let name = other.metadata.name.as_deref().unwrap_or_default();
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("HorizontalPodAutoscaler `{namespace}/{name}` scales {workload} already"),
            )
            .with_hint("two would fight: change the bounds of the one that is there"));
        }
        let percent = args.cpu_percent.unwrap_or(80);
        let name = called(
            Some(args.name.clone().unwrap_or_else(|| workload.name.clone())),
            "autoscaler",
        )?;
        let target = ObjectRef::namespaced("HorizontalPodAutoscaler", namespace.clone(), name.clone());
        let body = json!({
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": workload.kind, "name": workload.name},
                "minReplicas": min,
                "maxReplicas": max,
                "metrics": [{"type": "Resource", "resource": {
                    "name": "cpu", "target": {"type": "Utilization", "averageUtilization": percent},
                }}],
            },
        });
        let goal = Goal::Present {
            objects: vec![target.clone()],
        };
        let mut draft = making(
            cluster,
            format!("Create {target}: {workload} between {min} and {max} replicas, at {percent} % of its processor"),
            json!({"target": workload, "min": min, "max": max, "cpu_percent": percent, "name": name}),
            target,
            body,
            goal,
        )
        .await?;
        let has = object
            .pointer("/spec/replicas")
            .and_then(Value::as_i64)
            .unwrap_or(1);
        if has < i64::from(min) {
            draft
                .impact
                .push(format!("{workload} goes from {has} to {min} replicas at once."));
        }
        let requests = containers(workload, &object)?
            .iter()
            .all(|one| one.pointer("/resources/requests/cpu").is_some());
        if !requests {
            draft.warnings.push(format!(
                "Not every container of {workload} requests processor, and without that there is nothing to measure by."
            ));
        }
        Ok(draft)
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    let percent = question.quantities.iter().find_map(|one| match one {
        Quantity::Percent(percent) if *percent >= 1.0 => Some(*percent as u64),
        _ => None,
    });
    if let Some(percent) = percent {
        said::set(args, "cpu_percent", percent);
    }
    let counts: Vec<u64> = question
        .quantities
        .iter()
        .filter_map(|one| match one {
            Quantity::Count(count) => Some(*count),
            _ => None,
        })
        .collect();
    let min = said::number_after(question, &["min", "minimum", "between", "from", "least"]);
    let max = said::number_after(question, &["max", "maximum", "to", "and", "most", "upto"]);
    match (min, max, counts.as_slice()) {
        (None, None, [least, most, ..]) => {
            said::set(args, "min", *least.min(most));
            said::set(args, "max", *most.max(least));
        }
        (None, None, [most]) => said::set(args, "max", *most),
        (min, max, _) => {
            if let Some(min) = min {
                said::set(args, "min", min);
            }
            let most = max.or_else(|| counts.iter().copied().find(|count| Some(*count) != min));
            if let Some(most) = most {
                said::set(args, "max", most);
            }
        }
    }
    fill_name(question, args);
}
