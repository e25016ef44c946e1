//! The lines of `/api/chat` in, deltas out.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::Value;

use super::super::{
    Delta, EndReason, ModelCall, ModelUsage,
    decode::{self, Bounds, Decode},
    lines::Lines,
};
use crate::{Error, ErrorKind, Result};

/// Reads one reply of Ollama.
#[derive(Debug, Default)]
pub struct OllamaReply {
    number: u64,
    lines: Lines,
    bounds: Bounds,
    over: bool,
}

/// One line. Every field may be missing: servers leave out what is zero.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    message: Words,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    done_reason: Option<String>,
    #[serde(default)]
    prompt_eval_count: u32,
    #[serde(default)]
    eval_count: u32,
    #[serde(default)]
    error: Option<String>,
}

#[derive(Deserialize, Default)]
struct Words {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    thinking: Option<String>,
    #[serde(default)]
    tool_calls: Vec<Call>,
}

#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    id: String,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Value,
}

impl OllamaReply {
    /// For the reply to the `number`th request; made-up ids of calls begin with it.
    pub fn new(number: u64) -> Self {
        Self {
            number,
            ..Self::default()
        }
    }

    fn next(&mut self, out: &mut VecDeque<Delta>) -> Result<bool> {
        let Some(line) = self.lines.next()? else {
            return Ok(false);
        };
        self.over = read(line, self.number, &mut self.bounds, out)?;
        Ok(true)
    }
}

impl Decode for OllamaReply {
    fn push(&mut self, bytes: &[u8], out: &mut VecDeque<Delta>) -> Result<()> {
        self.bounds.bytes(bytes.len())?;
        self.lines.push(bytes);
        while !self.over && self.next(out)? {}
        Ok(())
    }

    fn finish(&mut self, out: &mut VecDeque<Delta>) -> Result<()> {
        if !self.over {
            // A line without its end is half a line, unless it happens to be whole.
            let rest = self.lines.rest();
            self.over = !rest.is_empty() && read(rest, self.number, &mut self.bounds, out).unwrap_or(false);
        }
        if self.over { Ok(()) } else { Err(decode::cut()) }
    }

    fn is_over(&self) -> bool {
        self.over
    }
}

/// Reads one line; true when it ends the reply.
fn read(line: &[u8], number: u64, bounds: &mut Bounds, out: &mut VecDeque<Delta>) -> Result<bool> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(false);
    }
    let line: Line = serde_json::from_slice(line).map_err(|error| decode::unreadable(line, &error))?;
    if let Some(said) = line.error {
        return Err(Error::new(
            ErrorKind::Unavailable,
            format!(
                "the model server failed in the middle of its reply: {}",
                said.trim()
            ),
        )
        .with_hint("try again; the model server's own log says more"));
    }
    let Words {
        content,
        thinking,
        tool_calls,
    } = line.message;
    if let Some(text) = thinking.filter(|text| !text.is_empty()) {
        out.push_back(Delta::Thinking(text));
    }
    if let Some(text) = content.filter(|text| !text.is_empty()) {
        out.push_back(Delta::Text(text));
    }
    for call in tool_calls {
        bounds.call()?;
        let Call { id, function } = call;
        out.push_back(Delta::Call(ModelCall {
            id: if id.is_empty() { bounds.id(number) } else { id },
            ..arguments(function)
        }));
    }
    if line.done {
        let reason = match line.done_reason.as_deref() {
            Some("length") => EndReason::Length,
            _ if bounds.has_calls() => EndReason::Calls,
            _ => EndReason::Stop,
        };
        out.push_back(Delta::End {
            reason,
            usage: ModelUsage {
                prompt_tokens: line.prompt_eval_count,
                completion_tokens: line.eval_count,
            },
        });
    }
    Ok(line.done)
}

/// Arguments are an object; a string that holds one, as some proxies send it, is read as such.
fn arguments(function: Function) -> ModelCall {
    match function.arguments {
        Value::String(text) => decode::call(String::new(), function.name, &text),
        Value::Null => decode::call(String::new(), function.name, ""),
        arguments => ModelCall {
            id: String::new(),
            name: function.name,
            arguments,
        },
    }
}
