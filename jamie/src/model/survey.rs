//! Settings in, what is known of the model that they lead to out, and what it said when it was tried.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use jamie_core::{
    Error, ErrorKind, LlmBackend, Result,
    llm::{Deadline, Deadlines, Delta, Message, ModelRequest, Role},
};
use serde::{Serialize, Serializer};
use tokio::time::Instant;

use super::{Provider, address, find, ollama};
use crate::config::{Config, Environment};

/// What was found.
#[derive(Debug, Serialize)]
pub struct Survey {
    /// `auto`, `ollama`, `openai` or `none`, as set.
    pub provider: String,
    /// Where a model was looked for.
    pub looked_at: Vec<String>,
    /// The model that questions get; `None` where there is none.
    pub model: Option<Tested>,
    /// Why there is none, where one was looked for.
    #[serde(serialize_with = "told")]
    pub none: Option<Error>,
}

/// A model that was asked about itself and tried.
#[derive(Debug, Serialize)]
pub struct Tested {
    /// Server and model: `ollama:qwen3:8b`.
    pub name: String,
    /// Whether it can ask for tools.
    pub tools: bool,
    /// The context window that requests get, in tokens, where that is known.
    pub context_window: Option<u32>,
    /// The one that is set.
    pub context_window_set: u32,
    /// What it said.
    pub trial: Option<Trial>,
    /// What is wrong with it.
    #[serde(serialize_with = "told")]
    pub error: Option<Error>,
}

/// A reply by way of trial.
#[derive(Debug, Serialize)]
pub struct Trial {
    /// The words; empty where it only thought.
    pub reply: String,
    /// From the request to the first word or thought.
    pub first_token_ms: u64,
    /// From the request to the end.
    pub total_ms: u64,
}

#[expect(clippy::ref_option, reason = "the signature that serde calls")]
fn told<S: Serializer>(error: &Option<Error>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Told<'a> {
        kind: String,
        message: &'a str,
        hint: Option<&'a str>,
    }
    let told = error.as_ref().map(|error| Told {
        kind: format!("{:?}", error.kind()),
        message: error.message(),
        hint: error.hint(),
    });
    told.serialize(serializer)
}

/// Finds the model as a question would, asks it about itself, and has it say one word.
///
/// An error is a setting that makes no sense; everything else is in the survey.
pub async fn survey(config: &Config, environment: &Environment) -> Result<Survey> {
    let model = &config.model;
    let provider = Provider::of(model)?;
    let looked_at = match provider {
        Provider::None => Vec::new(),
        Provider::Ollama => vec![address::ollama(model, environment)],
        Provider::OpenAi => vec![model.url.clone()],
        Provider::Auto => [address::usual(environment), model.url.clone()]
            .into_iter()
            .filter(|url| !url.trim().is_empty())
            .collect(),
    };
    let (model, none) = match find(model, environment).await? {
        Some(backend) => (Some(tested(backend, config).await), None),
        None if provider == Provider::None => (None, None),
        None => {
            let why = ollama::nothing(model, &address::usual(environment)).await;
            (None, Some(why))
        }
    };
    Ok(Survey {
        provider: config.model.provider.clone(),
        looked_at: looked_at.iter().map(|url| without_password(url)).collect(),
        model,
        none,
    })
}

async fn tested(backend: Arc<dyn LlmBackend>, config: &Config) -> Tested {
    let mut tested = Tested {
        name: backend.name().to_owned(),
        tools: false,
        context_window: None,
        context_window_set: config.model.context_window,
        trial: None,
        error: None,
    };
    match backend.health().await {
        Ok(able) => {
            tested.tools = able.tools;
            tested.context_window = able.context_window;
        }
        Err(error) => {
            tested.error = Some(error);
            return tested;
        }
    }
    match tried(backend, Duration::from_secs(config.model.timeout_seconds.max(1))).await {
        Ok(trial) => tested.trial = Some(trial),
        Err(error) => tested.error = Some(error),
    }
    tested
}

/// Has a model say one word; a model that must be loaded first gets the time for it.
async fn tried(backend: Arc<dyn LlmBackend>, longest: Duration) -> Result<Trial> {
    const MAX_TOKENS: u32 = 256;
    const MAX_SHOWN: usize = 60;
    let deadlines = Deadlines {
        first: longest,
        idle: longest,
        total: longest,
    };
    let start = Instant::now();
    let elapsed = || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut stream = Deadline::new(backend, deadlines)
        .chat(ModelRequest {
            messages: vec![Message::new(Role::User, "Reply with the one word: ready")],
            max_tokens: Some(MAX_TOKENS),
            temperature: Some(0.0),
            ..ModelRequest::default()
        })
        .await?;
    let mut first_token_ms = None;
    let mut reply = String::new();
    while let Some(delta) = stream.next().await {
        let delta = delta?;
        first_token_ms.get_or_insert_with(elapsed);
        match delta {
            Delta::Text(text) => reply.push_str(&text),
            Delta::End { .. } => {
                return Ok(Trial {
                    reply: reply
                        .trim()
                        .chars()
                        .filter(|c| !c.is_control())
                        .take(MAX_SHOWN)
                        .collect(),
                    first_token_ms: first_token_ms.unwrap_or_default(),
                    total_ms: elapsed(),
                });
            }
            _ => {}
        }
    }
    Err(Error::new(
        ErrorKind::Unavailable,
        "the model's reply was cut off",
    ))
}

/// An address may hold a password; it ends before the last `@` of the host.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.trim().split_once("://") else {
        return url.trim().to_owned();
    };
    let host_end = rest.find('/').unwrap_or(rest.len());
    let host_start = rest[..host_end].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host_start..])
}
