//! One look at the cluster: all kinds listed side by side, trimmed while they are read.

use std::sync::Arc;

use futures::FutureExt;
use jamie_core::{Error, ErrorKind, Result};
use jiff::Timestamp;
use k8s_openapi::{
    ByteString, Metadata,
    api::core::v1::{ConfigMap, Endpoints, Event, Node},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use serde::de::DeserializeOwned;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

use super::{Cluster, listing::Kind};
use crate::snapshot::{Coverage, SecretKeys, Snapshot, cut, needs_old_style, trim};

/// Lists in flight at once.
const AT_ONCE: usize = 12;

/// Of a ConfigMap's value so much is kept: enough for the host names and keys that matter.
const MAX_VALUE: usize = 8 * 1024;

/// Of an event's message.
const MAX_MESSAGE: usize = 2 * 1024;

const CORE: &str = "/api/v1";
const APPS: &str = "/apis/apps/v1";
const BATCH: &str = "/apis/batch/v1";
const NETWORKING: &str = "/apis/networking.k8s.io/v1";
const STORAGE: &str = "/apis/storage.k8s.io/v1";
const ADMISSION: &str = "/apis/admissionregistration.k8s.io/v1";

fn plain<K: DeserializeOwned + Metadata<Ty = ObjectMeta>>(item: &str) -> Result<K, serde_json::Error> {
    let mut object: K = serde_json::from_str(item)?;
    trim(object.metadata_mut());
    Ok(object)
}

fn event(item: &str) -> Result<Event, serde_json::Error> {
    let mut event: Event = plain(item)?;
    event.metadata.managed_fields = None;
    if let Some(message) = &mut event.message {
        cut(message, MAX_MESSAGE);
    }
    Ok(event)
}

fn node(item: &str) -> Result<Node, serde_json::Error> {
    let mut node: Node = plain(item)?;
    if let Some(status) = &mut node.status {
        status.images = None;
    }
    Ok(node)
}

fn config_map(item: &str) -> Result<ConfigMap, serde_json::Error> {
    let mut map: ConfigMap = plain(item)?;
    for value in map.data.iter_mut().flat_map(|data| data.values_mut()) {
        cut(value, MAX_VALUE);
        value.shrink_to_fit();
    }
    for value in map.binary_data.iter_mut().flat_map(|data| data.values_mut()) {
        *value = ByteString::default();
    }
    Ok(map)
}

fn secret(item: &str) -> Result<SecretKeys, serde_json::Error> {
    let mut secret: SecretKeys = serde_json::from_str(item)?;
    trim(&mut secret.metadata);
    Ok(secret)
}

async fn turn(turns: &Semaphore) -> Option<SemaphorePermit<'_>> {
    turns.acquire().await.ok()
}

/// Secrets that Helm keeps its releases in are large, and nobody mounts them.
const SECRETS: Kind = Kind {
    query: "&fieldSelector=type%21%3Dhelm.sh%2Frelease.v1",
    ..Kind::new(CORE, "secrets", true)
};

impl Cluster {
    /// Looks at everything once.
    pub(super) async fn fetch(&self) -> Result<Snapshot> {
        let deadline = Instant::now() + self.timeout;
        let turns = Semaphore::new(AT_ONCE);
        let mut snapshot = Snapshot {
            cluster: self.context.clone(),
            taken_at: Timestamp::now(),
            ..Snapshot::default()
        };
        macro_rules! lists {
            ($( $field:ident: $decode:expr, $name:literal, $base:expr, $plural:literal, $namespaced:literal; )*) => {
                let (version, secrets, autoscalers, $($field),*) = futures::try_join!(
                    async { Ok::<_, Error>(self.version(deadline).await) }.boxed(),
                    async { let _turn = turn(&turns).await; self.list(SECRETS, secret, deadline).await }.boxed(),
                    async { let _turn = turn(&turns).await; self.list_autoscalers(deadline).await }.boxed(),
                    $( async {
                        let _turn = turn(&turns).await;
                        self.list(Kind::new($base, $plural, $namespaced), $decode, deadline).await
                    }.boxed() ),*
                )?;
                snapshot.version = version;
                macro_rules! keep {
                    ($kind:literal, $into:ident, $listed:expr) => {
                        let listed = $listed;
                        snapshot.$into = listed.items.into_iter().map(Arc::new).collect();
                        snapshot.coverage.insert($kind, listed.coverage);
                        snapshot.notes.extend(listed.notes);
                    };
                }
                keep!("Secret", secrets, secrets);
                keep!("HorizontalPodAutoscaler", autoscalers, autoscalers);
                $( keep!($name, $field, $field); )*
            };
        }
        lists! {
            pods: plain, "Pod", CORE, "pods", true;
            events: event, "Event", CORE, "events", true;
            replica_sets: plain, "ReplicaSet", APPS, "replicasets", true;
            config_maps: config_map, "ConfigMap", CORE, "configmaps", true;
            deployments: plain, "Deployment", APPS, "deployments", true;
            services: plain, "Service", CORE, "services", true;
            endpoint_slices: plain, "EndpointSlice", "/apis/discovery.k8s.io/v1", "endpointslices", true;
            nodes: node, "Node", CORE, "nodes", false;
            namespaces: plain, "Namespace", CORE, "namespaces", false;
            stateful_sets: plain, "StatefulSet", APPS, "statefulsets", true;
            daemon_sets: plain, "DaemonSet", APPS, "daemonsets", true;
            jobs: plain, "Job", BATCH, "jobs", true;
            cron_jobs: plain, "CronJob", BATCH, "cronjobs", true;
            ingresses: plain, "Ingress", NETWORKING, "ingresses", true;
            ingress_classes: plain, "IngressClass", NETWORKING, "ingressclasses", false;
            network_policies: plain, "NetworkPolicy", NETWORKING, "networkpolicies", true;
            service_accounts: plain, "ServiceAccount", CORE, "serviceaccounts", true;
            claims: plain, "PersistentVolumeClaim", CORE, "persistentvolumeclaims", true;
            volumes: plain, "PersistentVolume", CORE, "persistentvolumes", false;
            storage_classes: plain, "StorageClass", STORAGE, "storageclasses", false;
            volume_attachments: plain, "VolumeAttachment", STORAGE, "volumeattachments", false;
            quotas: plain, "ResourceQuota", CORE, "resourcequotas", true;
            limit_ranges: plain, "LimitRange", CORE, "limitranges", true;
            disruption_budgets: plain, "PodDisruptionBudget", "/apis/policy/v1", "poddisruptionbudgets", true;
            priority_classes: plain, "PriorityClass", "/apis/scheduling.k8s.io/v1", "priorityclasses", false;
            validating_webhooks: plain, "ValidatingWebhookConfiguration", ADMISSION, "validatingwebhookconfigurations",
                false;
            mutating_webhooks: plain, "MutatingWebhookConfiguration", ADMISSION, "mutatingwebhookconfigurations", false;
            api_services: plain, "APIService", "/apis/apiregistration.k8s.io/v1", "apiservices", false;
        }
        self.judge(&mut snapshot)?;
        snapshot.sort();
        if needs_old_style(&snapshot) {
            let endpoints = self
                .list(Kind::new(CORE, "endpoints", true), plain::<Endpoints>, deadline)
                .await?;
            snapshot.add_old_style(endpoints.items);
        }
        Ok(snapshot)
    }

