//! `jamie memory`: how much is remembered, all about a person, and its erasure.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::Result;
use jamie::{
    Block, Error, ErrorKind,
    config::Environment,
    core::memory::{Kind, erase, export},
    memory,
};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    args::{Global, MemoryAction, Output},
    exit::Exit,
    setup,
    terminal::{Terminal, render},
};

/// Shows, exports or erases.
pub(crate) async fn run(
    action: Option<MemoryAction>,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let config = setup::layers(global, environment)?.config()?;
    let Some(memory) = memory::open(&config, environment).await? else {
        return Err(Error::new(
            ErrorKind::Config,
            "nothing is kept: memory.store is \"process\", or there is no home directory",
        )
        .with_hint("set memory.store to \"disk\" or \"postgres\", or memory.folder to a folder")
        .into());
    };
    let you = || setup::person(&config, environment).id;
    let exit = match action.unwrap_or(MemoryAction::Status) {
        MemoryAction::Status => status(&memory.status().await?, global, terminal)?,
        MemoryAction::Rebuild => {
            let rows = memory.rebuild().await?;
            writeln!(
                std::io::stdout().lock(),
                "The search index is built anew, with {}.",
                counted(rows as u64, "memory", "memories")
            )?;
            Exit::Ok
        }
        MemoryAction::Export { person } => {
            let export = export(&memory, &person.unwrap_or_else(you), Timestamp::now()).await?;
            writeln!(
                std::io::stdout().lock(),
                "{}",
                serde_json::to_string_pretty(&export)?
            )?;
            Exit::Ok
        }
        MemoryAction::Forget { person, yes } => {
            let person = person.unwrap_or_else(you);
            if yes || agreed(&person)? {
                let erased = erase(&memory, &person).await?;
                let told = format!(
                    "Erased {} about {person}; {} that belong to everybody no longer name them. Backups made before \
                     now still hold them until they are replaced.",
                    counted(erased.erased, "memory", "memories"),
                    counted(erased.unnamed, "memory", "memories"),
                );
                let mut stdout = std::io::stdout().lock();
                if global.output == Output::Json {
                    writeln!(stdout, "{}", json!({"person": person, "erased": erased}))?;
                } else {
                    write!(stdout, "{}", render([&Block::para(told)], terminal))?;
                }
                Exit::Ok
            } else {
                writeln!(std::io::stdout().lock(), "Nothing was erased.")?;
                Exit::Unwell
            }
        }
    };
    memory.close().await;
    Ok(exit)
}

fn status(status: &jamie::memory::Status, global: &Global, terminal: &Terminal) -> Result<Exit> {
    let mut stdout = std::io::stdout().lock();
    if global.output == Output::Json {
        writeln!(stdout, "{}", serde_json::to_string_pretty(status)?)?;
        return Ok(Exit::Ok);
    }
    let rows: Vec<Vec<String>> = Kind::ALL
        .into_iter()
        .filter_map(|kind| {
            let count = status.records.get(kind.name())?;
            Some(vec![kind.name().replace('_', " "), count.to_string()])
        })
        .collect();
    let place = Block::para(format!("I keep my notes {}.", status.place));
    let mut blocks = vec![place];
    if rows.is_empty() {
        blocks.push(Block::para("There are none yet."));
    } else {
        let headers = ["kind", "how many"].map(String::from).to_vec();
        blocks.push(Block::Table { headers, rows });
    }
    blocks.extend(index(status).map(Block::para));
    write!(stdout, "{}", render(&blocks, terminal))?;
    Ok(Exit::Ok)
}

/// A sentence about the index, where there is one.
fn index(status: &jamie::memory::Status) -> Option<String> {
    if let Some(error) = &status.index_error {
        return Some(format!("Searching takes the records alone, because {error}."));
    }
    let index = status.index.as_ref()?;
    Some(format!(
        "The search index in {} has {} of them, {} to come; {}, {}, vectors by {}.",
        index.place,
        index.rows,
        index.behind,
        counted(index.fragments, "file", "files"),
        counted(index.versions, "version", "versions"),
        index.embedder,
    ))
}

/// Asks whoever sits there; in a pipe nobody does.
fn agreed(person: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(
            Error::new(ErrorKind::InvalidInput, "nobody is there to agree to the erasure")
                .with_hint("say --yes to erase without being asked")
                .into(),
        );
    }
    let mut stdout = std::io::stdout().lock();
    write!(stdout, "Erase everything about {person} for good? [y/N] ")?;
    stdout.flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
