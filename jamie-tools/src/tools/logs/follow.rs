//! Containers in, their new lines out as they come, through the call's events.

use std::time::Duration;

use futures::{StreamExt, future::join_all, stream::select_all};
use jamie_core::{Event, Result, ToolContext, ToolOutput};
use tokio::time::{Instant, timeout_at};

use super::{Args, Sieve, Source, lines, query, telling::code};
use crate::{
    cluster::{Cluster, LogQuery},
    wording,
};

/// Lines are handed on in bundles: so many at once, or what came in so short a time.
const BUNDLE: usize = 20;
const PAUSE: Duration = Duration::from_millis(250);
/// Streams kept open at once.
const MAX_STREAMS: usize = 10;

pub(super) async fn follow(
    cluster: &Cluster,
    context: &ToolContext,
    args: &Args,
    sources: &[Source],
    sieve: &Sieve,
    patience: Duration,
    mut output: ToolOutput,
) -> Result<ToolOutput> {
    let end = Instant::now() + patience;
    let followed = sources.get(..MAX_STREAMS.min(sources.len())).unwrap_or_default();
    let wanted: Vec<(usize, Source, LogQuery)> = followed
        .iter()
        .enumerate()
        .map(|(position, source)| {
            let tail = Some(args.tail.unwrap_or(10).min(1_000));
            (
                position,
                source.clone(),
                LogQuery {
                    tail,
                    ..query(context, args, source)
                },
            )
        })
        .collect();
    let opened = join_all(wanted.into_iter().map(|(position, source, query)| async move {
        (
            position,
            cluster.follow(&source.namespace, &source.pod, &query).await,
        )
    }))
    .await;
    let mut streams = Vec::new();
    let mut refused = None;
    for (position, stream) in opened {
        match stream {
            Ok(stream) => streams.push(stream.map(move |line| (position, line)).boxed()),
            Err(error) => {
                output.notes.push(format!(
                    "One container cannot be followed: {}.",
                    error.message().trim_end_matches('.')
                ));
                refused = Some(error);
            }
        }
    }
    if let (true, Some(error)) = (streams.is_empty(), refused) {
        return Err(error);
    }
    if sources.len() > MAX_STREAMS {
        output
            .notes
            .push(format!("I follow {MAX_STREAMS} of {} containers.", sources.len()));
    }
    let mut all = select_all(streams);
    let mut bundle: Vec<lines::Line> = Vec::new();
    let mut total = 0;
    let mut ended = false;
    while !ended {
        let until = if bundle.is_empty() {
            end
        } else {
            end.min(Instant::now() + PAUSE)
        };
        match timeout_at(until, all.next()).await {
            Ok(Some((position, Ok(line)))) => {
                let line = lines::one(&line, position);
                if sieve.passes(&line.text) {
                    bundle.push(line);
                }
                if bundle.len() < BUNDLE {
                    continue;
                }
            }
            Ok(Some((_, Err(error)))) => {
                output.notes.push(format!(
                    "A log was cut off: {}.",
                    error.message().trim_end_matches('.')
                ));
                continue;
            }
            Ok(None) => ended = true,
            Err(_) => ended = Instant::now() >= end,
        }
        if !bundle.is_empty() {
            total += bundle.len();
            let shown: Vec<&lines::Line> = bundle.iter().collect();
            (context.emit)(Event::Text {
                block: code(&shown, sources),
            });
            bundle.clear();
        }
    }
    output.headline = format!(
        "I followed the logs of `{}` for {}: {}.",
        args.target.path(),
        wording::duration(patience.as_secs() as i64),
        wording::count(total, "line")
    );
    Ok(output)
}
