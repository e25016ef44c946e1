//! `jamie chat`: a line in, an answer out, until the end; line editing on a terminal, plain lines in a pipe.

mod editor;
mod slash;

use std::{
    io::{BufRead, IsTerminal, Write},
    path::PathBuf,
};

use anyhow::Result;
use jamie::{Config, Jamie, Request, action::Choice, config::Environment};

use self::{editor::Editor, slash::Slash};
use crate::{
    args::{Global, Output},
    conversation, exit,
    exit::Exit,
    setup,
    terminal::Terminal,
};

/// Connects and talks.
pub(crate) async fn run(global: &Global, environment: &Environment, terminal: &Terminal) -> Result<Exit> {
    let (jamie, config) = setup::jamie(global, environment).await?;
    talk(&jamie, &config, global, environment, terminal).await
}

/// Talks with an assembled Jamie until the other side leaves.
pub(crate) async fn talk(
    jamie: &Jamie,
    config: &Config,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        println!(
            "{}",
            terminal
                .palette
                .dim("Ask away; /help shows what I can do, Ctrl-D leaves.")
        );
        let mut lines = Lines::Typed(Box::new(Editor::new(
            history_file(environment),
            names(jamie, config).await,
        )));
        return converse(&mut lines, jamie, config, global, environment, terminal).await;
    }
    converse(&mut Lines::Piped, jamie, config, global, environment, terminal).await
}

/// Where lines come from.
enum Lines {
    Typed(Box<Editor>),
    Piped,
}

impl Lines {
    /// The next question; `None` when the person leaves.
    fn question(&mut self) -> Result<Option<String>> {
        match self {
            Self::Typed(editor) => editor.read(),
            Self::Piped => Ok(read_line(&mut std::io::stdin().lock())?),
        }
    }

    /// The reply to a question of Jamie's.
    fn reply(&mut self, question: &str) -> Result<Option<String>> {
        match self {
            Self::Typed(_) => Editor::reply(question),
            Self::Piped => {
                print!("{question}");
                std::io::stdout().flush()?;
                let line = read_line(&mut std::io::stdin().lock())?;
                // A pipe shows no reply by itself.
                println!("{}", line.as_deref().unwrap_or_default().trim());
                Ok(line)
            }
        }
    }
}

async fn converse(
    lines: &mut Lines,
    jamie: &Jamie,
    config: &Config,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    while let Some(line) = lines.question()? {
        if turn(&line, lines, jamie, config, global, environment, terminal)
            .await?
            .is_break()
        {
            break;
        }
    }
    Ok(Exit::Ok)
}

/// Asks about each change that awaits a decision. Anything but a clear yes refuses it; without a reply it goes on
/// waiting.
async fn decide(
    pending: Vec<conversation::Pending>,
    lines: &mut Lines,
    jamie: &Jamie,
    config: &Config,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<()> {
    let person = setup::person(config, environment);
    for pending in pending {
        if !pending.may_approve {
            continue;
        }
        let Some(reply) = lines.reply(&format!("\nGo ahead with {}? [yes/no] ", pending.action.id))? else {
            println!("Left waiting: jamie actions approve {}", pending.action.id);
            return Ok(());
        };
        let choice = if is_yes(&reply) {
            Choice::Approve
        } else {
            Choice::Refuse {
                reason: reply.trim().to_owned(),
            }
        };
        println!();
        let decision = setup::decision(pending.action.id, Some(pending.digest), &person, choice);
        match conversation::decide(jamie, decision, global.output, terminal).await {
            Ok(outcome) if !outcome.pending.is_empty() => {
                // It changed in the meantime and was worked out anew: that is a question of its own.
                Box::pin(decide(
                    outcome.pending,
                    lines,
                    jamie,
                    config,
                    global,
                    environment,
                    terminal,
                ))
                .await?;
            }
            Ok(_) => {}
            Err(error) => {
                exit::report(&error, terminal);
            }
        }
    }
    Ok(())
}

/// Whether a reply is a clear yes.
fn is_yes(reply: &str) -> bool {
    let reply = reply.trim().trim_end_matches(['.', '!']).to_lowercase();
    matches!(
        reply.as_str(),
        "y" | "yes"
            | "yes please"
            | "yep"
            | "aye"
            | "go ahead"
            | "go for it"
            | "do it"
            | "approve"
            | "approved"
    )
}

/// One line; an answer that fails is reported and the talk goes on.
async fn turn(
    line: &str,
    lines: &mut Lines,
    jamie: &Jamie,
    config: &Config,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<std::ops::ControlFlow<()>> {
    use std::ops::ControlFlow;
    let line = line.trim();
    let text = match Slash::parse(line) {
        _ if line.is_empty() => return Ok(ControlFlow::Continue(())),
        Some(Slash::Quit) => return Ok(ControlFlow::Break(())),
        Some(Slash::Ask(text)) => text,
        Some(Slash::Unknown) => {
            println!("I don't know {line}; try /help.");
            return Ok(ControlFlow::Continue(()));
        }
        None => line.to_owned(),
    };
    let output = if global.output == Output::Text {
        Output::Text
    } else {
        global.output
    };
    let asked = tokio::select! {
        asked = conversation::ask(jamie, setup::request(text, config, global, environment), output, terminal) => asked,
        // Ctrl-C ends the answer, not the talk: a followed log stops, the next question is welcome.
        interrupted = tokio::signal::ctrl_c() => { interrupted?; println!(); return Ok(ControlFlow::Continue(())) }
    };
    match asked {
        Ok(outcome) => {
            decide(
                outcome.pending,
                lines,
                jamie,
                config,
                global,
                environment,
                terminal,
            )
            .await?
        }
        Err(error) if exit::report(&error, terminal) == Exit::Ok => return Ok(ControlFlow::Break(())),
        Err(_) => {}
    }
    println!();
    std::io::stdout().flush()?;
    Ok(ControlFlow::Continue(()))
}

/// A line from a pipe, bytes that are no text replaced, cut where no question is longer.
fn read_line(stdin: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let limit = Request::MAX_BYTES as u64 + 1;
    if std::io::Read::take(&mut *stdin, limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 == limit && line.last() != Some(&b'\n') {
        skip_line(stdin)?;
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}

/// Drops the rest of an overlong line without holding it in memory.
fn skip_line(stdin: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = stdin.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let (used, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), false),
        };
        stdin.consume(used);
        if ended {
            return Ok(());
        }
    }
}

/// Names to complete; none when the cluster cannot be asked: the first question says why.
async fn names(jamie: &Jamie, config: &Config) -> Vec<String> {
    let scope = jamie::Scope {
        namespace: Some(config.kubernetes.namespace.clone()).filter(|name| !name.is_empty()),
    };
    let Ok(names) = jamie.names(&scope).await else {
        return Vec::new();
    };
    let mut names: Vec<String> = names
        .all
        .iter()
        .filter(|name| name.owner.is_none())
        .map(|name| name.object.name.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Where questions are kept between talks: `$XDG_STATE_HOME/jamie/history`.
fn history_file(environment: &Environment) -> Option<PathBuf> {
    let base = environment
        .get("XDG_STATE_HOME")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
        .or_else(|| Some(environment.home()?.join(".local").join("state")))?;
    Some(base.join("jamie").join("history"))
}
