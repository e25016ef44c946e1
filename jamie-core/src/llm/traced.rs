//! A backend in, the same backend out that leaves a trace of every request: sizes and times, never words.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use tokio::time::Instant;

use super::{Capabilities, Delta, DeltaStream, LlmBackend, ModelRequest};
use crate::Result;

/// A backend whose requests can be followed.
#[derive(Debug)]
pub struct Traced {
    inner: Arc<dyn LlmBackend>,
}

impl Traced {
    /// Traces a backend.
    pub fn new(inner: Arc<dyn LlmBackend>) -> Self {
        Self { inner }
    }
}

struct Reply {
    stream: DeltaStream,
    model: String,
    start: Instant,
    first_ms: Option<u128>,
    over: bool,
}

impl Reply {
    async fn next(&mut self) -> Option<Result<Delta>> {
        let item = self.stream.next().await;
        let elapsed = self.start.elapsed().as_millis();
        let first_ms = *self.first_ms.get_or_insert(elapsed);
        let model = &self.model;
        match &item {
            Some(Ok(Delta::End { reason, usage })) => {
                self.over = true;
                tracing::info!(
                    %model, ?reason, first_ms, total_ms = elapsed,
                    prompt_tokens = usage.prompt_tokens, completion_tokens = usage.completion_tokens,
                    "the model has answered"
                );
            }
            Some(Err(error)) => {
                self.over = true;
                tracing::warn!(%model, kind = ?error.kind(), %error, first_ms, total_ms = elapsed, "the model failed in the middle");
            }
            _ => {}
        }
        item
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.over {
            tracing::info!(model = %self.model, total_ms = self.start.elapsed().as_millis(), "the model's reply was left unread");
        }
    }
}

#[async_trait]
impl LlmBackend for Traced {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn health(&self) -> Result<Capabilities> {
        let health = self.inner.health().await;
        match &health {
            Ok(capabilities) => tracing::debug!(model = self.name(), ?capabilities, "the model is well"),
            Err(error) => {
                tracing::info!(model = self.name(), kind = ?error.kind(), %error, "the model is not well");
            }
        }
        health
    }

    async fn chat(&self, request: ModelRequest) -> Result<DeltaStream> {
        let model = self.name();
        tracing::debug!(
            model,
            messages = request.messages.len(),
            tools = request.tools.len(),
            bytes = request
                .messages
                .iter()
                .map(|message| message.content.len())
                .sum::<usize>(),
            "asking the model"
        );
        let start = Instant::now();
        let stream = self.inner.chat(request).await.inspect_err(|error| {
            tracing::warn!(model, kind = ?error.kind(), %error, total_ms = start.elapsed().as_millis(), "the model failed");
        })?;
        let reply = Reply {
            stream,
            model: model.to_owned(),
            start,
            first_ms: None,
            over: false,
        };
        let items = stream::unfold(reply, |mut reply| async move {
            let item = reply.next().await?;
            Some((item, reply))
        });
        Ok(Box::pin(items.fuse()))
    }
}
