//! A model behind any server that speaks OpenAI's protocol (vLLM, llama.cpp, LM Studio, hosted ones): requests go to
//! `/v1/chat/completions`, its server-sent events come back as deltas.

mod reply;
mod sse;
mod wire;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use secrecy::SecretString;
use serde::Deserialize;

pub use self::reply::OpenAiReply;
use super::{
    Capabilities, DeltaStream, LlmBackend, ModelRequest,
    http::{Http, Waits},
};
use crate::{Error, ErrorKind, Result};

/// A model behind a server that speaks OpenAI's protocol; cheap to clone.
#[derive(Debug, Clone)]
pub struct OpenAi {
    server: Arc<Server>,
}

#[derive(Debug)]
struct Server {
    name: String,
    model: String,
    context_window: Option<u32>,
    http: Http,
    replies: AtomicU64,
}

#[derive(Debug, Deserialize)]
struct Models {
    data: Vec<Model>,
}

#[derive(Debug, Deserialize)]
struct Model {
    id: String,
    /// Only vLLM says it.
    #[serde(default)]
    max_model_len: Option<u32>,
    /// Only llama.cpp says it.
    #[serde(default)]
    meta: Option<Meta>,
}

#[derive(Debug, Deserialize)]
struct Meta {
    #[serde(default)]
    n_ctx: Option<u32>,
}

impl OpenAi {
    /// `model` on the server at `url`, which may end with `/v1` or not. Nothing is sent yet.
    ///
    /// The protocol has no way to ask for a context window: `context_window` says which one the server was started
    /// with, and what the server says itself counts where it is smaller.
    pub fn new(
        url: &str,
        model: impl Into<String>,
        context_window: Option<u32>,
        key: Option<SecretString>,
        waits: Waits,
    ) -> Result<Self> {
        let model = model.into();
        let url = url.trim().trim_end_matches('/');
        let url = url.strip_suffix("/v1").unwrap_or(url);
        Ok(Self {
            server: Arc::new(Server {
                name: format!("openai:{model}"),
                http: Http::new(url, key, waits)?,
                model,
                context_window,
                replies: AtomicU64::new(0),
            }),
        })
    }

    /// The server's address, without a password in it.
    pub fn url(&self) -> String {
        self.server.http.shown()
    }

    /// The models that the server has.
    pub async fn models(&self) -> Result<Vec<String>> {
        let models: Models = self.server.http.get("v1/models").await?;
        Ok(models.data.into_iter().map(|model| model.id).collect())
    }
}

impl Server {
    /// Says which models there are in place of one that is missing.
    fn missing(&self, models: &[Model]) -> Error {
        const SHOWN: usize = 8;
        let names: Vec<&str> = models.iter().take(SHOWN).map(|model| model.id.as_str()).collect();
        let error = Error::new(
            ErrorKind::NotFound,
            format!(
                "the model server at {} has no model {}",
                self.http.shown(),
                self.model
            ),
        );
        error.with_hint(if names.is_empty() {
            "set model.name to a model of that server".to_owned()
        } else {
            format!("set model.name to one that it has: {}", names.join(", "))
        })
    }
}

#[async_trait]
impl LlmBackend for OpenAi {
    fn name(&self) -> &str {
        &self.server.name
    }

    async fn health(&self) -> Result<Capabilities> {
        let server = &self.server;
        let models: Models = server.http.get("v1/models").await?;
        let Some(model) = models.data.iter().find(|model| model.id == server.model) else {
            return Err(server.missing(&models.data));
        };
        let said = model
            .max_model_len
            .or(model.meta.as_ref().and_then(|meta| meta.n_ctx));
        let window = match (server.context_window, said) {
            (Some(set), Some(said)) if said < set => {
                tracing::warn!(
                    model = %server.name, set, said,
                    "the model has a smaller context window than is set: long conversations are shortened sooner"
                );
                Some(said)
            }
            (set, said) => set.or(said),
        };
        Ok(Capabilities {
            // The protocol does not say; a server that cannot answers with an error of its own.
            tools: true,
            json: true,
            context_window: window,
        })
    }

    async fn chat(&self, request: ModelRequest) -> Result<DeltaStream> {
        let server = &self.server;
        let body = wire::request(&server.model, request);
        let response = match server.http.post("v1/chat/completions", &body).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let models: Result<Models> = server.http.get("v1/models").await;
                return Err(match models {
                    Ok(models) if models.data.iter().any(|model| model.id == server.model) => error,
                    Ok(models) => server.missing(&models.data),
                    Err(_) => error,
                });
            }
            response => response?,
        };
        let number = server.replies.fetch_add(1, Ordering::Relaxed);
        Ok(server.http.deltas(response, OpenAiReply::new(number)))
    }
}
