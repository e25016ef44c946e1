//! A container that waits in; the reason it waits for, with what the kubelet reports meanwhile, or its start, out.

use jiff::Timestamp;

use super::{Happening, Life, Phase, Plan, SYNC_MS, Step};
use crate::{
    kubelet::images,
    object::{elapsed, later, text},
    scenario::Does,
};

impl Life {
    pub(super) fn wait(&mut self, plan: &Plan<'_>, now: Timestamp, told: &mut Vec<Happening>) -> Step {
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
    pub(super) fn stuck(
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

    #[allow(clippy::too_many_lines)] // one back-off, told event by event
    pub(super) fn unpullable(
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

    pub(super) fn start(&mut self, plan: &Plan<'_>, at: Timestamp, told: &mut Vec<Happening>) {
        let container = text(plan.container, "/name");
        let image = text(plan.container, "/image");
        let mut tell = |reason: &'static str, message: String| {
            told.push(Happening {
                at,
                count: 1,
                warning: false,
                reason,
                message,
            });
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
}
