//! A long-running process keeps the cluster in memory: every kind is listed once and then watched, so that the
//! next look costs no listing.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError, Weak},
    time::Duration,
};

use http::Request;
use http_body_util::BodyExt;
use jamie_core::Result;
use jiff::Timestamp;
use k8s_openapi::{
    api::{
        admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
        apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
        autoscaling::v2::HorizontalPodAutoscaler,
        batch::v1::{CronJob, Job},
        core::v1::{
            ConfigMap, Event, LimitRange, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod,
            ResourceQuota, Service, ServiceAccount,
        },
        discovery::v1::EndpointSlice,
        networking::v1::{Ingress, IngressClass, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
        scheduling::v1::PriorityClass,
        storage::v1::{StorageClass, VolumeAttachment},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
    kube_aggregator::pkg::apis::apiregistration::v1::APIService,
};
use kube::{Client, client::Body};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    Cluster,
    autoscalers::AUTOSCALERS,
    kinds::{
        ADMISSION, APPS, BATCH, CORE, NETWORKING, SECRETS, STORAGE, config_map, event, kinds, node, plain,
        secret,
    },
    listing::{Decode, Kind},
};
use crate::snapshot::{Coverage, SecretKeys, Snapshot, needs_old_style};

/// How long one watch lasts before it is begun anew: a dead connection is noticed as soon.
const WATCH: Duration = Duration::from_mins(1);
/// The server ends a watch by itself; one that says nothing for longer than this is dead.
const SILENCE: Duration = Duration::from_secs(75);
/// A server that refuses a list or a watch is left alone for so long.
const PAUSE: Duration = Duration::from_secs(5);
/// One changed object is never larger.
const MAX_LINE: usize = 16 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not there yet, or lost: looks go to the server.
    Away,
    /// As the server has it, a moment ago.
    Synced,
    /// The server has no such kind.
    Missing,
}

/// One kind in memory.
#[derive(Debug)]
struct Mirror<K> {
    items: Mutex<BTreeMap<(String, String), Arc<K>>>,
    state: Mutex<State>,
}

impl<K> Default for Mirror<K> {
    fn default() -> Self {
        Self {
            items: Mutex::new(BTreeMap::new()),
            state: Mutex::new(State::Away),
        }
    }
}

impl<K> Mirror<K> {
    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, items: Vec<K>, metadata: fn(&K) -> &ObjectMeta) {
        let items = items
            .into_iter()
            .map(|item| (key(metadata(&item)), Arc::new(item)))
            .collect();
        *self.items.lock().unwrap_or_else(PoisonError::into_inner) = items;
    }

    fn put(&self, item: K, metadata: fn(&K) -> &ObjectMeta) {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.insert(key(metadata(&item)), Arc::new(item));
    }

    fn remove(&self, item: &K, metadata: fn(&K) -> &ObjectMeta) {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.remove(&key(metadata(item)));
    }

    fn all(&self) -> Vec<Arc<K>> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.values().cloned().collect()
    }
}

fn key(metadata: &ObjectMeta) -> (String, String) {
    (
        metadata.namespace.clone().unwrap_or_default(),
        metadata.name.clone().unwrap_or_default(),
    )
}

macro_rules! mirrors {
    ($( $field:ident: $type:ty, $decode:expr, $name:literal, $base:expr, $plural:literal, $namespaced:literal; )*) => {
        /// All kinds in memory.
        #[derive(Debug, Default)]
        struct Mirrors {
            secrets: Arc<Mirror<SecretKeys>>,
            autoscalers: Arc<Mirror<HorizontalPodAutoscaler>>,
            $( $field: Arc<Mirror<$type>>, )*
        }

        impl Mirrors {
            fn start(&self, cluster: &Arc<Cluster>) -> Vec<JoinHandle<()>> {
                let weak = || Arc::downgrade(cluster);
                vec![
                    tokio::spawn(keep(weak(), self.secrets.clone(), vec![(SECRETS, secret)], |one| &one.metadata)),
                    tokio::spawn(keep(weak(), self.autoscalers.clone(), AUTOSCALERS.to_vec(), |one| &one.metadata)),
                    $( tokio::spawn(keep(
                        weak(),
                        self.$field.clone(),
                        vec![(Kind::new($base, $plural, $namespaced), $decode as Decode<$type>)],
                        |one| &one.metadata,
                    )), )*
                ]
            }

            fn is_complete(&self) -> bool {
                self.secrets.state() != State::Away
                    && self.autoscalers.state() != State::Away
                    $( && self.$field.state() != State::Away )*
            }

            /// Fills a snapshot; false where some kind is not in memory.
            fn take(&self, snapshot: &mut Snapshot) -> bool {
                macro_rules! one {
                    ($kind:literal, $mirror:ident) => {
                        let coverage = match self.$mirror.state() {
                            State::Away => return false,
                            State::Synced => Coverage::Complete,
                            State::Missing => Coverage::Missing,
                        };
                        snapshot.coverage.insert($kind, coverage);
                        snapshot.$mirror = self.$mirror.all();
                    };
                }
                one!("Secret", secrets);
                one!("HorizontalPodAutoscaler", autoscalers);
                $( one!($name, $field); )*
                true
            }
        }
    };
}

kinds!(mirrors);

