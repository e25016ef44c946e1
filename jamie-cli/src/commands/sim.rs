//! `jamie sim`: serves a scenario's cluster until Ctrl-C.

use std::path::Path;

use anyhow::{Context, Result};
use jamie::{Error, ErrorKind};
use jamie_sim::{Estate, Options, Scenario, server::Tls};

use crate::{
    args::{Global, Sim},
    exit::Exit,
};

/// Serves, or lists what can be served.
pub(crate) async fn run(sim: &Sim, global: &Global) -> Result<Exit> {
    if sim.list {
        for scenario in Scenario::library()? {
            println!(
                "{:<44} {:<14} {}",
                scenario.name, scenario.category, scenario.title
            );
        }
        return Ok(Exit::Ok);
    }
    let scenario = load(&sim.scenario)?;
    let title = scenario.title.clone();
    let mut options = Options::default().on_port(sim.port);
    if sim.tls {
        options = options.with_tls(Tls::Sound);
    }
    let estate = Estate::start(scenario, options)
        .await
        .context("the simulated estate did not start")?;
    println!("{title}\nserving on {}", estate.url());
    match &global.kubeconfig {
        Some(file) => {
            std::fs::write(file, estate.kubeconfig())
                .with_context(|| format!("cannot write the kubeconfig {}", file.display()))?;
            println!(
                "kubeconfig written; try: kubectl --kubeconfig {} get pods -A",
                file.display()
            );
        }
        None => println!("--kubeconfig FILE writes a kubeconfig for it"),
    }
    println!("Ctrl-C ends it");
    tokio::signal::ctrl_c().await?;
    estate.stop().await;
    Ok(Exit::Ok)
}

/// A built-in scenario by name, or one from a file.
fn load(name: &str) -> Result<Scenario, Error> {
    if name == "demo" {
        return Scenario::demo().map_err(|error| Error::new(ErrorKind::Internal, error.to_string()));
    }
    if Path::new(name).exists() {
        return Scenario::load(name).map_err(|error| {
            Error::new(ErrorKind::Config, error.to_string()).with_hint("see docs/scenarios.md for the format")
        });
    }
    Scenario::builtin(name).map_err(|error| {
        Error::new(ErrorKind::NotFound, error.to_string()).with_hint("`jamie sim --list` shows what there is")
    })
}
