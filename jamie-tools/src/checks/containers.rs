//! Pods in, each of their containers with its status, spec, role and past out, grouped by workload.

use std::{collections::BTreeMap, sync::Arc};

use jamie_core::{Evidence, ObjectRef, Severity};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{
    Container, ContainerState, ContainerStateTerminated, ContainerStatus, Event, Pod,
};

use super::{happened, template};
use crate::{
    fault::{Depth, Fault, Lead},
    redaction,
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
        wording::clip(&redaction::redact(&words.join(" ")), 160)
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

/// The same condition in the same container of one workload.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) workload: ObjectRef,
    /// In pods of the newest making first.
    pub(crate) seen: Vec<Seen<'a>>,
}

impl<'a> Group<'a> {
    /// The container to quote: the one that restarted most, which is the one with the longest story.
    pub(crate) fn first(&self) -> Option<&Seen<'a>> {
        self.seen.iter().max_by_key(|seen| {
            let made = seen.pod.metadata.creation_timestamp.as_ref().map(|time| time.0);
            (seen.restarts(), made)
        })
    }

    /// A fault about this group with what all such faults share.
    pub(crate) fn fault(
        &self,
        check: &'static str,
        severity: Severity,
        depth: Depth,
        title: impl Into<String>,
    ) -> Fault {
        let mut fault = Fault::new(check, severity, depth, self.workload.clone(), title);
        let mut pods: Vec<ObjectRef> = self.seen.iter().map(Seen::pod_ref).collect();
        pods.dedup();
        fault.seen_count = pods.len();
        pods.truncate(Fault::MAX_SEEN);
        fault.seen_on = pods;
        fault
    }
}

/// Groups the containers for which `key` has something to say, by workload, container and key.
pub(crate) fn grouped<'a, K: Ord>(
    snapshot: &'a Snapshot,
    mut key: impl FnMut(&Seen<'a>) -> Option<K>,
) -> Vec<(K, Group<'a>)> {
    let mut groups: BTreeMap<(ObjectRef, &'a str, K), Vec<Seen<'a>>> = BTreeMap::new();
    for pod in &snapshot.pods {
        if !counts(snapshot, pod) {
            continue;
        }
        for seen in of(pod) {
            if let Some(key) = key(&seen) {
                let mut workload = snapshot.workload_of(pod);
                // A UID is not part of the grouping: owner references may lack it.
                let uid = workload.uid.take();
                groups.entry((workload, seen.name(), key)).or_default().push(seen);
                drop(uid);
            }
        }
    }
    groups
        .into_iter()
        .map(|((workload, _, key), mut seen)| {
            seen.sort_by_key(|seen| {
                std::cmp::Reverse(seen.pod.metadata.creation_timestamp.as_ref().map(|time| time.0))
            });
            let workload = with_uid(snapshot, workload);
            (key, Group { workload, seen })
        })
        .collect()
}

fn with_uid(snapshot: &Snapshot, object: ObjectRef) -> ObjectRef {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let uid = match object.kind.as_str() {
        "Deployment" => snapshot
            .deployment(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        "StatefulSet" => snapshot
            .stateful_set(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        "DaemonSet" => snapshot
            .daemon_set(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        "Pod" => snapshot
            .pod(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        "CronJob" => snapshot
            .cron_job(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        "Job" => snapshot
            .job(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        _ => None,
    };
    object.with_uid(uid)
}

/// Whether a pod's containers speak of the present: not of a pod that is leaving, of a job that is done with,
/// or of an evicted pod whose place another has taken.
pub(crate) fn counts(snapshot: &Snapshot, pod: &Pod) -> bool {
    if pod.metadata.deletion_timestamp.is_some() {
        return false;
    }
    let status = pod.status.as_ref();
    match status.and_then(|status| status.phase.as_deref()) {
        Some("Succeeded") => return false,
        Some("Failed") => {
            let reason = status
                .and_then(|status| status.reason.as_deref())
                .unwrap_or_default();
            // These tell their own story, and their containers only echo it.
            if matches!(
                reason,
                "Evicted" | "NodeLost" | "Shutdown" | "NodeShutdown" | "Terminated" | "Preempting"
            ) {
                return false;
            }
        }
        _ => {}
    }
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    let job = pod
        .metadata
        .owner_references
        .iter()
        .flatten()
        .find(|owner| owner.kind == "Job");
    job.is_none_or(|job| job_counts(snapshot, namespace, &job.name))
}

/// Whether a job is unfinished or failed, and the newest of its CronJob.
fn job_counts(snapshot: &Snapshot, namespace: &str, name: &str) -> bool {
    let Some(job) = snapshot.job(namespace, name) else {
        return true;
    };
    let status = job.status.as_ref();
    let is_complete = status.is_some_and(|status| {
        status.completion_time.is_some()
            || status.conditions.iter().flatten().any(|condition| {
                matches!(condition.type_.as_str(), "Complete" | "SuccessCriteriaMet")
                    && condition.status == "True"
            })
    });
    if is_complete {
        return false;
    }
    let Some(cron_job) = job
        .metadata
        .owner_references
        .iter()
        .flatten()
        .find(|owner| owner.kind == "CronJob")
    else {
        return true;
    };
    let made = job.metadata.creation_timestamp.as_ref().map(|time| time.0);
    !snapshot.jobs.iter().any(|other| {
        other.metadata.namespace.as_deref() == Some(namespace)
            && other
                .metadata
                .owner_references
                .iter()
                .flatten()
                .any(|owner| owner.name == cron_job.name)
            && other.metadata.creation_timestamp.as_ref().map(|time| time.0) > made
    })
}

/// How bad a failing container is: nobody serves, or only some do not.
pub(crate) fn severity(snapshot: &Snapshot, workload: &ObjectRef) -> Severity {
    match workload.kind.as_str() {
        "Job" | "CronJob" => return Severity::Error,
        _ => {}
    }
    let pods = snapshot.pods_of(workload);
    let ready = pods.iter().filter(|pod| template::is_ready(pod)).count();
    if ready > 0 {
        return Severity::Error;
    }
    let serves = pods
        .first()
        .is_some_and(|pod| !snapshot.services_of(pod).is_empty());
    if serves {
        Severity::Critical
    } else {
        Severity::Error
    }
}

/// " on 2 of 3 pods" where that tells something.
pub(crate) fn share(snapshot: &Snapshot, group: &Group<'_>) -> String {
    if group.workload.kind == "Pod" || matches!(group.workload.kind.as_str(), "Job" | "CronJob") {
        return String::new();
    }
    let all = snapshot
        .pods_of(&group.workload)
        .iter()
        .filter(|pod| template::is_live(pod))
        .count();
    let mut pods: Vec<&str> = group
        .seen
        .iter()
        .map(|seen| seen.pod.metadata.name.as_deref().unwrap_or_default())
        .collect();
    pods.sort_unstable();
    pods.dedup();
    match (pods.len(), all) {
        (1, 1) => String::new(),
        (seen, all) if seen >= all => format!(" in all {seen} pods"),
        (seen, all) => format!(" in {seen} of {}", wording::count(all, "pod")),
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
        format!("{separator}{}", redaction::redact(text))
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
