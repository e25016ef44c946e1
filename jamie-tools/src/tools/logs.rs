//! An object in, the log lines of all its containers in time order, or what they say by pattern, out.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use jamie_core::{
    Block, Error, ErrorKind, NextStep, ObjectRef, Phrase, Quoted, Result, ToolContext, ToolOutput, tool::Fill,
};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Look, must_exist};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness, LogQuery},
    leads::{Level, pattern, record},
    pod_status::status_of,
    snapshot::reference,
    wording,
};

mod follow;
mod lines;
mod words;

use self::lines::{Line, Sieve};

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

/// Logs of no more containers than this are read at once.
const MAX_SOURCES: usize = 20;
/// Lines shown.
const SHOWN: usize = 40;
/// Characters shown.
const MAX_CHARS: usize = 10_000;

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
        let sources = sources(&snapshot, &args, &mut output)?;
        if sources.is_empty() {
            return Ok(output);
        }
        if args.follow {
            let patience = Duration::from_secs(args.seconds.unwrap_or(8).clamp(1, 86_400));
            return follow::follow(cluster, context, &args, &sources, &sieve, patience, output).await;
        }
        let (lines, failed) = fetch(cluster, context, &args, &sources).await;
        tell(&args, &sources, &sieve, lines, failed, context, output)
    }
}

/// One container whose log is read.
#[derive(Debug, Clone)]
struct Source {
    namespace: String,
    pod: String,
    container: String,
    /// What is put before its lines where there are several sources.
    label: String,
}

/// The containers to read: those of unwell pods first.
fn sources(snapshot: &Snapshot, args: &Args, output: &mut ToolOutput) -> Result<Vec<Source>> {
    let mut pods: Vec<Arc<Pod>> = snapshot.pods_of(&args.target).into_iter().cloned().collect();
    if pods.is_empty() {
        output.headline = format!(
            "`{}` has no pods right now, so there are no logs to read.",
            args.target.path()
        );
        output.good = Some(false);
        return Ok(Vec::new());
    }
    pods.sort_by_cached_key(|pod| {
        let status = status_of(pod);
        (
            !status.is_unwell(),
            std::cmp::Reverse(status.restarts),
            std::cmp::Reverse(pod.metadata.creation_timestamp.as_ref().map(|at| at.0)),
        )
    });
    let mut sources = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let many = pods.len() > 1;
    for pod in &pods {
        let own = containers(pod, args);
        for container in all_containers(pod) {
            if !names.contains(&container) {
                names.push(container);
            }
        }
        let several = own.len() > 1;
        for container in own {
            let pod_name = pod.metadata.name.clone().unwrap_or_default();
            let short = short_name(&pod_name, &args.target.name);
            let label = match (many, several) {
                (true, true) => format!("{short}/{container}"),
                (true, false) => short,
                (false, true) => container.clone(),
                (false, false) => String::new(),
            };
            sources.push(Source {
                namespace: pod.metadata.namespace.clone().unwrap_or_default(),
                pod: pod_name,
                container,
                label,
            });
        }
    }
    if sources.is_empty() {
        return match &args.container {
            Some(wanted) => Err(Error::new(
                ErrorKind::NotFound,
                format!("`{}` has no container `{wanted}`", args.target.path()),
            )
            .with_hint(format!("its containers are {}", wording::code_list(&names, 8)))),
            None if args.previous => {
                output.headline = format!(
                    "No container of `{}` has restarted, so there is no earlier log.",
                    args.target.path()
                );
                Ok(sources)
            }
            None => {
                output.headline = format!(
                    "No container of `{}` has started yet, so there are no logs: {}.",
                    args.target.path(),
                    states(&pods)
                );
                output.good = Some(false);
                output.next.push(NextStep::command(
                    "See what keeps it from starting",
                    format!(
                        "kubectl describe pod {} -n {}",
                        pods.first()
                            .and_then(|pod| pod.metadata.name.clone())
                            .unwrap_or_default(),
                        args.target.namespace.as_deref().unwrap_or_default()
                    ),
                ));
                Ok(sources)
            }
        };
    }
    if sources.len() > MAX_SOURCES {
        output.notes.push(format!(
            "I read {MAX_SOURCES} of {} containers, unwell ones first.",
            sources.len()
        ));
        sources.truncate(MAX_SOURCES);
    }
    Ok(sources)
}

fn states(pods: &[Arc<Pod>]) -> String {
    let mut states: Vec<String> = pods
        .iter()
        .map(|pod| format!("`{}` is {}", reference(pod.as_ref()).name, status_of(pod).state))
        .collect();
    states.sort();
    wording::list(&states, 3)
}

/// `7f9c4-x2x1z` of `api-7f9c4-x2x1z` when the workload is `api`.
fn short_name(pod: &str, workload: &str) -> String {
    pod.strip_prefix(workload)
        .and_then(|rest| rest.strip_prefix('-'))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(pod)
        .to_owned()
}

