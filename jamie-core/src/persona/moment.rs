//! The moments at which a persona is asked for a line, and the domains that colour them.

use serde::{Deserialize, Serialize};

use crate::Finding;

/// A moment of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Moment {
    /// Somebody says hello.
    Greeting,
    /// Somebody says hello and asks something: a greeting in front of the answer.
    Hello,
    /// Somebody asks how Jamie is.
    HowAreYou,
    /// Somebody says thanks.
    Thanks,
    /// Somebody leaves.
    Goodbye,
    /// The introduction to what can be asked.
    Help,
    /// Somebody asks who this is.
    WhoAreYou,
    /// Somebody has said what to call them.
    Named,
    /// Somebody has said what they call a thing.
    Noted,
    /// Praise.
    Praise,
    /// An insult.
    Insult,
    /// A joke is wanted.
    Joke,
    /// "OK", "got it".
    Acknowledgement,
    /// The facts are being collected.
    Thinking,
    /// Everything is fine.
    AllWell,
    /// One thing is wrong.
    Trouble,
    /// Several things are wrong.
    Troubles,
    /// Something is wrong and it is serious: sober words only.
    Severe,
    /// A change was worked out and waits for a yes.
    Proposing,
    /// What was asked for was done.
    Success,
    /// A change was carried out or tried, and its effect has not come.
    NotDone,
    /// A change was turned down.
    LeftAlone,
    /// Plain information was asked for, and here it is.
    Here,
    /// There is nothing to show.
    NothingFound,
    /// An answer could not be had.
    Failed,
    /// Part of the answer could not be had.
    Partly,
    /// A question has to be asked back.
    Clarify,
    /// A name is not known, others are near.
    DidYouMean,
    /// A name is not known, and nothing is near.
    UnknownName,
    /// What is wanted is beyond Jamie.
    BeyondMe,
    /// The message was empty.
    Empty,
    /// The message has no words in it.
    Wordless,
    /// The message cannot be read.
    Unreadable,
    /// The message is too long.
    TooLong,
    /// Too much is asked at once.
    TooMany,
    /// The answer ends without a next step: a question to go on with.
    Closing,
}

impl Moment {
    /// All moments.
    pub const ALL: &'static [Self] = &[
        Self::Greeting,
        Self::Hello,
        Self::HowAreYou,
        Self::Thanks,
        Self::Goodbye,
        Self::Help,
        Self::WhoAreYou,
        Self::Named,
        Self::Noted,
        Self::Praise,
        Self::Insult,
        Self::Joke,
        Self::Acknowledgement,
        Self::Thinking,
        Self::AllWell,
        Self::Trouble,
        Self::Troubles,
        Self::Severe,
        Self::Proposing,
        Self::Success,
        Self::NotDone,
        Self::LeftAlone,
        Self::Here,
        Self::NothingFound,
        Self::Failed,
        Self::Partly,
        Self::Clarify,
        Self::DidYouMean,
        Self::UnknownName,
        Self::BeyondMe,
        Self::Empty,
        Self::Wordless,
        Self::Unreadable,
        Self::TooLong,
        Self::TooMany,
        Self::Closing,
    ];

    /// Its name in a persona file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Hello => "hello",
            Self::HowAreYou => "how_are_you",
            Self::Thanks => "thanks",
            Self::Goodbye => "goodbye",
            Self::Help => "help",
            Self::WhoAreYou => "who_are_you",
            Self::Named => "named",
            Self::Noted => "noted",
            Self::Praise => "praise",
            Self::Insult => "insult",
            Self::Joke => "joke",
            Self::Acknowledgement => "acknowledgement",
            Self::Thinking => "thinking",
            Self::AllWell => "all_well",
            Self::Trouble => "trouble",
            Self::Troubles => "troubles",
            Self::Severe => "severe",
            Self::Proposing => "proposing",
            Self::Success => "success",
            Self::NotDone => "not_done",
            Self::LeftAlone => "left_alone",
            Self::Here => "here",
            Self::NothingFound => "nothing_found",
            Self::Failed => "failed",
            Self::Partly => "partly",
            Self::Clarify => "clarify",
            Self::DidYouMean => "did_you_mean",
            Self::UnknownName => "unknown_name",
            Self::BeyondMe => "beyond_me",
            Self::Empty => "empty",
            Self::Wordless => "wordless",
            Self::Unreadable => "unreadable",
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::Closing => "closing",
        }
    }

    /// Whether the moment is an ornament: an answer loses nothing when the line is left out.
    pub fn is_ornament(self) -> bool {
        matches!(
            self,
            Self::Hello
                | Self::Thinking
                | Self::AllWell
                | Self::Trouble
                | Self::Troubles
                | Self::Severe
                | Self::Proposing
                | Self::Success
                | Self::NotDone
                | Self::LeftAlone
                | Self::Here
                | Self::NothingFound
                | Self::Partly
                | Self::Closing
        )
    }
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Domain {
    /// Pods and their containers.
    Pod,
    /// Deployments and their like.
    App,
    /// Services and their endpoints.
    Service,
    /// Ingresses, policies, name resolution.
    Network,
    /// Memory.
    Memory,
    /// Processor time.
    Cpu,
    /// Volumes, claims, disks.
    Storage,
    /// Machines.
    Node,
    /// Rollouts and their revisions.
    Rollout,
    /// Images and registries.
    Image,
    /// ConfigMaps, Secrets, variables.
    Config,
    /// Jobs and CronJobs.
    Job,
    /// Who may do what.
    Access,
    /// The cluster as a whole.
    Cluster,
}

