//! Pods or nodes in; what they use now against what they asked for and may use, most first, out.

use async_trait::async_trait;
use jamie_core::{Block, NextStep, ObjectRef, Phrase, Question, Result, ToolContext, ToolOutput, tool::Fill};
use k8s_openapi::api::core::v1::{Pod, ResourceRequirements};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Look, must_be_namespace, must_exist, namespace, table::table};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    quantity::{percent, show_bytes, show_cpu},
    scheduling::{allocatable_of, demand_of, rooms},
    snapshot::{Use, is_finished, reference},
    wording,
};

pub(super) struct Top;

/// By what to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum By {
    /// Memory.
    #[default]
    Memory,
    /// CPU.
    Cpu,
}

/// What to measure.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Args {
    /// `Pod` or `Node`.
    #[schemars(extend("x-slot" = "kind"))]
    kind: Option<String>,
    /// Only the pods of this object, or this node.
    #[schemars(extend("x-slot" = "target"))]
    target: Option<ObjectRef>,
    /// Only this namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    namespace: Option<String>,
    /// By what to sort.
    #[serde(default)]
    by: By,
}

#[async_trait]
impl Look for Top {
    type Args = Args;
    const NAME: &'static str = "top";
    const DESCRIPTION: &'static str =
        "What pods or nodes use of CPU and memory right now, against their requests and limits, most first.";
    const EXAMPLE: &'static str = "who is eating all the memory?";
    const FILL: Option<Fill> = Some(fill);

    fn phrases() -> Vec<Phrase> {
        let cpu = || json!({"by": "cpu"});
        let memory = || json!({"by": "memory"});
        let nodes = || json!({"kind": "Node"});
        vec![
            Phrase::new("top"),
            Phrase::new("top {kind}"),
            Phrase::new("resource usage"),
            Phrase::new("resource usage of {target}"),
            Phrase::new("how much does {target} use"),
            Phrase::with("how much memory does {target} use", memory()),
            Phrase::with("how much cpu does {target} use", cpu()),
            Phrase::with("memory usage of {target}", memory()),
            Phrase::with("cpu usage of {target}", cpu()),
            Phrase::with("memory hogs", memory()),
            Phrase::with("who eats all the memory", memory()),
            Phrase::with("which {kind} use the most memory", memory()),
            Phrase::with("which {kind} use the most cpu", cpu()),
            Phrase::with("what is hogging the cpu", cpu()),
            Phrase::with("biggest memory users in {namespace}", memory()),
            Phrase::with("ram usage", memory()),
            Phrase::with("is {target} close to its memory limit", memory()),
            Phrase::with("is {target} throttled", cpu()),
            Phrase::with("how busy are the nodes", nodes()),
            Phrase::with("node usage", nodes()),
            Phrase::with("how loaded is {target}", Value::Null),
            Phrase::new("utilisation of {target}"),
            Phrase::new("consumption of {target}"),
        ]
    }

    async fn look(cluster: &Cluster, context: &ToolContext, args: Args) -> Result<ToolOutput> {
        let place = match &args.target {
            Some(target) if target.kind == "Namespace" => Some(target.name.clone()),
            Some(target) => target.namespace.clone(),
            None => namespace(args.namespace.clone(), context),
        };
        if let Some(name) = &place {
            cluster.include_namespace(name);
        }
        let snapshot = cluster.snapshot_with_use(Freshness::Recent).await?;
        let target = args.target.clone().filter(|target| target.kind != "Namespace");
        if let Some(target) = &target {
            must_exist(&snapshot, target)?;
        }
        if let Some(name) = &place {
            must_be_namespace(&snapshot, name)?;
        }
        let of_nodes = args.kind.as_deref() == Some("Node") && target.is_none()
            || target
                .as_ref()
                .is_some_and(|target| target.kind == "Node" && args.kind.as_deref() != Some("Pod"));
        Ok(if of_nodes {
            nodes(&snapshot, target.as_ref(), args.by)
        } else {
            pods(&snapshot, target.as_ref(), place.as_deref(), args.by)
        })
    }
}

