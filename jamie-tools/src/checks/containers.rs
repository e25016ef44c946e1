//! Pods in, each of their containers with its status, spec, role and past out, grouped by workload.

mod group;

use std::sync::Arc;

use jamie_core::{Evidence, ObjectRef, redact};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{
    Container, ContainerState, ContainerStateTerminated, ContainerStatus, Event, Pod,
};

pub(crate) use self::group::{Group, grouped, severity, share};
use super::happened;
use crate::{
    fault::Lead,
    snapshot::{Snapshot, event_time, reference},
    wording,
};

/// What a container is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Runs to its end before the others start.
    Init,
    /// An init container that keeps running.
    Sidecar,
    Main,
}

/// One container of one pod.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) pod: &'a Arc<Pod>,
    pub(crate) status: &'a ContainerStatus,
    pub(crate) spec: Option<&'a Container>,
    pub(crate) role: Role,
}

/// The containers of a pod that have a status.
pub(crate) fn of(pod: &Arc<Pod>) -> impl Iterator<Item = Seen<'_>> {
    let spec = pod.spec.as_ref();
    let status = pod.status.as_ref();
    let init = status
        .and_then(|status| status.init_container_statuses.as_ref())
        .into_iter()
        .flatten()
        .map(move |status| {
            let spec = spec
                .and_then(|spec| spec.init_containers.as_ref())
                .into_iter()
                .flatten()
                .find(|container| container.name == status.name);
            let stays = spec.is_some_and(|spec| spec.restart_policy.as_deref() == Some("Always"));
            Seen {
                pod,
                status,
                spec,
                role: if stays { Role::Sidecar } else { Role::Init },
            }
        });
    let main = status
        .and_then(|status| status.container_statuses.as_ref())
        .into_iter()
        .flatten()
        .map(move |status| {
            let spec = spec
                .into_iter()
                .flat_map(|spec| &spec.containers)
                .find(|container| container.name == status.name);
            Seen {
                pod,
                status,
                spec,
                role: Role::Main,
            }
        });
    init.chain(main)
}

impl<'a> Seen<'a> {
    fn state(&self) -> Option<&'a ContainerState> {
        self.status.state.as_ref()
    }

    /// Why it waits, where it does.
    pub(crate) fn waiting(&self) -> Option<(&'a str, &'a str)> {
        let waiting = self.state()?.waiting.as_ref()?;
        Some((
            waiting.reason.as_deref().unwrap_or_default(),
            waiting.message.as_deref().unwrap_or_default(),
        ))
    }

    /// How it ended, where it has ended for now.
    pub(crate) fn ended(&self) -> Option<&'a ContainerStateTerminated> {
        self.state()?.terminated.as_ref()
    }

    /// How it ended the last time: now or before its last restart.
    pub(crate) fn last_end(&self) -> Option<&'a ContainerStateTerminated> {
        self.ended()
            .or_else(|| self.status.last_state.as_ref()?.terminated.as_ref())
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state().is_some_and(|state| state.running.is_some())
    }

    /// Since when it runs.
    pub(crate) fn running_since(&self) -> Option<Timestamp> {
        let running = self.state()?.running.as_ref()?;
        running.started_at.as_ref().map(|time| time.0)
    }

    pub(crate) fn name(&self) -> &'a str {
        &self.status.name
    }

    pub(crate) fn restarts(&self) -> i32 {
        self.status.restart_count.max(0)
    }

    pub(crate) fn pod_ref(&self) -> ObjectRef {
        reference(self.pod.as_ref())
    }

    /// The image as the spec has it, or as the status does.
    pub(crate) fn image(&self) -> &'a str {
        self.spec
            .and_then(|spec| spec.image.as_deref())
            .filter(|image| !image.is_empty())
            .unwrap_or(&self.status.image)
    }

    /// Its command and arguments as one line; empty where the image's own run.
    pub(crate) fn command(&self) -> String {
        let words: Vec<&str> = self
            .spec
            .into_iter()
            .flat_map(|spec| spec.command.iter().flatten().chain(spec.args.iter().flatten()))
            .map(String::as_str)
            .collect();
        wording::clip(&words.join(" "), 160)
    }

    /// "container `api`", or "init container `wait`".
    pub(crate) fn label(&self) -> String {
        label(self.role, self.name())
    }

    /// Whether a failing lead to its log is worth following: the container has run at least once.
    pub(crate) fn log_lead(&self) -> Lead {
        let previous = self.ended().is_none() && self.restarts() > 0;
        Lead::Log {
            pod: self.pod_ref(),
            container: self.name().to_owned(),
            previous,
        }
    }
}

