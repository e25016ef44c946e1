//! A pod in, its state as `kubectl get pods` prints it (and what stands behind that) out.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus, Pod};

use crate::snapshot::is_ready;

/// A pod's state at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PodStatus {
    /// `Running`, `CrashLoopBackOff`, `Init:0/2`, `Completed`, `Terminating`.
    pub state: String,
    /// Whether its Ready condition is true.
    pub is_ready: bool,
    /// Containers that are ready.
    pub ready: usize,
    /// Containers in all, sidecars included.
    pub containers: usize,
    /// Restarts of all containers together.
    pub restarts: u32,
    /// When a container last ended, where one has.
    pub last_restart: Option<Timestamp>,
    /// Why and how it last ended: `OOMKilled (exit code 137)`.
    pub last_end: Option<String>,
}

impl PodStatus {
    /// Whether something is the matter: it should run and does not, or not fully.
    pub fn is_unwell(&self) -> bool {
        match self.state.as_str() {
            "Completed" | "Succeeded" => false,
            "Running" => !self.is_ready,
            _ => true,
        }
    }

    /// `2/2`.
    pub fn readiness(&self) -> String {
        format!("{}/{}", self.ready, self.containers)
    }
}

/// Works out the state of a pod.
pub fn status_of(pod: &Pod) -> PodStatus {
    let status = pod.status.as_ref();
    let containers = statuses(status.and_then(|status| status.container_statuses.as_ref()));
    let inits = statuses(status.and_then(|status| status.init_container_statuses.as_ref()));
    let sidecars: Vec<&str> = pod
        .spec
        .iter()
        .flat_map(|spec| spec.init_containers.iter().flatten())
        .filter(|container| container.restart_policy.as_deref() == Some("Always"))
        .map(|container| container.name.as_str())
        .collect();
    let is_sidecar = |one: &ContainerStatus| sidecars.contains(&one.name.as_str());
    let all = || containers.iter().chain(inits);
    let ends = || all().filter_map(last_end);
    let latest = ends().max_by_key(|end| end.finished_at.as_ref().map(|time| time.0));
    let declared = pod.spec.as_ref().map_or(0, |spec| spec.containers.len());
    PodStatus {
        state: state(pod, containers, inits, &sidecars),
        is_ready: is_ready(pod),
        ready: containers.iter().filter(|one| one.ready).count()
            + inits.iter().filter(|one| is_sidecar(one) && one.ready).count(),
        containers: declared.max(containers.len()) + sidecars.len(),
        restarts: all()
            .map(|one| u32::try_from(one.restart_count).unwrap_or(0))
            .fold(0, u32::saturating_add),
        last_restart: latest.and_then(|end| end.finished_at.as_ref()).map(|time| time.0),
        last_end: latest.map(show_end),
    }
}

fn statuses(list: Option<&Vec<ContainerStatus>>) -> &[ContainerStatus] {
    list.map(Vec::as_slice).unwrap_or_default()
}

fn state(pod: &Pod, containers: &[ContainerStatus], inits: &[ContainerStatus], sidecars: &[&str]) -> String {
    let status = pod.status.as_ref();
    let phase = status
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("Unknown");
    let reason = status
        .and_then(|status| status.reason.as_deref())
        .filter(|reason| !reason.is_empty());
    if pod.metadata.deletion_timestamp.is_some() {
        return if reason == Some("NodeLost") {
            "Unknown"
        } else {
            "Terminating"
        }
        .to_owned();
    }
    let total = pod
        .spec
        .as_ref()
        .and_then(|spec| spec.init_containers.as_ref())
        .map_or(inits.len(), Vec::len);
    for (position, init) in inits.iter().enumerate() {
        let is_sidecar = sidecars.contains(&init.name.as_str());
        match init.state.as_ref() {
            Some(ContainerState {
                terminated: Some(end),
                ..
            }) if end.exit_code == 0 => {}
            Some(ContainerState {
                terminated: Some(end),
                ..
            }) => {
                return match end.reason.as_deref().filter(|reason| !reason.is_empty()) {
                    Some(reason) => format!("Init:{reason}"),
                    None => format!("Init:ExitCode:{}", end.exit_code),
                };
            }
            Some(ContainerState {
                waiting: Some(waiting),
                ..
            }) if waiting
                .reason
                .as_deref()
                .is_some_and(|reason| reason != "PodInitializing") =>
            {
                return format!("Init:{}", waiting.reason.as_deref().unwrap_or_default());
            }
            _ if is_sidecar && init.started == Some(true) => {}
            _ => return format!("Init:{position}/{total}"),
        }
    }
    // Among the containers, waiting says more than terminated, and terminated more than running.
    for one in containers.iter().rev() {
        if let Some(reason) = one
            .state
            .as_ref()
            .and_then(|state| state.waiting.as_ref())
            .and_then(|waiting| waiting.reason.as_deref())
            .filter(|reason| !reason.is_empty())
        {
            return reason.to_owned();
        }
    }
    let running = containers
        .iter()
        .any(|one| one.state.as_ref().is_some_and(|state| state.running.is_some()));
    for one in containers {
        if let Some(end) = one.state.as_ref().and_then(|state| state.terminated.as_ref()) {
            if end.exit_code == 0 && running {
                continue;
            }
            return match end.reason.as_deref().filter(|reason| !reason.is_empty()) {
                Some(reason) => reason.to_owned(),
                None => match end.signal {
                    Some(signal) if signal != 0 => format!("Signal:{signal}"),
                    _ => format!("ExitCode:{}", end.exit_code),
                },
            };
        }
    }
    let gated = pod
        .spec
        .as_ref()
        .is_some_and(|spec| spec.scheduling_gates.as_ref().is_some_and(|all| !all.is_empty()));
    if gated && phase == "Pending" {
        return "SchedulingGated".to_owned();
    }
    match (reason, phase) {
        (Some(reason), _) => reason.to_owned(),
        (None, "Succeeded") => "Completed".to_owned(),
        (None, phase) => phase.to_owned(),
    }
}

/// How a container last ended: now, or before its last restart.
pub fn last_end(status: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    let now = status.state.as_ref().and_then(|state| state.terminated.as_ref());
    now.or_else(|| {
        status
            .last_state
            .as_ref()
            .and_then(|state| state.terminated.as_ref())
    })
}

/// `OOMKilled (exit code 137)`.
pub fn show_end(end: &ContainerStateTerminated) -> String {
    match end.reason.as_deref().filter(|reason| !reason.is_empty()) {
        Some("Completed") => "Completed".to_owned(),
        Some(reason) => format!("{reason} (exit code {})", end.exit_code),
        None => format!("exit code {}", end.exit_code),
    }
}
