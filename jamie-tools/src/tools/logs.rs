//! An object in, the log lines of all its containers in time order, or what they say by pattern, out.

use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use jamie_core::{Error, ObjectRef, Phrase, Result, ToolContext, ToolOutput, tool::Fill};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, must_exist};
use crate::cluster::{Cluster, Freshness, LogQuery};

mod follow;
mod lines;
mod sources;
mod telling;
mod words;

use self::{
    lines::{Line, Sieve},
    sources::Source,
    telling::Found,
};

pub(super) struct Logs;

/// Which lines.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// The workload, pod, job or Service whose logs are wanted.
    #[schemars(extend("x-slot" = "target"))]
    target: ObjectRef,
    /// Only this container.
    container: Option<String>,
    /// The containers before their last restart.
    #[serde(default)]
    previous: bool,
    /// Only what was written after this, RFC 3339.
    #[schemars(with = "Option<String>", extend("x-slot" = "since"))]
    since: Option<Timestamp>,
    /// Only what was written before this, RFC 3339.
    #[schemars(with = "Option<String>", extend("x-slot" = "until"))]
    until: Option<Timestamp>,
    /// Only so many lines from the end.
    tail: Option<u32>,
    /// Only lines that match this: a regular expression, or plain text, upper and lower case alike.
    include: Option<String>,
    /// No lines that match this.
    exclude: Option<String>,
    /// So many lines before and after each line that `include` picks.
    #[serde(default)]
    around: usize,
    /// Only what errors and warnings say, by pattern.
    #[serde(default)]
    errors: bool,
    /// Goes on with new lines as they come.
    #[serde(default)]
    follow: bool,
    /// For how many seconds to follow.
    seconds: Option<u64>,
}

#[async_trait]
impl Look for Logs {
    type Args = Args;
    const NAME: &'static str = "logs";
    const DESCRIPTION: &'static str = "The logs of a whole workload in time order, or of one pod or container: also the previous run, a stretch of time, matching lines, or errors by pattern.";
    const EXAMPLE: &'static str = "show me the logs of api since this morning";
    const FILL: Option<Fill> = Some(words::fill);

    fn phrases() -> Vec<Phrase> {
        let previous = || json!({"previous": true});
        let errors = || json!({"errors": true});
        let follow = || json!({"follow": true});
        vec![
            Phrase::new("logs"),
            Phrase::new("logs of {target}"),
            Phrase::new("{target} logs"),
            Phrase::new("log of {target}"),
            Phrase::new("logs of {target} since {time}"),
            Phrase::new("last {count} lines of {target}"),
            Phrase::new("tail {target}"),
            Phrase::new("what does {target} log"),
            Phrase::new("what does {target} print"),
            Phrase::new("what is {target} saying"),
            Phrase::new("output of {target}"),
            Phrase::new("grep {quoted} in {target}"),
            Phrase::new("lines with {quoted} in the logs of {target}"),
            Phrase::new("search the logs of {target} for {quoted}"),
            Phrase::new("grep the logs of {target}"),
            Phrase::new("grep in {target}"),
            Phrase::with("previous logs of {target}", previous()),
            Phrase::with("logs of {target} before it crashed", previous()),
            Phrase::with("crashed logs of {target}", previous()),
            Phrase::with("logs of the last run of {target}", previous()),
            Phrase::with("errors in the logs of {target}", errors()),
            Phrase::with("error logs of {target}", errors()),
            Phrase::with("which errors does {target} log", errors()),
            Phrase::with("stack traces of {target}", errors()),
            Phrase::with("exceptions of {target}", errors()),
            Phrase::with("summarise the logs of {target}", errors()),
            Phrase::with("follow the logs of {target}", follow()),
            Phrase::with("stream logs of {target}", follow()),
            Phrase::with("live logs of {target}", follow()),
        ]
    }

    fn keeps_own_time(args: &serde_json::Value) -> bool {
        args.get("follow")
            .and_then(serde_json::Value::as_bool)
            .unwrap_or(false)
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        if let Some(namespace) = &args.target.namespace {
            cluster.include_namespace(namespace);
        }
        let sieve = Sieve::new(args.include.as_deref(), args.exclude.as_deref(), args.around)?;
        let snapshot = cluster.snapshot(Freshness::Recent).await?;
        must_exist(&snapshot, &args.target)?;
        let mut output = ToolOutput {
            focus: vec![args.target.clone()],
            ..ToolOutput::default()
        };
        let sources = sources::sources(&snapshot, &args, &mut output)?;
        if sources.is_empty() {
            return Ok(output);
        }
        if args.follow {
            let patience = Duration::from_secs(args.seconds.unwrap_or(8).clamp(1, 86_400));
            return follow::follow(cluster, context, &args, &sources, &sieve, patience, output).await;
        }
        let (lines, failed) = fetch(cluster, context, &args, &sources).await;
        let found = Found {
            args: &args,
            sources: &sources,
            sieve: &sieve,
            lines,
            failed,
        };
        telling::tell(found, context, output)
    }
}

fn query(context: &ToolContext, args: &Args, source: &Source) -> LogQuery {
    let since_seconds = args
        .since
        .map(|since| context.now.as_second().saturating_sub(since.as_second()).max(1) as u64);
    let searching = args.include.is_some() || args.exclude.is_some() || args.errors || args.since.is_some();
    LogQuery {
        container: Some(source.container.clone()),
        previous: args.previous,
        tail: Some(match args.tail {
            Some(tail) if !searching => tail.clamp(1, 5_000),
            _ if searching => 5_000,
            _ => 200,
        }),
        since_seconds,
        timestamps: true,
        max_bytes: if searching { 2 * 1024 * 1024 } else { 256 * 1024 },
        patience: Duration::from_secs(5),
    }
}

/// Reads all sources at once; failures come back as (where, why).
async fn fetch(
    cluster: &Cluster,
    context: &ToolContext,
    args: &Args,
    sources: &[Source],
) -> (Vec<Line>, Vec<(String, Error)>) {
    let wanted: Vec<(usize, Source, LogQuery)> = sources
        .iter()
        .enumerate()
        .map(|(position, source)| (position, source.clone(), query(context, args, source)))
        .collect();
    let mut reads = stream::iter(wanted)
        .map(|(position, source, query)| async move {
            let text = cluster.log(&source.namespace, &source.pod, &query).await;
            (position, source, text)
        })
        .buffer_unordered(8);
    let mut lines = Vec::new();
    let mut failed = Vec::new();
    while let Some((position, source, text)) = reads.next().await {
        match text {
            Ok(text) => lines.extend(lines::split(&text.text, position)),
            Err(error) => failed.push((format!("{}/{}", source.pod, source.container), error)),
        }
    }
    lines::merge(&mut lines);
    (lines, failed)
}
