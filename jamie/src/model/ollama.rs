//! Settings in, a model behind Ollama out.

use std::time::Duration;

use futures::future::join_all;
use jamie_core::llm::Ollama;
use tokio::time::timeout;

use super::{Arc, Error, ErrorKind, LlmBackend, Model, Result, absent, waits};

/// How long a server of whom nothing is known gets to answer: a question without a model must not wait.
const GLANCE: Duration = Duration::from_millis(200);
/// Models whose abilities are looked at before one is taken.
const MAX_LOOKED_AT: usize = 8;
/// What is suggested where there is no model yet.
const SUGGESTED: &str = "qwen3:8b";

pub(super) fn backend(model: &Model, url: &str, name: &str) -> Result<Ollama> {
    Ollama::with(
        url,
        name,
        model.context_window,
        model.api_key.given(),
        waits(model),
    )
}

/// On a server that the settings name.
pub(super) async fn named(model: &Model, url: &str) -> Result<Arc<dyn LlmBackend>> {
    if !model.name.trim().is_empty() {
        return Ok(Arc::new(backend(model, url, model.name.trim())?));
    }
    match best(model, url).await {
        Ok(name) => Ok(Arc::new(backend(model, url, &name)?)),
        Err(error) => absent("ollama", error),
    }
}

/// On the server where Ollama usually is, if it answers at once; with an alternative, only if it has the model.
pub(super) async fn glimpsed(model: &Model, url: &str, has_alternative: bool) -> Option<Arc<dyn LlmBackend>> {
    let name = model.name.trim();
    let server = backend(model, url, name).ok()?;
    timeout(GLANCE, server.version()).await.ok()?.ok()?;
    if name.is_empty() {
        let name = best(model, url)
            .await
            .inspect_err(|error| tracing::info!(%error, "no model is taken"))
            .ok()?;
        return Some(Arc::new(backend(model, url, &name).ok()?));
    }
    if has_alternative {
        let models = server.models().await.ok()?;
        let tagged = format!("{name}:latest");
        if !models.iter().any(|there| there == name || *there == tagged) {
            return None;
        }
    }
    Some(Arc::new(server))
}

/// Why nothing was glimpsed.
pub(super) async fn nothing(model: &Model, url: &str) -> Error {
    let there = match backend(model, url, "") {
        Ok(server) => timeout(GLANCE, server.version()).await,
        Err(error) => return error,
    };
    match there {
        Ok(Ok(_)) => match best(model, url).await {
            Err(error) => error,
            Ok(_) => Error::new(ErrorKind::Unavailable, format!("Ollama at {url} came just now"))
                .with_hint("try again"),
        },
        Ok(Err(error)) => error,
        Err(_) => Error::new(ErrorKind::Unreachable, format!("nothing answers at {url}")),
    }
}

/// The newest model that can ask for tools, else the newest that can talk.
async fn best(model: &Model, url: &str) -> Result<String> {
    let server = backend(model, url, "")?;
    let mut models = server.models().await?;
    models.truncate(MAX_LOOKED_AT);
    let shown = join_all(models.iter().map(|name| server.show(name))).await;
    let able = |ability: &str| {
        models.iter().zip(&shown).find_map(|(name, shown)| {
            let able = &shown.as_ref().ok()?.capabilities;
            able.iter().any(|able| able == ability).then(|| name.clone())
        })
    };
    able("tools").or_else(|| able("completion")).ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!("Ollama at {} has no model that can talk", server.url()),
        )
        .with_hint(format!("get one with `{}`", Ollama::pull_command(SUGGESTED)))
    })
}
