//! A person in, the cluster as that person sees and changes it out: each has a connection and a cache of their own.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use jamie_core::{Error, ErrorKind, Person, Result};

use super::{Cluster, cache, errors, names};

/// So many people have a connection of their own at a time; the one unused for longest gives way.
const MOST: usize = 32;

/// A user of the cluster and their groups.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// The user's name.
    pub user: String,
    /// The groups.
    pub groups: Vec<String>,
}

/// As whom the calls run that a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Impersonation {
    /// As Jamie itself.
    #[default]
    Off,
    /// As a user named like the person, in groups named like the person's.
    AsPerson {
        /// Stands before the person's id.
        user_prefix: String,
        /// Stands before each group.
        group_prefix: String,
    },
    /// As the user that belongs to the person's id; who has none may do nothing.
    Map(BTreeMap<String, Identity>),
}

impl Impersonation {
    /// The user that stands for a person; `None` where calls run as Jamie.
    pub fn of(&self, person: &Person) -> Result<Option<Identity>> {
        let identity = match self {
            Self::Off => return Ok(None),
            Self::AsPerson {
                user_prefix,
                group_prefix,
            } if !person.id.is_empty() => Identity {
                user: format!("{user_prefix}{}", person.id),
                groups: person
                    .groups
                    .iter()
                    .map(|group| format!("{group_prefix}{group}"))
                    .collect(),
            },
            Self::AsPerson { .. } => {
                return Err(Error::new(
                    ErrorKind::Unauthorized,
                    "I act in this cluster as the person who asks, and nobody said who that is",
                )
                .with_hint("log in first, or say who you are with --user"));
            }
            Self::Map(people) => people.get(&person.id).cloned().ok_or_else(|| {
                Error::new(
                    ErrorKind::Forbidden,
                    format!("no user of the cluster is known for `{}`", person.id),
                )
                .with_hint("add the person to the mapping of people to cluster users in the configuration")
            })?,
        };
        // Names of the cluster's own must come from the cluster, never from a chat.
        let reserved = std::iter::once(&identity.user)
            .chain(&identity.groups)
            .find(|name| name.starts_with("system:"));
        if let Some(name) = reserved
            && !matches!(self, Self::Map(_))
        {
            return Err(Error::new(
                ErrorKind::Forbidden,
                format!("`{name}` is a name of the cluster's own: nobody gets to act as that"),
            ));
        }
        Ok(Some(identity))
    }
}

/// The connections of people, the latest used last.
#[derive(Debug)]
pub(super) struct Identities {
    impersonation: Impersonation,
    open: Mutex<VecDeque<(Identity, Arc<Cluster>)>>,
}

impl Identities {
    pub(super) fn new(impersonation: Impersonation) -> Self {
        Self {
            impersonation,
            open: Mutex::new(VecDeque::new()),
        }
    }
}

impl Cluster {
    /// The cluster as a person may see and change it: this one where nobody is impersonated.
    pub fn for_person(self: &Arc<Self>, person: &Person) -> Result<Arc<Self>> {
        Ok(self.seen_by(person)?.unwrap_or_else(|| self.clone()))
    }

    /// The cluster as a person sees it, where that is another than this one.
    pub(super) fn seen_by(&self, person: &Person) -> Result<Option<Arc<Self>>> {
        let Some(identity) = self.identities.impersonation.of(person)? else {
            return Ok(None);
        };
        let mut open = self
            .identities
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = open.iter().position(|(one, _)| *one == identity)
            && let Some(found) = open.remove(at)
        {
            let cluster = found.1.clone();
            open.push_back(found);
            return Ok(Some(cluster));
        }
        let cluster = Arc::new(self.acting_as(&identity)?);
        while open.len() >= MOST {
            open.pop_front();
        }
        open.push_back((identity, cluster.clone()));
        Ok(Some(cluster))
    }

    /// The same server with a client that says whom it acts for, and nothing shared that was read by another.
    fn acting_as(&self, identity: &Identity) -> Result<Self> {
        let mut config = self.config.clone();
        config.auth_info.impersonate = Some(identity.user.clone());
        config.auth_info.impersonate_groups = Some(identity.groups.clone());
        let client = kube::Client::try_from(config.clone())
            .map_err(|error| errors::explain(error, &self.server, self.certificate_ends))?;
        let namespaces: BTreeSet<String> = self.namespaces_in_play().into_iter().collect();
        Ok(Self {
            client,
            context: self.context.clone(),
            server: format!("{} (asked as `{}`)", self.server, identity.user),
            default_namespace: self.default_namespace.clone(),
            timeout: self.timeout,
            certificate_ends: self.certificate_ends,
            namespaces: Mutex::new(namespaces),
            failing_until: Mutex::new(None),
            cache: cache::Cache::default(),
            watching: std::sync::OnceLock::new(),
            names: names::NamesCache::default(),
            config,
            identities: Identities::new(Impersonation::Off),
        })
    }
}
