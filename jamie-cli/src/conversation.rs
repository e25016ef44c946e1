//! One request in, its events rendered as they come, how it ended out.

use std::io::Write;

use anyhow::Result;
use futures::StreamExt;
use jamie::{Answer, Block, Error, Event, Jamie, Request};

use crate::{
    args::Output,
    exit::Exit,
    terminal::{Progress, Terminal, render},
};

/// How a request ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The answer, where one was given.
    pub(crate) answer: Option<Answer>,
    /// Whether Jamie had to ask back.
    pub(crate) asked_back: bool,
}

impl Outcome {
    /// The exit code of a command that asks one thing.
    pub(crate) fn exit(&self) -> Exit {
        if self.asked_back { Exit::NotFound } else { Exit::Ok }
    }
}

/// Asks, and prints what comes back. A failed turn is an error.
pub(crate) async fn ask(
    jamie: &Jamie,
    request: Request,
    output: Output,
    terminal: &Terminal,
) -> Result<Outcome> {
    let progress = Progress::new(terminal);
    let mut outcome = Outcome {
        answer: None,
        asked_back: false,
    };
    let mut failed: Option<Error> = None;
    let mut printed = false;
    let mut events = std::pin::pin!(jamie.chat(request));
    while let Some(event) = events.next().await {
        match event {
            Event::Thinking { line } => progress.say(&line),
            Event::ToolStarted { about, .. } => progress.say(&about),
            Event::Done { answer } => outcome.answer = Some(*answer),
            Event::Failed { error, .. } => failed = Some(error),
            event => {
                outcome.asked_back |= matches!(event, Event::Clarify { .. });
                for block in blocks(event) {
                    if output == Output::Text {
                        progress.clear();
                        print_block(&block, printed, terminal)?;
                        printed = true;
                    }
                }
            }
        }
    }
    progress.clear();
    if let Some(error) = failed {
        return Err(error.into());
    }
    let mut stdout = std::io::stdout().lock();
    match (output, &outcome.answer) {
        (Output::Markdown, Some(answer)) => writeln!(stdout, "{}", answer.text.trim_end())?,
        (Output::Json, Some(answer)) => writeln!(stdout, "{}", serde_json::to_string_pretty(answer)?)?,
        _ => {}
    }
    Ok(outcome)
}

/// What an event adds to the page.
fn blocks(event: Event) -> Vec<Block> {
    match event {
        Event::Text { block } => vec![block],
        Event::Finding { finding } => vec![Block::Finding { finding }],
        Event::Clarify { question, choices } => vec![Block::para(question), Block::List { items: choices }],
        _ => Vec::new(),
    }
}

fn print_block(block: &Block, after_another: bool, terminal: &Terminal) -> Result<()> {
    let text = render([block], terminal);
    if text.is_empty() {
        return Ok(());
    }
    let mut stdout = std::io::stdout().lock();
    if after_another {
        writeln!(stdout)?;
    }
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}