fn fill(question: &Question, args: &mut Map<String, Value>) {
    super::overview::place(question, args);
    let has = |wanted: &[&str]| question.words.iter().any(|word| wanted.contains(&word.as_str()));
    if has(&["cpu", "processor", "cores", "throttled", "throttling"]) && !has(&["memory", "ram", "mem"]) {
        args.insert("by".to_owned(), json!("cpu"));
    }
    if has(&["nodes", "node", "machines", "boxes"]) && !args.contains_key("kind") {
        args.insert("kind".to_owned(), json!("Node"));
    }
}

/// Limits of a pod; `None` where a container has none.
fn limits(pod: &Pod) -> (Option<u64>, Option<u64>) {
    let sum = |name: &str| {
        let spec = pod.spec.as_ref()?;
        let of = |resources: Option<&ResourceRequirements>| {
            resources?
                .limits
                .as_ref()?
                .get(name)
                .and_then(crate::quantity::milli)
        };
        if let Some(whole) = of(spec.resources.as_ref()) {
            return Some(whole);
        }
        spec.containers
            .iter()
            .map(|container| of(container.resources.as_ref()))
            .sum::<Option<u128>>()
    };
    let cpu = sum("cpu").map(|milli| u64::try_from(milli).unwrap_or(u64::MAX));
    let memory = sum("memory").map(|milli| u64::try_from(milli / 1_000).unwrap_or(u64::MAX));
    (cpu, memory)
}

struct Row {
    object: ObjectRef,
    used: Option<Use>,
    asked: Use,
    cpu_limit: Option<u64>,
    memory_limit: Option<u64>,
}

