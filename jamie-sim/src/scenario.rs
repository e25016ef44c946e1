//! A scenario file in, a cluster as a person would write it out: manifests, how the containers behave, what people ask
//! and the facts a right answer holds.

mod behaviour;
mod condition;
mod duration;
mod error;
mod library;
mod manifests;
mod question;
mod refusal;
mod request;
mod target;

use std::{fs, path::Path};

use serde::Deserialize;
use serde_json::Value;

pub use behaviour::{Behaviour, Does, FixedBy, Reference, Usage};
pub use condition::{Check, Condition, Permission, Test};
pub use duration::Span;
pub use error::ScenarioError;
pub use question::{Cause, Expectation, Phrase, Question};
pub use refusal::Refusal;
pub use request::{Asker, Outcome, Request, Says};
pub use target::Target;

use manifests::Documents;

/// One cluster with something (or nothing) wrong in it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Scenario {
    /// The file's name without its ending; the name of the cluster and of its context.
    pub name: String,
    /// One sentence that says what is wrong.
    pub title: String,
    /// The family of faults it belongs to.
    pub category: String,
    /// Nothing is wrong: any finding is a false alarm.
    pub healthy: bool,
    /// How long the workloads have existed.
    pub age: Span,
    /// The machines; empty for the usual three.
    pub nodes: Vec<Node>,
    /// What this API server is and lacks.
    pub server: Server,
    /// Objects as applied by a person, in order.
    pub manifests: Vec<Value>,
    /// Objects stored as they stand, status included.
    pub objects: Vec<Value>,
    /// How containers behave; the first match wins.
    pub behaviours: Vec<Behaviour>,
    /// Earlier states of the manifests, oldest first.
    pub history: Vec<PastChange>,
    /// Events besides those that the controllers and the kubelet report.
    pub events: Vec<ExtraEvent>,
    /// Server faults switched on at start, for the server to read.
    pub faults: Vec<Value>,
    /// What a validating webhook refuses, and its words.
    pub refusals: Vec<Refusal>,
    /// Whom the kubeconfig connects as, if not the administrator.
    pub rbac: Option<Access>,
    /// What people ask.
    pub questions: Vec<Question>,
    /// What people ask to have done.
    pub requests: Vec<Request>,
}

/// A machine of the cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Node {
    /// Its name.
    pub name: String,
    /// CPU capacity as a quantity.
    #[serde(default = "four")]
    pub cpu: String,
    /// Memory capacity as a quantity.
    #[serde(default = "sixteen_gibibytes")]
    pub memory: String,
    /// How many pods it takes.
    #[serde(default = "hundred_and_ten")]
    pub pods: u32,
    /// Labels besides the usual ones.
    #[serde(default)]
    pub labels: std::collections::BTreeMap<String, String>,
    /// Taints, as in a Node's spec.
    #[serde(default)]
    pub taints: Vec<Value>,
    /// Cordoned.
    #[serde(default)]
    pub unschedulable: bool,
    /// The zone, for the topology label.
    #[serde(default)]
    pub zone: Option<String>,
    /// Conditions that differ from a well node's, by type.
    #[serde(default)]
    pub conditions: std::collections::BTreeMap<String, String>,
    /// The reason of those conditions.
    #[serde(default)]
    pub reason: Option<String>,
    /// The message of those conditions.
    #[serde(default)]
    pub message: Option<String>,
    /// How long ago they changed.
    #[serde(default)]
    pub since: Option<Span>,
    /// The kubelet's version.
    #[serde(default)]
    pub kubelet: Option<String>,
    /// What it uses, for the metrics API; by default the sum of its pods and a little.
    #[serde(default)]
    pub usage: Option<Usage>,
}

impl Node {
    /// A well node of 4 CPUs and 16 GiB.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            cpu: four(),
            memory: sixteen_gibibytes(),
            pods: hundred_and_ten(),
            labels: std::collections::BTreeMap::new(),
            taints: Vec::new(),
            unschedulable: false,
            zone: None,
            conditions: std::collections::BTreeMap::new(),
            reason: None,
            message: None,
            since: None,
            kubelet: None,
            usage: None,
        }
    }
}

fn four() -> String {
    "4".to_owned()
}

fn sixteen_gibibytes() -> String {
    "16Gi".to_owned()
}

fn hundred_and_ten() -> u32 {
    110
}

/// What the API server is and lacks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Server {
    /// Its version, as `1.32`.
    #[serde(default = "current_version")]
    pub version: String,
    /// What it does not serve: `metrics`, `autoscaling/v2`, `endpointslices`.
    #[serde(default)]
    pub without: Vec<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            version: current_version(),
            without: Vec::new(),
        }
    }
}

impl Server {
    /// The minor version, 32 for `1.32`.
    pub fn minor(&self) -> u32 {
        self.version
            .split('.')
            .nth(1)
            .and_then(|minor| minor.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok())
            .unwrap_or(32)
    }
}

fn current_version() -> String {
    "1.32".to_owned()
}

/// An earlier state of some manifests.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PastChange {
    /// How long ago it was applied.
    pub at: Span,
    /// What was applied: each document is merged over the manifest of the same object.
    pub apply: Vec<Value>,
}

