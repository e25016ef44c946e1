//! A scenario in, a running cluster out: its past made up, its API server listening, its controllers at work.

mod base;
mod capture;
mod live;
mod merge;
mod past;
mod verdict;

use std::{io, sync::Arc};

use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    controllers::World,
    kubelet::Kubelets,
    scenario::Scenario,
    server::{ApiServer, Fault, Faults, ServerOptions, Tls, User},
    store::Store,
};

pub use capture::Capture;

/// How an estate is set up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Encryption; none for plain HTTP.
    pub tls: Option<Tls>,
    /// The port on loopback; 0 for any free one.
    pub port: u16,
    /// Whether the controllers and kubelets go on working once the past is made up.
    pub controllers: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tls: None,
            port: 0,
            controllers: true,
        }
    }
}

impl Options {
    /// The same with encryption.
    #[must_use]
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// The same on a given port.
    #[must_use]
    pub fn on_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The same with nothing moving by itself.
    #[must_use]
    pub fn without_controllers(mut self) -> Self {
        self.controllers = false;
        self
    }
}

/// Why an estate could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EstateError {
    /// The API server could not listen, or not issue its certificate.
    #[error("the API server could not start: {0}")]
    Server(#[from] io::Error),
    /// The scenario asks for something that makes no sense.
    #[error("{0}")]
    Scenario(String),
}

/// A simulated cluster that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Estate {
    name: String,
    store: Store,
    server: ApiServer,
    /// Ends the controllers even when the estate is dropped rather than stopped.
    stop: DropGuard,
    driver: Option<JoinHandle<()>>,
}

impl Estate {
    /// Starts the cluster that a scenario describes.
    pub async fn start(scenario: Scenario, options: Options) -> Result<Self, EstateError> {
        // Clients in this process need one provider; where several are compiled in, none is chosen by itself.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let epoch = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or(Timestamp::UNIX_EPOCH);
        let store = Store::new();
        let scenario = Arc::new(scenario);
        let kubelets = Arc::new(Kubelets::new(store.clone(), Arc::clone(&scenario), epoch));
        let mut world = World::new(store.clone(), Arc::clone(&scenario), Arc::clone(&kubelets), epoch);
        past::play(&mut world, epoch).map_err(EstateError::Scenario)?;

        let mut server_options = ServerOptions::default();
        server_options.version.clone_from(&scenario.server.version);
        server_options.without.clone_from(&scenario.server.without);
        server_options.refusals.clone_from(&scenario.refusals);
        server_options.tls = options.tls;
        server_options.port = options.port;
        if let Some(access) = &scenario.rbac {
            server_options.user = User::named(&access.user);
        }
        let faults = scenario
            .faults
            .iter()
            .map(Fault::from_value)
            .collect::<Result<Vec<_>, _>>();
        let faults = faults.map_err(|error| EstateError::Scenario(format!("{}: {error}", scenario.name)))?;
        let server = ApiServer::start(store.clone(), kubelets, server_options).await?;
        for fault in faults {
            server.faults().add(fault);
        }
        let stop = CancellationToken::new();
        let driver = options
            .controllers
            .then(|| tokio::spawn(live::drive(world, stop.clone())));
        Ok(Self {
            name: scenario.name.clone(),
            store,
            server,
            stop: stop.drop_guard(),
            driver,
        })
    }

    /// Where its API server listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// A kubeconfig whose only context is named after the scenario.
    pub fn kubeconfig(&self) -> String {
        self.server.kubeconfig(&self.name)
    }

    /// The same for the administrator, where the scenario limits its user.
    pub fn admin_kubeconfig(&self) -> String {
        self.server.admin_kubeconfig(&self.name)
    }

    /// Everything in the cluster.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The switches of its faults.
    pub fn faults(&self) -> Faults {
        self.server.faults()
    }

    /// Stops it: connections are closed, nothing goes on in the background.
    pub async fn stop(mut self) {
        self.stop.disarm().cancel();
        if let Some(driver) = self.driver.take() {
            // The task ends by itself; an error would mean that it has ended already.
            let _ = driver.await;
        }
        self.server.stop().await;
    }
}
