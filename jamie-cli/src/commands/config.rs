//! `jamie config`: shows every setting with its origin, or writes the commented file.

use std::io::Write;

use anyhow::Result;
use jamie::{Block, Config, Error, ErrorKind, config::Environment};

use crate::{
    args::{ConfigAction, Global, Output},
    exit::Exit,
    setup,
    terminal::{Terminal, render},
};

/// Runs `jamie config show` or `init`.
pub(crate) fn run(
    action: &ConfigAction,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    match action {
        ConfigAction::Show => show(global, environment, terminal)?,
        ConfigAction::Init { force } => init(*force, global, environment)?,
    }
    Ok(Exit::Ok)
}

fn show(global: &Global, environment: &Environment, terminal: &Terminal) -> Result<()> {
    let layers = setup::layers(global, environment)?;
    let mut stdout = std::io::stdout().lock();
    if global.output == Output::Json {
        let settings: Vec<_> = layers
            .settings()
            .map(|s| serde_json::json!({"key": s.key, "value": s.value, "origin": s.origin.to_string()}))
            .collect();
        writeln!(stdout, "{}", serde_json::to_string_pretty(&settings)?)?;
        return Ok(());
    }
    let rows = layers
        .settings()
        .map(|s| vec![s.key, s.value.to_string(), s.origin.to_string()])
        .collect();
    let table = Block::Table {
        headers: ["setting", "value", "from"].map(String::from).to_vec(),
        rows,
    };
    write!(stdout, "{}", render([&table], terminal))?;
    for variable in layers.ignored() {
        writeln!(stdout, "\n{variable} names no setting and is ignored.")?;
    }
    Ok(())
}

fn init(force: bool, global: &Global, environment: &Environment) -> Result<()> {
    let Some(file) = setup::config_file(global, environment) else {
        return Err(
            Error::new(ErrorKind::Config, "there is no home directory to write to")
                .with_hint("name a file with --config")
                .into(),
        );
    };
    let shown = file.display();
    if file.exists() && !force {
        return Err(Error::new(ErrorKind::Config, format!("{shown} is there already"))
            .with_hint("--force writes over it")
            .into());
    }
    let write = || -> std::io::Result<()> {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, Config::template())
    };
    write().map_err(|error| Error::new(ErrorKind::Config, format!("cannot write {shown}: {error}")))?;
    println!("Wrote {shown}");
    Ok(())
}
