//! Settings in, the language model that they name out, guarded; or none, and all of Jamie works without.

mod absent;
mod address;
mod survey;

use std::{sync::Arc, time::Duration};

use jamie_core::{
    Error, ErrorKind, LlmBackend, Result,
    llm::{Breaker, BreakerPolicy, Counted, Deadline, Deadlines, Retry, RetryPolicy, TokenCounter, Traced},
};
use tokio::time::timeout;

use self::absent::Absent;
pub use self::survey::{Survey, Tested, Trial, survey};
use crate::config::{Config, Environment, Model};

/// How long a server of whom nothing is known gets to answer: a question without a model must not wait.
const GLANCE: Duration = Duration::from_millis(200);

/// The model that the settings name, with everything that guards it: deadlines, retries, a breaker, traces.
///
/// With `auto`, a server that does not answer is none, and no error. An error is a setting that makes no sense; a
/// server that is named and down shows with the first request.
pub async fn choose(config: &Config, environment: &Environment) -> Result<Option<Arc<dyn LlmBackend>>> {
    choose_counted(config, environment, TokenCounter::default()).await
}

/// The same with a counter of the tokens that it costs.
pub async fn choose_counted(
    config: &Config,
    environment: &Environment,
    counter: TokenCounter,
) -> Result<Option<Arc<dyn LlmBackend>>> {
    let found = find(&config.model, environment).await?;
    Ok(found.map(|found| guarded(found, &config.model, counter)))
}

/// Puts everything that guards a model around a backend of your own.
///
/// From the inside out: it is asked again where that may help; all attempts share one deadline; a server that keeps
/// failing is left alone; what comes of it is traced and counted.
pub fn guarded(backend: Arc<dyn LlmBackend>, model: &Model, counter: TokenCounter) -> Arc<dyn LlmBackend> {
    let deadlines = Deadlines {
        first: Duration::from_millis(model.first_token_ms.max(1)),
        idle: Duration::from_millis(model.idle_ms.max(1)),
        total: Duration::from_secs(model.timeout_seconds.max(1)),
    };
    let backend = Arc::new(Retry::new(backend, RetryPolicy::default()));
    let backend = Arc::new(Deadline::new(backend, deadlines));
    let backend = Arc::new(Breaker::new(backend, BreakerPolicy::default()));
    let backend = Arc::new(Traced::new(backend));
    Arc::new(Counted::new(backend, counter))
}

/// Who serves models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    Auto,
    Ollama,
    OpenAi,
    None,
}

impl Provider {
    fn of(model: &Model) -> Result<Self> {
        match model.provider.trim() {
            "auto" | "" => Ok(Self::Auto),
            "ollama" => Ok(Self::Ollama),
            "openai" => Ok(Self::OpenAi),
            "none" => Ok(Self::None),
            other => Err(Error::new(
                ErrorKind::Config,
                format!("there is no model provider called {other:?}"),
            )
            .with_hint("model.provider is \"auto\", \"ollama\", \"openai\" or \"none\"")),
        }
    }

    /// Which protocol an address speaks, as far as it shows: Ollama's has a port of its own.
    fn by_address(url: &str) -> Self {
        if url.contains(":11434") && !url.trim_end_matches('/').ends_with("/v1") {
            Self::Ollama
        } else {
            Self::OpenAi
        }
    }
}

/// The model alone, nothing around it.
async fn find(model: &Model, environment: &Environment) -> Result<Option<Arc<dyn LlmBackend>>> {
    let named = !model.url.trim().is_empty();
    match Provider::of(model)? {
        Provider::None => Ok(None),
        Provider::Ollama => ollama::named(model, &address::ollama(model, environment))
            .await
            .map(Some),
        Provider::OpenAi => openai::named(model).await.map(Some),
        Provider::Auto => {
            if let Some(found) = ollama::glimpsed(model, &address::usual(environment), named).await {
                return Ok(Some(found));
            }
            match Provider::by_address(&model.url) {
                _ if !named => Ok(None),
                Provider::Ollama => ollama::named(model, &model.url).await.map(Some),
                _ => openai::named(model).await.map(Some),
            }
        }
    }
}

