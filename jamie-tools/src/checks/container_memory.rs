//! Containers that were killed for using more memory than their limit.
//!
//! Check: `container-oom-killed`.

use jamie_core::{NextStep, Severity};
use k8s_openapi::api::core::v1::Container;

use super::{
    containers::{self, Group, Seen},
    exit_codes, proposals,
    template::kubectl,
};
use crate::{
    fault::{Depth, Fault},
    quantity,
    snapshot::Snapshot,
    wording,
};

/// A running container's kill of longer ago is history, unless it comes back night after night.
const RECENT: i64 = 6 * 3_600;
const NIGHTLY: i64 = 26 * 3_600;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    containers::grouped(snapshot, |seen| was_killed(snapshot, seen).then_some(()))
        .into_iter()
        .filter_map(|((), group)| fault(snapshot, &group))
        .collect()
}

/// Whether memory was the end of it, lately enough to matter.
pub(crate) fn was_killed(snapshot: &Snapshot, seen: &Seen<'_>) -> bool {
    let Some(end) = seen.last_end() else { return false };
    if end.reason.as_deref() != Some("OOMKilled") {
        return false;
    }
    if !(seen.is_running() && seen.status.ready) {
        return true;
    }
    containers::ended_within(end, snapshot.taken_at, RECENT)
        || (seen.restarts() >= 3 && containers::ended_within(end, snapshot.taken_at, NIGHTLY))
}

fn limit(container: Option<&Container>) -> Option<u64> {
    let limits = container?.resources.as_ref()?.limits.as_ref()?;
    limits
        .get("memory")
        .map(quantity::whole)
        .filter(|bytes| *bytes > 0)
}

fn fault(snapshot: &Snapshot, group: &Group<'_>) -> Option<Fault> {
    let seen = group.first()?;
    let end = seen.last_end()?;
    let limit = limit(seen.spec).or_else(|| {
        let limits = seen.status.resources.as_ref()?.limits.as_ref()?;
        limits.get("memory").map(quantity::whole)
    });
    let name = group.workload.path();
    let restarts = group.seen.iter().map(Seen::restarts).sum::<i32>();
    let again = if restarts > 1 {
        "keeps being killed"
    } else {
        "was killed"
    };
    let share = containers::share(snapshot, group);
    let up = group
        .seen
        .iter()
        .all(|seen| seen.is_running() && seen.status.ready);
    let severity = if up {
        Severity::Warning
    } else {
        containers::severity(snapshot, &group.workload)
    };
    let title = match limit {
        Some(limit) => format!(
            "`{name}` {again}{share} for using more memory than its limit of {} (OOMKilled)",
            quantity::show_bytes(limit)
        ),
        None => format!("`{name}` {again}{share} because its node ran out of memory (OOMKilled)"),
    };
    let mut fault = group.fault("container-oom-killed", severity, Depth::Cause, title);
    let requests = seen
        .spec
        .and_then(|spec| spec.resources.as_ref()?.requests.as_ref()?.get("memory"))
        .map(quantity::whole);
    let mut cause = format!(
        "{} ended with exit code {} ({})",
        wording::sentence(&seen.label()),
        end.exit_code,
        exit_codes::meaning(end)
    );
    if restarts > 0 {
        cause.push_str(&format!(
            ", {} so far",
            wording::count(restarts as usize, "restart")
        ));
    }
    match (limit, requests) {
        (Some(limit), _) => cause.push_str(&format!("; its memory limit is {}", quantity::show_bytes(limit))),
        (None, Some(request)) => cause.push_str(&format!(
            "; it has no memory limit and requests {}, so the node itself was out of memory",
            quantity::show_bytes(request)
        )),
        (None, None) => {
            cause.push_str("; it has neither limit nor request, so the node itself was out of memory");
        }
    }
    if let (Some(limit), Some(heap)) = (limit, heap(seen.spec))
        && heap.bytes * 10 > limit * 9
    {
        cause.push_str(&format!(
            ". `{}` in `{}` allows a heap of {}, which leaves no room within the limit",
            heap.option,
            heap.variable,
            quantity::show_bytes(heap.bytes)
        ));
    }
    if let Some(limit) = limit
        && let Some(before) = limit_before(snapshot, group, seen.name(), limit)
    {
        cause.push_str(&format!(
            ". The revision before had a limit of {}",
            quantity::show_bytes(before)
        ));
    }
    let pod = seen.pod_ref();
    let using = snapshot
        .pod_use
        .get(&(pod.namespace.clone().unwrap_or_default(), pod.name.clone()));
    if let Some(using) = using {
        cause.push_str(&format!(
            ". Right now the pod uses {}",
            quantity::show_bytes(using.memory)
        ));
    }
    fault.cause = cause;
    fault.key = format!("{}#memory", seen.name());
    fault.evidence.push(containers::evidence(seen));
    fault.since = containers::since(snapshot, seen);
    if limit.is_none()
        && let Some(node) = seen.pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref())
    {
        fault.blames.push(jamie_core::ObjectRef::cluster("Node", node));
    }
    let raised = limit.map(|limit| {
        let before = limit_before(snapshot, group, seen.name(), limit).filter(|before| *before > limit);
        let heap = heap(seen.spec).map_or(0, |heap| heap.bytes.saturating_add(heap.bytes / 3));
        before.unwrap_or_else(|| proposals::usual(limit.saturating_mul(2).max(heap)))
    });
    let proposal = limit.zip(raised).zip(seen.spec).and_then(|((limit, raised), spec)| {
        proposals::memory(snapshot, &group.workload, spec, limit, raised)
    });
    fault.remedy = Some(match (raised, group.workload.kind.as_str()) {
        (Some(raised), "Deployment" | "StatefulSet" | "DaemonSet") => NextStep::command(
            format!(
                "Raise the memory limit of {} (say to {}), or find out what uses so much",
                seen.label(),
                quantity::show_bytes(raised)
            ),
            format!(
                "kubectl set resources {} -c {} --limits=memory={}",
                kubectl(&group.workload),
                seen.name(),
                quantity::show_bytes(raised)
            ),
        ),
        (Some(raised), _) => NextStep::advice(format!(
            "Raise the memory limit of {} (say to {}), or find out what uses so much",
            seen.label(),
            quantity::show_bytes(raised)
        )),
        (None, _) => NextStep::advice(format!(
            "Give {} a memory request and limit, and look at what else runs on its node",
            seen.label()
        )),
    });
    if let (Some(step), Some(proposal)) = (&mut fault.remedy, proposal) {
        step.proposal = Some(proposal);
    }
    Some(fault)
}

