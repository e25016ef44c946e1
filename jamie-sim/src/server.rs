//! The Kubernetes API server: HTTP requests come in, answers from the [`Store`](crate::Store)
//! go out, in the wire format of the real one.

pub(crate) mod admission;
mod auth;
mod catalog;
mod connection;
mod convert;
mod delete;
mod discovery;
mod duplicates;
mod faults;
mod fields;
mod finish;
mod kubeconfig;
mod logs;
mod metrics;
mod openapi;
mod patch;
mod protobuf;
mod rbac;
mod read;
mod render;
mod request;
pub(crate) mod resources;
mod respond;
mod reviews;
mod router;
mod selector;
mod subresources;
mod table;
mod tls;
mod validate;
mod watch;
mod write;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use auth::User;
pub use faults::{Fault, FaultKind, Faults};
pub(crate) use rbac::may;
pub use resources::{Column, ResourceType};
pub use tls::Tls;

use crate::kubelet::Kubelet;
use crate::scenario::Refusal;
use crate::store::Store;

/// How a server is set up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerOptions {
    /// The version it reports, such as `1.32`.
    pub version: String,
    /// What it lacks: groups, resources, `group/version`s, or `metrics`.
    pub without: Vec<String>,
    /// What validating webhooks refuse.
    pub refusals: Vec<Refusal>,
    /// The user that the kubeconfig connects as.
    pub user: User,
    /// Encryption, and what is wrong with it; none for plain HTTP, over which kubectl sends no
    /// token, so that a request without one counts as the kubeconfig's user.
    pub tls: Option<Tls>,
    /// The port on loopback; 0 for any free one.
    pub port: u16,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            version: "1.32".to_owned(),
            without: Vec::new(),
            refusals: Vec::new(),
            user: User::admin(),
            tls: None,
            port: 0,
        }
    }
}

/// A running API server.
#[derive(Debug)]
pub struct ApiServer {
    address: SocketAddr,
    options: ServerOptions,
    certificates: Option<tls::Certificates>,
    faults: Faults,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// The token of the user that the kubeconfig connects as.
const USER_TOKEN: &str = "jamie-sim-user";
/// The administrator's token.
const ADMIN_TOKEN: &str = "jamie-sim-admin";

impl ApiServer {
    /// Starts a server on loopback for what the store holds and the kubelet says.
    pub async fn start(store: Store, kubelet: Arc<dyn Kubelet>, options: ServerOptions) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let certificates = options.tls.map(tls::Certificates::issue).transpose()?;
        let acceptor = certificates
            .as_ref()
            .map(tls::Certificates::acceptor)
            .transpose()?;
        let known = BTreeMap::from([
            (USER_TOKEN.to_owned(), options.user.clone()),
            (ADMIN_TOKEN.to_owned(), User::admin()),
        ]);
        let nobody = options.tls.is_none().then(|| options.user.clone());
        let stop = CancellationToken::new();
        let faults = Faults::default();
        let router = router::Router {
            store,
            kubelet,
            catalog: catalog::Catalog::new(&options.version, &options.without),
            tokens: auth::Tokens::new(known, nobody),
            faults: faults.clone(),
            refusals: options.refusals.clone().into(),
            stop: stop.clone(),
        };
        let task = tokio::spawn(connection::serve(
            listener,
            acceptor,
            Arc::new(router),
            stop.clone(),
        ));
        Ok(Self {
            address,
            options,
            certificates,
            faults,
            stop,
            task,
        })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        let scheme = if self.certificates.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// A kubeconfig with one context of the given name.
    pub fn kubeconfig(&self, context: &str) -> String {
        self.kubeconfig_with(context, USER_TOKEN)
    }

    /// The same for the administrator, whoever the usual user is.
    pub fn admin_kubeconfig(&self, context: &str) -> String {
        self.kubeconfig_with(context, ADMIN_TOKEN)
    }

    fn kubeconfig_with(&self, context: &str, token: &str) -> String {
        let authority = self.certificates.as_ref().map(tls::Certificates::authority);
        kubeconfig::write(context, &self.url(), authority, &self.options.user.name, token)
    }

    /// The switches of its faults.
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// Stops it: watches end, open connections are closed.
    pub async fn stop(self) {
        self.stop.cancel();
        // The task ends by itself; an error would mean that it has ended already.
        let _ = self.task.await;
    }
}
