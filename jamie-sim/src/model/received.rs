//! Every request that came in, kept for a test to read.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::prompt::Prompt;
use super::{Shared, lock};

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// `/api/chat`.
    pub path: String,
    /// Headers by their lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body; null where there is none.
    pub body: Value,
}

impl Received {
    /// What a model reads of it; `None` where no model is asked anything.
    pub fn prompt(&self) -> Option<Prompt> {
        let is_chat = matches!(self.path.as_str(), "/api/chat" | "/v1/chat/completions");
        // A request without messages loads a model.
        Some(Prompt::read(&self.body)).filter(|prompt| is_chat && !prompt.messages.is_empty())
    }
}

/// Keeps a request and passes it on; without the key that is demanded it ends here.
pub(super) async fn record(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    const MAX_BODY: usize = 64 << 20;
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let headers: BTreeMap<String, String> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let given = headers.get("authorization").cloned().unwrap_or_default();
    lock(&shared.received).push(Received {
        path: parts.uri.path().to_owned(),
        headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
    });
    match &shared.setup.key {
        Some(key) if given != format!("Bearer {key}") => {
            // Real servers repeat what they were given, too.
            let said = json!({"error": {"message": format!("Incorrect API key provided: {given}")}});
            (StatusCode::UNAUTHORIZED, axum::Json(said)).into_response()
        }
        _ => next.run(Request::from_parts(parts, Body::from(bytes))).await,
    }
}
