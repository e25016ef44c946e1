//! Calls in, what they report and find out: each runs in a task of its own, all under one deadline.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::{Timestamp, tz::TimeZone};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, Id, JoinError, JoinSet},
    time::{Instant, sleep_until},
};

use super::{Call, Came, Input};
use crate::{Clock, Effect, Error, ErrorKind, Event, Request, Result, ToolContext, Toolbox, redact};

/// The calls that run. One that panics takes no other with it; dropping this stops them all.
#[derive(Debug)]
pub(super) struct Calls {
    tools: Toolbox,
    zone: TimeZone,
    clock: Arc<dyn Clock>,
    request: Request,
    running: JoinSet<Result<Came>>,
    started: HashMap<Id, Started>,
    report: mpsc::Sender<Event>,
    reports: mpsc::Receiver<Event>,
    /// Whether the deadline has passed.
    late: bool,
}

#[derive(Debug)]
struct Started {
    number: u32,
    tool: String,
    at: Timestamp,
    /// What stops it at the deadline; nothing for a call that keeps its own time.
    abort: Option<AbortHandle>,
    /// Reports that came faster than they could be shown.
    dropped: Arc<AtomicU64>,
}

impl Calls {
    /// Reports that wait to be shown, at most.
    const REPORTS: usize = 1_024;

    pub(super) fn new(tools: Toolbox, zone: TimeZone, clock: Arc<dyn Clock>, request: &Request) -> Self {
        let (report, reports) = mpsc::channel(Self::REPORTS);
        Self {
            tools,
            zone,
            clock,
            request: request.clone(),
            running: JoinSet::new(),
            started: HashMap::new(),
            report,
            reports,
            late: false,
        }
    }

    /// Starts a call for a person of that name.
    pub(super) fn start(&mut self, call: Call, person: Option<&str>) {
        let now = self.clock.now();
        self.late = false;
        let dropped = Arc::new(AtomicU64::new(0));
        let mut context = ToolContext {
            person: self.request.person.clone(),
            scope: self.request.scope.clone(),
            now,
            zone: self.zone.clone(),
            emit: reporter(self.report.clone(), Arc::clone(&dropped)),
        };
        context.person.name = person.map(str::to_owned);
        let tool = self.tools.get(&call.tool).cloned();
        let keeps_own_time = tool.as_ref().is_some_and(|tool| tool.keeps_own_time(&call.args));
        let name = call.tool.clone();
        let handle = self.running.spawn(async move {
            match tool.as_ref().map(|tool| (tool, tool.spec().effect)) {
                Some((tool, Effect::Read)) => {
                    let output = tool.call(&context, call.args).await?;
                    Ok(Came::Output(Box::new(output)))
                }
                Some((tool, _)) => {
                    let change = tool.change().ok_or_else(|| without_change(&call.tool))?;
                    Ok(Came::Plan(Box::new(change.plan(&context, call.args).await?)))
                }
                None => Err(Error::new(
                    ErrorKind::Internal,
                    format!("there is no tool called {}", call.tool),
                )),
            }
        });
        let started = Started {
            number: call.number,
            tool: name,
            at: now,
            abort: (!keeps_own_time).then(|| handle.clone()),
            dropped,
        };
        self.started.insert(handle.id(), started);
    }

    /// Waits for a report, a result or the deadline, whichever is first; at the deadline all calls are stopped
    /// but those that keep their own time.
    pub(super) async fn wait(&mut self, deadline: Instant) -> Input {
        tokio::select! {
            // What a call reported goes before its result.
            biased;
            Some(event) = self.reports.recv() => Input::Emitted(event),
            Some(joined) = self.running.join_next_with_id() => self.finished(joined),
            () = sleep_until(deadline), if !self.late => {
                self.late = true;
                for started in self.started.values() {
                    started.abort.iter().for_each(AbortHandle::abort);
                }
                Input::Deadline
            }
        }
    }

    fn finished(&mut self, joined: Result<(Id, Result<Came>), JoinError>) -> Input {
        let (id, result) = match joined {
            Ok(joined) => joined,
            Err(error) => (
                error.id(),
                Err(Error::new(ErrorKind::Internal, "it stopped with a fault of its own").with_source(error)),
            ),
        };
        let Some(started) = self.started.remove(&id) else {
            return Input::Continue;
        };
        let elapsed = self.clock.now().as_millisecond() - started.at.as_millisecond();
        let dropped = started.dropped.load(Ordering::Relaxed);
        let result = result.map(|mut came| {
            if let (Came::Output(output), true) = (&mut came, dropped > 0) {
                output.notes.push(format!(
                    "{dropped} parts came faster than they could be shown, and were left out."
                ));
            }
            came
        });
        if let Err(error) = &result {
            let why = redact(error.message());
            tracing::debug!(tool = started.tool, kind = ?error.kind(), %why, "a call failed");
        }
        Input::Finished {
            call: started.number,
            result,
            elapsed_ms: u64::try_from(elapsed).unwrap_or(0),
        }
    }
}

fn without_change(tool: &str) -> Error {
    Error::new(
        ErrorKind::Internal,
        format!("{tool} says that it changes something, and cannot say what"),
    )
}

/// What a tool reports with: it never waits, and counts what did not get through.
fn reporter(reports: mpsc::Sender<Event>, dropped: Arc<AtomicU64>) -> Arc<dyn Fn(Event) + Send + Sync> {
    Arc::new(move |event| {
        if reports.try_send(event).is_err() {
            dropped.fetch_add(1, Ordering::Relaxed);
        }
    })
}
