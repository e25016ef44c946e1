//! What can be held against a node or a pod, and how it reads.

use jamie_core::ObjectRef;

use super::demand::spoken;
use crate::{quantity, wording};

/// One thing that forbids one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The pod names another node.
    OtherNode {
        /// The node it names.
        wanted: String,
    },
    /// The node was marked unschedulable.
    Cordoned,
    /// The node is not ready.
    NotReady {
        /// What its Ready condition says.
        reason: String,
    },
    /// A taint that the pod does not tolerate.
    Taint {
        /// The taint's key.
        key: String,
        /// Its value, which may be empty.
        value: String,
        /// `NoSchedule` or `NoExecute`.
        effect: String,
    },
    /// The node selector asks for another label.
    Label {
        /// The label's key.
        key: String,
        /// The value it wants.
        wanted: String,
        /// The value the node has.
        has: Option<String>,
    },
    /// The required node affinity does not match.
    NodeAffinity {
        /// What it asks for.
        wanted: String,
    },
    /// Too little of something is left.
    Resource {
        /// `cpu`, `memory`, `pods`, `nvidia.com/gpu`.
        name: String,
        /// What the pod asks for, in thousandths.
        wanted: u128,
        /// What is left, in thousandths.
        free: u128,
        /// What the empty node has, in thousandths.
        allocatable: u128,
    },
    /// A port of the node is taken.
    HostPort {
        /// The port.
        port: i32,
        /// Who has it.
        holder: ObjectRef,
    },
    /// No pod there that the pod wants to be near.
    PodAffinity {
        /// The pods it wants, as a selector.
        wanted: String,
        /// The topology: `kubernetes.io/hostname`.
        topology: String,
    },
    /// A pod there that must not be near.
    PodAntiAffinity {
        /// The other pod.
        with: ObjectRef,
        /// The topology.
        topology: String,
        /// Whether the rule is the other pod's.
        theirs: bool,
    },
    /// Pods would be spread too unevenly.
    Spread {
        /// The topology.
        topology: String,
        /// How uneven it would be.
        skew: i64,
        /// How uneven it may be.
        most: i64,
    },
    /// The node lacks the label by which pods are spread.
    SpreadLabel {
        /// The topology.
        topology: String,
    },
    /// A volume cannot come to the node.
    Volume {
        /// The claim.
        claim: String,
        /// Where the volume is.
        wanted: String,
    },
}

/// Something that keeps a pod from every node alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blocker {
    /// Scheduling gates are set.
    Gates(Vec<String>),
    /// A claim is missing or not bound: which, and why.
    Claim {
        /// The claim.
        claim: String,
        /// What is the matter with it.
        why: String,
    },
    /// The node it names does not exist.
    NoSuchNode(String),
    /// It asks for a scheduler other than the usual one.
    Scheduler(String),
}

impl Blocker {
    /// One clause about it.
    pub fn text(&self) -> String {
        match self {
            Self::Gates(gates) => {
                format!(
                    "it is held by the scheduling {} {}",
                    if gates.len() == 1 { "gate" } else { "gates" },
                    wording::code_list(gates, 5)
                )
            }
            Self::Claim { claim, why } => format!("its PersistentVolumeClaim `{claim}` {why}"),
            Self::NoSuchNode(node) => format!("it names the node `{node}`, which does not exist"),
            Self::Scheduler(name) => format!("it waits for the scheduler `{name}`, which has not placed it"),
        }
    }
}

impl Reason {
    /// What it is about: reasons of one family are counted together.
    pub fn family(&self) -> &'static str {
        match self {
            Self::OtherNode { .. } => "node name",
            Self::Cordoned => "cordoned",
            Self::NotReady { .. } => "not ready",
            Self::Taint { .. } => "taint",
            Self::Label { .. } => "node selector",
            Self::NodeAffinity { .. } => "node affinity",
            Self::Resource { name, .. } => match name.as_str() {
                "cpu" => "cpu",
                "memory" => "memory",
                "pods" => "pods",
                "ephemeral-storage" => "disk",
                _ => "device",
            },
            Self::HostPort { .. } => "host port",
            Self::PodAffinity { .. } => "pod affinity",
            Self::PodAntiAffinity { .. } => "pod anti-affinity",
            Self::Spread { .. } | Self::SpreadLabel { .. } => "spread",
            Self::Volume { .. } => "volume",
        }
    }

    /// One clause about it.
    pub fn text(&self) -> String {
        match self {
            Self::OtherNode { wanted } => format!("the pod names node `{wanted}`"),
            Self::Cordoned => "cordoned (unschedulable)".to_owned(),
            Self::NotReady { reason } => format!("not ready ({reason})"),
            Self::Taint { .. } => format!("taint `{}` is not tolerated", self.taint()),
            Self::Label { key, wanted, has } => match has {
                Some(has) => format!("wants label `{key}={wanted}`, the node has `{key}={has}`"),
                None => format!("wants label `{key}={wanted}`, the node has no `{key}`"),
            },
            Self::NodeAffinity { wanted } => format!("node affinity wants `{wanted}`"),
            Self::Resource {
                name,
                wanted,
                free,
                allocatable,
            } if name == "pods" => {
                let _ = (wanted, free);
                format!(
                    "full: all {} pod places are taken",
                    quantity::show(name, *allocatable)
                )
            }
            Self::Resource {
                name,
                wanted,
                free,
                allocatable,
            } => format!(
                "not enough {}: wants {}, {} free of {}",
                spoken(name),
                quantity::show(name, *wanted),
                quantity::show(name, *free),
                quantity::show(name, *allocatable),
            ),
            Self::HostPort { port, holder } => format!("host port {port} is taken by `{}`", holder.path()),
            Self::PodAffinity { wanted, topology } => {
                format!(
                    "no pod `{wanted}` in its {}, which pod affinity requires",
                    domain(topology)
                )
            }
            Self::PodAntiAffinity {
                with,
                topology,
                theirs,
            } => {
                let whose = if *theirs {
                    "that pod's anti-affinity"
                } else {
                    "anti-affinity"
                };
                format!(
                    "`{}` is already in its {}, which {whose} forbids",
                    with.path(),
                    domain(topology)
                )
            }
            Self::Spread { topology, skew, most } => format!(
                "topology spread over `{topology}`: the skew would be {skew}, at most {most} is allowed"
            ),
            Self::SpreadLabel { topology } => format!("has no label `{topology}`, by which pods are spread"),
            Self::Volume { claim, wanted } => {
                format!("the volume of `{claim}` is only available in {wanted}")
            }
        }
    }

    /// The label that a node selector wants.
    fn label(&self) -> Option<String> {
        match self {
            Self::Label { key, wanted, .. } => Some(format!("`{key}={wanted}`")),
            _ => None,
        }
    }

    /// The pod in the way.
    fn neighbour(&self) -> Option<String> {
        match self {
            Self::PodAntiAffinity { with, .. } => Some(format!("`{}`", with.path())),
            _ => None,
        }
    }

    /// `key=value:Effect` of a taint, as `kubectl taint` takes it.
    pub(super) fn taint(&self) -> String {
        match self {
            Self::Taint { key, value, effect } if value.is_empty() => format!("{key}:{effect}"),
            Self::Taint { key, value, effect } => format!("{key}={value}:{effect}"),
            _ => String::new(),
        }
    }
}

