//! Settings in, an assembled Jamie out.

use std::{path::Path, sync::Arc, time::Duration};

use jamie_core::{
    Error, ErrorKind, Jamie, Result, Toolbox,
    persona::{Persona, Plain},
};
use jamie_tools::cluster::{Cluster, ClusterOptions};
use jiff::tz::TimeZone;

use crate::config::{Config, Environment};

/// What an embedder puts beside, or in place of, what comes with Jamie.
#[derive(Debug, Default)]
pub struct Own {
    /// More tools; one that has the name of a built-in one replaces it.
    pub tools: Toolbox,
    /// Another voice.
    pub persona: Option<Arc<dyn Persona>>,
    /// Another memory than the one that ends with the process.
    pub memory: Option<Arc<dyn MemoryStore>>,
}

/// Jamie with every built-in tool, on the cluster that the settings name.
///
/// Nothing is sent to the cluster yet: a server that is not there shows with the first question.
pub async fn assemble(config: &Config, environment: &Environment) -> Result<Jamie> {
    assemble_with(config, environment, Own::default()).await
}

/// The same with parts of your own.
pub async fn assemble_with(config: &Config, environment: &Environment, own: Own) -> Result<Jamie> {
    let cluster = Arc::new(connect(config, environment).await?);
    let mut tools = jamie_tools::toolbox(Arc::clone(&cluster));
    for tool in own.tools.iter() {
        tools.add(Arc::clone(tool));
    }
    let mut builder = Jamie::builder()
        .tools(tools)
        .directory(cluster)
        .persona(own.persona.map_or_else(|| persona(config), Ok)?)
        .clock(Arc::new(LocalClock { zone: zone(config)? }))
        .limits(limits(config));
    if let Some(memory) = own.memory {
        builder = builder.memory(memory);
    }
    builder.build()
}

/// The connection that the settings name; only files are read.
pub(crate) async fn connect(config: &Config, environment: &Environment) -> Result<Cluster> {
    let text = |value: &str| Some(value.to_owned()).filter(|value| !value.is_empty());
    Cluster::connect(ClusterOptions {
        kubeconfig: text(&config.kubernetes.kubeconfig).map(Into::into),
        context: text(&config.kubernetes.context),
        timeout: Duration::from_secs(config.kubernetes.timeout_seconds.max(1)),
        namespaces: text(&config.kubernetes.namespace).into_iter().collect(),
        ..ClusterOptions::default()
    })
    .await
}
