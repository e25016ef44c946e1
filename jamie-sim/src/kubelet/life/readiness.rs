//! A container that runs in; whether it has started and is ready, and its failing probes, out.

use jiff::Timestamp;

use super::{Happening, Life, Phase, Plan};
use crate::{
    kubelet::probes,
    object::{elapsed, later},
    scenario::Does,
};

impl Life {
    /// Whether it is started and ready now.
    pub(super) fn judge(
        &mut self,
        plan: &Plan<'_>,
        now: Timestamp,
        told: &mut Vec<Happening>,
    ) -> Option<Timestamp> {
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
