//! A log query in; the lines that the container printed, spread over its run, out.

use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use serde_json::Value;

use super::{Kubelets, LogQuery, LogStream, behaviours::Applied};
use crate::{
    controllers::names,
    object::{self, later, list, name, text},
    scenario::Span,
    store::{ApiStatus, Key},
};

/// The most lines that one answer holds.
const MOST_LINES: usize = 20_000;
/// How often a healthy container prints something new, in milliseconds.
const CHATTER_MS: u64 = 2_000;

type Line = (Timestamp, String);

pub(super) fn open(
    kubelets: &Kubelets,
    pod: &Value,
    container: &str,
    query: &LogQuery,
) -> Result<LogStream, ApiStatus> {
    let refused = |message: String| ApiStatus::new(400, "BadRequest", message);
    let all: Vec<(&Value, bool)> = list(pod, "/spec/initContainers")
        .iter()
        .map(|one| (one, true))
        .chain(list(pod, "/spec/containers").iter().map(|one| (one, false)))
        .collect();
    let (spec, init) = if container.is_empty() {
        match list(pod, "/spec/containers") {
            [only] => (only, false),
            several => {
                let names = |init: bool| {
                    let names: Vec<&str> = all
                        .iter()
                        .filter(|(_, is)| *is == init)
                        .map(|(one, _)| text(one, "/name"))
                        .collect();
                    names.join(" ")
                };
                let mut message = format!(
                    "a container name must be specified for pod {}, choose one of: [{}]",
                    name(pod),
                    names(false)
                );
                if all.len() > several.len() {
                    message = format!("{message} or one of the init containers: [{}]", names(true));
                }
                return Err(refused(message));
            }
        }
    } else {
        let found = all
            .iter()
            .find(|(one, _)| text(one, "/name") == container)
            .copied();
        found.ok_or_else(|| {
            refused(format!(
                "container {container} is not valid for pod {}",
                name(pod)
            ))
        })?
    };
    let container = text(spec, "/name");
    let field = if init {
        "/status/initContainerStatuses"
    } else {
        "/status/containerStatuses"
    };
    let status = list(pod, field)
        .iter()
        .find(|one| text(one, "/name") == container)
        .cloned()
        .unwrap_or_default();
    let applied = kubelets.applied(pod, spec, init);
    let now = Timestamp::now();

    let current = run_of(&status["state"]);
    let last = run_of(&status["lastState"]);
    let run = match (query.previous, current, last) {
        (true, _, Some(run)) => run,
        (true, ..) => {
            let message = format!(
                "previous terminated container \"{container}\" in pod \"{}\" not found",
                name(pod)
            );
            return Err(refused(message));
        }
        (false, Some(run), _) | (false, None, Some(run)) => run,
        (false, None, None) => return Err(refused(waiting(pod, container, &status))),
    };
    let in_back_off = current.is_none();
    let mut lines = lines(pod, container, applied, run, query.previous, in_back_off, now);
    if let Some(since) = query.since {
        lines.retain(|(at, _)| *at >= since);
    }
    if let Some(tail) = query.tail_lines {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    lines.drain(..lines.len().saturating_sub(MOST_LINES));
    let follows = query.follow && !query.previous && run.1.is_none();
    let timestamps = query.timestamps;
    let sample: Vec<String> = lines
        .iter()
        .rev()
        .take(3)
        .rev()
        .map(|(_, line)| line.clone())
        .collect();
    let text: String = lines.into_iter().map(|line| show(&line, timestamps)).collect();
    let text = cut(text, query.limit_bytes);
    let head = stream::iter((!text.is_empty()).then(|| Bytes::from(text)));
    if !follows {
        return Ok(head.boxed());
    }
    let chatty = applied.is_none_or(|applied| applied.does(now) == crate::scenario::Does::Run);
    let key = Key::namespaced("", "pods", object::namespace(pod), name(pod));
    let tail = follow(
        kubelets.store.clone(),
        key,
        object::uid(pod).to_owned(),
        container.to_owned(),
        sample,
        chatty,
        timestamps,
    );
    Ok(head.chain(tail).boxed())
}

impl Kubelets {
    fn applied(&self, pod: &Value, container: &Value, init: bool) -> Option<Applied<'_>> {
        let slot = self
            .memory()
            .get(object::uid(pod))
            .map_or(0, |memory| memory.slot);
        self.behaviour(pod, slot, container, init)
    }
}

/// When a state's run began, and ended.
fn run_of(state: &Value) -> Option<(Timestamp, Option<Timestamp>)> {
    if let Some(started) = object::time(state, "/running/startedAt") {
        return Some((started, None));
    }
    let finished = object::time(state, "/terminated/finishedAt")?;
    let started = object::time(state, "/terminated/startedAt")
        .filter(|started| *started > Timestamp::UNIX_EPOCH)
        .unwrap_or(finished);
    Some((started, Some(finished)))
}

/// What the server says of a container that has not run.
fn waiting(pod: &Value, container: &str, status: &Value) -> String {
    let about = format!(
        "container \"{container}\" in pod \"{}\" is waiting to start: ",
        name(pod)
    );
    match text(status, "/state/waiting/reason") {
        "ErrImagePull" => format!("{about}image can't be pulled"),
        "ImagePullBackOff" => format!("{about}trying and failing to pull image"),
        "InvalidImageName" => format!("{about}invalid image name"),
        "" => format!("{about}ContainerCreating"),
        reason => format!("{about}{reason}"),
    }
}

