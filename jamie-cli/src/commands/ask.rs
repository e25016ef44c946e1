//! `jamie ask`: words in, one answer out.

use std::io::{IsTerminal, Read};

use anyhow::Result;
use jamie::{Error, ErrorKind, Request, config::Environment};

use crate::{
    args::{Global, Question},
    conversation,
    exit::Exit,
    setup,
    terminal::Terminal,
};

/// Asks one question; without words it is read from standard input.
pub(crate) async fn run(
    question: &Question,
    global: &Global,
    environment: &Environment,
    terminal: &Terminal,
) -> Result<Exit> {
    let text = words(question)?;
    let (jamie, config) = setup::jamie(global, environment).await?;
    let outcome = conversation::ask(
        &jamie,
        setup::request(text, &config, global),
        global.output,
        terminal,
    )
    .await?;
    Ok(outcome.exit())
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