/// An event that no controller of ours would report.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExtraEvent {
    /// `Kind/namespace/name`, or `Kind/name` for an object without a namespace; the name may end in `*`.
    pub object: String,
    /// `Normal` or `Warning`.
    #[serde(default = "warning")]
    pub r#type: String,
    /// The reason.
    pub reason: String,
    /// The message.
    pub message: String,
    /// How often it happened.
    #[serde(default = "one")]
    pub count: u32,
    /// How long ago it happened last.
    #[serde(default = "just_now")]
    pub last: Span,
    /// How long ago it happened first.
    #[serde(default)]
    pub first: Option<Span>,
    /// The component that reported it.
    #[serde(default)]
    pub source: Option<String>,
}

fn warning() -> String {
    "Warning".to_owned()
}

fn one() -> u32 {
    1
}

fn just_now() -> Span {
    Span::from_secs(60)
}

/// A user with limited rights.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Access {
    /// The user's name.
    pub user: String,
    /// All that the user may do.
    #[serde(default)]
    pub allow: Vec<Rule>,
}

/// Something that a user may do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Rule {
    /// Verbs, `*` for all.
    pub verbs: Vec<String>,
    /// Resources in the plural, with subresources as `pods/log`; `*` for all.
    pub resources: Vec<String>,
    /// API groups; by default every group.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Namespaces; by default the whole cluster.
    #[serde(default)]
    pub namespaces: Vec<String>,
}

impl Scenario {
    /// An empty, well cluster of three nodes.
    pub fn empty(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            title: String::new(),
            category: "healthy".to_owned(),
            healthy: true,
            age: default_age(),
            nodes: Vec::new(),
            server: Server::default(),
            manifests: Vec::new(),
            objects: Vec::new(),
            behaviours: Vec::new(),
            history: Vec::new(),
            events: Vec::new(),
            faults: Vec::new(),
            refusals: Vec::new(),
            rbac: None,
            questions: Vec::new(),
            requests: Vec::new(),
        }
    }

    /// Reads a scenario; `name` becomes the cluster's name, `file` stands in errors.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self, ScenarioError> {
        let options = serde_saphyr::options! { legacy_octal_numbers: true };
        let file_text: File = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| ScenarioError::yaml(file, 0, &error))?;
        file_text.resolve(name, file)
    }

    /// Reads the scenario in a file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ScenarioError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| ScenarioError::read(&file, &error))?;
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or("scenario");
        Self::parse(name, &file, &text)
    }

    /// Reads every scenario below a folder, sorted by path.
    pub fn load_dir(dir: impl AsRef<Path>) -> Result<Vec<Self>, ScenarioError> {
        let mut files = Vec::new();
        collect_files(dir.as_ref(), &mut files)?;
        files.sort();
        files.iter().map(Self::load).collect()
    }

    /// The questions' wordings, with the question each belongs to.
    pub fn wordings(&self) -> impl Iterator<Item = (&str, &Question)> {
        self.questions
            .iter()
            .flat_map(|question| question.ask.iter().map(move |ask| (ask.as_str(), question)))
    }
}

fn collect_files(dir: &Path, files: &mut Vec<std::path::PathBuf>) -> Result<(), ScenarioError> {
    let failed = |error: &std::io::Error| ScenarioError::read(&dir.display().to_string(), error);
    for entry in fs::read_dir(dir).map_err(|error| failed(&error))? {
        let path = entry.map_err(|error| failed(&error))?.path();
        if path.is_dir() {
            collect_files(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml")
        {
            files.push(path);
        }
    }
    Ok(())
}

fn default_age() -> Span {
    Span::from_secs(3 * 86_400)
}

/// A scenario file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    category: String,
    #[serde(default)]
    healthy: bool,
    #[serde(default = "default_age")]
    age: Span,
    #[serde(default)]
    nodes: Vec<Node>,
    #[serde(default)]
    server: Server,
    #[serde(default)]
    manifests: Option<Documents>,
    #[serde(default)]
    objects: Option<Documents>,
    #[serde(default)]
    behaviours: Vec<Behaviour>,
    #[serde(default)]
    history: Vec<ChangeText>,
    #[serde(default)]
    events: Vec<ExtraEvent>,
    #[serde(default)]
    faults: Vec<Value>,
    #[serde(default)]
    refusals: Vec<Refusal>,
    #[serde(default)]
    rbac: Option<Access>,
    #[serde(default)]
    questions: Vec<Question>,
    #[serde(default)]
    requests: Vec<Request>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeText {
    at: Span,
    apply: Documents,
}

impl File {
    fn resolve(self, name: &str, file: &str) -> Result<Scenario, ScenarioError> {
        let read = |documents: Option<Documents>| {
            documents.map_or(Ok(Vec::new()), |documents| documents.objects(file))
        };
        let history = self
            .history
            .into_iter()
            .map(|change| {
                Ok(PastChange {
                    at: change.at,
                    apply: change.apply.objects(file)?,
                })
            })
            .collect::<Result<Vec<_>, ScenarioError>>()?;
        Ok(Scenario {
            name: name.to_owned(),
            title: self.title,
            category: self.category,
            healthy: self.healthy,
            age: self.age,
            nodes: self.nodes,
            server: self.server,
            manifests: read(self.manifests)?,
            objects: read(self.objects)?,
            behaviours: self.behaviours,
            history,
            events: self.events,
            faults: self.faults,
            refusals: self.refusals,
            rbac: self.rbac,
            questions: self.questions,
            requests: self.requests,
        })
    }
}

#[cfg(test)]
mod tests;
