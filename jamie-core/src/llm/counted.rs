//! A backend in, the same backend out that adds every reply's tokens to a shared counter.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use futures::StreamExt;

use super::{Capabilities, Delta, DeltaStream, LlmBackend, ModelRequest, ModelUsage};
use crate::Result;

/// What models have cost so far; clones count together.
#[derive(Debug, Clone, Default)]
pub struct TokenCounter {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    prompt: AtomicU64,
    completion: AtomicU64,
}

impl TokenCounter {
    /// Requests that were sent, also those that failed.
    pub fn requests(&self) -> u64 {
        self.counts.requests.load(Ordering::Relaxed)
    }

    /// Tokens read by models, as far as their servers say.
    pub fn prompt_tokens(&self) -> u64 {
        self.counts.prompt.load(Ordering::Relaxed)
    }

    /// Tokens written by models.
    pub fn completion_tokens(&self) -> u64 {
        self.counts.completion.load(Ordering::Relaxed)
    }

    fn add(&self, usage: ModelUsage) {
        self.counts
            .prompt
            .fetch_add(u64::from(usage.prompt_tokens), Ordering::Relaxed);
        self.counts
            .completion
            .fetch_add(u64::from(usage.completion_tokens), Ordering::Relaxed);
    }
}

/// A backend whose tokens are counted.
#[derive(Debug)]
pub struct Counted {
    inner: Arc<dyn LlmBackend>,
    counter: TokenCounter,
}

impl Counted {
    /// Counts a backend's tokens.
    pub fn new(inner: Arc<dyn LlmBackend>, counter: TokenCounter) -> Self {
        Self { inner, counter }
    }
}

#[async_trait]
impl LlmBackend for Counted {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn health(&self) -> Result<Capabilities> {
        self.inner.health().await
    }

    async fn chat(&self, request: ModelRequest) -> Result<DeltaStream> {
        self.counter.counts.requests.fetch_add(1, Ordering::Relaxed);
        let counter = self.counter.clone();
        let stream = self.inner.chat(request).await?;
        Ok(Box::pin(stream.inspect(move |item| {
            if let Ok(Delta::End { usage, .. }) = item {
                counter.add(*usage);
            }
        })))
    }
}
