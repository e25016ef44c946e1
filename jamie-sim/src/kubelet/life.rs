//! The life of one container: what it is to do and the time in; its state and what the kubelet reports out.
//!
//! The same steps are taken whether an hour passes in one go or in real time, so that a past can be made up.

mod arrival;
mod ending;
mod readiness;
mod waiting;

use jiff::Timestamp;
use serde_json::Value;

use super::behaviours::Applied;
use crate::object::{elapsed, later};
use ending::{ending, run_length};

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
}

enum Step {
    Again,
    Until(Option<Timestamp>),
}

/// The wait after the n-th failure in a row: 10 s, 20 s … five minutes.
fn back_off(failures: u32) -> i64 {
    (10_000_i64 << failures.saturating_sub(2).min(6)).min(300_000)
}