impl Domain {
    /// All domains.
    pub const ALL: &'static [Self] = &[
        Self::Pod,
        Self::App,
        Self::Service,
        Self::Network,
        Self::Memory,
        Self::Cpu,
        Self::Storage,
        Self::Node,
        Self::Rollout,
        Self::Image,
        Self::Config,
        Self::Job,
        Self::Access,
        Self::Cluster,
    ];

    /// Its name in a persona file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pod => "pod",
            Self::App => "app",
            Self::Service => "service",
            Self::Network => "network",
            Self::Memory => "memory",
            Self::Cpu => "cpu",
            Self::Storage => "storage",
            Self::Node => "node",
            Self::Rollout => "rollout",
            Self::Image => "image",
            Self::Config => "config",
            Self::Job => "job",
            Self::Access => "access",
            Self::Cluster => "cluster",
        }
    }

    /// The domain of an object's kind.
    pub fn of_kind(kind: &str) -> Option<Self> {
        Some(match kind {
            "Pod" => Self::Pod,
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "HorizontalPodAutoscaler" => {
                Self::App
            }
            "Service" | "Endpoints" | "EndpointSlice" => Self::Service,
            "Ingress" | "IngressClass" | "NetworkPolicy" | "Gateway" | "HTTPRoute" => Self::Network,
            "PersistentVolumeClaim" | "PersistentVolume" | "StorageClass" | "VolumeAttachment" => {
                Self::Storage
            }
            "Node" => Self::Node,
            "ConfigMap" | "Secret" => Self::Config,
            "Job" | "CronJob" => Self::Job,
            "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" | "ServiceAccount" => Self::Access,
            "Namespace" => Self::Cluster,
            _ => return None,
        })
    }

    /// The domain of an incident: by the words of its check's name, else by the object's kind.
    pub fn of_finding(finding: &Finding) -> Option<Self> {
        finding
            .check
            .split(|c: char| !c.is_ascii_alphanumeric())
            .find_map(|word| {
                Some(match word {
                    "oom" | "memory" => Self::Memory,
                    "cpu" | "throttling" | "throttled" => Self::Cpu,
                    "image" | "registry" => Self::Image,
                    "volume" | "pvc" | "pv" | "claim" | "disk" | "storage" | "mount" => Self::Storage,
                    "endpoint" | "endpoints" | "service" | "selector" => Self::Service,
                    "dns" | "ingress" | "network" | "policy" => Self::Network,
                    "rollout" | "progress" => Self::Rollout,
                    "config" | "configmap" | "secret" | "env" => Self::Config,
                    "node" => Self::Node,
                    "job" | "cronjob" => Self::Job,
                    "forbidden" | "rbac" => Self::Access,
                    _ => return None,
                })
            })
            .or_else(|| Self::of_kind(&finding.object.kind))
    }
}
