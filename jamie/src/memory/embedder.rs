//! Settings in, what makes vectors of words out.

use std::sync::Arc;

use jamie_core::{Embedder, Error, ErrorKind, Result};
use jamie_memory::embed::Distilled;

use crate::config::{Config, Environment};

/// What makes vectors of words. Nothing is loaded and nobody is asked yet.
pub(super) fn embedder(config: &Config, environment: &Environment) -> Result<Arc<dyn Embedder>> {
    match config.memory.embedder.trim() {
        "built-in" | "" => Ok(Arc::new(Distilled)),
        "folder" => sentence_transformer(config),
        "ollama" => ollama(config, environment),
        other => Err(Error::new(
            ErrorKind::Config,
            format!("there is no embedder called {other:?}"),
        )
        .with_hint("memory.embedder is \"built-in\", \"ollama\" or \"folder\"")),
    }
}

fn sentence_transformer(config: &Config) -> Result<Arc<dyn Embedder>> {
    let folder = config.memory.embedder_folder.trim();
    if folder.is_empty() {
        return Err(Error::new(
            ErrorKind::Config,
            "memory.embedder is \"folder\", and memory.embedder_folder is empty",
        )
        .with_hint("set JAMIE_MEMORY_EMBEDDER_FOLDER to the folder of a sentence-transformer"));
    }
    #[cfg(feature = "candle")]
    return Ok(Arc::new(jamie_memory::embed::SentenceTransformer::open(folder)?));
    #[cfg(not(feature = "candle"))]
    Err(Error::new(
        ErrorKind::Config,
        "this build of Jamie cannot run a sentence-transformer",
    )
    .with_hint("build with the feature `candle`, or set memory.embedder to \"built-in\""))
}

#[cfg(feature = "ollama")]
fn ollama(config: &Config, environment: &Environment) -> Result<Arc<dyn Embedder>> {
    use std::time::Duration;

    use jamie_core::llm::{OllamaEmbedder, Waits};

    use crate::model::ollama_server;

    // A model that has to be loaded first takes its time; nobody's answer waits for it.
    let waits = Waits {
        answer: Duration::from_mins(1),
        ..Waits::default()
    };
    let model = config.memory.embedder_model.trim();
    if model.is_empty() {
        return Err(Error::new(
            ErrorKind::Config,
            "memory.embedder is \"ollama\", and memory.embedder_model is empty",
        )
        .with_hint("set JAMIE_MEMORY_EMBEDDER_MODEL to an embedding model, such as nomic-embed-text"));
    }
    let (url, key) = match config.memory.embedder_url.trim() {
        "" => ollama_server(&config.model, environment)?,
        url => (url.to_owned(), None),
    };
    Ok(Arc::new(OllamaEmbedder::new(&url, model, key, waits)?))
}

#[cfg(not(feature = "ollama"))]
fn ollama(_config: &Config, _environment: &Environment) -> Result<Arc<dyn Embedder>> {
    Err(
        Error::new(ErrorKind::Config, "this build of Jamie cannot speak with Ollama")
            .with_hint("build it with the feature `ollama`, or set memory.embedder to \"built-in\""),
    )
}
