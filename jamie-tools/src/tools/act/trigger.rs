//! A CronJob in; a Job of it that runs now out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Result, ToolContext};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Act, phrases, text, the, unfit};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::Cluster,
};

pub(super) struct Trigger;

/// The longest name that leaves room for what is put behind it.
const LONGEST: usize = 45;

/// Of what.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The CronJob.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["CronJob"]))]
    target: ObjectRef,
    /// The Job's name; one after the time where none is given.
    name: Option<String>,
}

#[async_trait]
impl Act for Trigger {
    type Args = Args;
    const NAME: &'static str = "trigger_cron_job";
    const DESCRIPTION: &'static str = "Runs a CronJob once, now, beside its schedule.";
    const EXAMPLE: &'static str = "trigger the nightly-report cron job";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "trigger {target}",
            "trigger the cron job {target}",
            "run {target} now",
            "run the cron job {target}",
            "kick off {target}",
            "fire {target} now",
            "start the cron job {target}",
            "execute {target} now",
        ])
    }

    async fn draft(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<Draft> {
        let target = args.target;
        if target.kind != "CronJob" {
            return Err(unfit(&target, "triggered", "CronJobs"));
        }
        let object = the(cluster, &target).await?;
        let name = args.name.unwrap_or_else(|| {
            let stem: String = target.name.chars().take(LONGEST).collect();
            format!(
                "{}-now-{}",
                stem.trim_end_matches(['-', '.']),
                context.now.as_second()
            )
        });
        let namespace = target.namespace.clone().unwrap_or_default();
        let job = ObjectRef::namespaced("Job", namespace.clone(), name.clone());
        let template = object.pointer("/spec/jobTemplate").cloned().unwrap_or_default();
        let mut annotations = template
            .pointer("/metadata/annotations")
            .cloned()
            .unwrap_or(json!({}));
        annotations["cronjob.kubernetes.io/instantiate"] = json!("manual");
        let body = json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "labels": template.pointer("/metadata/labels").cloned().unwrap_or(json!({})),
                "annotations": annotations,
                "ownerReferences": [{
                    "apiVersion": "batch/v1",
                    "kind": "CronJob",
                    "name": target.name,
                    "uid": text(&object, "/metadata/uid"),
                    "controller": true,
                }],
            },
            "spec": template.get("spec").cloned().unwrap_or_default(),
        });
        let operation = Operation::on(cluster, &job, Write::Create { body }).await?;
        let mut draft = Draft::new(
            format!("Run {target} now, as Job `{name}`"),
            json!({"target": target, "name": name}),
            vec![operation],
            Goal::Started { job: job.clone() },
        )
        .undone_by(
            super::delete::Delete::NAME,
            json!({"targets": [job]}),
            "it stops the job, though not what it has done already",
        );
        let active = object
            .pointer("/status/active")
            .and_then(Value::as_array)
            .is_some_and(|active| !active.is_empty());
        if active && text(&object, "/spec/concurrencyPolicy") == "Forbid" {
            draft.warnings.push(format!(
                "A job of {target} runs already, and it says that no two should: this one runs beside it."
            ));
        }
        Ok(draft)
    }
}
