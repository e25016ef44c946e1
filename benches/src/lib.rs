//! Generated clusters served on loopback, for the benches to look at.

use std::path::PathBuf;

use jamie_core::Result;
use jamie_sim::{Estate, Options, generate};
use jamie_tools::cluster::{Cluster, ClusterOptions};

/// The same cluster every time.
const SEED: u64 = 7;

/// A served cluster and a connection to it.
#[derive(Debug)]
pub struct Served {
    /// The connection.
    pub cluster: Cluster,
    /// The kubeconfig that leads there.
    pub kubeconfig: PathBuf,
    folder: tempfile::TempDir,
    estate: Estate,
}

impl Served {
    /// A generated cluster of about `pods` pods that stands still.
    pub async fn of(pods: usize) -> Result<Self, Box<dyn std::error::Error>> {
        let estate = Estate::start(
            generate::cluster(pods, SEED),
            Options::default().without_controllers(),
        )
        .await?;
        let folder = tempfile::tempdir()?;
        let kubeconfig = folder.path().join("kubeconfig");
        std::fs::write(&kubeconfig, estate.kubeconfig())?;
        let options = ClusterOptions {
            kubeconfig: Some(kubeconfig.clone()),
            ..ClusterOptions::default()
        };
        let cluster = Cluster::connect(options).await?;
        Ok(Self {
            cluster,
            kubeconfig,
            folder,
            estate,
        })
    }

    /// Takes it down.
    pub async fn end(self) {
        self.estate.stop().await;
        drop(self.folder);
    }
}
