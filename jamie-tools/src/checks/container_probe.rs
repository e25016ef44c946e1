//! Containers that run but fail a probe: not ready, or killed for it again and again.
//!
//! Checks: `probe-readiness`, `probe-liveness`, `probe-startup`, `container-unready` (no probe to blame).

use jamie_core::{NextStep, Proposal, Severity, Verdict};
use k8s_openapi::api::core::v1::{Container, Probe};
use serde_json::json;

use super::{
    containers::{self, Group, Role, Seen},
    happened,
    probes::{self, Probing},
    proposals,
    template::{self, kubectl},
};
use crate::{
    fault::{Depth, Fault},
    snapshot::Snapshot,
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    containers::grouped(snapshot, |seen| failing(snapshot, seen))
        .into_iter()
        .filter_map(|(probing, group)| fault(snapshot, probing, &group))
        .collect()
}

/// The probe that fails; `None` inside for a container that is not ready for no reason of a probe.
#[allow(
    clippy::option_option,
    reason = "not ready at all, and not ready through a probe, are two questions"
)]
fn failing(snapshot: &Snapshot, seen: &Seen<'_>) -> Option<Option<Probing>> {
    if seen.role == Role::Init {
        return None;
    }
    if let Some(probing) = probes::killed_by_probe(snapshot, seen) {
        let end = seen.last_end();
        let lately = end.is_none_or(|end| containers::ended_within(end, snapshot.taken_at, 3_600));
        if !seen.status.ready || (seen.restarts() >= 3 && lately) {
            return Some(Some(probing));
        }
    }
    if !seen.is_running() || seen.status.ready {
        return None;
    }
    let spec = seen.spec?;
    if spec.startup_probe.is_some() && seen.status.started != Some(true) {
        if probes::event(snapshot, seen, Probing::Startup).is_some()
            || is_overdue(snapshot, seen, Probing::Startup)
        {
            return Some(Some(Probing::Startup));
        }
        return None;
    }
    if let Some(event) = probes::event(snapshot, seen, Probing::Readiness) {
        // The first failures while an application starts are normal.
        let often = crate::snapshot::event_count(event) >= 3;
        return (often || !template::is_starting(seen.pod, snapshot.taken_at))
            .then_some(Some(Probing::Readiness));
    }
    if spec
        .readiness_probe
        .as_ref()
        .is_some_and(|probe| asks_elsewhere(probe, spec))
    {
        return Some(Some(Probing::Readiness));
    }
    // Kubelets write down when a container started: a status without that was not written by one, just now.
    if seen.running_since().is_some() && template::is_starting(seen.pod, snapshot.taken_at) {
        return None;
    }
    // A container that has just been restarted deserves the same grace as a new one.
    if seen
        .running_since()
        .is_some_and(|since| snapshot.taken_at.as_second() - since.as_second() < 60)
        && seen.restarts() < 2
    {
        return None;
    }
    if spec.readiness_probe.is_some() {
        is_overdue(snapshot, seen, Probing::Readiness).then_some(Some(Probing::Readiness))
    } else {
        Some(None)
    }
}

/// Whether a probe asks a port that the container does not declare: no patience will help.
fn asks_elsewhere(probe: &Probe, spec: &Container) -> bool {
    let declared: Vec<i32> = spec
        .ports
        .iter()
        .flatten()
        .map(|port| port.container_port)
        .collect();
    match probes::port(probe, spec) {
        Some(Err(_)) => true,
        Some(Ok(port)) => !declared.is_empty() && !declared.contains(&port),
        None => false,
    }
}

/// Whether a probe has had the time to succeed.
fn is_overdue(snapshot: &Snapshot, seen: &Seen<'_>, probing: Probing) -> bool {
    let Some(probe) = seen.spec.and_then(|spec| probing.of(spec)) else {
        return false;
    };
    let delay = probe.initial_delay_seconds.unwrap_or(0);
    let allowed = match probing {
        Probing::Startup => probe
            .period_seconds
            .unwrap_or(10)
            .saturating_mul(probe.failure_threshold.unwrap_or(3)),
        _ => 60,
    };
    let allowed = i64::from(delay.saturating_add(allowed));
    seen.running_since()
        .is_none_or(|since| snapshot.taken_at.as_second().saturating_sub(since.as_second()) > allowed)
}