/// The watching of one cluster; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Watching {
    mirrors: Mirrors,
    tasks: Vec<JoinHandle<()>>,
    version: OnceLock<Option<(u32, u32)>>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Cluster {
    /// Keeps the cluster in memory from here on, for a process that will ask again and again. Until all of it is
    /// there, and where part of it may not be watched, looks go to the server as before.
    pub fn keep_watching(self: &Arc<Self>) {
        self.watching.get_or_init(|| {
            let mirrors = Mirrors::default();
            let tasks = mirrors.start(self);
            Watching {
                mirrors,
                tasks,
                version: OnceLock::new(),
            }
        });
    }

    /// Whether all of the cluster is in memory right now.
    pub fn is_in_memory(&self) -> bool {
        self.watching
            .get()
            .is_some_and(|watching| watching.mirrors.is_complete())
    }

    /// A look at what is in memory; `None` where that is not all.
    pub(super) async fn from_memory(&self) -> Option<Result<Snapshot>> {
        let watching = self.watching.get()?;
        let mut snapshot = Snapshot {
            cluster: self.context.clone(),
            taken_at: Timestamp::now(),
            ..Snapshot::default()
        };
        if !watching.mirrors.take(&mut snapshot) {
            return None;
        }
        let deadline = Instant::now() + self.timeout;
        snapshot.version = if let Some(version) = watching.version.get() {
            *version
        } else {
            let version = self.version(deadline).await;
            *watching.version.get_or_init(|| version)
        };
        Some(self.complete(snapshot, deadline).await)
    }

    /// What a look still needs once all kinds are read.
    pub(super) async fn complete(&self, mut snapshot: Snapshot, deadline: Instant) -> Result<Snapshot> {
        self.judge(&mut snapshot)?;
        snapshot.sort();
        if needs_old_style(&snapshot) {
            let endpoints = self
                .list(Kind::new(CORE, "endpoints", true), plain, deadline)
                .await?;
            snapshot.add_old_style(endpoints.items);
        }
        Ok(snapshot)
    }
}

/// Lists a kind and follows its changes, for as long as the cluster is wanted.
async fn keep<K: Send + Sync + 'static>(
    cluster: Weak<Cluster>,
    mirror: Arc<Mirror<K>>,
    places: Vec<(Kind, Decode<K>)>,
    metadata: fn(&K) -> &ObjectMeta,
) {
    loop {
        let Some(live) = cluster.upgrade() else { return };
        let mut found = None;
        for (kind, decode) in &places {
            let listed = live.list(*kind, *decode, Instant::now() + live.timeout).await;
            match listed {
                Ok(listed) if listed.coverage == Coverage::Missing => {}
                other => {
                    found = Some((*kind, *decode, other));
                    break;
                }
            }
        }
        let client = live.client.clone();
        drop(live);
        match found {
            Some((kind, decode, Ok(listed))) if listed.coverage == Coverage::Complete => {
                mirror.fill(listed.items, metadata);
                mirror.set(State::Synced);
                let mut version = listed.version;
                while let Some(next) = watch(&client, kind, decode, metadata, &mirror, &version).await {
                    version = next;
                }
                mirror.set(State::Away);
            }
            Some(_) => {
                mirror.set(State::Away);
                sleep(PAUSE).await;
            }
            None => {
                mirror.set(State::Missing);
                sleep(PAUSE * 12).await;
            }
        }
    }
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(rename = "type")]
    what: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

#[derive(Deserialize)]
struct Versioned {
    metadata: Version,
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "resourceVersion")]
    version: String,
}

/// Follows changes until the server ends the watch: the version to go on from, or `None` to list again.
async fn watch<K>(
    client: &Client,
    kind: Kind,
    decode: Decode<K>,
    metadata: fn(&K) -> &ObjectMeta,
    mirror: &Mirror<K>,
    from: &str,
) -> Option<String> {
    let path = format!(
        "{}/{}?watch=true&allowWatchBookmarks=true&timeoutSeconds={}&resourceVersion={from}{}",
        kind.base,
        kind.plural,
        WATCH.as_secs(),
        kind.query
    );
    // A watch that is compressed event by event cannot be read as it comes.
    let request = Request::get(path)
        .header(http::header::ACCEPT_ENCODING, "identity")
        .body(Body::empty())
        .ok()?;
    let response = timeout(SILENCE, client.send(request)).await.ok()?.ok()?;
    if !response.status().is_success() {
        return None;
    }
    let mut body = response.into_body();
    let mut version = from.to_owned();
    let mut buffer: Vec<u8> = Vec::new();
    loop {
        let frame = match timeout(SILENCE, body.frame()).await.ok()? {
            Some(Ok(frame)) => frame,
            Some(Err(_)) => return None,
            None => return Some(version),
        };
        let Ok(data) = frame.into_data() else { continue };
        buffer.extend_from_slice(&data);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            let change: Change<'_> = serde_json::from_slice(&line).ok()?;
            if let Ok(versioned) = serde_json::from_str::<Versioned>(change.object.get()) {
                version = versioned.metadata.version;
            }
            match change.what {
                "ADDED" | "MODIFIED" => {
                    // One that cannot be read is left as it was, like in a list.
                    if let Ok(item) = decode(change.object.get()) {
                        mirror.put(item, metadata);
                    }
                }
                "DELETED" => {
                    if let Ok(item) = decode(change.object.get()) {
                        mirror.remove(&item, metadata);
                    }
                }
                "BOOKMARK" => {}
                _ => return None,
            }
        }
        if buffer.len() > MAX_LINE {
            return None;
        }
    }
}
