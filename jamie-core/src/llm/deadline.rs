//! A backend in, the same backend out that answers in time or fails with [`ErrorKind::Timeout`].

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use super::{Capabilities, Delta, DeltaStream, LlmBackend, ModelRequest};
use crate::{Error, ErrorKind, Result};

/// How long a reply may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// From the request to the first delta.
    pub first: Duration,
    /// Between two deltas.
    pub idle: Duration,
    /// From the request to the end of the reply.
    pub total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(1_800),
            idle: Duration::from_secs(10),
            total: Duration::from_mins(1),
        }
    }
}

/// A backend with deadlines.
#[derive(Debug)]
pub struct Deadline {
    inner: Arc<dyn LlmBackend>,
    deadlines: Deadlines,
}

impl Deadline {
    /// Puts deadlines on a backend; retries inside of it share them.
    pub fn new(inner: Arc<dyn LlmBackend>, deadlines: Deadlines) -> Self {
        Self { inner, deadlines }
    }
}

struct Reply {
    /// `None` once it is over; dropping it cancels the request.
    stream: Option<DeltaStream>,
    next: Instant,
    last: Instant,
    deadlines: Deadlines,
    begun: bool,
}

impl Reply {
    async fn next(&mut self) -> Option<Result<Delta>> {
        let stream = self.stream.as_mut()?;
        let item = timeout_at(self.next.min(self.last), stream.next()).await;
        let now = Instant::now();
        let item = match item {
            Ok(item) => item,
            Err(_) if now >= self.last => Some(Err(late("did not finish", self.deadlines.total))),
            Err(_) if self.begun => Some(Err(late("fell silent", self.deadlines.idle))),
            Err(_) => Some(Err(late("did not begin to answer", self.deadlines.first))),
        };
        self.begun = true;
        self.next = now + self.deadlines.idle;
        if !matches!(item, Some(Ok(_))) {
            self.stream = None;
        }
        item
    }
}

fn late(what: &str, within: Duration) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("the model {what} within {:.1} s", within.as_secs_f32()),
    )
    .with_hint("a model that is being loaded needs a while; a smaller one, or longer limits in [model], help")
}

#[async_trait]
impl LlmBackend for Deadline {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn health(&self) -> Result<Capabilities> {
        self.inner.health().await
    }

    async fn chat(&self, request: ModelRequest) -> Result<DeltaStream> {
        let start = Instant::now();
        let deadlines = self.deadlines;
        let (next, last) = (start + deadlines.first, start + deadlines.total);
        let stream = timeout_at(next.min(last), self.inner.chat(request))
            .await
            .map_err(|_| late("did not begin to answer", deadlines.first.min(deadlines.total)))??;
        let reply = Reply {
            stream: Some(stream),
            next,
            last,
            deadlines,
            begun: false,
        };
        let items = stream::unfold(reply, |mut reply| async move {
            let item = reply.next().await?;
            Some((item, reply))
        });
        Ok(Box::pin(items.fuse()))
    }
}
