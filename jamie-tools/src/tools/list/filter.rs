//! What to list, as arguments; and whether an object passes.

use jamie_core::ObjectRef;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::item::Item;
use crate::wording;

/// How something stands, as people ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    /// As it should be.
    Well,
    /// Not as it should be, in whatever way.
    Unwell,
    /// Suspended or paused.
    Suspended,
}

/// What a container can lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Lacking {
    /// A CPU or a memory limit.
    Limits,
    /// A CPU limit.
    CpuLimit,
    /// A memory limit.
    MemoryLimit,
    /// A CPU or a memory request.
    Requests,
    /// A readiness probe.
    ReadinessProbe,
    /// A liveness probe.
    LivenessProbe,
    /// A readiness or a liveness probe.
    Probes,
}

/// By what to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// Oldest first.
    Oldest,
    /// Newest first.
    Newest,
    /// Most restarts first.
    Restarts,
}

/// What to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(in crate::tools) struct Filter {
    /// The kind, as the API spells it or its plural; `Workload` for all that keep pods running. Pods without it.
    #[schemars(extend("x-slot" = "kind"))]
    pub(super) kind: Option<String>,
    /// Only in this namespace.
    #[schemars(extend("x-slot" = "namespace"))]
    pub(super) namespace: Option<String>,
    /// Only what belongs to this object: the pods of a workload, what runs on a node.
    #[schemars(extend("x-slot" = "target"))]
    pub(super) target: Option<ObjectRef>,
    /// Instead what does not belong to it: the nodes without a pod of a DaemonSet.
    pub(super) outside: bool,
    /// Only nodes with a taint.
    pub(super) tainted: bool,
    /// Only what stands like this.
    pub(super) standing: Option<Standing>,
    /// Only what has this word in its state: `CrashLoopBackOff`, `Pending`, `Bound`.
    pub(super) state: Option<String>,
    /// Only what has this label: `app=web`, or a key alone.
    pub(super) label: Option<String>,
    /// Only what runs an image with this in its name.
    pub(super) image: Option<String>,
    /// Only what has this in its own name.
    pub(super) name: Option<String>,
    /// Only what lacks this.
    pub(super) lacking: Option<Lacking>,
    /// Only what restarted at least so often.
    pub(super) min_restarts: Option<u64>,
    /// Only what restarted at most so often.
    pub(super) max_restarts: Option<u64>,
    /// Only what has at least so many replicas.
    pub(super) min_replicas: Option<u64>,
    /// Only what has at most so many replicas.
    pub(super) max_replicas: Option<u64>,
    /// Only what is older than so many seconds.
    pub(super) older_than: Option<u64>,
    /// Only what is younger than so many seconds.
    pub(super) younger_than: Option<u64>,
    /// Only what was created after this, RFC 3339.
    pub(super) created_after: Option<String>,
    /// By what to sort.
    pub(super) order: Option<Order>,
    /// Only the first so many.
    pub(super) take: Option<usize>,
}

impl Filter {
    /// The kind asked for.
    pub(super) fn kind(&self) -> String {
        self.kind
            .clone()
            .filter(|kind| !kind.is_empty())
            .unwrap_or_else(|| "Pod".to_owned())
    }

    /// Whether an object passes.
    pub(super) fn passes(&self, item: &Item, now: Timestamp) -> bool {
        let age = item
            .created
            .map(|at| now.as_second().saturating_sub(at.as_second()).max(0) as u64);
        let contains = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        let standing = match self.standing {
            None => true,
            Some(Standing::Well) => item.is_well != Some(false) && !item.is_suspended,
            Some(Standing::Unwell) => item.is_well == Some(false),
            Some(Standing::Suspended) => item.is_suspended,
        };
        let lacking = self.lacking.is_none_or(|lacking| match lacking {
            Lacking::Limits => item.lacks.cpu_limit || item.lacks.memory_limit,
            Lacking::CpuLimit => item.lacks.cpu_limit,
            Lacking::MemoryLimit => item.lacks.memory_limit,
            Lacking::Requests => item.lacks.cpu_request || item.lacks.memory_request,
            Lacking::ReadinessProbe => item.lacks.readiness,
            Lacking::LivenessProbe => item.lacks.liveness,
            Lacking::Probes => item.lacks.readiness || item.lacks.liveness,
        });
        let label = self
            .label
            .as_ref()
            .is_none_or(|wanted| match wanted.split_once('=') {
                Some((key, value)) => {
                    let value = value.trim_start_matches('=');
                    match key.strip_suffix('!') {
                        Some(key) => item.labels.get(key).map(String::as_str) != Some(value),
                        None => item.labels.get(key).map(String::as_str) == Some(value),
                    }
                }
                None => item.labels.contains_key(wanted),
            });
        let within = |number: Option<u64>, least: Option<u64>, most: Option<u64>| {
            (least.is_none() && most.is_none())
                || number.is_some_and(|number| {
                    least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
                })
        };
        let after = self
            .created_after
            .as_ref()
            .and_then(|text| text.parse::<Timestamp>().ok());
        standing
            && (!self.tainted || item.is_tainted)
            && lacking
            && label
            && self
                .state
                .as_ref()
                .is_none_or(|wanted| item.state.as_deref().is_some_and(|state| contains(state, wanted)))
            && self
                .image
                .as_ref()
                .is_none_or(|wanted| item.images.iter().any(|image| contains(image, wanted)))
            && self
                .name
                .as_ref()
                .is_none_or(|wanted| contains(&item.object.name, wanted))
            && within(item.restarts, self.min_restarts, self.max_restarts)
            && within(item.replicas, self.min_replicas, self.max_replicas)
            && within(age, self.older_than, self.younger_than)
            && after.is_none_or(|after| item.created.is_some_and(|created| created >= after))
    }

