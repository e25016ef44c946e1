//! The names of models in, what the server knows about them out: ollama-rs with time limits and typed errors.

use std::fmt;

use ollama_rs::{
    error::OllamaError,
    generation::embeddings::request::{EmbeddingsInput, GenerateEmbeddingsRequest},
    models::ModelInfo,
};
use reqwest012::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;

use super::super::http::{Http, error_text, is_loopback};
use crate::{Error, ErrorKind, Result};

/// ollama-rs on one server.
pub(super) struct Manage {
    ollama: ollama_rs::Ollama,
    shown: String,
}

impl fmt::Debug for Manage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client inside shows the address with its password.
        f.debug_struct("Manage")
            .field("server", &self.shown)
            .finish_non_exhaustive()
    }
}

impl Manage {
    /// For the server that `http` leads to, with the same limits: the crate itself waits for ever.
    pub(super) fn new(http: &Http) -> Result<Self> {
        let waits = http.waits();
        let mut headers = HeaderMap::new();
        if let Some(key) = http.key()
            && let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let mut builder = reqwest012::Client::builder()
            .connect_timeout(waits.connect)
            .timeout(waits.answer)
            .redirect(reqwest012::redirect::Policy::none())
            .default_headers(headers);
        if is_loopback(http.base()) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| {
            Error::new(ErrorKind::Config, "no connection to a model server can be set up").with_source(error)
        })?;
        Ok(Self {
            ollama: ollama_rs::Ollama::builder()
                .url(http.base().clone())
                .reqwest_client(client)
                .build(),
            shown: http.shown(),
        })
    }

    pub(super) async fn models(&self) -> Result<Vec<String>> {
        let models = self.ollama.list_local_models().await;
        let models = models.map_err(|error| self.typed(error))?;
        Ok(models.into_iter().map(|model| model.name).collect())
    }

    pub(super) async fn show(&self, model: &str) -> Result<ModelInfo> {
        let info = self.ollama.show_model_info(model.to_owned()).await;
        info.map_err(|error| self.typed(error))
    }

    pub(super) async fn embed(&self, model: &str, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        let wanted = texts.len();
        let request = GenerateEmbeddingsRequest::new(model.to_owned(), EmbeddingsInput::Multiple(texts));
        let found = self.ollama.generate_embeddings(request).await;
        let found = found.map_err(|error| self.typed(error))?.embeddings;
        if found.len() == wanted {
            Ok(found)
        } else {
            Err(Error::new(
                ErrorKind::Unavailable,
                format!("asked for {wanted} embeddings, {model} gave {}", found.len()),
            ))
        }
    }

    /// ollama-rs keeps the words of an error and drops its status.
    fn typed(&self, error: OllamaError) -> Error {
        let who = &self.shown;
        match error {
            OllamaError::Other(body) => {
                let said = error_text(body.as_bytes());
                if said.contains("not found") {
                    Error::new(
                        ErrorKind::NotFound,
                        format!("the model server at {who} says: {said}"),
                    )
                } else {
                    Error::new(
                        ErrorKind::Unavailable,
                        format!("the model server at {who} says: {said}"),
                    )
                }
            }
            OllamaError::ReqwestError(error) if error.is_connect() => Error::new(
                ErrorKind::Unreachable,
                format!("the model server at {who} cannot be reached"),
            )
            .with_source(error.without_url()),
            OllamaError::ReqwestError(error) if error.is_timeout() => Error::new(
                ErrorKind::Timeout,
                format!("the model server at {who} did not answer in time"),
            ),
            error => Error::new(
                ErrorKind::Unavailable,
                format!("the model server at {who} does not answer as Ollama does"),
            )
            .with_source(without_url(error)),
        }
    }
}

/// An address may hold a password.
fn without_url(error: OllamaError) -> OllamaError {
    match error {
        OllamaError::ReqwestError(error) => OllamaError::ReqwestError(error.without_url()),
        error => error,
    }
}