fn pods(snapshot: &Snapshot, target: Option<&ObjectRef>, place: Option<&str>, by: By) -> ToolOutput {
    let chosen: Vec<_> = match target {
        Some(target) => snapshot.pods_of(target),
        None => snapshot
            .pods
            .iter()
            .filter(|pod| place.is_none_or(|place| pod.metadata.namespace.as_deref() == Some(place)))
            .collect(),
    };
    let measured = snapshot.may_see("PodMetrics", place) || !snapshot.pod_use.is_empty();
    let mut rows: Vec<Row> = chosen
        .into_iter()
        .filter(|pod| !is_finished(pod))
        .map(|pod| {
            let object = reference(pod.as_ref());
            let key = (object.namespace.clone().unwrap_or_default(), object.name.clone());
            let demand = demand_of(pod);
            let (cpu_limit, memory_limit) = limits(pod);
            Row {
                used: snapshot.pod_use.get(&key).copied(),
                asked: Use {
                    milli_cpu: narrow(demand.of("cpu")),
                    memory: narrow(demand.of("memory") / 1_000),
                },
                object,
                cpu_limit,
                memory_limit,
            }
        })
        .collect();
    let amount = |used: Use| {
        if by == By::Cpu {
            used.milli_cpu
        } else {
            used.memory
        }
    };
    rows.sort_by_key(|row| std::cmp::Reverse((row.used.map(amount), amount(row.asked))));
    let subject = target.map_or_else(
        || place.map_or_else(|| "the cluster".to_owned(), |place| format!("`{place}`")),
        |target| format!("`{}`", target.path()),
    );
    let mut output = ToolOutput {
        focus: target.cloned().map_or_else(
            || rows.iter().take(5).map(|row| row.object.clone()).collect(),
            |target| vec![target],
        ),
        ..ToolOutput::default()
    };
    if rows.is_empty() {
        output.headline = format!("No pods of {subject} are running, so there is nothing to measure.");
        return output;
    }
    let what = if by == By::Cpu { "CPU" } else { "memory" };
    let show = |used: Use| {
        if by == By::Cpu {
            show_cpu(used.milli_cpu)
        } else {
            show_bytes(used.memory)
        }
    };
    let mut sum = Use::default();
    let mut asked = Use::default();
    for row in &rows {
        asked.milli_cpu = asked.milli_cpu.saturating_add(row.asked.milli_cpu);
        asked.memory = asked.memory.saturating_add(row.asked.memory);
        if let Some(used) = row.used {
            sum.milli_cpu = sum.milli_cpu.saturating_add(used.milli_cpu);
            sum.memory = sum.memory.saturating_add(used.memory);
        }
    }
    let count = wording::count(rows.len(), "pod");
    if measured && rows.iter().any(|row| row.used.is_some()) {
        let first = rows.first();
        let top = first
            .and_then(|row| {
                Some(format!(
                    "`{}` uses the most {what}: {}{}",
                    row.object.path(),
                    show(row.used?),
                    against(row, by)
                ))
            })
            .unwrap_or_default();
        output.headline = if rows.len() == 1 {
            let one = first.and_then(|row| Some((row, row.used?)));
            one.map_or_else(String::new, |(row, used)| {
                format!(
                    "`{}` uses {} CPU{} and {} memory{}.",
                    row.object.path(),
                    show_cpu(used.milli_cpu),
                    against(row, By::Cpu),
                    show_bytes(used.memory),
                    against(row, By::Memory)
                )
            })
        } else {
            format!(
                "{top}. The {count} of {subject} use {} CPU and {} memory together.",
                show_cpu(sum.milli_cpu),
                show_bytes(sum.memory)
            )
        };
        let near: Vec<String> = rows
            .iter()
            .filter_map(|row| {
                let share = percent(row.used?.memory, row.memory_limit?)?;
                (share >= 90).then(|| format!("`{}` ({share} %)", row.object.path()))
            })
            .collect();
        if !near.is_empty() {
            output.blocks.push(Block::para(format!(
                "Close to being killed for memory (90 % of the limit and more): {}.",
                wording::list(&near, 6)
            )));
            output.good = Some(false);
        }
    } else {
        output.headline = format!(
            "This cluster has no metrics API, so I cannot say what is used right now. By request, the {count} of {subject} want {} CPU and {} memory.",
            show_cpu(asked.milli_cpu),
            show_bytes(asked.memory)
        );
        output
            .next
            .push(NextStep::advice("Install metrics-server to see actual use"));
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
    let table_rows = rows
        .iter()
        .map(|row| {
            vec![
                format!(
                    "`{}`",
                    if place.is_some() {
                        row.object.name.clone()
                    } else {
                        row.object.path()
                    }
                ),
                row.used.map(|used| show_cpu(used.milli_cpu)).unwrap_or_default(),
                show_cpu(row.asked.milli_cpu),
                row.cpu_limit.map_or_else(|| "none".to_owned(), show_cpu),
                row.used.map(|used| show_bytes(used.memory)).unwrap_or_default(),
                show_bytes(row.asked.memory),
                row.memory_limit.map_or_else(|| "none".to_owned(), show_bytes),
                row.used
                    .and_then(|used| percent(used.memory, row.memory_limit?))
                    .map(|share| format!("{share} %"))
                    .unwrap_or_default(),
            ]
        })
        .collect();
    output.blocks.extend(table(
        &[
            "Pod",
            "CPU",
            "CPU request",
            "CPU limit",
            "Memory",
            "Memory request",
            "Memory limit",
            "Of limit",
        ],
        table_rows,
        "pod",
    ));
    let flags = place.map_or_else(|| " -A".to_owned(), |place| format!(" -n {place}"));
    if measured {
        output.next.push(NextStep::command(
            "Look again",
            format!(
                "kubectl top pods{flags} --sort-by={}",
                if by == By::Cpu { "cpu" } else { "memory" }
            ),
        ));
    }
    output
}

fn narrow(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// ", 93 % of its limit of 256Mi".
fn against(row: &Row, by: By) -> String {
    let Some(used) = row.used else {
        return String::new();
    };
    let (used, asked, limit, show): (u64, u64, Option<u64>, fn(u64) -> String) = match by {
        By::Cpu => (used.milli_cpu, row.asked.milli_cpu, row.cpu_limit, show_cpu),
        By::Memory => (used.memory, row.asked.memory, row.memory_limit, show_bytes),
    };
    match (limit, asked) {
        (Some(limit), _) if limit > 0 => format!(
            " ({} % of its limit of {})",
            percent(used, limit).unwrap_or(0),
            show(limit)
        ),
        (_, asked) if asked > 0 => format!(
            " ({} % of its request of {}, no limit)",
            percent(used, asked).unwrap_or(0),
            show(asked)
        ),
        _ => " (no request, no limit)".to_owned(),
    }
}

fn nodes(snapshot: &Snapshot, target: Option<&ObjectRef>, by: By) -> ToolOutput {
    let rooms = rooms(snapshot, None);
    let measured = snapshot.may_see("NodeMetrics", None) || !snapshot.node_use.is_empty();
    struct NodeRow {
        name: String,
        used: Option<Use>,
        asked: Use,
        all: Use,
        pods: usize,
    }
    let mut rows: Vec<NodeRow> = snapshot
        .nodes
        .iter()
        .filter(|node| target.is_none_or(|target| node.metadata.name.as_ref() == Some(&target.name)))
        .map(|node| {
            let name = node.metadata.name.clone().unwrap_or_default();
            let all = allocatable_of(node);
            let of = |list: &std::collections::BTreeMap<String, u128>| Use {
                milli_cpu: narrow(list.get("cpu").copied().unwrap_or(0)),
                memory: narrow(list.get("memory").copied().unwrap_or(0) / 1_000),
            };
            let room = rooms.get(&name).cloned().unwrap_or_default();
            NodeRow {
                used: snapshot.node_use.get(&name).copied(),
                asked: of(&room.used),
                all: of(&all),
                pods: room.pods,
                name,
            }
        })
        .collect();
    let share = |row: &NodeRow| {
        let used = row.used.unwrap_or(row.asked);
        if by == By::Cpu {
            percent(used.milli_cpu, row.all.milli_cpu)
        } else {
            percent(used.memory, row.all.memory)
        }
    };
    rows.sort_by_key(|row| std::cmp::Reverse(share(row)));
    let mut output = ToolOutput::default();
    let Some(first) = rows.first() else {
        output.headline = "I cannot see any nodes.".to_owned();
        return output;
    };
    let what = if by == By::Cpu { "CPU" } else { "memory" };
    let verb = if measured && first.used.is_some() {
        "used"
    } else {
        "requested"
    };
    output.headline = format!(
        "`{}` is the fullest of {} by {what}: {} % of it is {verb}.",
        first.name,
        wording::count(rows.len(), "node"),
        share(first).unwrap_or(0)
    );
    if rows.len() == 1 {
        let used = first.used.unwrap_or(first.asked);
        output.headline = format!(
            "On `{}` {} of {} CPU ({} %) and {} of {} memory ({} %) are {verb}; {} there.",
            first.name,
            show_cpu(used.milli_cpu),
            show_cpu(first.all.milli_cpu),
            percent(used.milli_cpu, first.all.milli_cpu).unwrap_or(0),
            show_bytes(used.memory),
            show_bytes(first.all.memory),
            percent(used.memory, first.all.memory).unwrap_or(0),
            wording::count(first.pods, "pod"),
        );
    }
    if !measured {
        output
            .notes
            .push("This cluster has no metrics API: only requests are known, not actual use.".to_owned());
    }
    output.focus = rows
        .iter()
        .take(5)
        .map(|row| ObjectRef::cluster("Node", row.name.clone()))
        .collect();
    let with_share = |part: u64, whole: u64, show: fn(u64) -> String| match percent(part, whole) {
        Some(share) => format!("{} ({share} %)", show(part)),
        None => show(part),
    };
    let table_rows = rows
        .iter()
        .map(|row| {
            vec![
                format!("`{}`", row.name),
                row.used
                    .map(|used| with_share(used.milli_cpu, row.all.milli_cpu, show_cpu))
                    .unwrap_or_default(),
                with_share(row.asked.milli_cpu, row.all.milli_cpu, show_cpu),
                show_cpu(row.all.milli_cpu),
                row.used
                    .map(|used| with_share(used.memory, row.all.memory, show_bytes))
                    .unwrap_or_default(),
                with_share(row.asked.memory, row.all.memory, show_bytes),
                show_bytes(row.all.memory),
                row.pods.to_string(),
            ]
        })
        .collect();
    output.facts = json!({"measured": measured, "nodes": rows.len()});
    output.blocks.extend(table(
        &[
            "Node",
            "CPU used",
            "CPU requested",
            "CPU",
            "Memory used",
            "Memory requested",
            "Memory",
            "Pods",
        ],
        table_rows,
        "node",
    ));
    output
}
