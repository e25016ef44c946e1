//! The life of one container: what it is to do and the time in; its state and what the kubelet reports out.
//!
//! The same steps are taken whether an hour passes in one go or in real time, so that a past can be made up.

use jiff::Timestamp;
use serde_json::Value;

use super::{behaviours::Applied, images, probes};
use crate::{
    object::{self, elapsed, later, text},
    scenario::Does,
};

/// Containers that run this long count as recovered.
const RECOVERED_MS: i64 = 600_000;
/// How often the kubelet reports that it still waits.
const SYNC_MS: i64 = 12_000;

/// What a container is to do.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) container: &'a Value,
    pub(super) applied: Option<Applied<'a>>,
    /// Why its configuration cannot be put together.
    pub(super) blocked: Option<String>,
    pub(super) restart: Restart,
    /// Whether it is meant to end: an init container or part of a job.
    pub(super) ends: bool,
    pub(super) live: bool,
    /// The moment the made-up past meets the present.
    pub(super) arriving: bool,
}

/// When a container is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Restart {
    Always,
    OnFailure,
    Never,
}

/// Something to report.
#[derive(Debug)]
pub(super) struct Happening {
    pub(super) at: Timestamp,
    pub(super) count: u32,
    pub(super) warning: bool,
    pub(super) reason: &'static str,
    pub(super) message: String,
}

/// How a container ended.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) exit: i32,
    pub(super) reason: String,
    pub(super) message: Option<String>,
    pub(super) started: Timestamp,
    pub(super) finished: Timestamp,
}

#[derive(Clone, Debug)]
pub(super) enum Phase {
    Waiting { reason: String, message: Option<String> },
    Running { started: Timestamp },
    BackOff { until: Timestamp, wait: i64 },
    Ended(Ended),
}

#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) phase: Phase,
    pub(super) restarts: u32,
    pub(super) last: Option<Ended>,
    pub(super) ready: bool,
    pub(super) started: bool,
    /// From when it could start.
    from: Timestamp,
    failures: u32,
    /// When the next repeated report is due, and the wait after it.
    repeat: Option<(Timestamp, i64)>,
    pulled: bool,
}

impl Life {
    pub(super) fn new(from: Timestamp) -> Self {
        Self {
            phase: Phase::Waiting {
                reason: "ContainerCreating".to_owned(),
                message: None,
            },
            restarts: 0,
            last: None,
            ready: false,
            started: false,
            from,
            failures: 0,
            repeat: None,
            pulled: false,
        }
    }

    /// Takes every step up to `now`; reports into `told`; answers when to look again.
    pub(super) fn advance(
        &mut self,
        plan: &Plan<'_>,
        now: Timestamp,
        told: &mut Vec<Happening>,
    ) -> Option<Timestamp> {
        let mut steps = 0;
        let wake = loop {
            steps += 1;
            let next = self.step(plan, now, told);
            match next {
                Step::Again if steps < 5_000 => {}
                Step::Again => break None,
                Step::Until(time) => break time,
            }
        };
        if plan.arriving {
            self.arrive(plan, now);
        }
        let ready_wake = self.judge(plan, now, told);
        [wake, ready_wake].into_iter().flatten().min()
    }

    fn step(&mut self, plan: &Plan<'_>, now: Timestamp, told: &mut Vec<Happening>) -> Step {
        match self.phase.clone() {
            Phase::Waiting { .. } => self.wait(plan, now, told),
            Phase::Running { started } => {
                let Some((at, ended)) = ending(plan, started, now) else {
                    return Step::Until(None);
                };
                if at > now {
                    return Step::Until(Some(at));
                }
                self.end(plan, ended, told);
                Step::Again
            }
            Phase::BackOff { until, wait } => {
                let healed = plan.applied.is_some_and(|applied| applied.healed);
                let until = if healed && until > now { now } else { until };
                if until > now {
                    return Step::Until(Some(until));
                }
                // Days of the same loop are counted rather than walked through.
                let cycle = wait + run_length(plan);
                let behind = elapsed(until, now);
                let mut until = until;
                if !healed && behind > 6 * 3_600_000 {
                    let skipped = (behind - 3 * 3_600_000) / cycle.max(1);
                    self.restarts = self.restarts.saturating_add(skipped as u32);
                    until = later(until, skipped * cycle);
                }
                if plan.blocked.is_some() {
                    self.from = until;
                    self.phase = Phase::Waiting {
                        reason: "CreateContainerConfigError".to_owned(),
                        message: None,
                    };
                    return Step::Again;
                }
                self.restarts += 1;
                if healed {
                    self.failures = 0;
                }
                self.start(plan, until, told);
                Step::Again
            }
            Phase::Ended(_) => Step::Until(None),
        }
    }

