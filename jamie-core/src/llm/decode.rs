//! What the decoders of the servers' protocols have in common: bytes in, deltas out, within bounds.

use std::collections::VecDeque;

use serde_json::Value;

use super::{Delta, ModelCall, lines::TooLong};
use crate::{Error, ErrorKind, Result};

/// Turns the bytes of one reply into deltas.
pub trait Decode: Send {
    /// Reads what has come. After an error the reply is over.
    fn push(&mut self, bytes: &[u8], out: &mut VecDeque<Delta>) -> Result<()>;
    /// The server has closed the reply; gives an error where it was not complete.
    fn finish(&mut self, out: &mut VecDeque<Delta>) -> Result<()>;
    /// Whether [`Delta::End`] was given.
    fn is_over(&self) -> bool;
}

/// The most tools that one reply may ask for; more is a model that runs in circles.
pub(super) const MAX_CALLS: usize = 32;
/// The most bytes of one reply, protocol included.
pub(super) const MAX_REPLY: usize = 16 << 20;

/// Counts what one reply may hold.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    bytes: usize,
    calls: usize,
}

impl Bounds {
    /// Counts bytes that have come.
    pub(super) fn bytes(&mut self, more: usize) -> Result<()> {
        self.bytes += more;
        if self.bytes > MAX_REPLY {
            return Err(endless("the reply"));
        }
        Ok(())
    }

    /// Counts a call.
    pub(super) fn call(&mut self) -> Result<()> {
        self.calls += 1;
        if self.calls > MAX_CALLS {
            return Err(endless("the list of tools that it asks for"));
        }
        Ok(())
    }

    /// Whether a call was counted.
    #[cfg(feature = "ollama")]
    pub(super) fn has_calls(&self) -> bool {
        self.calls > 0
    }

    /// An id for the newest call where the server gives none: told apart by the reply's own number.
    pub(super) fn id(&self, reply: u64) -> String {
        format!("call-{reply}-{}", self.calls)
    }
}

/// A call from its parts; nothing at all counts as no arguments.
pub(super) fn call(id: String, name: String, arguments: &str) -> ModelCall {
    let arguments = if arguments.trim().is_empty() {
        Value::Object(serde_json::Map::new())
    } else {
        serde_json::from_str(arguments).unwrap_or_else(|_| Value::String(arguments.to_owned()))
    };
    ModelCall { id, name, arguments }
}

/// What the server sent makes no sense.
pub(super) fn unreadable(line: &[u8], error: &serde_json::Error) -> Error {
    const SHOWN: usize = 80;
    let shown: String = String::from_utf8_lossy(line)
        .chars()
        .take(SHOWN)
        .filter(|c| !c.is_control())
        .collect();
    Error::new(
        ErrorKind::Unavailable,
        format!("the model server sent something that cannot be read: {error}, in {shown:?}"),
    )
    .with_hint("check that model.url leads to the server that model.provider names")
}

/// The reply stopped before its end.
pub(super) fn cut() -> Error {
    Error::new(ErrorKind::Unavailable, "the model's reply was cut off")
        .with_hint("try again; the model server's own log says what happened to it")
}

fn endless(what: &str) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        format!("{what} of the model does not end"),
    )
    .with_hint("try again, or another model")
}

impl From<TooLong> for Error {
    fn from(TooLong: TooLong) -> Self {
        endless("a line")
    }
}
