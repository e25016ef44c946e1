//! Where a talk's lines come from: a terminal with editing, or a pipe.

use std::io::{BufRead, Write};

use anyhow::Result;
use jamie::Request;

use super::editor::Editor;

/// Where lines come from.
pub(super) enum Lines {
    /// A terminal.
    Typed(Box<Editor>),
    /// A pipe or a file.
    Piped,
}

impl Lines {
    /// The next question; `None` when the person leaves.
    pub(super) fn question(&mut self) -> Result<Option<String>> {
        match self {
            Self::Typed(editor) => editor.read(),
            Self::Piped => Ok(read_line(&mut std::io::stdin().lock())?),
        }
    }

    /// The reply to a question of Jamie's; `None` when the person leaves.
    pub(super) fn reply(&mut self, question: &str) -> Result<Option<String>> {
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