fn all_containers(pod: &Pod) -> Vec<String> {
    pod.spec
        .iter()
        .flat_map(|spec| {
            spec.containers
                .iter()
                .chain(spec.init_containers.iter().flatten())
        })
        .map(|container| container.name.clone())
        .collect()
}

/// The containers of a pod whose logs are wanted and exist.
fn containers(pod: &Pod, args: &Args) -> Vec<String> {
    let Some(spec) = &pod.spec else { return Vec::new() };
    if let Some(wanted) = &args.container {
        return all_containers(pod)
            .into_iter()
            .filter(|name| name == wanted)
            .collect();
    }
    let status = pod.status.as_ref();
    let find = |name: &str| {
        status
            .into_iter()
            .flat_map(|status| {
                status
                    .container_statuses
                    .iter()
                    .flatten()
                    .chain(status.init_container_statuses.iter().flatten())
            })
            .find(|one| one.name == name)
    };
    let has_run = |name: &str| match find(name) {
        Some(one) if args.previous => {
            one.restart_count > 0
                || one
                    .last_state
                    .as_ref()
                    .is_some_and(|state| state.terminated.is_some())
        }
        Some(one) => {
            let state = one.state.as_ref();
            one.restart_count > 0
                || state.is_some_and(|state| state.running.is_some() || state.terminated.is_some())
                || one
                    .last_state
                    .as_ref()
                    .is_some_and(|state| state.terminated.is_some())
        }
        // Without a word from a kubelet it is worth asking.
        None => !args.previous && status.is_none_or(|status| status.container_statuses.is_none()),
    };
    let mut names: Vec<String> = spec
        .containers
        .iter()
        .map(|container| container.name.clone())
        .filter(|name| has_run(name))
        .collect();
    // Init containers matter while they have not all ended well, and sidecars always do.
    for init in spec.init_containers.iter().flatten() {
        let ended_well = find(&init.name)
            .and_then(|one| one.state.as_ref()?.terminated.as_ref())
            .is_some_and(|end| end.exit_code == 0);
        if !ended_well && find(&init.name).is_some() && has_run(&init.name) {
            names.push(init.name.clone());
        }
    }
    names
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

fn tell(
    args: &Args,
    sources: &[Source],
    sieve: &Sieve,
    mut lines: Vec<Line>,
    mut failed: Vec<(String, Error)>,
    context: &ToolContext,
    mut output: ToolOutput,
) -> Result<ToolOutput> {
    if lines.is_empty()
        && failed.len() == sources.len()
        && let Some((_, error)) = failed.pop()
    {
        return Err(Error::new(
            error.kind(),
            format!(
                "I could not read the logs of `{}`: {}",
                args.target.path(),
                error.message()
            ),
        )
        .with_hint(
            error
                .hint()
                .unwrap_or("look whether its containers have started")
                .to_owned(),
        ));
    }
    for (source, error) in failed.iter().take(3) {
        output.notes.push(format!(
            "The log of `{source}` could not be read: {}.",
            error.message().trim_end_matches('.')
        ));
    }
    if let Some(until) = args.until {
        lines.retain(|line| line.at.is_none_or(|at| at <= until));
    }
    if let Some(since) = args.since {
        lines.retain(|line| line.at.is_none_or(|at| at >= since));
    }
    let read = lines.len();
    let target = format!("`{}`", args.target.path());
    let run = if args.previous {
        " before the last restart"
    } else {
        ""
    };
    if read == 0 {
        output.headline = format!("The logs of {target}{run} are empty{}.", stretch(args, context));
        return Ok(output);
    }
    let text: String = lines
        .iter()
        .map(|line| line.text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let records = record::records(&text);
    let bad: Vec<_> = records
        .iter()
        .filter(|record| record.level >= Level::Warning)
        .collect();
    let errors = bad.iter().filter(|record| record.level >= Level::Error).count();
    let patterns = pattern::cluster(bad.iter().copied());
    let worst = patterns
        .iter()
        .filter(|pattern| pattern.level >= Level::Error)
        .max_by_key(|pattern| (pattern.level, pattern.count));
    output.facts = json!({"lines": read, "errors": errors, "warnings": bad.len() - errors});
    let matched = sieve.keep(&lines);
    let picked = sieve.picks();
    let from = if sources.len() > 1 {
        format!(" from {}", wording::count(sources.len(), "container"))
    } else {
        String::new()
    };
    output.headline = match (picked, args.errors) {
        (true, _) if matched.is_empty() => format!(
            "None of the {} of {target}{run} {}.",
            wording::count(read, "line"),
            sieve.text()
        ),
        (true, _) => format!(
            "{} of {read} of {target}{run} {}.",
            wording::count(sieve.hits(&lines), "line"),
            sieve.text()
        ),
        (false, _) => match worst {
            Some(worst) => format!(
                "The logs of {target}{run} have {} in {}{from}{}; most telling: \"{}\".",
                wording::count(errors, "error"),
                wording::count(read, "line"),
                stretch(args, context),
                wording::clip(&worst.example, 160)
            ),
            None if bad.is_empty() => format!(
                "Nothing looks like an error in the {} of {target}{run}{from}{}.",
                wording::count(read, "line"),
                stretch(args, context)
            ),
            None => format!(
                "There are {} and no errors in the {} of {target}{run}{from}.",
                wording::count(bad.len(), "warning"),
                wording::count(read, "line")
            ),
        },
    };
    output.good = if errors > 0 { Some(false) } else { None };
    if (args.errors || errors > 2) && !picked && !patterns.is_empty() {
        let rows = patterns
            .iter()
            .map(|pattern| {
                let when = pattern
                    .last
                    .map(|at| wording::moment(at, context.now, &context.zone))
                    .unwrap_or_default();
                vec![
                    pattern.count.to_string(),
                    level(pattern.level).to_owned(),
                    when,
                    wording::clip(&pattern.example, 200),
                ]
            })
            .collect();
        output.blocks.extend(super::table::table(
            &["Times", "Level", "Last", "Message"],
            rows,
            "pattern",
        ));
    }
    if args.errors && !picked && !bad.is_empty() {
        let first = bad
            .iter()
            .find(|record| record.level >= Level::Error)
            .or(bad.first());
        if let Some(first) = first {
            let near = around_first(&lines, &first.line);
            output.blocks.push(code(&near, sources));
        }
        return Ok(output);
    }
    let shown: Vec<&Line> = if picked { matched } else { lines.iter().collect() };
    let most = args.tail.map_or(SHOWN, |tail| (tail as usize).clamp(1, 400));
    let skipped = shown.len().saturating_sub(most);
    let last: Vec<&Line> = shown.into_iter().skip(skipped).collect();
    if skipped > 0 && args.tail.is_none() {
        output
            .blocks
            .push(Block::para(format!("The last {most} of them:")));
    }
    if !last.is_empty() {
        output.blocks.push(code(&last, sources));
    }
    output
        .next
        .push(NextStep::command("Watch it live", kubectl(args)));
    Ok(output)
}

/// The lines round the first error.
fn around_first<'a>(lines: &'a [Line], first: &str) -> Vec<&'a Line> {
    const BEFORE: usize = 3;
    const AFTER: usize = 8;
    let position = lines
        .iter()
        .position(|line| line.text.contains(first))
        .unwrap_or(0);
    let source = lines.get(position).map(|line| line.source);
    let own: Vec<&Line> = lines.iter().filter(|line| Some(line.source) == source).collect();
    let at = own.iter().position(|line| line.text.contains(first)).unwrap_or(0);
    own.into_iter()
        .skip(at.saturating_sub(BEFORE))
        .take(BEFORE + 1 + AFTER)
        .collect()
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Fatal => "fatal",
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
    }
}

