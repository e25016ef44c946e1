//! A model behind Ollama: requests go to `/api/chat`, its lines come back as deltas.
//!
//! Types, the list of models, what a model can do and embeddings come from ollama-rs. Streaming is done here, because
//! that crate loses characters at the borders of chunks, errors in mid-stream, statuses and the ids of calls.

mod embedder;
mod manage;
mod reply;
mod window;
mod wire;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use async_trait::async_trait;
use ollama_rs::models::ModelInfo;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

pub use self::{embedder::OllamaEmbedder, reply::OllamaReply};
use self::{manage::Manage, window::Window};
use super::{
    Capabilities, DeltaStream, LlmBackend, ModelRequest,
    http::{Http, Waits},
};
use crate::{Error, ErrorKind, Result};

/// A model behind Ollama; cheap to clone.
#[derive(Debug, Clone)]
pub struct Ollama {
    server: Arc<Server>,
}

#[derive(Debug)]
struct Server {
    name: String,
    model: String,
    http: Http,
    manage: Manage,
    window: Window,
    /// Requests so far, for the ids of calls from servers that give none.
    replies: AtomicU64,
    /// Whether the model is being loaded on behalf of a request that could not wait for it.
    loading: AtomicBool,
}

#[derive(Debug, Deserialize)]
struct Version {
    version: String,
}

impl Ollama {
    /// Where Ollama listens unless told otherwise.
    pub const USUAL_URL: &str = "http://127.0.0.1:11434";
    /// The context window that is asked for unless told otherwise, in tokens; Ollama's own default is 4,096.
    pub const CONTEXT_WINDOW: u32 = 16_384;

    /// `model` on the server at `url`. Nothing is sent yet.
    pub fn new(url: &str, model: impl Into<String>) -> Result<Self> {
        Self::with(url, model, Self::CONTEXT_WINDOW, None, Waits::default())
    }

    /// The same with a context window, a key for a proxy in front of the server, and time limits of your own.
    pub fn with(
        url: &str,
        model: impl Into<String>,
        context_window: u32,
        key: Option<SecretString>,
        waits: Waits,
    ) -> Result<Self> {
        let model = model.into();
        let http = Http::new(url, key, waits)?;
        Ok(Self {
            server: Arc::new(Server {
                name: format!("ollama:{model}"),
                manage: Manage::new(&http)?,
                window: Window::new(context_window),
                model,
                http,
                replies: AtomicU64::new(0),
                loading: AtomicBool::new(false),
            }),
        })
    }

    /// The server's address, without a password in it.
    pub fn url(&self) -> String {
        self.server.http.shown()
    }

    /// The server's version: the quickest way to know whether it is there.
    pub async fn version(&self) -> Result<String> {
        Ok(self.server.http.get::<Version>("api/version").await?.version)
    }

    /// The models that the server has, the one changed last first.
    pub async fn models(&self) -> Result<Vec<String>> {
        self.server.manage.models().await
    }

    /// What the server knows about a model.
    pub async fn show(&self, model: &str) -> Result<ModelInfo> {
        self.server.manage.show(model).await
    }

    /// The command that gets a model onto the server.
    pub fn pull_command(model: &str) -> String {
        format!("ollama pull {model}")
    }

    /// Loads the model into memory and waits until that is done, with the context window that requests will get.
    pub async fn load(&self) -> Result<()> {
        self.server.load().await
    }
}

impl Server {
    async fn load(&self) -> Result<()> {
        let request = json!({
            "model": self.model,
            "messages": [],
            "stream": false,
            "options": {"num_ctx": self.window.asked()},
        });
        let response = self.http.post("api/chat", &request).await?;
        drop(response);
        self.check_window().await
    }

    /// Compares the window of the loaded model with the one that was asked for.
    async fn check_window(&self) -> Result<()> {
        let running: Value = self.http.get("api/ps").await?;
        if let Some(loaded) = window::loaded(&running, &self.model) {
            self.window.found(loaded, &self.name);
        }
        Ok(())
    }

    /// Says which models there are in place of one that is missing.
    async fn missing(&self) -> Error {
        let there = match self.manage.models().await {
            Ok(models) if models.is_empty() => "; it has no model yet".to_owned(),
            Ok(models) => format!("; it has {}", listed(&models)),
            Err(_) => String::new(),
        };
        Error::new(
            ErrorKind::NotFound,
            format!(
                "the model server at {} has no model {}{there}",
                self.http.shown(),
                self.model
            ),
        )
        .with_hint(format!("get it with `{}`", Ollama::pull_command(&self.model)))
    }
}

/// The first few names of a list.
fn listed(models: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = models.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if models.len() > SHOWN {
        text.push_str(&format!(" and {} more", models.len() - SHOWN));
    }
    text
}

/// Ollama stops loading a model when the request that needs it goes away, and a person's answer does not wait for
/// that long. So the loading goes on by itself, and the next question finds the model ready.
struct Impatient<'a> {
    server: &'a Arc<Server>,
    answered: bool,
}

impl Drop for Impatient<'_> {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        if self.answered || self.server.loading.swap(true, Ordering::AcqRel) {
            return;
        }
        let server = Arc::clone(self.server);
        runtime.spawn(async move {
            if let Err(error) = server.load().await {
                tracing::debug!(model = %server.name, %error, "the model could not be loaded ahead");
            }
            server.loading.store(false, Ordering::Release);
        });
    }
}

#[async_trait]
impl LlmBackend for Ollama {
    fn name(&self) -> &str {
        &self.server.name
    }

    async fn health(&self) -> Result<Capabilities> {
        let server = &self.server;
        // Its errors are the telling ones: ollama-rs loses the status.
        self.version().await?;
        let (info, running) = tokio::join!(
            server.manage.show(&server.model),
            // Old servers have no list of what runs.
            server.http.get::<Value>("api/ps"),
        );
        let info = match info {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(server.missing().await),
            info => info?,
        };
        let loaded = running
            .ok()
            .and_then(|running| window::loaded(&running, &server.model));
        if let Some(window) = loaded.or_else(|| window::trained(&info)) {
            server.window.found(window, &server.name);
        }
        Ok(Capabilities {
            tools: info.capabilities.iter().any(|able| able == "tools"),
            json: true,
            context_window: Some(server.window.real()),
        })
    }

    async fn chat(&self, request: ModelRequest) -> Result<DeltaStream> {
        let server = &self.server;
        let body = wire::request(&server.model, server.window.asked(), request)?;
        let mut impatient = Impatient {
            server,
            answered: false,
        };
        let response = server.http.post("api/chat", &body).await;
        impatient.answered = true;
        let response = match response {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(server.missing().await),
            response => response?,
        };
        if server.window.is_unverified() {
            // The answer does not wait for this; a window that is too small is warned about and shows in `health`.
            let server = Arc::clone(server);
            tokio::spawn(async move { server.check_window().await });
        }
        let number = server.replies.fetch_add(1, Ordering::Relaxed);
        Ok(server.http.deltas(response, OllamaReply::new(number)))
    }
}