fn lines(
    pod: &Value,
    container: &str,
    applied: Option<Applied<'_>>,
    run: (Timestamp, Option<Timestamp>),
    previous: bool,
    in_back_off: bool,
    now: Timestamp,
) -> Vec<Line> {
    let told = applied.filter(|applied| !applied.healed).and_then(|applied| {
        let behaviour = applied.behaviour;
        let (first, second) = (behaviour.logs.as_deref(), behaviour.previous_logs.as_deref());
        // A container in back-off shows the log of the run that just ended: the one that crashed.
        if previous || in_back_off && second.is_some() {
            second.or(first)
        } else {
            first.or(second)
        }
    });
    let end = run.1.unwrap_or(now);
    match told {
        Some(told) => spread(told, run.0, end, now),
        None if applied.is_some_and(|applied| {
            !applied.healed && applied.does(now) == crate::scenario::Does::CreateError
        }) =>
        {
            Vec::new()
        }
        None => plausible(pod, container, run.0, end),
    }
}

/// Lines with a time of their own keep it; the rest are spread over the run, dense towards its end.
fn spread(told: &str, start: Timestamp, end: Timestamp, now: Timestamp) -> Vec<Line> {
    let rows: Vec<(Option<Span>, &str)> = told.lines().map(offset).collect();
    let count = rows.len() as i64;
    let length = object::elapsed(start, end).clamp(0, 600_000);
    let from = later(end, -length);
    let mut last = Timestamp::UNIX_EPOCH;
    rows.into_iter()
        .enumerate()
        .map(|(index, (ago, line))| {
            let at = ago.map_or_else(
                || later(from, length * (index as i64 + 1) / (count + 1)),
                |ago| ago.before(now),
            );
            last = last.max(at);
            (last, line.to_owned())
        })
        .collect()
}

/// A line may begin with `-5m ` to say when it was printed.
fn offset(line: &str) -> (Option<Span>, &str) {
    let Some((first, rest)) = line.split_once(' ') else {
        return (None, line);
    };
    let span = first
        .strip_prefix('-')
        .filter(|body| body.starts_with(|c: char| c.is_ascii_digit()))
        .and_then(|body| body.parse().ok());
    if span.is_some() {
        (span, rest)
    } else {
        (None, line)
    }
}

/// What a healthy server might print.
fn plausible(pod: &Value, container: &str, start: Timestamp, end: Timestamp) -> Vec<Line> {
    let spec = list(pod, "/spec/containers")
        .iter()
        .find(|one| text(one, "/name") == container);
    let port = spec.and_then(|spec| object::number(spec, "/ports/0/containerPort"));
    let mut lines = vec![(start, format!("{container} starting"))];
    let ready = match port {
        Some(port) => format!("listening on :{port}"),
        None => "ready".to_owned(),
    };
    lines.push((later(start, 400), ready));
    let quiet = object::elapsed(start, end);
    if quiet > 120_000 && port.is_some() {
        for minute in (1..=5).rev() {
            let at = later(end, -minute * 20_000);
            let took = 2 + names::hash(&format!("{}{minute}", object::uid(pod))) % 20;
            lines.push((at, format!("GET /healthz 200 {took}ms")));
        }
    }
    lines
}

fn show(line: &Line, timestamps: bool) -> String {
    if timestamps {
        format!("{} {}\n", line.0.strftime("%Y-%m-%dT%H:%M:%S.%9fZ"), line.1)
    } else {
        format!("{}\n", line.1)
    }
}

fn cut(mut text: String, limit: Option<u64>) -> String {
    let limit = limit
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(usize::MAX);
    if text.len() > limit {
        let mut end = limit;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

/// New lines now and then, until the container ends or the pod goes.
fn follow(
    store: crate::store::Store,
    key: Key,
    uid: String,
    container: String,
    sample: Vec<String>,
    chatty: bool,
    timestamps: bool,
) -> impl futures::Stream<Item = Bytes> + Send + 'static {
    stream::unfold(0_usize, move |round| {
        let (store, key, uid, container, sample) = (
            store.clone(),
            key.clone(),
            uid.clone(),
            container.clone(),
            sample.clone(),
        );
        async move {
            tokio::time::sleep(Duration::from_millis(CHATTER_MS)).await;
            let pod = store.get(&key).filter(|pod| object::uid(pod) == uid)?;
            let running = |field: &str| {
                list(&pod, field)
                    .iter()
                    .any(|one| text(one, "/name") == container && one.pointer("/state/running").is_some())
            };
            if !running("/status/containerStatuses") && !running("/status/initContainerStatuses") {
                return None;
            }
            let line = sample.get(round % sample.len().max(1)).filter(|_| chatty);
            let line = line
                .map(|line| show(&(Timestamp::now(), line.clone()), timestamps))
                .unwrap_or_default();
            Some((Bytes::from(line), round + 1))
        }
    })
    .filter(|chunk| futures::future::ready(!chunk.is_empty()))
}