fn code(lines: &[&Line], sources: &[Source]) -> Block {
    // The newest lines matter most: the cut is at the beginning.
    let mut shown: Vec<String> = lines.iter().map(|line| line.shown(sources)).collect();
    let mut length = 0;
    let keep = shown.iter().rev().take_while(|line| {
        length += line.chars().count() + 1;
        length <= MAX_CHARS
    });
    let keep = keep.count().max(1);
    let cut = shown.len().saturating_sub(keep);
    shown.drain(..cut);
    if cut > 0 {
        shown.insert(0, format!("… {} before this", wording::count(cut, "line")));
    }
    Block::Code {
        language: "log".to_owned(),
        text: Quoted::passage(shown.join("\n"), MAX_CHARS + 100),
    }
}

fn stretch(args: &Args, context: &ToolContext) -> String {
    let show = |at| wording::moment(at, context.now, &context.zone);
    match (args.since, args.until) {
        (Some(since), Some(until)) => format!(" between {} and {}", show(since), show(until)),
        (Some(since), None) => format!(" since {}", show(since)),
        (None, Some(until)) => format!(" until {}", show(until)),
        (None, None) => String::new(),
    }
}

fn kubectl(args: &Args) -> String {
    let target = &args.target;
    let namespace = target.namespace.as_deref().unwrap_or("default");
    let what = match target.kind.as_str() {
        "Pod" => target.name.clone(),
        kind => format!("{}/{}", kind.to_lowercase(), target.name),
    };
    let container = args
        .container
        .as_ref()
        .map_or_else(|| " --all-containers".to_owned(), |name| format!(" -c {name}"));
    format!("kubectl logs -f {what} -n {namespace}{container} --tail=50")
}