fn fault(snapshot: &Snapshot, probing: Option<Probing>, group: &Group<'_>) -> Option<Fault> {
    let seen = group.first()?;
    let name = group.workload.path();
    let share = containers::share(snapshot, group);
    let severity = containers::severity(snapshot, &group.workload);
    let Some(probing) = probing else {
        let mut fault = group.fault(
            "container-unready",
            severity.min(Severity::Error),
            Depth::Symptom,
            format!(
                "`{name}` is not ready{share}: {} runs, but does not count as ready",
                seen.label()
            ),
        );
        fault.verdict = Verdict::Inconclusive;
        fault.evidence.push(containers::evidence(seen));
        fault.since = containers::since(snapshot, seen);
        fault.leads.push(seen.log_lead());
        return Some(fault);
    };
    let spec = seen.spec?;
    let probe = probing.of(spec);
    let event = probes::event(snapshot, seen, probing);
    let told = event.map(|event| happened::message(event)).unwrap_or_default();
    let reading = read(seen, probing, told);
    let restarts = wording::count(seen.restarts() as usize, "restart");
    let title = match probing {
        Probing::Readiness => {
            format!(
                "`{name}` is not ready{share}: the readiness probe of {} fails{}",
                seen.label(),
                reading.short
            )
        }
        _ => format!(
            "`{name}` is killed again and again{share}: the {} probe of {} fails{} ({restarts})",
            probing.word(),
            seen.label(),
            reading.short
        ),
    };
    let depth = if reading.is_cause {
        Depth::Cause
    } else {
        Depth::Failure
    };
    let mut fault = group.fault(probing.check(), severity, depth, title);
    let mut cause = String::new();
    if let Some(probe) = probe {
        cause = format!(
            "The {} probe asks {} ({})",
            probing.word(),
            probes::describe(probe, spec),
            probes::patience(probe)
        );
    }
    if !reading.long.is_empty() {
        if !cause.is_empty() {
            cause.push_str("; ");
        }
        cause.push_str(&reading.long);
    }
    fault.cause = cause;
    fault.key = format!("{}#{}", seen.name(), probing.word());
    fault.verdict = reading.verdict;
    fault.evidence.push(containers::evidence(seen));
    if let Some(event) = event {
        fault.evidence.push(happened::evidence(event));
    }
    fault.since = containers::since(snapshot, seen);
    fault.leads.push(seen.log_lead());
    if seen.restarts() > 0 && seen.is_running() && probing == Probing::Readiness {
        fault.leads = vec![crate::fault::Lead::Log {
            pod: seen.pod_ref(),
            container: seen.name().to_owned(),
            previous: false,
        }];
    }
    if let Some(remedy) = reading.remedy {
        fault.remedy = Some(NextStep::command(
            remedy,
            format!("kubectl edit {}", kubectl(&group.workload)),
        ));
    }
    if let (Some(port), Some(step)) = (reading.port, &mut fault.remedy) {
        step.proposal = probe_port(snapshot, group, seen, probing, port);
    }
    let pod = seen.pod_ref();
    fault.next_check = Some(NextStep::command(
        "See what the application says while it is asked",
        format!(
            "kubectl logs {} -n {} -c {} --tail=50",
            pod.name,
            pod.namespace.as_deref().unwrap_or("default"),
            seen.name()
        ),
    ));
    Some(fault)
}

/// The only port that a container has.
fn only_port(container: &Container) -> Option<i32> {
    match container.ports.as_deref() {
        Some([only]) => Some(only.container_port),
        _ => None,
    }
}