struct Heap {
    variable: String,
    option: String,
    bytes: u64,
}

/// The heap that variables or arguments allow: `-Xmx2g`, `--max-old-space-size=4096`.
fn heap(container: Option<&Container>) -> Option<Heap> {
    let container = container?;
    let variables = container
        .env
        .iter()
        .flatten()
        .filter_map(|variable| Some((variable.name.as_str(), variable.value.as_deref()?)));
    let words = container
        .command
        .iter()
        .flatten()
        .chain(container.args.iter().flatten())
        .map(|word| ("args", word.as_str()));
    for (place, text) in variables.chain(words) {
        for word in text.split_whitespace() {
            let bytes = if let Some(size) = word.strip_prefix("-Xmx") {
                java_size(size)
            } else if let Some(size) = word.strip_prefix("--max-old-space-size=") {
                size.parse::<u64>()
                    .ok()
                    .map(|megabytes| megabytes.saturating_mul(1 << 20))
            } else {
                None
            };
            if let Some(bytes) = bytes {
                return Some(Heap {
                    variable: place.to_owned(),
                    option: wording::clip(word, 60),
                    bytes,
                });
            }
        }
    }
    None
}

fn java_size(text: &str) -> Option<u64> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let number: u64 = digits.parse().ok()?;
    let shift = match text.chars().nth(digits.len()) {
        None => 0,
        Some('k' | 'K') => 10,
        Some('m' | 'M') => 20,
        Some('g' | 'G') => 30,
        Some(_) => return None,
    };
    number.checked_mul(1 << shift)
}

/// The limit in the newest revision that had another one.
fn limit_before(snapshot: &Snapshot, group: &Group<'_>, container: &str, now: u64) -> Option<u64> {
    if group.workload.kind != "Deployment" {
        return None;
    }
    let deployment = snapshot.deployment(group.workload.namespace.as_deref()?, &group.workload.name)?;
    let sets = snapshot.replica_sets_of(deployment);
    sets.into_iter().skip(1).find_map(|set| {
        let spec = set.spec.template.as_ref()?.spec.as_ref()?;
        let before = limit(spec.containers.iter().find(|one| one.name == container))?;
        (before != now).then_some(before)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn java_sizes_are_read() {
        assert_eq!(super::java_size("2g"), Some(2 << 30));
        assert_eq!(super::java_size("512m"), Some(512 << 20));
        assert_eq!(super::java_size("1024"), Some(1024));
        assert_eq!(super::java_size("x"), None);
    }
}