fn domain(topology: &str) -> &str {
    match topology {
        "kubernetes.io/hostname" => "node",
        "topology.kubernetes.io/zone" | "failure-domain.beta.kubernetes.io/zone" => "zone",
        "topology.kubernetes.io/region" => "region",
        other => other,
    }
}

/// "2 have not enough CPU (wants 4, at most 1.5 is free)": the same family on several nodes, in one clause.
pub(super) fn group_text(count: usize, reasons: &[&Reason]) -> String {
    let on = |one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let distinct = |texts: Vec<String>| {
        let mut texts = texts;
        texts.sort();
        texts.dedup();
        wording::list(&texts, 3)
    };
    match reasons.first() {
        None => String::new(),
        Some(Reason::OtherNode { wanted }) => format!("the pod names node `{wanted}`"),
        Some(Reason::Cordoned) => on("is cordoned (unschedulable)", "are cordoned (unschedulable)"),
        Some(Reason::NotReady { .. }) => on("is not ready", "are not ready"),
        Some(Reason::Taint { .. }) => {
            let taints = distinct(
                reasons
                    .iter()
                    .map(|reason| format!("`{}`", reason.taint()))
                    .collect(),
            );
            format!(
                "{} {taints} that the pod does not tolerate",
                on("has the taint", "have the taint")
            )
        }
        Some(Reason::Label { .. }) => {
            let labels = distinct(reasons.iter().filter_map(|reason| reason.label()).collect());
            format!(
                "{} {labels} that its nodeSelector wants",
                on("lacks the label", "lack the label")
            )
        }
        Some(Reason::NodeAffinity { wanted }) => {
            format!(
                "{} its node affinity (`{wanted}`)",
                on("does not match", "do not match")
            )
        }
        Some(Reason::Resource { name, wanted, .. }) => resource_text(count, reasons, name, *wanted),
        Some(Reason::HostPort { port, .. }) => format!("host port {port} is taken on {count}"),
        Some(Reason::PodAffinity { wanted, .. }) => {
            format!(
                "{} with a pod `{wanted}` that pod affinity requires",
                on("is not", "are not")
            )
        }
        Some(Reason::PodAntiAffinity { .. }) => {
            let with = distinct(reasons.iter().filter_map(|reason| reason.neighbour()).collect());
            let ruled_out = on("is ruled out", "are ruled out");
            format!("{ruled_out} by pod anti-affinity (already there: {with})")
        }
        Some(Reason::Spread { topology, .. } | Reason::SpreadLabel { topology }) => {
            format!(
                "{} by the topology spread over `{topology}`",
                on("is ruled out", "are ruled out")
            )
        }
        Some(Reason::Volume { claim, wanted }) => {
            format!("{count} cannot reach the volume of `{claim}`, which is only available in {wanted}")
        }
    }
}

fn resource_text(count: usize, reasons: &[&Reason], name: &str, wanted: u128) -> String {
    let (has, is) = if count == 1 {
        ("has", "is")
    } else {
        ("have", "are")
    };
    if name == "pods" {
        return format!("{count} {is} full (too many pods: no pod place left)");
    }
    let amounts = reasons.iter().filter_map(|reason| match reason {
        Reason::Resource {
            free, allocatable, ..
        } => Some((*free, *allocatable)),
        _ => None,
    });
    let (free, whole) = amounts.fold((0, 0), |most, one| (most.0.max(one.0), most.1.max(one.1)));
    let (want, called) = (quantity::show(name, wanted), spoken(name));
    if whole < wanted {
        let all = quantity::show(name, whole);
        format!("{count} {has} not enough {called} (wants {want}, the largest has {all} in all)")
    } else {
        let free = quantity::show(name, free);
        format!("{count} {has} not enough {called} (wants {want}, at most {free} is free)")
    }
}