/// The change that lets a probe ask the container's only port.
fn probe_port(
    snapshot: &Snapshot,
    group: &Group<'_>,
    seen: &Seen<'_>,
    probing: Probing,
    port: i32,
) -> Option<Proposal> {
    let probe = probing.of(seen.spec?)?;
    let handler = match (&probe.http_get, &probe.tcp_socket) {
        (Some(_), None) => "httpGet",
        (None, Some(_)) => "tcpSocket",
        _ => return None,
    };
    let at = proposals::position(snapshot, &group.workload, seen.name())?;
    let container = format!("/spec/template/spec/containers/{at}");
    Some(proposals::proposal(
        "patch",
        json!({"target": group.workload, "steps": [
            {"op": "test", "path": format!("{container}/name"), "value": seen.name()},
            {"op": "replace", "path": format!("{container}/{}Probe/{handler}/port", probing.word()), "value": port},
        ]}),
        vec![
            format!("the {} probe asks a port on which nothing listens", probing.word()),
            format!("{port} is the only port that `{}` has", seen.name()),
        ],
    ))
}

struct Reading {
    /// After "fails": ": connection refused on port 8081".
    short: String,
    long: String,
    is_cause: bool,
    verdict: Verdict,
    remedy: Option<String>,
    /// The port that the probe should ask, where there is only one.
    port: Option<i32>,
}

