//! One request or decision in, its events rendered as they come, how it ended out.

use std::io::Write;

use anyhow::Result;
use futures::StreamExt;
use jamie::{Action, Answer, Block, Chat, Decision, Error, Event, Jamie, Request};

use crate::{
    args::Output,
    exit::Exit,
    terminal::{Flow, Progress, Terminal, render},
};

/// A change that awaits a decision.
#[derive(Debug)]
pub(crate) struct Pending {
    /// What would be done.
    pub(crate) action: Action,
    /// What a decision is bound to.
    pub(crate) digest: String,
    /// Whether the person at this terminal may decide.
    pub(crate) may_approve: bool,
}

/// How a request ended.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The answer, where one was given.
    pub(crate) answer: Option<Answer>,
    /// Whether Jamie had to ask back.
    pub(crate) asked_back: bool,
    /// Whether policy does not allow what was asked for.
    pub(crate) denied: bool,
    /// Changes that await a decision.
    pub(crate) pending: Vec<Pending>,
}

impl Outcome {
    /// The exit code of a command that asks one thing.
    pub(crate) fn exit(&self) -> Exit {
        if self.denied {
            Exit::NotAllowed
        } else if self.asked_back {
            Exit::NotFound
        } else {
            Exit::Ok
        }
    }
}

/// Asks, and prints what comes back. A failed turn is an error.
pub(crate) async fn ask(
    jamie: &Jamie,
    request: Request,
    output: Output,
    terminal: &Terminal,
) -> Result<Outcome> {
    show(jamie.chat(request), output, terminal).await
}

/// Decides, and prints what comes of it.
pub(crate) async fn decide(
    jamie: &Jamie,
    decision: Decision,
    output: Output,
    terminal: &Terminal,
) -> Result<Outcome> {
    show(jamie.decide(decision), output, terminal).await
}

async fn show(chat: Chat, output: Output, terminal: &Terminal) -> Result<Outcome> {
    let progress = Progress::new(terminal);
    let mut outcome = Outcome::default();
    let mut failed: Option<Error> = None;
    let mut page = PrintedPage {
        flow: Flow::new(terminal),
        printed: false,
    };
    let mut events = std::pin::pin!(chat);
    while let Some(event) = events.next().await {
        match event {
            Event::Thinking { line } => progress.say(&line),
            Event::ToolStarted { about, .. } => progress.say(&about),
            Event::Done { answer } => outcome.answer = Some(*answer),
            Event::Failed { error, .. } => failed = Some(error),
            Event::Denied { .. } => outcome.denied = true,
            Event::Struck { sentence, reason } => tracing::info!(sentence, reason, "not supported, left out"),
            Event::Words { text, begins } if output == Output::Text => {
                progress.clear();
                page.words(&text, begins, terminal)?;
            }
            Event::Approval {
                action,
                digest,
                may_approve,
                ..
            } => outcome.pending.push(Pending {
                action: *action,
                digest,
                may_approve,
            }),
            event => {
                outcome.asked_back |= matches!(event, Event::Clarify { .. });
                for block in blocks(event) {
                    if output == Output::Text {
                        progress.clear();
                        page.block(&block, terminal)?;
                    }
                }
            }
        }
    }
    progress.clear();
    page.end()?;
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

/// What was printed so far, as far as the next part must know.
#[derive(Debug)]
struct PrintedPage {
    flow: Flow,
    printed: bool,
}

impl PrintedPage {
    fn block(&mut self, block: &Block, terminal: &Terminal) -> Result<()> {
        let text = render([block], terminal);
        if text.is_empty() {
            return Ok(());
        }
        self.end()?;
        let mut stdout = std::io::stdout().lock();
        if self.printed {
            writeln!(stdout)?;
        }
        stdout.write_all(text.as_bytes())?;
        stdout.flush()?;
        self.printed = true;
        Ok(())
    }

    /// A sentence, behind the one before or as the beginning of a paragraph.
    fn words(&mut self, text: &str, begins: bool, terminal: &Terminal) -> Result<()> {
        if begins {
            self.end()?;
        }
        let mut stdout = std::io::stdout().lock();
        if !self.flow.is_open() && self.printed {
            writeln!(stdout)?;
        }
        stdout.write_all(self.flow.add(text, terminal).as_bytes())?;
        stdout.flush()?;
        self.printed = true;
        Ok(())
    }

    /// Ends a paragraph that is open.
    fn end(&mut self) -> Result<()> {
        if self.flow.close() {
            writeln!(std::io::stdout().lock())?;
        }
        Ok(())
    }
}
