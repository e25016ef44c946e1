//! A status, a broken connection or a long silence in, the typed error with what to do about it out.

use std::time::Duration;

use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::time::timeout;

use super::Http;
use crate::{Error, ErrorKind, Result};

impl Http {
    /// The error that a status means, in the server's words.
    pub(super) async fn refused(&self, response: Response) -> Error {
        let status = response.status();
        let wait = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let body = timeout(self.waits.answer, self.body(response, Self::MAX_ERROR))
            .await
            .ok()
            .and_then(Result::ok)
            .unwrap_or_default();
        let said = self.without_key(&error_text(&body));
        let who = self.shown();
        let error = |kind, what: &str| {
            let said = if said.is_empty() {
                String::new()
            } else {
                format!(": {said}")
            };
            Error::new(kind, format!("the model server at {who} {what}{said}"))
        };
        match status {
            StatusCode::UNAUTHORIZED => error(ErrorKind::Unauthorized, "does not know who asks")
                .with_hint("set model.api_key (JAMIE_MODEL_API_KEY) to a key of that server"),
            StatusCode::FORBIDDEN => error(ErrorKind::Forbidden, "does not allow it")
                .with_hint("the key in model.api_key lacks a permission there"),
            StatusCode::NOT_FOUND => {
                error(ErrorKind::NotFound, "does not have it").with_hint("check model.url and model.name")
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => {
                error(ErrorKind::Timeout, "took too long")
            }
            StatusCode::TOO_MANY_REQUESTS => error(ErrorKind::RateLimited, "gets too many requests")
                .with_hint(wait.map_or_else(
                    || "try again in a little while".to_owned(),
                    |wait| format!("it asks to wait {wait} seconds"),
                )),
            status if status.is_client_error() && is_about_tools(&said) => {
                error(ErrorKind::Unsupported, "cannot let this model ask for tools")
            }
            status if status.is_client_error() && is_about_length(&said) => error(
                ErrorKind::InvalidInput,
                "finds the request longer than the context window",
            )
            .with_hint("raise model.context_window as far as the model and its memory allow"),
            status if status.is_client_error() || status.is_redirection() => error(
                ErrorKind::InvalidInput,
                &format!("refuses the request ({status})"),
            )
            .with_hint("check that model.url leads to the server that model.provider names"),
            status => error(ErrorKind::Unavailable, &format!("is failing ({status})"))
                .with_hint("the model server's own log says why"),
        }
    }

    /// The error of a connection.
    pub(super) fn failed(&self, error: reqwest::Error) -> Error {
        let who = self.shown();
        let (kind, what) = if error.is_timeout() && !error.is_connect() {
            (ErrorKind::Timeout, "did not answer in time")
        } else if error.is_connect() || error.is_timeout() {
            (ErrorKind::Unreachable, "cannot be reached")
        } else {
            (ErrorKind::Unavailable, "broke the connection")
        };
        Error::new(kind, format!("the model server at {who} {what}"))
            .with_hint("check that it runs and that model.url is right; `jamie models` tests it")
            // Its address may hold a password.
            .with_source(error.without_url())
    }

    pub(super) fn late(&self, waited: Duration) -> Error {
        Error::new(
            ErrorKind::Timeout,
            format!(
                "the model server at {} did not answer within {:.1} s",
                self.shown(),
                waited.as_secs_f32()
            ),
        )
        .with_hint("a model that is being loaded needs a while; `jamie models` waits for it")
    }

    /// Servers repeat a wrong key in what they say about it.
    fn without_key(&self, said: &str) -> String {
        match &self.key {
            Some(key) if !key.expose_secret().is_empty() => said.replace(key.expose_secret(), "…"),
            _ => said.to_owned(),
        }
    }
}

/// What a server says went wrong: `{"error": "…"}`, `{"error": {"message": "…"}}` or plain text; one short line.
pub(in crate::llm) fn error_text(body: &[u8]) -> String {
    const MAX_SAID: usize = 300;
    let text = String::from_utf8_lossy(body);
    let said = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|body| {
            let error = body.get("error").or_else(|| body.get("detail")).unwrap_or(&body);
            let error = error.get("message").unwrap_or(error);
            error.as_str().map(str::to_owned)
        })
        // A page of HTML says nothing to a person.
        .or_else(|| Some(text.trim().to_owned()).filter(|text| !text.starts_with(['<', '{', '['])))
        .unwrap_or_default();
    let line: String = said
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_SAID)
        .collect();
    line.trim().trim_end_matches('.').to_owned()
}

fn is_about_tools(said: &str) -> bool {
    said.contains("does not support tools")
}

fn is_about_length(said: &str) -> bool {
    let said = said.to_lowercase();
    said.contains("context length") || said.contains("context window") || said.contains("context_length")
}
