//! A backend in, the same backend out that stops asking a server that keeps failing, and tries it again after a while.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use tokio::time::Instant;

use super::{Capabilities, Delta, DeltaStream, LlmBackend, ModelRequest};
use crate::{Error, ErrorKind, Result};

/// When a server counts as down, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures in a row after which nothing more is sent.
    pub failures: u32,
    /// How long nothing is sent; then one request may try.
    pub rest: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures: 3,
            rest: Duration::from_secs(30),
        }
    }
}

/// A backend that gives up on a server for a while.
#[derive(Debug)]
pub struct Breaker {
    inner: Arc<dyn LlmBackend>,
    circuit: Arc<Circuit>,
}

impl Breaker {
    /// Puts a breaker in front of a backend. Only failures that another attempt may mend count: a wrong key is told
    /// every time.
    pub fn new(inner: Arc<dyn LlmBackend>, policy: BreakerPolicy) -> Self {
        let circuit = Circuit {
            policy,
            state: Mutex::new(State::Closed { failures: 0 }),
        };
        Self {
            inner,
            circuit: Arc::new(circuit),
        }
    }
}

#[derive(Debug)]
struct Circuit {
    policy: BreakerPolicy,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
    },
    /// One request tries whether the server is back.
    Trying,
}

impl Circuit {
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // Nothing panics while it is held.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn enter(self: &Arc<Self>, model: &str) -> Result<Attempt> {
        let wait = self.change(|state| match *state {
            State::Closed { .. } => None,
            State::Open { until } if until <= Instant::now() => {
                *state = State::Trying;
                None
            }
            State::Open { until } => Some(until - Instant::now()),
            State::Trying => Some(Duration::ZERO),
        });
        match wait {
            None => Ok(Attempt {
                circuit: Arc::clone(self),
                told: false,
            }),
            Some(wait) => Err(Error::new(
                ErrorKind::Unavailable,
                format!("{model} has failed several times in a row and is left alone for now"),
            )
            .with_hint(format!(
                "it is tried again in {} s; `jamie models` tests it at once",
                wait.as_secs() + 1
            ))),
        }
    }
}

/// A request on its way; dropped without a result, it says nothing about the server.
struct Attempt {
    circuit: Arc<Circuit>,
    told: bool,
}

impl Attempt {
    fn succeeded(&mut self) {
        self.told = true;
        self.circuit
            .change(|state| *state = State::Closed { failures: 0 });
    }

    fn failed(&mut self, error: &Error) {
        if !error.is_retryable() {
            // The server answered.
            return self.succeeded();
        }
        self.told = true;
        let policy = self.circuit.policy;
        self.circuit.change(|state| {
            let failures = match *state {
                State::Closed { failures } => failures + 1,
                State::Trying => policy.failures,
                // One that was on its way when another opened it.
                State::Open { .. } => return,
            };
            *state = if failures >= policy.failures {
                State::Open {
                    until: Instant::now() + policy.rest,
                }
            } else {
                State::Closed { failures }
            };
        });
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.told {
            // The next request may try in its place.
            self.circuit.change(|state| {
                if matches!(state, State::Trying) {
                    *state = State::Open {
                        until: Instant::now(),
                    };
                }
            });
        }
    }
}

#[async_trait]
impl LlmBackend for Breaker {
    fn name(&self) -> &str {
        self.inner.name()
    }

    /// Asks the server itself, whatever the breaker thinks of it.
    async fn health(&self) -> Result<Capabilities> {
        self.inner.health().await
    }

    async fn chat(&self, request: ModelRequest) -> Result<DeltaStream> {
        let mut attempt = self.circuit.enter(self.name())?;
        let stream = match self.inner.chat(request).await {
            Ok(stream) => stream,
            Err(error) => {
                attempt.failed(&error);
                return Err(error);
            }
        };
        let watched = stream::unfold((stream, attempt), |(mut stream, mut attempt)| async move {
            let item = stream.next().await;
            match &item {
                Some(Ok(Delta::End { .. })) => attempt.succeeded(),
                Some(Err(error)) => attempt.failed(error),
                _ => {}
            }
            item.map(|item| (item, (stream, attempt)))
        });
        Ok(Box::pin(watched.fuse()))
    }
}
