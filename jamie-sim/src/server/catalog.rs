//! What this server serves: its version and the types that a cluster of that version, less what
//! it is said to lack, would have.

use serde_json::{Value, json};

use super::fields::{list, text};
use super::resources::{self, METRICS, ResourceType};
use crate::store::{ApiStatus, Key, Store};

/// From which to which minor release a version of a group is served.
const SPANS: &[(&str, &str, u32, u32)] = &[
    ("autoscaling", "v2", 23, u32::MAX),
    ("autoscaling", "v2beta2", 0, 25),
    ("batch", "v1beta1", 0, 24),
    ("policy", "v1beta1", 0, 24),
];

/// Group and resource of the registrations of other API servers.
const REGISTRATIONS: (&str, &str) = ("apiregistration.k8s.io", "apiservices");

/// Kinds that are younger than the group they are in.
const YOUNG: &[(&str, u32)] = &[
    ("validatingadmissionpolicies", 30),
    ("validatingadmissionpolicybindings", 30),
    ("selfsubjectreviews", 28),
    ("csistoragecapacities", 24),
];

/// The server's version and abilities.
#[derive(Clone, Debug)]
pub(crate) struct Catalog {
    minor: u32,
    patch: u32,
    without: Vec<String>,
}

impl Catalog {
    /// A catalogue for a version such as `1.32` or `v1.29.4`.
    pub(crate) fn new(version: &str, without: &[String]) -> Self {
        let mut numbers = version
            .trim_start_matches('v')
            .split('.')
            .map(|number| number.parse::<u32>().ok());
        let (_, minor, patch) = (numbers.next(), numbers.next().flatten(), numbers.next().flatten());
        Self {
            minor: minor.unwrap_or(32),
            patch: patch.unwrap_or(4),
            without: without.to_vec(),
        }
    }

    /// The answer of `/version`.
    pub(crate) fn version(&self) -> Value {
        json!({
            "major": "1", "minor": self.minor.to_string(),
            "gitVersion": format!("v1.{}.{}", self.minor, self.patch),
            "gitCommit": "59526cd4867447956156ae3a602fcbac10a2c335", "gitTreeState": "clean",
            "buildDate": "2025-04-22T16:02:27Z", "goVersion": "go1.23.6", "compiler": "gc",
            "platform": "linux/amd64",
        })
    }

    pub(crate) fn minor(&self) -> u32 {
        self.minor
    }

    fn lacks(&self, word: &str) -> bool {
        self.without.iter().any(|one| one == word)
    }

    /// The versions in which a type is served, preferred one first.
    pub(crate) fn versions<'a>(&self, of: &'a ResourceType) -> Vec<&'a str> {
        let lacking = self.lacks(&of.plural)
            || self.lacks(&of.group)
            || (of.group == METRICS && (self.lacks("metrics") || self.lacks("metrics-server")))
            || YOUNG
                .iter()
                .any(|(plural, since)| *plural == of.plural && self.minor < *since);
        if lacking {
            // `nodes` and `pods` of the metrics group share their names with the real ones, which
            // no cluster lacks.
            return Vec::new();
        }
        let served = |version: &&str| {
            let in_time = SPANS
                .iter()
                .find(|(group, name, ..)| *group == of.group && name == version)
                .is_none_or(|(_, _, from, to)| (*from..=*to).contains(&self.minor));
            in_time && !self.lacks(&format!("{}/{version}", of.group))
        };
        of.versions.iter().map(String::as_str).filter(served).collect()
    }

    /// Every served type, built in and custom.
    pub(crate) fn types(&self, store: &Store) -> Vec<ResourceType> {
        let custom = store.custom_types();
        let all = resources::built_in().iter().chain(custom.iter());
        all.filter(|one| !self.versions(one).is_empty())
            .cloned()
            .collect()
    }

    /// The type served at a place in the URL.
    pub(crate) fn find(
        &self,
        store: &Store,
        group: &str,
        version: &str,
        plural: &str,
    ) -> Option<ResourceType> {
        let fits = |one: &&ResourceType| {
            one.group == group && one.plural == plural && self.versions(one).contains(&version)
        };
        if let Some(found) = resources::built_in().iter().find(fits) {
            return Some(found.clone());
        }
        store.custom_types().iter().find(fits).cloned()
    }

    /// Groups with their versions, in the order in which discovery tells them; the core group is
    /// not among them.
    pub(crate) fn groups(&self, store: &Store) -> Vec<(String, Vec<String>)> {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for one in self.types(store) {
            if one.group.is_empty() {
                continue;
            }
            let place = groups.iter().position(|(group, _)| *group == one.group);
            let versions = self.versions(&one).into_iter().map(str::to_owned);
            match place.and_then(|place| groups.get_mut(place)) {
                None => groups.push((one.group.clone(), versions.collect())),
                Some((_, known)) => {
                    for version in versions {
                        if !known.contains(&version) {
                            known.push(version);
                        }
                    }
                }
            }
        }
        // What other servers are registered for is announced, whether they answer or not.
        for service in store.list(REGISTRATIONS.0, REGISTRATIONS.1, None) {
            let (group, version) = (text(&service, "/spec/group"), text(&service, "/spec/version"));
            let elsewhere = service.pointer("/spec/service").is_some_and(Value::is_object);
            if elsewhere && !group.is_empty() && !groups.iter().any(|(known, _)| known == group) {
                groups.push((group.to_owned(), vec![version.to_owned()]));
            }
        }
        groups
    }

    /// Whether the server registered for this version of a group is known not to answer.
    pub(crate) fn is_down(store: &Store, group: &str, version: &str) -> bool {
        let key = Key::cluster(REGISTRATIONS.0, REGISTRATIONS.1, &format!("{version}.{group}"));
        store.get(&key).is_some_and(|service| {
            let conditions = list(&service, "/status/conditions").iter();
            let available = conditions.clone().find(|one| text(one, "/type") == "Available");
            available.is_some_and(|one| text(one, "/status") != "True")
        })
    }

    /// Why a resource is not served: its server is away, or there is none.
    pub(crate) fn absence(store: &Store, group: &str, version: &str) -> ApiStatus {
        let key = Key::cluster(REGISTRATIONS.0, REGISTRATIONS.1, &format!("{version}.{group}"));
        if store.get(&key).is_some() {
            ApiStatus::unavailable()
        } else {
            ApiStatus::no_such_resource()
        }
    }
}
