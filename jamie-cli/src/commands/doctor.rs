//! `jamie doctor`: every integration: reachable, which version, what is not allowed, what to do.

use std::io::Write;

use anyhow::Result;
use jamie::{
    Block,
    config::Environment,
    doctor::{self, Health},
};

use crate::{
    args::{Global, Output},
    exit::Exit,
    setup,
    terminal::{Terminal, render},
};

/// Checks everything and prints what it found.
pub(crate) async fn run(global: &Global, environment: &Environment, terminal: &Terminal) -> Result<Exit> {
    let config = setup::layers(global, environment)?.config()?;
    let checkups = doctor::examine(&config, environment).await;
    let mut stdout = std::io::stdout().lock();
    if global.output == Output::Json {
        writeln!(stdout, "{}", serde_json::to_string_pretty(&checkups)?)?;
    } else {
        let mut blocks = Vec::new();
        for checkup in &checkups {
            let mark = match checkup.health {
                Health::Well => "✓",
                Health::Limited => "!",
                Health::Unwell => "✗",
            };
            blocks.push(Block::para(format!(
                "{mark} **{}**: {}",
                checkup.name, checkup.summary
            )));
            if !checkup.advice.is_empty() {
                blocks.push(Block::List {
                    items: checkup.advice.clone(),
                });
            }
        }
        write!(stdout, "{}", render(&blocks, terminal))?;
    }
    let unwell = checkups.iter().find_map(|checkup| checkup.error);
    Ok(unwell.map_or(Exit::Ok, Exit::from))
}