    fn wait(&mut self, plan: &Plan<'_>, now: Timestamp, told: &mut Vec<Happening>) -> Step {
        let does = plan.applied.map(|applied| (applied.does(now), applied.behaviour));
        let image = text(plan.container, "/image");
        let bad_image = !images::is_valid(image);
        match does {
            _ if bad_image => {
                let message = images::unparsable(image);
                return self.stuck(
                    plan,
                    now,
                    told,
                    "InvalidImageName",
                    &message,
                    "InspectFailed",
                    &message,
                    "Error: InvalidImageName",
                );
            }
            Some((Does::Image, behaviour)) => {
                let why = behaviour
                    .message
                    .clone()
                    .unwrap_or_else(|| images::not_found(image));
                return self.unpullable(now, told, image, &why, behaviour.reason.as_deref());
            }
            _ => {}
        }
        let start = later(self.from, if plan.live { 250 } else { 2_000 });
        if start > now {
            return Step::Until(Some(start));
        }
        let config = match does {
            Some((Does::ConfigError, behaviour)) => Some(
                behaviour
                    .message
                    .clone()
                    .unwrap_or_else(|| "invalid configuration".to_owned()),
            ),
            _ => plan.blocked.clone(),
        };
        if let Some(message) = config {
            let line = format!("Error: {message}");
            return self.stuck(
                plan,
                now,
                told,
                "CreateContainerConfigError",
                &message,
                "Failed",
                &line,
                "",
            );
        }
        if let Some((Does::CreateError, behaviour)) = does {
            let message = behaviour
                .message
                .clone()
                .unwrap_or_else(|| "failed to create containerd task".to_owned());
            let runs =
                message.contains("exec:") || message.contains("exec format") || message.contains("runc");
            let reason = behaviour.reason.clone().unwrap_or_else(|| {
                (if runs {
                    "RunContainerError"
                } else {
                    "CreateContainerError"
                })
                .to_owned()
            });
            if matches!(reason.as_str(), "RunContainerError" | "StartError") {
                self.start(plan, start, told);
                return Step::Again;
            }
            let line = format!("Error: {message}");
            return self.stuck(plan, now, told, &reason, &message, "Failed", &line, "");
        }
        self.start(plan, start, told);
        Step::Again
    }

    /// Waits with a reason, reporting once in a while.
    #[allow(clippy::too_many_arguments)]
    fn stuck(
        &mut self,
        plan: &Plan<'_>,
        now: Timestamp,
        told: &mut Vec<Happening>,
        reason: &str,
        message: &str,
        event: &'static str,
        line: &str,
        second: &str,
    ) -> Step {
        let (next, _) = self
            .repeat
            .unwrap_or((self.from.max(later(now, -86_400_000 * 400)), SYNC_MS));
        if next <= now {
            let count = (elapsed(next, now) / SYNC_MS + 1).clamp(1, 100_000);
            let first = if count > 1 { Some(next) } else { None };
            for (at, count) in first
                .map(|at| (at, 1))
                .into_iter()
                .chain([(now, (count - i64::from(first.is_some())) as u32)])
            {
                told.push(Happening {
                    at,
                    count,
                    warning: true,
                    reason: event,
                    message: line.to_owned(),
                });
                if !second.is_empty() {
                    told.push(Happening {
                        at,
                        count,
                        warning: true,
                        reason: "Failed",
                        message: second.to_owned(),
                    });
                }
                if event == "Failed" {
                    let message = format!(
                        "Container image \"{}\" already present on machine",
                        text(plan.container, "/image")
                    );
                    told.push(Happening {
                        at,
                        count,
                        warning: false,
                        reason: "Pulled",
                        message,
                    });
                }
            }
            self.repeat = Some((later(now, SYNC_MS), SYNC_MS));
        }
        self.phase = Phase::Waiting {
            reason: reason.to_owned(),
            message: Some(message.to_owned()),
        };
        // Once what is missing appears, the container starts from then on.
        self.from = self.from.max(later(now, -200));
        Step::Until(self.repeat.map(|(next, _)| next))
    }

