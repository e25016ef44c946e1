//! `jamie knowledge`: the guides and runbooks that answers cite, listed, shown, searched, added, removed and checked.

use std::{
    io::{Read, Write},
    path::Path,
};

use anyhow::Result;
use jamie::{
    Block, Error, ErrorKind,
    config::Environment,
    core::memory::{Content, Document, Kind, MemoryStore, Origin, Recall},
    knowledge, memory,
};
use jiff::Timestamp;

use crate::{
    args::{Global, KnowledgeAction, Output},
    exit::Exit,
    setup,
    terminal::{Terminal, render},
};

/// Lists, shows, searches, adds, removes, synchronises or checks.
pub(crate) async fn run(
    action: Option<KnowledgeAction>,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let action = action.unwrap_or(KnowledgeAction::List);
    if let KnowledgeAction::Lint { paths } = &action {
        return lint(paths, global, terminal);
    }
    let config = setup::layers(global, environment)?.config()?;
    let Some(memory) = memory::open(&config, environment).await? else {
        return Err(Error::new(
            ErrorKind::Config,
            "nothing is kept: memory.store is \"process\", or there is no home directory",
        )
        .with_hint("set memory.store to \"disk\" or \"postgres\", or memory.folder to a folder")
        .into());
    };
    let you = setup::person(&config, environment).id;
    knowledge::ensure(&memory).await?;
    let done = act(action, &memory, &you, global, terminal).await;
    memory.close().await;
    done
}

async fn act(
    action: KnowledgeAction,
    store: &dyn MemoryStore,
    you: &str,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit> {
    let json = global.output == Output::Json;
    match action {
        KnowledgeAction::List => {
            let entries = knowledge::list(store).await?;
            if json {
                return print_json(&entries);
            }
            let rows = entries
                .iter()
                .map(|entry| {
                    vec![
                        entry.source.clone(),
                        entry.title.clone(),
                        origin(entry.origin).to_owned(),
                        entry.passages.to_string(),
                    ]
                })
                .collect();
            let headers = ["name", "title", "from", "passages"].map(String::from).to_vec();
            print(&[Block::Table { headers, rows }], terminal)
        }
        KnowledgeAction::Show { name } => {
            let name = full_name(store, &name).await?;
            let passages = knowledge::show(store, &name).await?;
            if json {
                return print_json(&passages);
            }
            print(&whole(&passages), terminal)
        }
        KnowledgeAction::Search { words } => {
            let found: Vec<(Document, f64)> = store
                .recall(&Recall::new(Kind::Document, 10).about(words.join(" ")))
                .await?
                .into_iter()
                .filter_map(|memory| match memory.record.content {
                    Content::Document(document) => Some((*document, memory.score)),
                    _ => None,
                })
                .collect();
            if json {
                return print_json(&found);
            }
            if found.is_empty() {
                print(&[Block::para("Nothing fits these words.")], terminal)?;
                return Ok(Exit::Unwell);
            }
            let items = found
                .iter()
                .map(|(document, score)| {
                    let gist: String = document
                        .text
                        .split_whitespace()
                        .collect::<Vec<_>>()
                        .join(" ")
                        .chars()
                        .take(160)
                        .collect();
                    format!(
                        "**{}** (`{}`, {score:.2}): {gist} …",
                        document.cited(),
                        document.source
                    )
                })
                .collect();
            print(&[Block::List { items }], terminal)
        }
        KnowledgeAction::Add { file, name } => {
            let (called, bytes) = load(&file)?;
            let document = knowledge::read(&called, &bytes)?;
            let name = name.unwrap_or(called);
            let passages = knowledge::add(store, &document, &name, "", you, Timestamp::now()).await?;
            let warned = document
                .warning
                .map(|why| format!(" Its front matter was left out: {why}."))
                .unwrap_or_default();
            let told = format!(
                "“{}” is there as `{name}`, in {passages} passages.{warned}",
                document.title
            );
            print(&[Block::para(told)], terminal)
        }
        KnowledgeAction::Remove { name } => {
            let gone = knowledge::remove(store, &name).await?;
            print(
                &[Block::para(format!(
                    "`{name}` is gone, with its {gone} passages."
                ))],
                terminal,
            )
        }
        KnowledgeAction::Sync { folder, name } => {
            let called = folder.canonicalize().ok();
            let called = called
                .as_deref()
                .unwrap_or(&folder)
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            let collection = name.or(called).unwrap_or_else(|| "documents".to_owned());
            let report = knowledge::sync(store, &folder, &collection, you, Timestamp::now()).await?;
            if json {
                print_json(&report)?;
            } else {
                let told = format!(
                    "{collection}: {} added, {} changed, {} unchanged, {} removed, {} left out.",
                    report.added.len(),
                    report.changed.len(),
                    report.unchanged,
                    report.removed.len(),
                    report.skipped.len()
                );
                let mut blocks = vec![Block::para(told)];
                if !report.skipped.is_empty() {
                    let items = report
                        .skipped
                        .iter()
                        .map(|(file, why)| format!("`{file}`: {why}"))
                        .collect();
                    blocks.push(Block::List { items });
                }
                print(&blocks, terminal)?;
            }
            Ok(if report.skipped.is_empty() {
                Exit::Ok
            } else {
                Exit::Unwell
            })
        }
        KnowledgeAction::Lint { .. } => Ok(Exit::Ok),
    }
}

/// Built-in guides may be named without saying that they are.
async fn full_name(store: &dyn MemoryStore, name: &str) -> Result<String> {
    let own = Recall::new(Kind::Document, 1).in_group(name);
    if store.recall(&own).await?.is_empty() && !name.starts_with(knowledge::BUILT_IN) {
        let built_in = format!("{}{name}", knowledge::BUILT_IN);
        if !store
            .recall(&Recall::new(Kind::Document, 1).in_group(built_in.clone()))
            .await?
            .is_empty()
        {
            return Ok(built_in);
        }
    }
    Ok(name.to_owned())
}

fn whole(passages: &[Document]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut headings: Vec<String> = Vec::new();
    if let Some(first) = passages.first() {
        blocks.push(Block::Heading {
            text: first.title.clone(),
        });
    }
    for passage in passages {
        if passage.headings != headings {
            headings.clone_from(&passage.headings);
            blocks.extend(
                headings
                    .last()
                    .map(|heading| Block::para(format!("**{heading}**"))),
            );
        }
        blocks.extend(jamie::core::render::markdown_blocks(&passage.text));
    }
    if let Some(link) = passages.first().and_then(|first| first.link.as_ref()) {
        blocks.push(Block::para(format!("Further reading: {link}")));
    }
    blocks
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::BuiltIn => "built in",
        Origin::Team => "team",
        Origin::Taught => "taught",
    }
}

