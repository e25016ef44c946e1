//! The `jamie` command: arguments in, answers on standard output, errors with a hint on standard error.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod commands;
mod conversation;
mod exit;
mod setup;
mod terminal;

use std::process::ExitCode;

use clap::Parser;
use jamie::config::Environment;

use self::{args::Cli, exit::Exit, terminal::Terminal};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let environment = Environment::of_process();
    let terminal = Terminal::detect(cli.global.color, &environment);
    log_to_stderr(cli.global.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("jamie: cannot start: {error}");
            return Exit::Internal.into();
        }
    };
    let result = runtime.block_on(commands::run(cli, &environment, &terminal));
    // A reader that went away, or a call still on its way, must not hold the process.
    runtime.shutdown_background();
    match result {
        Ok(exit) => exit.into(),
        Err(error) => exit::report(&error, &terminal).into(),
    }
}

/// Traces go to standard error, so that standard output is the answer and nothing else.
fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => "info",
        _ => "debug",
    };
    let filter = format!("warn,jamie={level},jamie_core={level},jamie_tools={level},jamie_sim={level}");
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .init();
}
