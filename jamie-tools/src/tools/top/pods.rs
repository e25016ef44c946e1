//! What pods use, against their requests and limits.

use jamie_core::{Block, NextStep, ObjectRef, ToolOutput};
use k8s_openapi::api::core::v1::{Pod, ResourceRequirements};
use serde_json::json;

use super::{By, narrow};
use crate::{
    Snapshot,
    quantity::{milli, percent, show_bytes, show_cpu},
    scheduling::demand_of,
    snapshot::{Use, is_finished, reference},
    tools::table::table,
    wording,
};

struct Row {
    object: ObjectRef,
    used: Option<Use>,
    asked: Use,
    cpu_limit: Option<u64>,
    memory_limit: Option<u64>,
}

impl Row {
    fn new(snapshot: &Snapshot, pod: &Pod) -> Self {
        let object = reference(pod);
        let key = (object.namespace.clone().unwrap_or_default(), object.name.clone());
        let demand = demand_of(pod);
        Self {
            used: snapshot.pod_use.get(&key).copied(),
            asked: Use {
                milli_cpu: narrow(demand.of("cpu")),
                memory: narrow(demand.of("memory") / 1_000),
            },
            cpu_limit: limit(pod, "cpu").map(narrow),
            memory_limit: limit(pod, "memory").map(|milli| narrow(milli / 1_000)),
            object,
        }
    }

    /// " (93 % of its limit of 256Mi)".
    fn against(&self, by: By) -> String {
        let Some(used) = self.used else {
            return String::new();
        };
        let (used, asked, limit) = match by {
            By::Cpu => (used.milli_cpu, self.asked.milli_cpu, self.cpu_limit),
            By::Memory => (used.memory, self.asked.memory, self.memory_limit),
        };
        let show = if by == By::Cpu { show_cpu } else { show_bytes };
        let share = |whole| percent(used, whole).unwrap_or(0);
        match (limit, asked) {
            (Some(limit), _) if limit > 0 => format!(" ({} % of its limit of {})", share(limit), show(limit)),
            (_, asked) if asked > 0 => format!(
                " ({} % of its request of {}, no limit)",
                share(asked),
                show(asked)
            ),
            _ => " (no request, no limit)".to_owned(),
        }
    }

    fn cells(&self, with_namespace: bool) -> Vec<String> {
        let name = if with_namespace {
            self.object.path()
        } else {
            self.object.name.clone()
        };
        let share = self
            .used
            .and_then(|used| percent(used.memory, self.memory_limit?));
        let none = || "none".to_owned();
        vec![
            format!("`{name}`"),
            self.used.map(|used| show_cpu(used.milli_cpu)).unwrap_or_default(),
            show_cpu(self.asked.milli_cpu),
            self.cpu_limit.map_or_else(none, show_cpu),
            self.used.map(|used| show_bytes(used.memory)).unwrap_or_default(),
            show_bytes(self.asked.memory),
            self.memory_limit.map_or_else(none, show_bytes),
            share.map(|share| format!("{share} %")).unwrap_or_default(),
        ]
    }
}

/// The limit of a whole pod, in thousandths; none when a container has none.
fn limit(pod: &Pod, name: &str) -> Option<u128> {
    let spec = pod.spec.as_ref()?;
    let of = |resources: Option<&ResourceRequirements>| resources?.limits.as_ref()?.get(name).and_then(milli);
    of(spec.resources.as_ref()).or_else(|| {
        spec.containers
            .iter()
            .map(|container| of(container.resources.as_ref()))
            .sum::<Option<u128>>()
    })
}

const HEADERS: [&str; 8] = [
    "Pod",
    "CPU",
    "CPU request",
    "CPU limit",
    "Memory",
    "Memory request",
    "Memory limit",
    "Of limit",
];