    fn unpullable(
        &mut self,
        now: Timestamp,
        told: &mut Vec<Happening>,
        image: &str,
        why: &str,
        reason: Option<&str>,
    ) -> Step {
        if let Some(reason @ ("ErrImageNeverPull" | "InvalidImageName" | "ImageInspectError")) = reason {
            let (event, line) = match reason {
                "ErrImageNeverPull" => (
                    "ErrImageNeverPull",
                    format!("Container image \"{image}\" is not present with pull policy of Never"),
                ),
                _ => ("InspectFailed", why.to_owned()),
            };
            let (next, _) = self.repeat.unwrap_or((self.from, SYNC_MS));
            if next <= now {
                let count = (elapsed(next, now) / SYNC_MS + 1).clamp(1, 100_000) as u32;
                told.push(Happening {
                    at: now,
                    count,
                    warning: true,
                    reason: event,
                    message: line.clone(),
                });
                told.push(Happening {
                    at: now,
                    count,
                    warning: true,
                    reason: "Failed",
                    message: format!("Error: {reason}"),
                });
                self.repeat = Some((later(now, SYNC_MS), SYNC_MS));
            }
            self.phase = Phase::Waiting {
                reason: reason.to_owned(),
                message: Some(line),
            };
            return Step::Until(self.repeat.map(|(next, _)| next));
        }
        let (mut next, mut wait) = self.repeat.unwrap_or((self.from, 10_000));
        let mut tries = 0;
        let mut last = None;
        while next <= now {
            if tries == 0 || elapsed(next, now) <= 3_700_000 {
                told.push(Happening {
                    at: next,
                    count: 1,
                    warning: false,
                    reason: "Pulling",
                    message: format!("Pulling image \"{image}\""),
                });
                told.push(Happening {
                    at: next,
                    count: 1,
                    warning: true,
                    reason: "Failed",
                    message: format!("Failed to pull image \"{image}\": {why}"),
                });
                told.push(Happening {
                    at: next,
                    count: 1,
                    warning: true,
                    reason: "Failed",
                    message: "Error: ErrImagePull".to_owned(),
                });
                let after = later(next, 1_000);
                let syncs = (wait / SYNC_MS).max(1) as u32;
                let until = later(next, wait - 1_000).min(now.max(after));
                for (reason, message) in [
                    ("BackOff", format!("Back-off pulling image \"{image}\"")),
                    ("Failed", "Error: ImagePullBackOff".to_owned()),
                ] {
                    told.push(Happening {
                        at: after,
                        count: 1,
                        warning: reason == "Failed",
                        reason,
                        message: message.clone(),
                    });
                    told.push(Happening {
                        at: until,
                        count: syncs,
                        warning: reason == "Failed",
                        reason,
                        message,
                    });
                }
            }
            tries += 1;
            last = Some(next);
            next = later(next, wait);
            wait = (wait * 2).min(300_000);
        }
        self.repeat = Some((next, wait));
        let fresh = last.is_some_and(|last| elapsed(last, now) < 1_000);
        let reason = if fresh { "ErrImagePull" } else { "ImagePullBackOff" };
        let message = if fresh {
            why.to_owned()
        } else {
            format!("Back-off pulling image \"{image}\": ErrImagePull: {why}")
        };
        self.phase = Phase::Waiting {
            reason: reason.to_owned(),
            message: Some(message),
        };
        self.from = self.from.max(later(now, -200));
        Step::Until(Some(if fresh { later(now, 1_000) } else { next }))
    }

