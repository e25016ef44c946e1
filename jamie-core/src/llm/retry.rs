//! A backend in, the same backend out that asks again where that may help and nothing was said yet.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use tokio::time::sleep;

use super::{Capabilities, DeltaStream, LlmBackend, ModelRequest};
use crate::{Error, Result};

/// How often, and how soon, a request is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Requests at most, the first included.
    pub attempts: u32,
    /// The longest wait before the second request; it doubles for each one after.
    pub first_wait: Duration,
    /// The longest wait of all.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_secs(2),
        }
    }
}

impl RetryPolicy {
    /// The wait after the `failed`th request: anything from half to the whole of the longest, so that many who failed
    /// together do not come back together.
    fn wait(&self, failed: u32) -> Duration {
        let longest = self
            .first_wait
            .saturating_mul(1 << failed.saturating_sub(1).min(16))
            .min(self.longest_wait);
        // The standard library seeds every such state at random.
        let random = RandomState::new().hash_one(failed) as f64 / u64::MAX as f64;
        longest.mul_f64(0.5 + 0.5 * random)
    }
}

/// A backend that asks again.
#[derive(Debug)]
pub struct Retry {
    inner: Arc<dyn LlmBackend>,
    policy: RetryPolicy,
}

impl Retry {
    /// Lets a backend ask again. A reply that has begun is never repeated: its words may be on a screen.
    pub fn new(inner: Arc<dyn LlmBackend>, policy: RetryPolicy) -> Self {
        Self { inner, policy }
    }

    /// A reply whose first item is no error.
    async fn attempt(&self, request: ModelRequest) -> Result<DeltaStream> {
        let mut stream = self.inner.chat(request).await?;
        match stream.next().await {
            Some(Err(error)) => Err(error),
            Some(first) => Ok(Box::pin(stream::iter([first]).chain(stream))),
            None => Ok(stream),
        }
    }
}

#[async_trait]
impl LlmBackend for Retry {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn health(&self) -> Result<Capabilities> {
        self.inner.health().await
    }

    async fn chat(&self, request: ModelRequest) -> Result<DeltaStream> {
        let mut failed = 0;
        loop {
            let error: Error = match self.attempt(request.clone()).await {
                Ok(stream) => return Ok(stream),
                Err(error) => error,
            };
            failed += 1;
            if failed >= self.policy.attempts || !error.is_retryable() {
                return Err(error);
            }
            let wait = self.policy.wait(failed);
            tracing::debug!(model = self.name(), %error, failed, ?wait, "asking the model again");
            sleep(wait).await;
        }
    }
}
