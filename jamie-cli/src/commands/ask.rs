//! `jamie ask`: words in, one answer out; with `--yes` also what the answer proposes.

use std::io::{IsTerminal, Read};

use anyhow::Result;
use jamie::{Error, ErrorKind, Mode, Request, action::Choice, config::Environment};

use crate::{
    args::{Ask, Global, Question},
    commands::actions,
    conversation,
    exit::Exit,
    setup,
    terminal::Terminal,
};

/// Asks one question; without words it is read from standard input.
pub(crate) async fn run(
    ask: &Ask,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let text = words(&ask.question)?;
    let (jamie, config) = setup::jamie(global, environment).await?;
    let mut request = setup::request(text, &config, global, environment);
    if ask.explain_prompt {
        request.mode = Mode::Explain;
    }
    let person = request.person.clone();
    let outcome = conversation::ask(&jamie, request, global.output, terminal).await?;
    let mut exit = outcome.exit();
    if !ask.yes {
        return Ok(exit);
    }
    for pending in outcome.pending {
        if !pending.may_approve {
            exit = Exit::NotAllowed;
            continue;
        }
        let id = pending.action.id;
        let decision = setup::decision(id.clone(), Some(pending.digest), &person, Choice::Approve);
        conversation::decide(&jamie, decision, global.output, terminal).await?;
        if !actions::worked(&jamie, &id).await? {
            exit = Exit::Unwell;
        }
    }
    Ok(exit)
}

/// The question's words, from the arguments or a pipe.
fn words(question: &Question) -> Result<String> {
    if !question.words.is_empty() {
        return Ok(question.words.join(" "));
    }
    let stdin = std::io::stdin();
    let mut bytes = Vec::new();
    if !stdin.is_terminal() {
        // One byte more than is read, so that a question that is too long is known to be.
        stdin
            .lock()
            .take(Request::MAX_BYTES as u64 + 1)
            .read_to_end(&mut bytes)?;
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if text.trim().is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "there is no question")
            .with_hint("try: jamie ask how is everything?")
            .into());
    }
    Ok(text)
}