/// A model that nobody named and that could not be found, as a backend: its requests fail and say why.
fn absent(provider: &str, error: Error) -> Result<Arc<dyn LlmBackend>> {
    if error.kind() == ErrorKind::Config {
        return Err(error);
    }
    Ok(Arc::new(Absent::new(provider, &error)))
}

#[cfg(any(feature = "ollama", feature = "openai"))]
fn waits(model: &Model) -> jamie_core::llm::Waits {
    jamie_core::llm::Waits {
        // A model that is being loaded says nothing for a while; the deadline around it is the shorter one.
        idle: Duration::from_secs(model.timeout_seconds.max(1)),
        ..jamie_core::llm::Waits::default()
    }
}

#[cfg(feature = "ollama")]
mod ollama {
    //! Models behind Ollama.

    use futures::future::join_all;
    use jamie_core::llm::Ollama;

    use super::{Arc, Error, ErrorKind, GLANCE, LlmBackend, Model, Result, absent, timeout, waits};

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
    pub(super) async fn glimpsed(
        model: &Model,
        url: &str,
        has_alternative: bool,
    ) -> Option<Arc<dyn LlmBackend>> {
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
}

#[cfg(not(feature = "ollama"))]
mod ollama {
    //! This build has no Ollama.

    use super::{Arc, Error, ErrorKind, LlmBackend, Model, Result};

    #[expect(clippy::unused_async, reason = "the other build needs it")]
    pub(super) async fn named(_: &Model, _: &str) -> Result<Arc<dyn LlmBackend>> {
        Err(
            Error::new(ErrorKind::Config, "this build of Jamie cannot speak with Ollama")
                .with_hint("build it with the feature `ollama`, or set model.provider"),
        )
    }

    #[expect(clippy::unused_async, reason = "the other build needs it")]
    pub(super) async fn nothing(_: &Model, _: &str) -> Error {
        Error::new(
            ErrorKind::NotFound,
            "this build of Jamie does not look for Ollama",
        )
        .with_hint("set model.provider and model.url")
    }

    #[expect(clippy::unused_async, reason = "the other build needs it")]
    pub(super) async fn glimpsed(_: &Model, _: &str, _: bool) -> Option<Arc<dyn LlmBackend>> {
        None
    }
}

#[cfg(feature = "openai")]
mod openai {
    //! Models behind a server that speaks OpenAI's protocol.

    use jamie_core::llm::OpenAi;

    use super::{Arc, Error, ErrorKind, LlmBackend, Model, Result, absent, waits};

    pub(super) fn backend(model: &Model, name: &str) -> Result<OpenAi> {
        if model.url.trim().is_empty() {
            return Err(Error::new(ErrorKind::Config, "the model server has no address")
                .with_hint("set model.url, for example to http://127.0.0.1:8000/v1"));
        }
        OpenAi::new(
            &model.url,
            name,
            Some(model.context_window),
            model.api_key.given(),
            waits(model),
        )
    }

    /// On the server that the settings name; without a name its first model.
    pub(super) async fn named(model: &Model) -> Result<Arc<dyn LlmBackend>> {
        let name = model.name.trim();
        let server = backend(model, name)?;
        if !name.is_empty() {
            return Ok(Arc::new(server));
        }
        let first = server.models().await.and_then(|models| {
            models.into_iter().next().ok_or_else(|| {
                Error::new(
                    ErrorKind::NotFound,
                    format!("the model server at {} has no model", server.url()),
                )
            })
        });
        match first {
            Ok(name) => Ok(Arc::new(backend(model, &name)?)),
            Err(error) => absent("openai", error),
        }
    }
}

#[cfg(not(feature = "openai"))]
mod openai {
    //! This build speaks Ollama's protocol alone.

    use super::{Arc, Error, ErrorKind, LlmBackend, Model, Result};

    #[expect(clippy::unused_async, reason = "the other build needs it")]
    pub(super) async fn named(_: &Model) -> Result<Arc<dyn LlmBackend>> {
        Err(Error::new(
            ErrorKind::Config,
            "this build of Jamie cannot speak OpenAI's protocol",
        )
        .with_hint("build it with the feature `openai`, or set model.provider"))
    }
}
