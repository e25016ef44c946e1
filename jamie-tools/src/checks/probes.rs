//! A container's probes: what they ask, and what the kubelet says about their answers.

use std::sync::Arc;

use k8s_openapi::{
    api::core::v1::{Container, Event, Probe},
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::containers::{self, Role, Seen};
use crate::{snapshot::Snapshot, wording};

/// Which probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Probing {
    Startup,
    Liveness,
    Readiness,
}

impl Probing {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Startup => "startup",
            Self::Liveness => "liveness",
            Self::Readiness => "readiness",
        }
    }

    pub(crate) fn check(self) -> &'static str {
        match self {
            Self::Startup => "probe-startup",
            Self::Liveness => "probe-liveness",
            Self::Readiness => "probe-readiness",
        }
    }

    pub(crate) fn of(self, container: &Container) -> Option<&Probe> {
        match self {
            Self::Startup => container.startup_probe.as_ref(),
            Self::Liveness => container.liveness_probe.as_ref(),
            Self::Readiness => container.readiness_probe.as_ref(),
        }
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Startup => "Startup probe",
            Self::Liveness => "Liveness probe",
            Self::Readiness => "Readiness probe",
        }
    }
}

/// The newest event about this probe of a container.
pub(crate) fn event<'a>(snapshot: &'a Snapshot, seen: &Seen<'_>, probing: Probing) -> Option<&'a Arc<Event>> {
    containers::container_event(snapshot, seen, &["Unhealthy", "ProbeWarning"], |message| {
        message.starts_with(probing.prefix())
    })
}

/// The probe that gets a container killed, by the kubelet's own words.
pub(crate) fn killed_by_probe(snapshot: &Snapshot, seen: &Seen<'_>) -> Option<Probing> {
    if seen.role == Role::Init || seen.restarts() == 0 {
        return None;
    }
    let end = seen.last_end();
    // Who is stopped ends with the stop's signal, or with 0 or 1 when it minds its manners.
    if end.is_some_and(|end| !matches!(end.exit_code, 0 | 1 | 2 | 130 | 137 | 143)) {
        return None;
    }
    for probing in [Probing::Startup, Probing::Liveness] {
        let told = containers::container_event(snapshot, seen, &["Killing"], |message| {
            message.contains(&format!("failed {} probe", probing.word())) && message.contains(seen.name())
        });
        if told.is_some() {
            return Some(probing);
        }
        // An exit of its own accord with an error code is the application's story, whatever the probe says too.
        let stopped = end.is_none_or(|end| matches!(end.exit_code, 0 | 137 | 143));
        if stopped && event(snapshot, seen, probing).is_some() {
            return Some(probing);
        }
    }
    None
}

/// The port that a probe asks, resolved by name where it has one.
pub(crate) fn port(probe: &Probe, container: &Container) -> Option<Result<i32, String>> {
    let port = probe
        .http_get
        .as_ref()
        .map(|get| &get.port)
        .or_else(|| probe.tcp_socket.as_ref().map(|tcp| &tcp.port));
    let port = match (port, &probe.grpc) {
        (Some(port), _) => port,
        (None, Some(grpc)) => return Some(Ok(grpc.port)),
        (None, None) => return None,
    };
    Some(match port {
        IntOrString::Int(port) => Ok(*port),
        IntOrString::String(name) => match name.parse() {
            Ok(port) => Ok(port),
            Err(_) => container
                .ports
                .iter()
                .flatten()
                .find(|port| port.name.as_deref() == Some(name))
                .map(|port| port.container_port)
                .ok_or_else(|| name.clone()),
        },
    })
}

/// "GET /healthz on port 8080", "TCP port 5432", "the command `pg_isready`".
pub(crate) fn describe(probe: &Probe, container: &Container) -> String {
    let port = match port(probe, container) {
        Some(Ok(port)) => port.to_string(),
        Some(Err(name)) => format!("`{name}`"),
        None => String::new(),
    };
    if let Some(get) = &probe.http_get {
        let scheme = get
            .scheme
            .as_deref()
            .filter(|scheme| *scheme == "HTTPS")
            .map_or("", |_| "HTTPS ");
        format!(
            "{scheme}GET `{}` on port {port}",
            get.path.as_deref().unwrap_or("/")
        )
    } else if probe.tcp_socket.is_some() {
        format!("TCP port {port}")
    } else if probe.grpc.is_some() {
        format!("gRPC on port {port}")
    } else if let Some(exec) = &probe.exec {
        let command = exec.command.as_deref().unwrap_or_default().join(" ");
        format!("the command `{}`", wording::clip(&command, 100))
    } else {
        "nothing".to_owned()
    }
}

/// "every 10 s, given up after 3 failures, 1 s each": the numbers that decide how patient a probe is.
pub(crate) fn patience(probe: &Probe) -> String {
    let delay = probe.initial_delay_seconds.unwrap_or(0);
    format!(
        "{}every {} s, {} s for an answer, {} failures allowed",
        if delay > 0 {
            format!("from {delay} s after the start ")
        } else {
            String::new()
        },
        probe.period_seconds.unwrap_or(10),
        probe.timeout_seconds.unwrap_or(1),
        probe.failure_threshold.unwrap_or(3),
    )
}
