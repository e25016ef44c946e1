//! A parsed command in, its work done, the exit code out: one file per command.

mod actions;
mod ask;
mod chat;
mod config;
mod demo;
mod doctor;
mod eval;
mod gaps;
mod knowledge;
mod lookup;
mod memory;
mod models;
mod sim;

use std::io::Write;

use anyhow::Result;
use clap::CommandFactory;
use jamie::config::Environment;

use crate::{
    args::{Cli, Command},
    exit::Exit,
    terminal::Terminal,
};

/// Runs one command.
pub(crate) async fn run(cli: Cli, environment: &Environment, terminal: &Terminal) -> Result<Exit> {
    let global = cli.global;
    match cli.command {
        Command::Ask(ask) => ask::run(&ask, &global, environment, terminal).await,
        Command::Chat => chat::run(&global, environment, terminal).await,
        Command::Demo(question) => demo::run(&question, &global, environment, terminal).await,
        Command::Actions { action } => actions::run(action, &global, environment, terminal).await,
        Command::Memory { action } => memory::run(action, &global, environment, terminal).await,
        Command::Knowledge { action } => knowledge::run(action, &global, environment, terminal).await,
        Command::Gaps { action } => gaps::run(action, &global, environment, terminal).await,
        Command::Feedback(args) => gaps::rate(&args, &global, environment, terminal).await,
        Command::Doctor => doctor::run(&global, environment, terminal).await,
        Command::Models => models::run(&global, environment, terminal).await,
        Command::Config { action } => config::run(&action, &global, environment, terminal),
        Command::Eval(eval) => eval::run(&eval, &global, terminal).await,
        Command::Sim(sim) => sim::run(&sim, &global).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "jamie", &mut script);
            std::io::stdout().write_all(&script)?;
            Ok(Exit::Ok)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            std::io::stdout().write_all(&page)?;
            Ok(Exit::Ok)
        }
        command => lookup::run(command, &global, environment, terminal).await,
    }
}
