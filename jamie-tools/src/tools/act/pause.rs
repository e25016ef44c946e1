//! A rollout or a schedule in; the change that holds it, or lets it go on, out.

use async_trait::async_trait;
use jamie_core::{ObjectRef, Phrase, Result, ToolContext};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Act, lacking, phrases, the, unfit};
use crate::{
    acting::{Draft, Goal, Operation, Write},
    cluster::Cluster,
};

pub(super) struct Pause;
pub(super) struct Resume;

/// Of what.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The Deployment whose rollout, or the CronJob or Job that is meant.
    #[schemars(extend("x-slot" = "target", "x-kinds" = ["Deployment", "CronJob", "Job"]))]
    target: ObjectRef,
}

#[async_trait]
impl Act for Pause {
    type Args = Args;
    const NAME: &'static str = "pause";
    const DESCRIPTION: &'static str =
        "Pauses the rollout of a Deployment, or suspends a CronJob or Job, until it is resumed.";
    const EXAMPLE: &'static str = "pause the rollout of web";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "pause {target}",
            "pause the rollout of {target}",
            "hold the rollout of {target}",
            "freeze the rollout of {target}",
            "suspend {target}",
            "suspend the cron job {target}",
            "stop the schedule of {target}",
            "disable the cron job {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        switch(cluster, args.target, true).await
    }
}

#[async_trait]
impl Act for Resume {
    type Args = Args;
    const NAME: &'static str = "resume";
    const DESCRIPTION: &'static str = "Resumes a paused rollout, or a suspended CronJob or Job.";
    const EXAMPLE: &'static str = "resume the rollout of web";

    fn phrases() -> Vec<Phrase> {
        phrases(&[
            "resume {target}",
            "resume the rollout of {target}",
            "continue the rollout of {target}",
            "unpause {target}",
            "unpause the rollout of {target}",
            "unsuspend {target}",
            "resume the cron job {target}",
            "enable the cron job {target}",
        ])
    }

    async fn draft(cluster: &Cluster, _context: &ToolContext, args: Args) -> Result<Draft> {
        switch(cluster, args.target, false).await
    }
}

async fn switch(cluster: &Cluster, target: ObjectRef, hold: bool) -> Result<Draft> {
    let (field, paused, resumed) = match target.kind.as_str() {
        "Deployment" => ("paused", "Pause the rollout of", "Resume the rollout of"),
        "CronJob" | "Job" => ("suspend", "Suspend", "Resume"),
        _ => {
            return Err(unfit(
                &target,
                "paused or resumed",
                "rollouts of Deployments, CronJobs and Jobs",
            ));
        }
    };
    let object = the(cluster, &target).await?;
    let is = object.pointer(&format!("/spec/{field}")) == Some(&Value::Bool(true));
    if is == hold {
        return Err(lacking(
            if hold {
                format!("{target} is on hold already")
            } else {
                format!("{target} is not on hold, so there is nothing to resume")
            },
            "look at its state first",
        ));
    }
    // A rollout that goes on has no such field; a schedule says false.
    let value = match (field, hold) {
        ("paused", false) => Value::Null,
        _ => json!(hold),
    };
    let body = json!({"spec": {field: value}});
    let operation = Operation::on(cluster, &target, Write::Merge { body }).await?;
    let goal = if field == "paused" && !hold {
        Goal::RolledOut {
            object: target.clone(),
        }
    } else {
        Goal::Reads {
            object: target.clone(),
            pointer: format!("/spec/{field}"),
            value,
        }
    };
    let mut draft = Draft::new(
        format!("{} {target}", if hold { paused } else { resumed }),
        json!({"target": target}),
        vec![operation],
        goal,
    )
    .undone_by(
        if hold { Resume::NAME } else { Pause::NAME },
        json!({"target": target}),
        format!(
            "{target} was {} before",
            if hold { "not on hold" } else { "on hold" }
        ),
    );
    draft.impact.push(match (field, hold) {
        ("paused", true) => {
            format!("Changes to {target} wait until its rollout is resumed; its pods stay as they are.")
        }
        ("paused", false) => format!("What was changed in {target} meanwhile is rolled out now."),
        (_, true) => format!("{target} starts nothing until it is resumed."),
        (_, false) => format!("{target} starts again at its next time; missed times may be caught up once."),
    });
    Ok(draft)
}
