//! `jamie chat`: a line in, an answer out, until the end; changes that await a decision are asked about in between.

mod editor;
mod lines;
mod slash;

use std::{
    io::{IsTerminal, Write},
    ops::ControlFlow,
    path::PathBuf,
};

use anyhow::Result;
use jamie::{Config, Jamie, action::Choice, config::Environment};

use self::{editor::Editor, lines::Lines, slash::Slash};
use crate::{args::Global, conversation, exit, exit::Exit, setup, terminal::Terminal};

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
    let lines = if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        println!(
            "{}",
            terminal
                .palette
                .dim("Ask away; /help shows what I can do, Ctrl-D leaves.")
        );
        Lines::Typed(Box::new(Editor::new(
            history_file(environment),
            names(jamie, config, environment).await,
        )))
    } else {
        Lines::Piped
    };
    let mut talk = Talk {
        lines,
        jamie,
        config,
        global,
        environment,
        terminal,
    };
    while let Some(line) = talk.lines.question()? {
        if talk.turn(line.trim()).await?.is_break() {
            break;
        }
    }
    Ok(Exit::Ok)
}

/// A talk that goes on.
struct Talk<'a> {
    lines: Lines,
    jamie: &'a Jamie,
    config: &'a Config,
    global: &'a Global,
    environment: &'a Environment,
    terminal: &'a Terminal,
}

impl Talk<'_> {
    /// One line; an answer that fails is reported and the talk goes on.
    async fn turn(&mut self, line: &str) -> Result<ControlFlow<()>> {
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
        let request = setup::request(text, self.config, self.global, self.environment);
        let asked = tokio::select! {
            asked = conversation::ask(self.jamie, request, self.global.output, self.terminal) => asked,
            // Ctrl-C ends the answer, not the talk: a followed log stops, the next question is welcome.
            interrupted = tokio::signal::ctrl_c() => { interrupted?; println!(); return Ok(ControlFlow::Continue(())) }
        };
        match asked {
            Ok(outcome) => self.decide(outcome.pending).await?,
            Err(error) if exit::report(&error, self.terminal) == Exit::Ok => {
                return Ok(ControlFlow::Break(()));
            }
            Err(_) => {}
        }
        println!();
        std::io::stdout().flush()?;
        Ok(ControlFlow::Continue(()))
    }

    /// Asks about each change that awaits a decision. Anything but a clear yes refuses it; without a reply it goes on
    /// waiting. What changed in the meantime and was worked out anew is a question of its own.
    async fn decide(&mut self, pending: Vec<conversation::Pending>) -> Result<()> {
        let person = setup::person(self.config, self.environment);
        let mut waiting: std::collections::VecDeque<_> = pending.into();
        while let Some(pending) = waiting.pop_front() {
            if !pending.may_approve {
                continue;
            }
            let id = pending.action.id;
            let Some(reply) = self.lines.reply(&format!("\nGo ahead with {id}? [yes/no] "))? else {
                println!("Left waiting: jamie actions approve {id}");
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
            let decision = setup::decision(id, Some(pending.digest), &person, choice);
            match conversation::decide(self.jamie, decision, self.global.output, self.terminal).await {
                Ok(outcome) => waiting.extend(outcome.pending),
                Err(error) => {
                    exit::report(&error, self.terminal);
                }
            }
        }
        Ok(())
    }
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

/// Names to complete; none when the cluster cannot be asked: the first question says why.
async fn names(jamie: &Jamie, config: &Config, environment: &Environment) -> Vec<String> {
    let scope = jamie::Scope {
        namespace: Some(config.kubernetes.namespace.clone()).filter(|name| !name.is_empty()),
    };
    let Ok(names) = jamie.names(&setup::person(config, environment), &scope).await else {
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