    fn start(&mut self, plan: &Plan<'_>, at: Timestamp, told: &mut Vec<Happening>) {
        let container = text(plan.container, "/name");
        let image = text(plan.container, "/image");
        let mut tell = |reason: &'static str, message: String| {
            told.push(Happening {
                at,
                count: 1,
                warning: false,
                reason,
                message,
            })
        };
        if self.pulled && text(plan.container, "/imagePullPolicy") != "Always"
            || text(plan.container, "/imagePullPolicy") == "Never"
        {
            tell(
                "Pulled",
                format!("Container image \"{image}\" already present on machine"),
            );
        } else {
            tell("Pulling", format!("Pulling image \"{image}\""));
            let size = 20_000_000 + crate::controllers::names::hash(image) % 200_000_000;
            let took = 400 + size / 200_000;
            let took = if took >= 1000 {
                format!("{}.{:03}s", took / 1000, took % 1000)
            } else {
                format!("{took}ms")
            };
            tell(
                "Pulled",
                format!(
                    "Successfully pulled image \"{image}\" in {took} ({took} including waiting). Image size: {size} bytes."
                ),
            );
        }
        tell("Created", format!("Created container: {container}"));
        self.pulled = true;
        self.repeat = None;
        if plan
            .applied
            .is_none_or(|applied| applied.does(at) != Does::CreateError)
        {
            tell("Started", format!("Started container {container}"));
        }
        self.phase = Phase::Running { started: at };
    }

    fn end(&mut self, plan: &Plan<'_>, ended: Ended, told: &mut Vec<Happening>) {
        let (at, exit) = (ended.finished, ended.exit);
        let container = text(plan.container, "/name");
        let does = plan.applied.map(|applied| applied.does(at));
        if let (Some(does @ (Does::Liveness | Does::Startup)), Some(applied)) = (does, plan.applied) {
            let probe = if does == Does::Liveness {
                "livenessProbe"
            } else {
                "startupProbe"
            };
            let times = object::number(plan.container, &format!("/{probe}/failureThreshold"))
                .unwrap_or(3)
                .max(1);
            let message = probes::failure(applied.behaviour, plan.container);
            let period = probes::period(plan.container, probe);
            told.push(Happening {
                at: later(at, -period * (times - 1)),
                count: 1,
                warning: true,
                reason: "Unhealthy",
                message: message.clone(),
            });
            told.push(Happening {
                at,
                count: (times - 1) as u32,
                warning: true,
                reason: "Unhealthy",
                message,
            });
            let word = if does == Does::Liveness {
                "liveness"
            } else {
                "startup"
            };
            told.push(Happening {
                at,
                count: 1,
                warning: false,
                reason: "Killing",
                message: format!("Container {container} failed {word} probe, will be restarted"),
            });
        }
        if does == Some(Does::CreateError) {
            let message = ended.message.clone().unwrap_or_default();
            told.push(Happening {
                at,
                count: 1,
                warning: true,
                reason: "Failed",
                message: format!("Error: {message}"),
            });
        }
        let again = match plan.restart {
            Restart::Always => true,
            Restart::OnFailure => exit != 0,
            Restart::Never => false,
        };
        let ran = elapsed(ended.started, at);
        if !again {
            self.phase = Phase::Ended(ended);
            return;
        }
        self.failures = if ran > RECOVERED_MS { 1 } else { self.failures + 1 };
        self.last = Some(ended);
        if self.failures == 1 {
            // The first restart comes at once.
            self.restarts += 1;
            self.start(plan, at, told);
            return;
        }
        let wait = back_off(self.failures);
        let until = later(at, wait);
        self.phase = Phase::BackOff { until, wait };
        let count = ((wait / SYNC_MS) as u32).max(1);
        let message = format!("Back-off restarting failed container {container} in pod ");
        told.push(Happening {
            at,
            count: 1,
            warning: true,
            reason: "BackOff",
            message: message.clone(),
        });
        // Reports in the future would be odd; what is left of the wait is told when it is over.
        told.push(Happening {
            at,
            count: count - 1,
            warning: true,
            reason: "BackOff",
            message,
        });
    }

    /// Puts a loop into the state that one would most likely find it in.
    fn arrive(&mut self, plan: &Plan<'_>, now: Timestamp) {
        let Some(applied) = plan.applied else { return };
        let behaviour = applied.behaviour;
        let does = applied.does(now);
        if does == Does::Run {
            if let (Some(restarts), Phase::Running { started }) =
                (behaviour.restarts.filter(|restarts| *restarts > 0), &self.phase)
            {
                let exit = behaviour
                    .exit
                    .unwrap_or(if behaviour.reason.as_deref() == Some("OOMKilled") {
                        137
                    } else {
                        1
                    });
                let middle = later(*started, elapsed(*started, now) / 2);
                let at = if behaviour.since.is_some() {
                    applied.from.max(*started)
                } else {
                    middle
                };
                let reason = behaviour.reason.clone().unwrap_or_else(|| "Error".to_owned());
                self.last = Some(Ended {
                    exit,
                    reason,
                    message: None,
                    started: *started,
                    finished: at,
                });
                self.restarts = restarts;
                self.phase = Phase::Running {
                    started: later(at, 2_000).min(now),
                };
            }
            return;
        }
        let loops = matches!(
            does,
            Does::Crash | Does::Oom | Does::Exit | Does::Liveness | Does::Startup | Does::CreateError
        );
        let again = plan.restart == Restart::Always
            || plan.restart == Restart::OnFailure && behaviour.exit.unwrap_or(1) != 0;
        if !loops || !again || plan.ends && does == Does::Exit && behaviour.exit.unwrap_or(0) == 0 {
            if let Some(restarts) = behaviour.restarts {
                self.restarts = restarts;
            }
            return;
        }
        let restarts = behaviour.restarts.unwrap_or(self.restarts).max(1);
        let begun = match &self.phase {
            Phase::Running { started } => Some(*started),
            Phase::BackOff { .. } => self.last.as_ref().map(|last| last.started),
            _ => None,
        };
        let Some(begun) = begun else { return };
        self.restarts = restarts;
        let length = run_length(plan);
        if elapsed(begun.max(applied.from), now) < length
            && self.last.is_none()
            && behaviour.restarts.is_none()
        {
            return;
        }
        self.failures = restarts.clamp(2, 8);
        let wait = back_off(self.failures);
        let since = (wait / 4).min(35_000);
        let finished = later(now, -since);
        if let Some((_, mut ended)) = ending(plan, later(finished, -length), finished) {
            ended.finished = finished;
            ended.started = if does == Does::CreateError {
                Timestamp::UNIX_EPOCH
            } else {
                later(finished, -length)
            };
            self.last = Some(ended);
            self.phase = Phase::BackOff {
                until: later(finished, wait),
                wait,
            };
        }
    }

    /// Whether it is started and ready now.
    fn judge(&mut self, plan: &Plan<'_>, now: Timestamp, told: &mut Vec<Happening>) -> Option<Timestamp> {
        let Phase::Running { started } = self.phase else {
            self.ready = false;
            self.started = false;
            return None;
        };
        let does = plan.applied.map(|applied| (applied.does(now), applied));
        if let Some((Does::HangStart | Does::NotReady | Does::Startup, applied)) = does {
            let failing = applied.does(now);
            self.ready = false;
            self.started = failing == Does::NotReady;
            let probed =
                plan.container.get("readinessProbe").is_some() || applied.behaviour.message.is_some();
            if failing != Does::NotReady && !(failing == Does::HangStart && probed) {
                return None;
            }
            let period = probes::period(plan.container, "readinessProbe");
            let first = later(
                applied.from.max(started),
                probes::delay(plan.container, "readinessProbe") + period,
            );
            let (next, _) = self.repeat.unwrap_or((first, period));
            let message = probes::failure(applied.behaviour, plan.container);
            if next <= now {
                let count = (elapsed(next, now) / period + 1).clamp(1, 1_000_000) as u32;
                if count > 1 {
                    told.push(Happening {
                        at: next,
                        count: 1,
                        warning: true,
                        reason: "Unhealthy",
                        message: message.clone(),
                    });
                }
                told.push(Happening {
                    at: now,
                    count: count.saturating_sub(1).max(1),
                    warning: true,
                    reason: "Unhealthy",
                    message,
                });
                self.repeat = Some((later(now, period), period));
            } else {
                self.repeat = Some((next, period));
            }
            return self.repeat.map(|(next, _)| next);
        }
        self.repeat = None;
        let settle = |probe: &str| match plan.container.get(probe) {
            None => 0,
            Some(_) if plan.live => 120,
            Some(_) => probes::delay(plan.container, probe) + 2_000,
        };
        let since_start = later(started, settle("startupProbe"));
        let since_ready = later(since_start, settle("readinessProbe"));
        self.started = now >= since_start;
        // What crashes soon after its start never passes a readiness probe.
        let doomed =
            does.is_some_and(|(does, _)| matches!(does, Does::Crash | Does::Oom | Does::CreateError));
        if doomed && plan.container.get("readinessProbe").is_some() {
            self.ready = false;
            return None;
        }
        self.ready = now >= since_ready;
        if self.ready {
            None
        } else {
            Some(if self.started { since_ready } else { since_start })
        }
    }
}

