//! A response and a decoder in, its deltas as they come out; silence and cut connections become errors.

use std::{collections::VecDeque, time::Duration};

use futures::{StreamExt, stream};
use reqwest::Response;
use tokio::time::timeout;

use super::{
    super::{
        Delta, DeltaStream,
        decode::{Decode, cut},
    },
    Http,
};
use crate::{Error, ErrorKind, Result};

impl Http {
    /// The reply as it comes. Dropping the stream closes the connection, which tells the server to stop.
    pub(in crate::llm) fn deltas(&self, response: Response, decoder: impl Decode + 'static) -> DeltaStream {
        let reply = Reply {
            response,
            decoder,
            ready: VecDeque::new(),
            failed: None,
            over: false,
            idle: self.waits.idle,
        };
        let deltas = stream::unfold(reply, |mut reply| async move {
            let delta = reply.next().await?;
            Some((delta, reply))
        });
        Box::pin(deltas.fuse())
    }
}

/// A reply that is being read.
struct Reply<D> {
    response: Response,
    decoder: D,
    ready: VecDeque<Delta>,
    failed: Option<Error>,
    over: bool,
    idle: Duration,
}

impl<D: Decode> Reply<D> {
    async fn next(&mut self) -> Option<Result<Delta>> {
        loop {
            if let Some(delta) = self.ready.pop_front() {
                return Some(Ok(delta));
            }
            if let Some(error) = self.failed.take() {
                self.over = true;
                return Some(Err(error));
            }
            if self.over {
                return None;
            }
            // What was decoded before an error still goes out before it.
            let read = match timeout(self.idle, self.response.chunk()).await {
                Ok(Ok(Some(bytes))) => self.decoder.push(&bytes, &mut self.ready),
                Ok(Ok(None)) => self.decoder.finish(&mut self.ready),
                Ok(Err(error)) => Err(cut().with_source(error.without_url())),
                Err(_) => Err(Error::new(
                    ErrorKind::Timeout,
                    format!("the model fell silent for {:.1} s", self.idle.as_secs_f32()),
                )
                .with_hint("try again; the model server may be short of memory or busy")),
            };
            self.failed = read.err();
            self.over = self.failed.is_none() && self.decoder.is_over();
        }
    }
}
