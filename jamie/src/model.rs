//! Settings in, the language model that they name out, guarded; or none, and all of Jamie works without.

#[cfg(any(feature = "ollama", feature = "openai"))]
mod absent;
mod address;
#[cfg_attr(not(feature = "ollama"), path = "model/no_ollama.rs")]
mod ollama;
#[cfg_attr(not(feature = "openai"), path = "model/no_openai.rs")]
mod openai;
mod survey;

use std::{sync::Arc, time::Duration};

use jamie_core::{
    Error, ErrorKind, LlmBackend, Result,
    llm::{Breaker, BreakerPolicy, Counted, Deadline, Deadlines, Retry, RetryPolicy, TokenCounter, Traced},
};

pub use self::survey::{Survey, Tested, Trial, survey};
use crate::config::{Config, Environment, Model};

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

/// The Ollama that the settings of the language model name, with its key; else the usual one. A key is for the server
/// that it was set for alone.
#[cfg(feature = "ollama")]
pub(crate) fn ollama_server(
    model: &Model,
    environment: &Environment,
) -> Result<(String, Option<secrecy::SecretString>)> {
    let named = match Provider::of(model)? {
        Provider::Ollama => true,
        Provider::Auto => Provider::by_address(&model.url) == Provider::Ollama,
        Provider::OpenAi | Provider::None => false,
    };
    Ok(if named && !model.url.trim().is_empty() {
        (address::ollama(model, environment), model.api_key.given())
    } else {
        (address::usual(environment), None)
    })
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

#[cfg(any(feature = "ollama", feature = "openai"))]
/// A model that nobody named and that could not be found, as a backend: its requests fail and say why.
fn absent(provider: &str, error: Error) -> Result<Arc<dyn LlmBackend>> {
    if error.kind() == ErrorKind::Config {
        return Err(error);
    }
    Ok(Arc::new(absent::Absent::new(provider, &error)))
}

#[cfg(any(feature = "ollama", feature = "openai"))]
fn waits(model: &Model) -> jamie_core::llm::Waits {
    jamie_core::llm::Waits {
        // A model that is being loaded says nothing for a while; the deadline around it is the shorter one.
        idle: Duration::from_secs(model.timeout_seconds.max(1)),
        ..jamie_core::llm::Waits::default()
    }
}
