//! One GET: bounded in bytes, retried within a deadline, its failure told by status.

use std::time::Duration;

use http::{Request, StatusCode};
use http_body_util::BodyExt;
use jamie_core::{Error, ErrorKind};
use kube::client::Body;
use tokio::time::{Instant, timeout_at};

use super::{Cluster, errors};

/// Why a request gave nothing.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The HTTP status, where the server answered.
    pub(super) code: Option<u16>,
    pub(super) error: Error,
}

/// Waits between attempts; the last failure stands after them.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(40),
    Duration::from_millis(160),
    Duration::from_millis(500),
];

/// So long a server that failed to the end is not tried again and again.
const GIVEN_UP: Duration = Duration::from_secs(2);

/// An error's body is a few hundred bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// What to do with an answer that is larger than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    Fail,
    Cut,
}

impl Cluster {
    /// GETs a path, at most `max` bytes of it, and tries again what may pass.
    pub(super) async fn get(&self, path: &str, max: usize, deadline: Instant) -> Result<Vec<u8>, Refusal> {
        let mut attempt = 0;
        loop {
            let refusal = match self.get_once(path, max, Excess::Fail, deadline).await {
                Ok(body) => {
                    self.note_failing(None);
                    return Ok(body);
                }
                Err(refusal) => refusal,
            };
            let passing = matches!(refusal.code, Some(429 | 500 | 502 | 503 | 504))
                || refusal.error.kind() == ErrorKind::Unavailable && refusal.code.is_none();
            match PAUSES.get(attempt) {
                Some(pause) if passing && Instant::now() + *pause < deadline && !self.is_failing() => {
                    tokio::time::sleep(*pause).await;
                    attempt += 1;
                }
                _ => {
                    if passing {
                        self.note_failing(Some(Instant::now() + GIVEN_UP));
                    }
                    return Err(refusal);
                }
            }
        }
    }

    fn is_failing(&self) -> bool {
        self.failing_until
            .lock()
            .is_ok_and(|until| until.is_some_and(|until| Instant::now() < until))
    }

    /// What has failed to the end for one request need not be tried as long for the next.
    fn note_failing(&self, until: Option<Instant>) {
        if let Ok(mut failing) = self.failing_until.lock() {
            *failing = until;
        }
    }

    /// GETs a path once.
    pub(super) async fn get_once(
        &self,
        path: &str,
        max: usize,
        excess: Excess,
        deadline: Instant,
    ) -> Result<Vec<u8>, Refusal> {
        match timeout_at(deadline, self.exchange(path, max, excess)).await {
            Ok(result) => result,
            Err(_) => Err(Refusal {
                code: None,
                error: errors::too_slow(&self.server, self.timeout.as_secs().max(1)),
            }),
        }
    }

    async fn exchange(&self, path: &str, max: usize, excess: Excess) -> Result<Vec<u8>, Refusal> {
        let internal = |message: String| Refusal {
            code: None,
            error: Error::new(ErrorKind::InvalidInput, message),
        };
        let request = Request::get(path)
            .header(http::header::ACCEPT, "application/json, */*")
            .body(Body::empty())
            .map_err(|error| internal(format!("{path} is not a path that can be asked for: {error}")))?;
        let response = self.client.send(request).await.map_err(|error| Refusal {
            code: None,
            error: self.explain(error),
        })?;
        let status = response.status();
        let mut body = response.into_body();
        let mut bytes = Vec::new();
        let limit = if status.is_success() { max } else { MAX_ERROR_BODY };
        while let Some(frame) = body.frame().await {
            let frame = match frame {
                Ok(frame) => frame,
                // What the server said before it hung up is enough to name its refusal.
                Err(_) if !status.is_success() => break,
                Err(_) => {
                    return Err(Refusal {
                        code: None,
                        error: errors::cut(&self.server),
                    });
                }
            };
            let Ok(data) = frame.into_data() else { continue };
            if bytes.len() + data.len() > limit {
                let room = limit - bytes.len();
                bytes.extend(data.iter().take(room));
                if status.is_success() && excess == Excess::Fail {
                    return Err(Refusal {
                        code: None,
                        error: Error::new(
                            ErrorKind::Unsupported,
                            format!(
                                "{} answered with more than {} MiB at once",
                                self.server,
                                max / (1024 * 1024)
                            ),
                        ),
                    });
                }
                break;
            }
            bytes.extend_from_slice(&data);
        }
        if status == StatusCode::OK || status.is_success() {
            return Ok(bytes);
        }
        Err(Refusal {
            code: Some(status.as_u16()),
            error: errors::by_status(
                status.as_u16(),
                &status_message(&bytes),
                &self.server,
                self.certificate_ends,
            ),
        })
    }

    /// GETs any JSON of the API by its path: for objects that a snapshot does not hold.
    pub async fn read(&self, path: &str) -> jamie_core::Result<serde_json::Value> {
        let bytes = self
            .get(path, 64 * 1024 * 1024, Instant::now() + self.timeout)
            .await
            .map_err(|refusal| refusal.error)?;
        serde_json::from_slice(&bytes).map_err(|error| {
            Error::new(
                ErrorKind::Unavailable,
                format!(
                    "{} answered {path} with something that is not JSON: {error}",
                    self.server
                ),
            )
        })
    }
}

/// The sentence in a `Status` body, or the body's beginning.
fn status_message(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Status {
        message: String,
    }
    serde_json::from_slice::<Status>(body).map_or_else(
        |_| String::from_utf8_lossy(body).chars().take(200).collect(),
        |status| status.message,
    )
}