    /// Everything that passes but for how it stands, the unwell first.
    pub(super) fn looked_at(&self, items: &[Item], now: Timestamp) -> Vec<ObjectRef> {
        const MOST: usize = 30;
        let any = Self {
            standing: None,
            state: None,
            ..self.clone()
        };
        let (unwell, well): (Vec<&Item>, Vec<&Item>) = items
            .iter()
            .filter(|item| any.passes(item, now))
            .partition(|item| item.is_well == Some(false));
        unwell
            .into_iter()
            .chain(well)
            .map(|item| item.object.clone())
            .take(MOST)
            .collect()
    }

    /// Whether it picks by what things are rather than by how they stand.
    pub(super) fn is_factual(&self) -> bool {
        self.lacking.is_some()
            || self.label.is_some()
            || self.image.is_some()
            || self.name.is_some()
            || self.min_replicas.is_some()
            || self.max_replicas.is_some()
            || self.older_than.is_some()
            || self.younger_than.is_some()
            || self.created_after.is_some()
            || matches!(self.order, Some(Order::Oldest | Order::Newest))
    }

    /// Sorts and cuts.
    pub(super) fn sort(&self, items: &mut Vec<Item>) {
        match self.order {
            Some(Order::Oldest) => items.sort_by_key(|item| item.created.unwrap_or(Timestamp::MAX)),
            Some(Order::Newest) => {
                items.sort_by_key(|item| std::cmp::Reverse(item.created.unwrap_or(Timestamp::MIN)));
            }
            Some(Order::Restarts) => items.sort_by_key(|item| std::cmp::Reverse(item.restarts.unwrap_or(0))),
            None if self.min_restarts.is_some() => {
                items.sort_by_key(|item| std::cmp::Reverse(item.restarts.unwrap_or(0)));
            }
            // What is unwell first: it is what people look for in a list.
            None => items.sort_by_key(|item| item.is_well != Some(false)),
        }
        if let Some(take) = self.take {
            items.truncate(take.max(1));
        }
    }

    /// What the filter says, to follow a noun: " that are not well, with at least 5 restarts".
    pub(super) fn text(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        match self.standing {
            Some(Standing::Well) => parts.push("that are well".to_owned()),
            Some(Standing::Unwell) => parts.push("not well or not ready".to_owned()),
            Some(Standing::Suspended) => parts.push("suspended".to_owned()),
            None => {}
        }
        if self.tainted {
            parts.push("with a taint".to_owned());
        }
        if let Some(state) = &self.state {
            parts.push(format!("in state `{state}`"));
        }
        if let Some(lacking) = self.lacking {
            let what = match lacking {
                Lacking::Limits => "CPU or memory limits",
                Lacking::CpuLimit => "a CPU limit",
                Lacking::MemoryLimit => "a memory limit",
                Lacking::Requests => "CPU or memory requests",
                Lacking::ReadinessProbe => "a readiness probe",
                Lacking::LivenessProbe => "a liveness probe",
                Lacking::Probes => "readiness or liveness probes",
            };
            parts.push(format!("without {what}"));
        }
        for (what, value) in [
            ("label", &self.label),
            ("image", &self.image),
            ("name like", &self.name),
        ] {
            if let Some(value) = value {
                parts.push(format!("with {what} `{value}`"));
            }
        }
        for (noun, least, most) in [
            ("restart", self.min_restarts, self.max_restarts),
            ("replica", self.min_replicas, self.max_replicas),
        ] {
            match (least, most) {
                (Some(least), Some(most)) if least == most => {
                    parts.push(format!("with {}", wording::count(least as usize, noun)));
                }
                (None, Some(0)) => parts.push(format!("with 0 {noun}s")),
                (least, most) => {
                    if let Some(least) = least {
                        parts.push(format!("with at least {}", wording::count(least as usize, noun)));
                    }
                    if let Some(most) = most {
                        parts.push(format!("with at most {}", wording::count(most as usize, noun)));
                    }
                }
            }
        }
        if let Some(seconds) = self.older_than {
            parts.push(format!("older than {}", wording::duration(seconds as i64)));
        }
        if let Some(seconds) = self.younger_than {
            parts.push(format!("younger than {}", wording::duration(seconds as i64)));
        }
        if let Some(at) = self
            .created_after
            .as_ref()
            .and_then(|text| text.parse::<Timestamp>().ok())
        {
            parts.push(format!("created since {}", at.strftime("%a %-d %b %H:%M UTC")));
        }
        match self.order {
            Some(Order::Oldest) if self.take == Some(1) => parts.push("the oldest".to_owned()),
            Some(Order::Newest) if self.take == Some(1) => parts.push("the newest".to_owned()),
            Some(Order::Oldest) => parts.push("oldest first".to_owned()),
            Some(Order::Newest) => parts.push("newest first".to_owned()),
            Some(Order::Restarts) => parts.push("most restarts first".to_owned()),
            None => {}
        }
        if parts.is_empty() {
            String::new()
        } else {
            format!(" {}", parts.join(", "))
        }
    }
}
