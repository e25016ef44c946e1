//! What nodes use, against what they have and what their pods request.

use std::collections::BTreeMap;

use jamie_core::{ObjectRef, ToolOutput};
use serde_json::json;

use super::{By, narrow};
use crate::{
    Snapshot,
    quantity::{percent, show_bytes, show_cpu},
    scheduling::{allocatable_of, rooms},
    snapshot::Use,
    tools::table::table,
    wording,
};

struct Row {
    name: String,
    used: Option<Use>,
    asked: Use,
    all: Use,
    pods: usize,
}

impl Row {
    /// The share of the node that is used; requested, where use is not known.
    fn share(&self, by: By) -> u64 {
        let used = self.used.unwrap_or(self.asked);
        let share = match by {
            By::Cpu => percent(used.milli_cpu, self.all.milli_cpu),
            By::Memory => percent(used.memory, self.all.memory),
        };
        share.unwrap_or(0)
    }

    fn cells(&self) -> Vec<String> {
        let with_share = |part: u64, whole: u64, show: fn(u64) -> String| match percent(part, whole) {
            Some(share) => format!("{} ({share} %)", show(part)),
            None => show(part),
        };
        let cpu = |part: u64| with_share(part, self.all.milli_cpu, show_cpu);
        let memory = |part: u64| with_share(part, self.all.memory, show_bytes);
        vec![
            format!("`{}`", self.name),
            self.used.map(|used| cpu(used.milli_cpu)).unwrap_or_default(),
            cpu(self.asked.milli_cpu),
            show_cpu(self.all.milli_cpu),
            self.used.map(|used| memory(used.memory)).unwrap_or_default(),
            memory(self.asked.memory),
            show_bytes(self.all.memory),
            self.pods.to_string(),
        ]
    }
}

fn amounts(list: &BTreeMap<String, u128>) -> Use {
    Use {
        milli_cpu: narrow(list.get("cpu").copied().unwrap_or(0)),
        memory: narrow(list.get("memory").copied().unwrap_or(0) / 1_000),
    }
}

pub(super) fn told(snapshot: &Snapshot, target: Option<&ObjectRef>, by: By) -> ToolOutput {
    const HEADERS: [&str; 8] = [
        "Node",
        "CPU used",
        "CPU requested",
        "CPU",
        "Memory used",
        "Memory requested",
        "Memory",
        "Pods",
    ];
    let rooms = rooms(snapshot, None);
    let mut rows: Vec<Row> = snapshot
        .nodes
        .iter()
        .filter(|node| target.is_none_or(|target| node.metadata.name.as_ref() == Some(&target.name)))
        .map(|node| {
            let name = node.metadata.name.clone().unwrap_or_default();
            let room = rooms.get(&name).cloned().unwrap_or_default();
            Row {
                used: snapshot.node_use.get(&name).copied(),
                asked: amounts(&room.used),
                all: amounts(&allocatable_of(node)),
                pods: room.pods,
                name,
            }
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.share(by)));
    let mut output = ToolOutput::default();
    let Some(first) = rows.first() else {
        "I cannot see any nodes.".clone_into(&mut output.headline);
        return output;
    };
    let measured = rows.iter().any(|row| row.used.is_some());
    let verb = if first.used.is_some() { "used" } else { "requested" };
    output.headline = if rows.len() == 1 {
        let used = first.used.unwrap_or(first.asked);
        format!(
            "On `{}` {} of {} CPU ({} %) and {} of {} memory ({} %) are {verb}; {} there.",
            first.name,
            show_cpu(used.milli_cpu),
            show_cpu(first.all.milli_cpu),
            first.share(By::Cpu),
            show_bytes(used.memory),
            show_bytes(first.all.memory),
            first.share(By::Memory),
            wording::count(first.pods, "pod"),
        )
    } else {
        let what = if by == By::Cpu { "CPU" } else { "memory" };
        let count = wording::count(rows.len(), "node");
        format!(
            "`{}` is the fullest of {count} by {what}: {} % of it is {verb}.",
            first.name,
            first.share(by)
        )
    };
    if !measured {
        output
            .notes
            .push("I have no figures of actual use (no metrics API): these are requests.".to_owned());
    }
    output.focus = rows
        .iter()
        .take(5)
        .map(|row| ObjectRef::cluster("Node", row.name.clone()))
        .collect();
    output.facts = json!({"measured": measured, "nodes": rows.len()});
    output
        .blocks
        .extend(table(&HEADERS, rows.iter().map(Row::cells).collect(), "node"));
    output
}
