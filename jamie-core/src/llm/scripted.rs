//! Replies written beforehand in, a backend out that gives them one by one: for tests, and to try Jamie without a model.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use futures::{StreamExt, stream};

use super::{Capabilities, Delta, DeltaStream, EndReason, LlmBackend, ModelCall, ModelRequest, ModelUsage};
use crate::{Error, ErrorKind, Result};

/// One reply of a script.
#[derive(Debug)]
pub struct ScriptedReply {
    /// Set: the request itself fails, and nothing streams.
    refused: Option<Error>,
    items: Vec<Result<Delta>>,
    stalls: bool,
}

impl ScriptedReply {
    /// Words, one delta for each, and an end.
    pub fn text(text: &str) -> Self {
        let words = text.split_inclusive(' ').map(|word| Delta::Text(word.to_owned()));
        let tokens = words.clone().count() as u32;
        Self::deltas(words.chain([end(EndReason::Stop, tokens)]))
    }

    /// Tools that are asked for, and an end.
    pub fn calls(calls: impl IntoIterator<Item = ModelCall>) -> Self {
        let calls = calls.into_iter().map(Delta::Call);
        Self::deltas(calls.chain([end(EndReason::Calls, 1)]))
    }

    /// Exactly these deltas; without a [`Delta::End`] the reply is cut.
    pub fn deltas(deltas: impl IntoIterator<Item = Delta>) -> Self {
        Self {
            refused: None,
            items: deltas.into_iter().map(Ok).collect(),
            stalls: false,
        }
    }

    /// A request that fails before anything is said.
    pub fn error(error: Error) -> Self {
        Self {
            refused: Some(error),
            items: Vec::new(),
            stalls: false,
        }
    }

    /// The reply as it is so far, and then an error.
    #[must_use]
    pub fn then_fails(mut self, error: Error) -> Self {
        self.items.retain(|item| !matches!(item, Ok(Delta::End { .. })));
        self.items.push(Err(error));
        self
    }

    /// The reply as it is so far without its end, and then nothing for ever.
    #[must_use]
    pub fn then_stalls(mut self) -> Self {
        self.items.retain(|item| !matches!(item, Ok(Delta::End { .. })));
        self.stalls = true;
        self
    }
}

fn end(reason: EndReason, completion_tokens: u32) -> Delta {
    Delta::End {
        reason,
        usage: ModelUsage {
            prompt_tokens: 0,
            completion_tokens,
        },
    }
}

/// A backend that follows a script and keeps the requests that it got.
#[derive(Debug)]
pub struct Scripted {
    name: String,
    capabilities: Capabilities,
    replies: Mutex<VecDeque<ScriptedReply>>,
    requests: Mutex<Vec<ModelRequest>>,
}

impl Scripted {
    /// A backend that gives these replies in order. A request after the last one fails.
    pub fn new(replies: impl IntoIterator<Item = ScriptedReply>) -> Self {
        Self {
            name: "scripted".to_owned(),
            capabilities: Capabilities {
                tools: true,
                json: true,
                context_window: None,
            },
            replies: Mutex::new(replies.into_iter().collect()),
            requests: Mutex::new(Vec::new()),
        }
    }

    /// What it says that it can do.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Adds a reply to the script.
    pub fn push(&self, reply: ScriptedReply) {
        lock(&self.replies).push_back(reply);
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<ModelRequest> {
        lock(&self.requests).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing panics while it is held, and a queue is whole after every step.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl LlmBackend for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    async fn health(&self) -> Result<Capabilities> {
        Ok(self.capabilities.clone())
    }

    async fn chat(&self, request: ModelRequest) -> Result<DeltaStream> {
        lock(&self.requests).push(request);
        let reply = lock(&self.replies)
            .pop_front()
            .ok_or_else(|| Error::new(ErrorKind::Unavailable, "the script has no more replies"))?;
        if let Some(error) = reply.refused {
            return Err(error);
        }
        let items = stream::iter(reply.items);
        Ok(if reply.stalls {
            Box::pin(items.chain(stream::pending()))
        } else {
            Box::pin(items)
        })
    }
}