fn read(seen: &Seen<'_>, probing: Probing, told: &str) -> Reading {
    let mut reading = Reading {
        short: String::new(),
        long: String::new(),
        is_cause: false,
        verdict: Verdict::Inconclusive,
        remedy: None,
        port: None,
    };
    let Some((spec, probe)) = seen.spec.and_then(|spec| Some((spec, probing.of(spec)?))) else {
        reading.long = wording::clip(told, 240);
        return reading;
    };
    let text = told.to_ascii_lowercase();
    let declared: Vec<String> = spec
        .ports
        .iter()
        .flatten()
        .map(|port| port.container_port.to_string())
        .collect();
    match probes::port(probe, spec) {
        Some(Err(name)) => {
            reading.short = format!(": there is no port named `{name}`");
            reading.long = format!(
                "{} declares no port named `{name}`, only {}",
                seen.label(),
                named_ports(spec)
            );
            reading.is_cause = true;
            reading.verdict = Verdict::Confirmed;
            reading.remedy = Some(format!(
                "Let the {} probe name a port that exists",
                probing.word()
            ));
            reading.port = only_port(spec);
            return reading;
        }
        Some(Ok(port)) if !declared.is_empty() && !declared.contains(&port.to_string()) => {
            let refused = text.contains("connection refused") || told.is_empty();
            reading.short = format!(
                ": it asks port {port}, the container listens on {}",
                wording::list(&declared, 4)
            );
            reading.long = format!(
                "{} declares port {}, not {port}{}",
                seen.label(),
                wording::list(&declared, 4),
                if told.is_empty() {
                    String::new()
                } else {
                    format!("; the kubelet says: {}", wording::clip(told, 200))
                }
            );
            if refused {
                reading.is_cause = true;
                reading.verdict = if told.is_empty() {
                    Verdict::Likely
                } else {
                    Verdict::Confirmed
                };
                reading.remedy = Some(format!(
                    "Let the {} probe ask port {}",
                    probing.word(),
                    declared.join(" or ")
                ));
                reading.port = only_port(spec).filter(|_| reading.verdict == Verdict::Confirmed);
            }
            return reading;
        }
        _ => {}
    }
    if let Some(code) = status_code(&text) {
        reading.short = format!(": HTTP status {code}");
        let path = probe
            .http_get
            .as_ref()
            .and_then(|get| get.path.as_deref())
            .unwrap_or("/");
        reading.long = match code {
            404 => {
                reading.is_cause = true;
                reading.verdict = Verdict::Likely;
                reading.remedy = Some(format!("Let the {} probe ask a path that the application has", probing.word()));
                format!("the application answers 404: it has no path `{path}`")
            }
            401 | 403 => {
                reading.is_cause = true;
                reading.verdict = Verdict::Likely;
                reading.remedy = Some("Probe a path that needs no login".to_owned());
                format!("the application answers {code}: `{path}` asks for a login, which the kubelet does not have")
            }
            503 => "the application answers 503: it says itself that it cannot serve, often because something it needs is away".to_owned(),
            500..=599 => format!("the application answers {code}: it fails inside"),
            300..=399 => format!("the application redirects ({code}), and the redirect does not end well"),
            _ => format!("the application answers {code}"),
        };
    } else if text.contains("connection refused") {
        let port = probes::port(probe, spec).and_then(Result::ok);
        let port = port.map_or_else(String::new, |port| format!(" on port {port}"));
        reading.short = format!(": connection refused{port}");
        reading.long =
            format!("nothing listens{port}: the application is not up yet, hangs, or listens elsewhere");
    } else if text.contains("deadline exceeded") || text.contains("timeout") || text.contains("timed out") {
        reading.short = ": no answer in time".to_owned();
        reading.long = format!(
            "the application does not answer within {} s: it hangs, is too slow, or lacks CPU",
            probe.timeout_seconds.unwrap_or(1)
        );
        reading.verdict = Verdict::Likely;
        if probing == Probing::Liveness {
            reading.remedy = Some(
                "Give the probe more time (timeoutSeconds, failureThreshold), or a startup probe".to_owned(),
            );
        }
    } else if text.contains("server gave http response to https client") {
        reading.short = ": it asks HTTPS, the application speaks HTTP".to_owned();
        reading.long = "the probe's scheme is HTTPS, but the application answers in plain HTTP".to_owned();
        reading.is_cause = true;
        reading.verdict = Verdict::Confirmed;
        reading.remedy = Some("Set the probe's scheme to HTTP".to_owned());
    } else if !told.is_empty() {
        let said = told.split_once("failed: ").map_or(told, |(_, said)| said);
        reading.short = format!(": {}", wording::clip(said, 90));
        if said.chars().count() > 90 {
            reading.long = format!("the kubelet says: {}", wording::clip(said, 240));
        }
        if text.contains("not found") || text.contains("no such file") || text.contains("executable file") {
            reading.is_cause = true;
            reading.verdict = Verdict::Likely;
            reading.remedy = Some("Let the probe run a command that the image has".to_owned());
        }
    }
    let delay = probe.initial_delay_seconds.unwrap_or(0);
    if probing == Probing::Liveness && spec.startup_probe.is_none() && !reading.is_cause {
        let ran = seen.last_end().and_then(|end| {
            Some(end.finished_at.as_ref()?.0.as_second() - end.started_at.as_ref()?.0.as_second())
        });
        let given = i64::from(delay)
            + i64::from(probe.period_seconds.unwrap_or(10)) * i64::from(probe.failure_threshold.unwrap_or(3));
        if ran.is_some_and(|ran| ran <= given + 45) {
            reading.long.push_str(&format!(
                "; it is killed {given} s after its start, before it is up: the probe is too impatient, and there is no startup probe"
            ));
            reading.remedy = Some(
                "Give it a startup probe or a longer initialDelaySeconds, so that it may finish starting"
                    .to_owned(),
            );
            reading.verdict = Verdict::Likely;
        }
    }
    reading
}

fn named_ports(spec: &k8s_openapi::api::core::v1::Container) -> String {
    let names: Vec<String> = spec
        .ports
        .iter()
        .flatten()
        .map(|port| match &port.name {
            Some(name) => format!("`{name}` ({})", port.container_port),
            None => port.container_port.to_string(),
        })
        .collect();
    wording::list(&names, 5)
}

fn status_code(text: &str) -> Option<u16> {
    let rest = text.split("statuscode: ").nth(1)?;
    rest.chars()
        .take_while(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .ok()
}
