//! A request to a model in, its deltas out, each within its bound of time.

use std::{fmt, sync::Arc, time::Duration};

use futures::{StreamExt, TryStreamExt, stream};
use tokio::time::{Instant, timeout_at};

use super::Limits;
use crate::{
    Error, ErrorKind, LlmBackend, Result,
    llm::{Delta, DeltaStream, ModelRequest},
};

/// A reply on its way. Dropping it ends the request.
pub(super) struct Thought {
    deltas: DeltaStream,
    /// When the next delta must have come.
    due: Instant,
    idle: Duration,
    /// When all of it must have come.
    end: Instant,
}

impl fmt::Debug for Thought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thought").finish_non_exhaustive()
    }
}

impl Thought {
    /// Sends a request; `end` is when the person has waited long enough for all of the model's words.
    pub(super) fn new(
        model: Arc<dyn LlmBackend>,
        request: ModelRequest,
        limits: &Limits,
        end: Instant,
    ) -> Self {
        let deltas = stream::once(async move { model.chat(request).await })
            .try_flatten()
            .boxed();
        Self {
            deltas,
            due: Instant::now() + limits.first_word,
            idle: limits.next_word,
            end,
        }
    }

    /// The next piece. After [`Delta::End`] or an error there is nothing more to ask for.
    pub(super) async fn next(&mut self) -> Result<Delta> {
        let due = self.due.min(self.end);
        let delta = timeout_at(due, self.deltas.next()).await.map_err(|_| {
            Error::new(ErrorKind::Timeout, "it did not write in time")
                .with_hint("a smaller model answers faster; `jamie models` measures it")
        })?;
        self.due = Instant::now() + self.idle;
        delta.unwrap_or_else(|| Err(Error::new(ErrorKind::Unavailable, "its reply broke off")))
    }
}
