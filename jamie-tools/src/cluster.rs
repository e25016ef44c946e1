//! The connection to one API server: a kubeconfig or a pod's own account in, snapshots, logs and objects out.

mod access;
mod autoscalers;
mod cache;
mod errors;
mod fetch;
mod identity;
mod kinds;
mod listing;
mod logs;
mod metrics;
mod mirror;
mod names;
mod request;
mod write;

use std::{collections::BTreeSet, fmt, path::PathBuf, sync::Mutex, time::Duration};

use jamie_core::Result;
use jiff::Timestamp;

pub(crate) use self::write::{Denial, Wire};
pub use self::{
    cache::Freshness,
    errors::explain,
    identity::{Identity, Impersonation},
    logs::{LogQuery, LogText},
};

/// Where to connect to, and how patiently.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// The kubeconfig file; `None` means the usual places (`KUBECONFIG`, `~/.kube/config`), then a pod's account.
    pub kubeconfig: Option<PathBuf>,
    /// The context in it; `None` means its current one.
    pub context: Option<String>,
    /// Only the pod's own account.
    pub in_cluster: bool,
    /// How long one look at the cluster may take.
    pub timeout: Duration,
    /// Namespaces to fall back to where the whole cluster may not be looked at.
    pub namespaces: Vec<String>,
    /// Whether, and as whom, calls run that a person asked for.
    pub impersonate: Impersonation,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            kubeconfig: None,
            context: None,
            in_cluster: false,
            timeout: Duration::from_secs(10),
            namespaces: Vec::new(),
            impersonate: Impersonation::Off,
        }
    }
}

/// One API server, ready to be asked.
///
/// Connecting only reads files: the first request shows whether the server is there.
pub struct Cluster {
    client: kube::Client,
    context: String,
    server: String,
    default_namespace: String,
    timeout: Duration,
    /// When the client certificate of the kubeconfig ends: explains a 401.
    certificate_ends: Option<Timestamp>,
    namespaces: Mutex<BTreeSet<String>>,
    /// Until then the server counts as failing, and requests are tried once only.
    failing_until: Mutex<Option<tokio::time::Instant>>,
    cache: cache::Cache,
    watching: std::sync::OnceLock<mirror::Watching>,
    names: names::NamesCache,
    config: kube::Config,
    identities: identity::Identities,
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("context", &self.context)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl Cluster {
    /// Reads the kubeconfig (or the pod's account) and prepares a client; nothing is sent yet.
    pub async fn connect(options: ClusterOptions) -> Result<Self> {
        let access = access::find(&options).await?;
        let mut namespaces: BTreeSet<String> = options.namespaces.into_iter().collect();
        namespaces.insert(access.default_namespace.clone());
        Ok(Self {
            client: access.client,
            context: access.context,
            server: access.server,
            default_namespace: access.default_namespace,
            timeout: options.timeout,
            certificate_ends: access.certificate_ends,
            namespaces: Mutex::new(namespaces),
            failing_until: Mutex::new(None),
            cache: cache::Cache::default(),
            watching: std::sync::OnceLock::new(),
            names: names::NamesCache::default(),
            config: access.config,
            identities: identity::Identities::new(options.impersonate),
        })
    }

    /// The client itself, for kinds that a snapshot does not hold. It does not retry by itself.
    pub fn client(&self) -> &kube::Client {
        &self.client
    }

    /// The context's name, `in-cluster` for a pod's own account.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The namespace of the context.
    pub fn default_namespace(&self) -> &str {
        &self.default_namespace
    }

    /// How long one look at the cluster may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Says that a namespace matters: it is looked at by itself where the whole cluster may not be.
    pub fn include_namespace(&self, namespace: &str) {
        self.newly_include(namespace);
    }

    /// The same; says whether it was not included before.
    fn newly_include(&self, namespace: &str) -> bool {
        self.namespaces
            .lock()
            .is_ok_and(|mut namespaces| namespaces.len() < 64 && namespaces.insert(namespace.to_owned()))
    }

    /// Forgets a namespace that turned out not to be there, or not to be readable.
    fn leave_out_namespace(&self, namespace: &str) {
        if let Ok(mut namespaces) = self.namespaces.lock() {
            namespaces.remove(namespace);
        }
    }

    fn namespaces_in_play(&self) -> Vec<String> {
        self.namespaces
            .lock()
            .map(|namespaces| namespaces.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// Turns an error of the client library into a sentence with a hint.
    pub fn explain(&self, error: kube::Error) -> jamie_core::Error {
        errors::explain(error, &self.server, self.certificate_ends)
    }
}
