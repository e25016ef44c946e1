//! Container logs: a bounded piece, or the lines as they come.

use std::time::Duration;

use futures::{Stream, StreamExt};
use http::Request;
use http_body_util::BodyExt;
use jamie_core::{Error, ErrorKind, Result};
use kube::client::Body;
use tokio::time::Instant;

use super::{Cluster, errors, listing::escape, request::Excess};

/// Which part of a log.
#[derive(Debug, Clone)]
pub struct LogQuery {
    /// The container; `None` where the pod has only one.
    pub container: Option<String>,
    /// The container before its last restart.
    pub previous: bool,
    /// Only so many lines from the end.
    pub tail: Option<u32>,
    /// Only what is younger than so many seconds.
    pub since_seconds: Option<u64>,
    /// Each line begins with its time.
    pub timestamps: bool,
    /// No more than so many bytes.
    pub max_bytes: usize,
    /// No longer than this.
    pub patience: Duration,
}

impl Default for LogQuery {
    fn default() -> Self {
        Self {
            container: None,
            previous: false,
            tail: Some(200),
            since_seconds: None,
            timestamps: false,
            max_bytes: 256 * 1024,
            patience: Duration::from_secs(3),
        }
    }
}

/// A piece of a log.
#[derive(Debug, Clone, Default)]
pub struct LogText {
    /// The lines.
    pub text: String,
    /// Whether it was cut at the byte limit.
    pub cut: bool,
}

/// A line that is longer is cut.
const MAX_LINE: usize = 16 * 1024;

impl LogQuery {
    fn path(&self, namespace: &str, pod: &str, follow: bool) -> String {
        let mut path = format!(
            "/api/v1/namespaces/{}/pods/{}/log?",
            escape(namespace),
            escape(pod)
        );
        let mut add = |key: &str, value: &str| {
            if !path.ends_with('?') {
                path.push('&');
            }
            path.push_str(key);
            path.push('=');
            path.push_str(value);
        };
        if let Some(container) = &self.container {
            add("container", &escape(container));
        }
        if self.previous {
            add("previous", "true");
        }
        if let Some(tail) = self.tail {
            add("tailLines", &tail.to_string());
        }
        if let Some(seconds) = self.since_seconds {
            add("sinceSeconds", &seconds.max(1).to_string());
        }
        if self.timestamps {
            add("timestamps", "true");
        }
        if follow {
            add("follow", "true");
        } else {
            add("limitBytes", &self.max_bytes.to_string());
        }
        path
    }
}

impl Cluster {
    /// A piece of a container's log, never more than was asked for.
    pub async fn log(&self, namespace: &str, pod: &str, query: &LogQuery) -> Result<LogText> {
        let deadline = Instant::now() + query.patience;
        let bytes = self
            .get_once(
                &query.path(namespace, pod, false),
                query.max_bytes,
                Excess::Cut,
                deadline,
            )
            .await
            .map_err(|refusal| match refusal.code {
                // "previous terminated container not found": there is none, which is no failure of the request.
                Some(400) => Error::new(ErrorKind::NotFound, refusal.error.message().to_owned()),
                _ => refusal.error,
            })?;
        Ok(LogText {
            cut: bytes.len() >= query.max_bytes,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    /// The lines of a container's log as they are written, until the container ends or the stream is dropped.
    pub async fn follow(
        &self,
        namespace: &str,
        pod: &str,
        query: &LogQuery,
    ) -> Result<impl Stream<Item = Result<String>> + Send + use<>> {
        let request = Request::get(query.path(namespace, pod, true))
            .body(Body::empty())
            .map_err(|error| {
                Error::new(
                    ErrorKind::InvalidInput,
                    format!("no such log can be asked for: {error}"),
                )
            })?;
        let sent = tokio::time::timeout(self.timeout, self.client.send(request));
        let response = match sent.await {
            Ok(response) => response.map_err(|error| self.explain(error))?,
            Err(_) => return Err(errors::too_slow(&self.server, self.timeout.as_secs())),
        };
        let status = response.status();
        if !status.is_success() {
            let code = status.as_u16();
            let message = format!("the log of {namespace}/{pod} cannot be followed");
            return Err(errors::by_status(
                code,
                &message,
                &self.server,
                self.certificate_ends,
            ));
        }
        let server = self.server.clone();
        let chunks = response.into_body().into_data_stream();
        Ok(futures::stream::unfold(
            (chunks, Vec::<u8>::new(), false),
            move |(mut chunks, mut buffer, mut ended)| {
                let server = server.clone();
                async move {
                    loop {
                        if let Some(line) = take_line(&mut buffer, ended) {
                            return Some((Ok(line), (chunks, buffer, ended)));
                        }
                        if ended {
                            return None;
                        }
                        match chunks.next().await {
                            Some(Ok(chunk)) => buffer.extend_from_slice(&chunk),
                            Some(Err(_)) => {
                                ended = true;
                                buffer.clear();
                                return Some((Err(errors::cut(&server)), (chunks, buffer, ended)));
                            }
                            None => ended = true,
                        }
                    }
                }
            },
        ))
    }
}

/// The first whole line of a buffer; an overlong one in pieces.
fn take_line(buffer: &mut Vec<u8>, ended: bool) -> Option<String> {
    let end = buffer.iter().take(MAX_LINE).position(|byte| *byte == b'\n');
    let (line, rest) = match end {
        Some(end) => (end, end + 1),
        None if buffer.len() >= MAX_LINE => (MAX_LINE, MAX_LINE),
        None if ended && !buffer.is_empty() => (buffer.len(), buffer.len()),
        None => return None,
    };
    let taken: Vec<u8> = buffer.drain(..rest).collect();
    let line = taken.get(..line).unwrap_or_default();
    Some(String::from_utf8_lossy(line).trim_end_matches('\r').to_owned())
}