/// "container `api`", or "init container `wait`".
pub(crate) fn label(role: Role, name: &str) -> String {
    match role {
        Role::Init => format!("init container `{name}`"),
        Role::Sidecar => format!("sidecar `{name}`"),
        Role::Main => format!("container `{name}`"),
    }
}

/// The container's status as evidence.
pub(crate) fn evidence(seen: &Seen<'_>) -> Evidence {
    let source = format!("status of {} in Pod {}", seen.label(), seen.pod_ref().path());
    let mut parts = Vec::new();
    if let Some((reason, message)) = seen.waiting() {
        parts.push(format!("waiting: {reason}{}", after(": ", message)));
    } else if seen.is_running() {
        parts.push(if seen.status.ready {
            "running, ready".to_owned()
        } else {
            "running, not ready".to_owned()
        });
    }
    let mut at = None;
    if let Some(end) = seen.last_end() {
        let which = if seen.ended().is_some() {
            "terminated"
        } else {
            "last terminated"
        };
        parts.push(format!(
            "{which}: {}exit code {}{}",
            end.reason
                .as_deref()
                .map(|reason| format!("{reason}, "))
                .unwrap_or_default(),
            end.exit_code,
            after(": ", end.message.as_deref().unwrap_or_default()),
        ));
        at = end.finished_at.as_ref().map(|time| time.0);
    }
    parts.push(wording::count(seen.restarts() as usize, "restart"));
    Evidence::new(source, parts.join("; "), at)
}

fn after(separator: &str, text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        String::new()
    } else {
        format!("{separator}{}", redact(text))
    }
}

/// Events about a pod with one of these reasons, newest first.
pub(crate) fn pod_events<'a>(
    snapshot: &'a Snapshot,
    pod: &Pod,
    reasons: &'a [&'a str],
) -> impl Iterator<Item = &'a Arc<Event>> {
    let mut events = snapshot.events_of(&reference(pod));
    events.reverse();
    events.into_iter().filter(move |event| {
        event
            .reason
            .as_deref()
            .is_some_and(|reason| reasons.contains(&reason))
    })
}

/// Since when a pod's trouble has been going on, as far as its events and last end tell.
pub(crate) fn since(snapshot: &Snapshot, seen: &Seen<'_>) -> Option<Timestamp> {
    const TROUBLE: [&str; 6] = [
        "BackOff",
        "Failed",
        "Unhealthy",
        "FailedMount",
        "FailedScheduling",
        "Killing",
    ];
    let first_event = pod_events(snapshot, seen.pod, &TROUBLE)
        .filter_map(|event| happened::first_seen(event))
        .min();
    let ended = seen.last_end().and_then(|end| {
        end.finished_at
            .as_ref()
            .or(end.started_at.as_ref())
            .map(|time| time.0)
    });
    let unready = unready_since(seen.pod);
    [first_event, ended, unready].into_iter().flatten().min()
}

/// Since when a pod is not ready.
pub(crate) fn unready_since(pod: &Pod) -> Option<Timestamp> {
    let status = pod.status.as_ref()?;
    let condition = status
        .conditions
        .iter()
        .flatten()
        .find(|condition| condition.type_ == "Ready" && condition.status != "True")?;
    condition.last_transition_time.as_ref().map(|time| time.0)
}

/// Whether an end lies within so many seconds; one without a time counts as recent.
pub(crate) fn ended_within(end: &ContainerStateTerminated, now: Timestamp, seconds: i64) -> bool {
    end.finished_at
        .as_ref()
        .is_none_or(|time| now.as_second().saturating_sub(time.0.as_second()) <= seconds)
}

/// The newest event with one of these reasons that names the container, or names none.
pub(crate) fn container_event<'a>(
    snapshot: &'a Snapshot,
    seen: &Seen<'_>,
    reasons: &'a [&'a str],
    accept: impl Fn(&str) -> bool,
) -> Option<&'a Arc<Event>> {
    let field = format!("{{{}}}", seen.name());
    pod_events(snapshot, seen.pod, reasons).find(|event| {
        let path = event.involved_object.field_path.as_deref().unwrap_or_default();
        (path.is_empty() || path.ends_with(&field))
            && accept(event.message.as_deref().unwrap_or_default())
            && event_time(event).is_none_or(|time| {
                snapshot.taken_at.as_second().saturating_sub(time.as_second()) <= 6 * 3_600
            })
    })
}
