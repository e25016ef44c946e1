//! The events of `/v1/chat/completions` in, deltas out; tool calls are put together from their pieces.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{
        Delta, EndReason, ModelUsage,
        decode::{self, Bounds, Decode},
    },
    sse::Events,
};
use crate::{Error, ErrorKind, Result};

/// Reads one reply of a server that speaks OpenAI's protocol.
#[derive(Debug, Default)]
pub struct OpenAiReply {
    number: u64,
    events: Events,
    bounds: Bounds,
    calls: Vec<Pieces>,
    finished: Option<EndReason>,
    usage: ModelUsage,
    over: bool,
}

/// A tool call that is still being written.
#[derive(Debug, Default)]
struct Pieces {
    /// The server's number of it; some servers give none.
    index: Option<usize>,
    id: String,
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Tokens>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Option<Words>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Words {
    #[serde(default)]
    content: Option<String>,
    #[serde(default, alias = "reasoning")]
    reasoning_content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<CallPiece>>,
}

#[derive(Deserialize)]
struct CallPiece {
    #[serde(default)]
    index: Option<usize>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: Option<FunctionPiece>,
}

#[derive(Deserialize, Default)]
struct FunctionPiece {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<Value>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
}

impl OpenAiReply {
    /// For the reply to the `number`th request; made-up ids of calls begin with it.
    pub fn new(number: u64) -> Self {
        Self {
            number,
            ..Self::default()
        }
    }

    fn event(&mut self, data: &[u8], out: &mut VecDeque<Delta>) -> Result<()> {
        if data.trim_ascii() == b"[DONE]" {
            return self.end(out);
        }
        // Some servers leave out the empty line between two events, so that one seems to hold several.
        let mut chunks = serde_json::Deserializer::from_slice(data).into_iter::<Chunk>();
        while let Some(chunk) = chunks.next() {
            match chunk {
                Ok(chunk) => self.chunk(chunk, out)?,
                Err(_) if data[chunks.byte_offset()..].trim_ascii() == b"[DONE]" => return self.end(out),
                Err(error) => return Err(decode::unreadable(data, &error)),
            }
        }
        Ok(())
    }

    fn chunk(&mut self, chunk: Chunk, out: &mut VecDeque<Delta>) -> Result<()> {
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            let said = error.get("message").unwrap_or(&error);
            let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
            return Err(Error::new(
                ErrorKind::Unavailable,
                format!(
                    "the model server failed in the middle of its reply: {}",
                    said.trim()
                ),
            )
            .with_hint("try again; the model server's own log says more"));
        }
        if let Some(tokens) = chunk.usage {
            self.usage = ModelUsage {
                prompt_tokens: tokens.prompt_tokens,
                completion_tokens: tokens.completion_tokens,
            };
        }
        // One reply is asked for; others are not ours.
        let Some(choice) = chunk.choices.into_iter().next() else {
            return Ok(());
        };
        let words = choice.delta.unwrap_or_default();
        if let Some(text) = words.reasoning_content.filter(|text| !text.is_empty()) {
            out.push_back(Delta::Thinking(text));
        }
        if let Some(text) = words.content.filter(|text| !text.is_empty()) {
            out.push_back(Delta::Text(text));
        }
        if let Some(text) = words.refusal.filter(|text| !text.is_empty()) {
            self.finished = Some(EndReason::Refused);
            out.push_back(Delta::Text(text));
        }
        for piece in words.tool_calls.unwrap_or_default() {
            self.piece(piece)?;
        }
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            Some("length") => self.finished = Some(EndReason::Length),
            Some("content_filter") => self.finished = Some(EndReason::Refused),
            Some(_) => self.finished = self.finished.or(Some(EndReason::Stop)),
        }
        Ok(())
    }

    /// Adds a piece to the call that it belongs to: by its number, else by its id, else to the newest.
    fn piece(&mut self, piece: CallPiece) -> Result<()> {
        let id = piece.id.filter(|id| !id.is_empty());
        let found = self.calls.iter().position(|call| match (piece.index, &id) {
            (Some(index), _) => call.index == Some(index),
            (None, Some(id)) => call.id == *id,
            (None, None) => false,
        });
        let newest = self.calls.len().checked_sub(1);
        let at = match (found, newest) {
            (Some(at), _) => at,
            (None, Some(newest)) if piece.index.is_none() && id.is_none() => newest,
            _ => {
                self.bounds.call()?;
                self.calls.push(Pieces {
                    index: piece.index,
                    id: self.bounds.id(self.number),
                    ..Pieces::default()
                });
                self.calls.len() - 1
            }
        };
        let call = &mut self.calls[at];
        if let Some(id) = id {
            call.id = id;
        }
        let function = piece.function.unwrap_or_default();
        if let Some(name) = function.name {
            call.name.push_str(&name);
        }
        match function.arguments {
            Some(Value::String(text)) => call.arguments.push_str(&text),
            Some(Value::Null) | None => {}
            // Some servers send the object itself.
            Some(whole) => call.arguments = whole.to_string(),
        }
        Ok(())
    }

    fn end(&mut self, out: &mut VecDeque<Delta>) -> Result<()> {
        let Some(reason) = self.finished else {
            return Err(decode::cut());
        };
        let reason = match reason {
            EndReason::Stop if !self.calls.is_empty() => EndReason::Calls,
            reason => reason,
        };
        for call in self.calls.drain(..) {
            out.push_back(Delta::Call(decode::call(call.id, call.name, &call.arguments)));
        }
        out.push_back(Delta::End {
            reason,
            usage: self.usage,
        });
        self.over = true;
        Ok(())
    }
}

impl Decode for OpenAiReply {
    fn push(&mut self, bytes: &[u8], out: &mut VecDeque<Delta>) -> Result<()> {
        self.bounds.bytes(bytes.len())?;
        self.events.push(bytes);
        while !self.over {
            let Some(data) = self.events.next()? else { break };
            self.event(&data, out)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut VecDeque<Delta>) -> Result<()> {
        if !self.over {
            let rest = self.events.rest()?;
            if !rest.is_empty() && self.event(&rest, out).is_err() {
                return Err(decode::cut());
            }
        }
        // A server that gave a reason has said everything, even if it forgot to say so.
        if self.over { Ok(()) } else { self.end(out) }
    }

    fn is_over(&self) -> bool {
        self.over
    }
}
