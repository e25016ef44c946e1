//! A made-up past in; the state in which one would most likely find the container now out.

use jiff::Timestamp;

use super::{
    Ended, Life, Phase, Plan, Restart, back_off,
    ending::{ending, run_length},
};
use crate::{
    object::{elapsed, later},
    scenario::Does,
};

impl Life {
    /// Puts a loop into the state that one would most likely find it in.
    pub(super) fn arrive(&mut self, plan: &Plan<'_>, now: Timestamp) {
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
}