    /// Refuses a look that saw nothing, and says what a partial one missed.
    fn judge(&self, snapshot: &mut Snapshot) -> Result<()> {
        let seen = |coverage: &Coverage| matches!(coverage, Coverage::Complete | Coverage::Namespaces(_));
        let failed = snapshot.coverage.values().find_map(|coverage| match coverage {
            Coverage::Failed(why) => Some(why.clone()),
            _ => None,
        });
        if !snapshot.coverage.values().any(seen) {
            return Err(match failed {
                Some(why) if why.contains("did not answer within") => Error::new(ErrorKind::Timeout, why)
                    .with_hint(
                        "check the network or the API server's load, or allow more time with --timeout",
                    ),
                Some(why) if why.contains("(429)") => {
                    Error::new(ErrorKind::RateLimited, why).with_hint("wait a moment and ask again")
                }
                Some(why) => Error::new(ErrorKind::Unavailable, why)
                    .with_hint("check the control plane; asking again may help"),
                None if snapshot
                    .coverage
                    .values()
                    .any(|coverage| *coverage == Coverage::Forbidden) =>
                {
                    Error::new(
                        ErrorKind::Forbidden,
                        format!(
                            "{} knows me but allows me nothing: not one kind may be listed, not even in `{}`",
                            self.server,
                            self.namespaces_in_play().join("`, `")
                        ),
                    )
                    .with_hint("bind me to the `view` ClusterRole; `jamie doctor` lists what I need")
                }
                None => Error::new(
                    ErrorKind::Unsupported,
                    format!(
                        "{} does not look like a Kubernetes API server: it knows none of its kinds",
                        self.server
                    ),
                )
                .with_hint("check the `server:` address in the kubeconfig"),
            });
        }
        let kinds = |wanted: fn(&Coverage) -> bool| {
            let found: Vec<&str> = snapshot
                .coverage
                .iter()
                .filter(|(_, coverage)| wanted(coverage))
                .map(|(kind, _)| *kind)
                .collect();
            found
        };
        let mut notes = Vec::new();
        let forbidden = kinds(|coverage| *coverage == Coverage::Forbidden);
        if !forbidden.is_empty() {
            notes.push(format!(
                "I am not allowed to look at: {}",
                crate::wording::list(&forbidden, 12)
            ));
        }
        let partly = snapshot.coverage.values().find_map(|coverage| match coverage {
            Coverage::Namespaces(namespaces) => Some(namespaces),
            _ => None,
        });
        if let Some(namespaces) = partly {
            notes.push(format!(
                "I may only look at the namespace{} {}",
                if namespaces.len() == 1 { "" } else { "s" },
                crate::wording::code_list(namespaces, 8)
            ));
        }
        let broken = kinds(|coverage| matches!(coverage, Coverage::Failed(_)));
        if let Some(why) = failed {
            notes.push(format!(
                "could not read {}: {why}",
                crate::wording::list(&broken, 12)
            ));
        }
        let missing = kinds(|coverage| *coverage == Coverage::Missing);
        if !missing.is_empty() {
            notes.push(format!(
                "this server has no {}",
                crate::wording::list(&missing, 12)
            ));
        }
        snapshot.notes.extend(notes);
        Ok(())
    }

    async fn version(&self, deadline: Instant) -> Option<(u32, u32)> {
        #[derive(serde::Deserialize)]
        struct Version {
            major: String,
            minor: String,
        }
        let bytes = self.get("/version", 64 * 1024, deadline).await.ok()?;
        let version: Version = serde_json::from_slice(&bytes).ok()?;
        // Providers write "32+".
        let number = |text: &str| {
            text.chars()
                .take_while(char::is_ascii_digit)
                .collect::<String>()
                .parse()
                .ok()
        };
        Some((number(&version.major)?, number(&version.minor)?))
    }
}
