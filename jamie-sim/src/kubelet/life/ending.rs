//! A container that runs in; when and how it ends, and what follows from that, out.

use jiff::Timestamp;

use super::{Ended, Happening, Life, Phase, Plan, RECOVERED_MS, Restart, SYNC_MS, back_off};
use crate::{
    kubelet::probes,
    object::{self, elapsed, later, text},
    scenario::Does,
};

impl Life {
    pub(super) fn end(&mut self, plan: &Plan<'_>, ended: Ended, told: &mut Vec<Happening>) {
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
}

/// How long a container that ends runs, in milliseconds.
pub(super) fn run_length(plan: &Plan<'_>) -> i64 {
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
pub(super) fn ending(plan: &Plan<'_>, started: Timestamp, now: Timestamp) -> Option<(Timestamp, Ended)> {
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
            end.message.clone_from(&behaviour.message);
            Some((at, end))
        }
        // Init containers that hang, and everything that only fails its probe, run on.
        _ => None,
    }
}