/// A file, or standard input.
fn load(file: &Path) -> Result<(String, Vec<u8>)> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .take(knowledge::LARGEST + 1)
            .read_to_end(&mut bytes)?;
        return Ok(("standard-input.md".to_owned(), bytes));
    }
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::InvalidInput,
            format!("{} cannot be read: {error}", file.display()),
        )
        .with_hint("name a file that is there and that you may read")
    };
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let length = std::fs::metadata(file).map_err(failed)?.len();
    // One byte too many is enough to be told that it is too large.
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .map_err(failed)?
        .take(length.min(knowledge::LARGEST + 1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok((name, bytes))
}

/// Checks files and folders of guides, or the built-in ones.
fn lint(paths: &[std::path::PathBuf], global: &Global, terminal: &Terminal) -> Result<Exit> {
    let mut problems = Vec::new();
    let mut looked = 0;
    if paths.is_empty() {
        for (name, text) in knowledge::guides() {
            looked += 1;
            problems.extend(knowledge::lint(name, text));
        }
    }
    for path in paths {
        for file in knowledge::markdown_files(path)? {
            let (name, bytes) = load(&file)?;
            looked += 1;
            match std::str::from_utf8(&bytes) {
                Ok(text) => problems.extend(knowledge::lint(&name, text)),
                Err(_) => problems.push(knowledge::Problem {
                    file: name,
                    problem: "it is not text in UTF-8".to_owned(),
                }),
            }
        }
    }
    if global.output == Output::Json {
        print_json(&problems)?;
    } else if problems.is_empty() {
        print(
            &[Block::para(format!(
                "{looked} guides, nothing to complain about."
            ))],
            terminal,
        )?;
    } else {
        let items = problems
            .iter()
            .map(|problem| format!("`{}`: {}", problem.file, problem.problem))
            .collect();
        print(&[Block::List { items }], terminal)?;
    }
    Ok(if problems.is_empty() {
        Exit::Ok
    } else {
        Exit::Unwell
    })
}

fn print(blocks: &[Block], terminal: &Terminal) -> Result<Exit> {
    write!(std::io::stdout().lock(), "{}", render(blocks, terminal))?;
    Ok(Exit::Ok)
}

fn print_json(value: &impl serde::Serialize) -> Result<Exit> {
    writeln!(
        std::io::stdout().lock(),
        "{}",
        serde_json::to_string_pretty(value)?
    )?;
    Ok(Exit::Ok)
}