enum Step {
    Again,
    Until(Option<Timestamp>),
}

/// The wait after the n-th failure in a row: 10 s, 20 s … five minutes.
fn back_off(failures: u32) -> i64 {
    (10_000_i64 << failures.saturating_sub(2).min(6)).min(300_000)
}

/// How long a container that ends runs, in milliseconds.
fn run_length(plan: &Plan<'_>) -> i64 {
    let given = plan
        .applied
        .and_then(|applied| applied.behaviour.after)
        .map(|after| after.duration().as_millis() as i64);
    let does = plan.applied.map(|applied| applied.behaviour.does);
    given.unwrap_or_else(|| match does {
        Some(Does::Liveness) => probes::patience(plan.container, "livenessProbe"),
        Some(Does::Startup) => probes::patience(plan.container, "startupProbe"),
        Some(Does::CreateError) => 0,
        _ if plan.live => 700,
        Some(Does::Crash | Does::Oom) => 8_000,
        _ => 20_000,
    })
}

/// When and how a container that runs since `started` ends, as things stand.
fn ending(plan: &Plan<'_>, started: Timestamp, now: Timestamp) -> Option<(Timestamp, Ended)> {
    let ended = |at: Timestamp, exit: i32, reason: &str| {
        let reason = reason.to_owned();
        Some((
            at,
            Ended {
                exit,
                reason,
                message: None,
                started,
                finished: at,
            },
        ))
    };
    let length = run_length(plan);
    let Some(applied) = plan.applied.filter(|applied| applied.does(now) != Does::Run) else {
        let told_to_run = plan
            .applied
            .is_some_and(|applied| applied.behaviour.does == Does::Run && !applied.healed);
        let natural = if plan.live { 700 } else { 20_000 };
        // What is meant to end does, unless the scenario says that it runs.
        return if plan.ends && !told_to_run {
            ended(later(started, natural.min(length)), 0, "Completed")
        } else {
            None
        };
    };
    let behaviour = applied.behaviour;
    let at = later(started.max(applied.from), length);
    let error = behaviour.reason.as_deref();
    match behaviour.does {
        Does::Crash => {
            let exit = behaviour.exit.unwrap_or(1);
            ended(
                at,
                exit,
                error.unwrap_or(if exit == 0 { "Completed" } else { "Error" }),
            )
        }
        Does::Oom => ended(at, behaviour.exit.unwrap_or(137), error.unwrap_or("OOMKilled")),
        Does::Exit => {
            let exit = behaviour.exit.unwrap_or(0);
            ended(
                at,
                exit,
                error.unwrap_or(if exit == 0 { "Completed" } else { "Error" }),
            )
        }
        Does::Liveness | Does::Startup => ended(at, behaviour.exit.unwrap_or(137), error.unwrap_or("Error")),
        Does::CreateError => {
            let (at, mut end) = ended(started, behaviour.exit.unwrap_or(128), "StartError")?;
            end.message = behaviour.message.clone();
            Some((at, end))
        }
        // Init containers that hang, and everything that only fails its probe, run on.
        _ => None,
    }
}
