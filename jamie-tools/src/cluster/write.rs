//! One write: a request in, the object as the server has it now out, or its refusal in its own words.
//! Nothing is tried again here: whoever writes knows whether that is safe.

use http::{Method, Request};
use http_body_util::BodyExt;
use jamie_core::{Error, ErrorKind};
use kube::client::Body;
use serde_json::Value;
use tokio::time::timeout;

use super::{Cluster, errors};

/// An object is never larger than etcd takes.
const MOST: usize = 16 * 1024 * 1024;

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) content_type: &'static str,
    pub(crate) body: Value,
}

/// Why a write was not accepted.
#[derive(Debug)]
pub(crate) struct Denial {
    /// The HTTP status; `None` where no answer came, so that nobody knows whether it was written.
    pub(crate) code: Option<u16>,
    /// What the server said.
    pub(crate) said: String,
    /// The whole `Status`.
    pub(crate) status: Value,
    /// The same as an error.
    pub(crate) error: Error,
}

impl Denial {
    /// The messages of the single causes: fields that are wrong, a budget.
    pub(crate) fn causes(&self) -> Vec<String> {
        self.status
            .pointer("/details/causes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|cause| {
                let message = cause.get("message")?.as_str()?;
                Some(match cause.get("field").and_then(Value::as_str) {
                    Some(field) if !message.contains(field) => format!("{field}: {message}"),
                    _ => message.to_owned(),
                })
            })
            .collect()
    }
}

impl Cluster {
    /// Sends a write once; gives the answer and what the server warns of.
    pub(crate) async fn write(&self, wire: Wire) -> Result<(Value, Vec<String>), Denial> {
        let silent = |error: Error| Denial {
            code: None,
            said: error.message().to_owned(),
            status: Value::Null,
            error,
        };
        match timeout(self.timeout, self.send(wire)).await {
            Ok(result) => result,
            Err(_) => Err(silent(errors::too_slow(
                &self.server,
                self.timeout.as_secs().max(1),
            ))),
        }
    }

    async fn send(&self, wire: Wire) -> Result<(Value, Vec<String>), Denial> {
        let silent = |error: Error| Denial {
            code: None,
            said: error.message().to_owned(),
            status: Value::Null,
            error,
        };
        let body = if wire.body.is_null() {
            Vec::new()
        } else {
            wire.body.to_string().into_bytes()
        };
        let request = Request::builder()
            .method(wire.method)
            .uri(&wire.path)
            .header(http::header::ACCEPT, "application/json")
            .header(http::header::CONTENT_TYPE, wire.content_type)
            .body(Body::from(body))
            .map_err(|error| {
                silent(Error::new(
                    ErrorKind::InvalidInput,
                    format!("{} is not a path that can be written to: {error}", wire.path),
                ))
            })?;
        let response = self
            .client
            .send(request)
            .await
            .map_err(|error| silent(self.explain(error)))?;
        let code = response.status();
        let warnings = response
            .headers()
            .get_all(http::header::WARNING)
            .iter()
            .filter_map(|value| warning(value.to_str().ok()?))
            .collect();
        let mut bytes = Vec::new();
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                return Err(silent(errors::cut(&self.server)));
            };
            if let Ok(data) = frame.into_data() {
                bytes.extend_from_slice(&data);
            }
            if bytes.len() > MOST {
                break;
            }
        }
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if code.is_success() {
            return Ok((answer, warnings));
        }
        let said = answer.get("message").and_then(Value::as_str).map_or_else(
            || String::from_utf8_lossy(&bytes).chars().take(300).collect(),
            str::to_owned,
        );
        Err(Denial {
            code: Some(code.as_u16()),
            error: errors::by_status(code.as_u16(), &said, &self.server, self.certificate_ends),
            said,
            status: answer,
        })
    }
}

/// The text in `299 - "text"`.
fn warning(header: &str) -> Option<String> {
    let text = header.split_once('"')?.1;
    Some(text.trim_end_matches('"').replace("\\\"", "\""))
}