pub(super) fn told(
    snapshot: &Snapshot,
    target: Option<&ObjectRef>,
    place: Option<&str>,
    by: By,
) -> ToolOutput {
    let mut rows = rows(snapshot, target, place);
    let amount = |used: Use| {
        if by == By::Cpu {
            used.milli_cpu
        } else {
            used.memory
        }
    };
    rows.sort_by_key(|row| std::cmp::Reverse((row.used.map(amount), amount(row.asked))));
    let subject = match (target, place) {
        (Some(target), _) => format!("`{}`", target.path()),
        (None, Some(place)) => format!("`{place}`"),
        (None, None) => "the cluster".to_owned(),
    };
    let mut output = ToolOutput {
        focus: match target {
            Some(target) => vec![target.clone()],
            None => rows.iter().take(5).map(|row| row.object.clone()).collect(),
        },
        ..ToolOutput::default()
    };
    if rows.is_empty() {
        output.headline = format!("No pods of {subject} are running, so there is nothing to measure.");
        return output;
    }
    let measured = rows.iter().any(|row| row.used.is_some());
    if measured {
        output.headline = used(&rows, &subject, by);
        near_limit(&rows, &mut output);
    } else {
        let has_api = snapshot.may_see("PodMetrics", None) || !snapshot.pod_use.is_empty();
        output.headline = asked(&rows, &subject, has_api);
        if !has_api {
            output
                .next
                .push(NextStep::advice("Install metrics-server to see actual use"));
        }
    }
    output.facts = json!({
        "measured": measured,
        "pods": rows.iter().take(200).map(|row| json!({
            "pod": row.object,
            "milli_cpu": row.used.map(|used| used.milli_cpu),
            "memory": row.used.map(|used| used.memory),
            "memory_limit": row.memory_limit,
        })).collect::<Vec<_>>(),
    });
    output.blocks.extend(table(
        &HEADERS,
        rows.iter().map(|row| row.cells(place.is_none())).collect(),
        "pod",
    ));
    if measured {
        let flags = place.map_or_else(|| " -A".to_owned(), |place| format!(" -n {place}"));
        let sort = if by == By::Cpu { "cpu" } else { "memory" };
        output.next.push(NextStep::command(
            "Look again",
            format!("kubectl top pods{flags} --sort-by={sort}"),
        ));
    }
    output
}

fn rows(snapshot: &Snapshot, target: Option<&ObjectRef>, place: Option<&str>) -> Vec<Row> {
    let chosen: Vec<_> = match target {
        Some(target) => snapshot.pods_of(target),
        None => snapshot
            .pods
            .iter()
            .filter(|pod| place.is_none_or(|place| pod.metadata.namespace.as_deref() == Some(place)))
            .collect(),
    };
    chosen
        .into_iter()
        .filter(|pod| !is_finished(pod))
        .map(|pod| Row::new(snapshot, pod))
        .collect()
}

fn sum(uses: impl Iterator<Item = Use>) -> Use {
    uses.fold(Use::default(), |sum, one| Use {
        milli_cpu: sum.milli_cpu.saturating_add(one.milli_cpu),
        memory: sum.memory.saturating_add(one.memory),
    })
}

fn used(rows: &[Row], subject: &str, by: By) -> String {
    let Some((first, most)) = rows.first().and_then(|row| Some((row, row.used?))) else {
        return String::new();
    };
    let (cpu, memory) = (show_cpu(most.milli_cpu), show_bytes(most.memory));
    let name = first.object.path();
    if rows.len() == 1 {
        let (of_cpu, of_memory) = (first.against(By::Cpu), first.against(By::Memory));
        return format!("`{name}` uses {cpu} CPU{of_cpu} and {memory} memory{of_memory}.");
    }
    let all = sum(rows.iter().filter_map(|row| row.used));
    let (what, amount) = if by == By::Cpu {
        ("CPU", cpu)
    } else {
        ("memory", memory)
    };
    format!(
        "`{name}` uses the most {what}: {amount}{}. The {} of {subject} use {} CPU and {} memory together.",
        first.against(by),
        wording::count(rows.len(), "pod"),
        show_cpu(all.milli_cpu),
        show_bytes(all.memory)
    )
}

/// What can be said without measurements.
fn asked(rows: &[Row], subject: &str, has_api: bool) -> String {
    let all = sum(rows.iter().map(|row| row.asked));
    let why = if has_api {
        "The metrics API has no figures for them (not running, or only just started)"
    } else {
        "This cluster has no metrics API, so I cannot say what is used right now"
    };
    format!(
        "{why}. By request, {} of {subject} {} {} CPU and {} memory.",
        if rows.len() == 1 {
            "the pod".to_owned()
        } else {
            format!("the {} pods", rows.len())
        },
        if rows.len() == 1 { "asks for" } else { "ask for" },
        show_cpu(all.milli_cpu),
        show_bytes(all.memory)
    )
}

fn near_limit(rows: &[Row], output: &mut ToolOutput) {
    let near: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            let share = percent(row.used?.memory, row.memory_limit?)?;
            (share >= 90).then(|| format!("`{}` ({share} %)", row.object.path()))
        })
        .collect();
    if !near.is_empty() {
        let near = wording::list(&near, 6);
        output.blocks.push(Block::para(format!(
            "Close to being killed for memory (90 % of the limit and more): {near}."
        )));
        output.good = Some(false);
    }
}
