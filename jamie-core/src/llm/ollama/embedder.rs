//! Texts in, their vectors from an embedding model behind Ollama out.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::{OnceCell, Semaphore};

use super::{Ollama, Waits};
use crate::{Embedder, Error, ErrorKind, Result};

/// Texts of one request: a model on a processor takes some ten milliseconds for each.
const BATCH: usize = 32;
/// Requests at the same time. What somebody no longer waits for goes on, and is not to pile up.
const AT_ONCE: usize = 4;
/// What is embedded to learn the dimension.
const PROBE: &str = "a pod";

/// An embedding model behind Ollama; cheap to clone.
///
/// Its identity is the model's name, tag included: vectors of two editions that have the same name are taken for alike,
/// so an index is to be rebuilt after a pull that changed the model.
#[derive(Debug, Clone)]
pub struct OllamaEmbedder {
    server: Ollama,
    identity: String,
    dimension: Arc<OnceCell<usize>>,
    places: Arc<Semaphore>,
}

impl OllamaEmbedder {
    /// `model` on the server at `url`, with a key for a proxy in front of it. Nothing is sent yet.
    pub fn new(url: &str, model: &str, key: Option<SecretString>, waits: Waits) -> Result<Self> {
        let name: String = model
            .chars()
            .map(|c| match c.to_ascii_lowercase() {
                c if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') => c,
                _ => '-',
            })
            .collect();
        Ok(Self {
            server: Ollama::with(url, model, Ollama::CONTEXT_WINDOW, key, waits)?,
            identity: format!("ollama-{name}"),
            dimension: Arc::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// Asks the server; nobody has to wait for the end. Ollama stops loading a model when the request that needs it goes
    /// away, so that somebody in a hurry would never find it loaded.
    async fn ask(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            Error::new(
                ErrorKind::Unavailable,
                format!(
                    "the model server at {} is busy with embeddings",
                    self.server.url()
                ),
            )
        })?;
        let server = Arc::clone(&self.server.server);
        let asked = tokio::spawn(async move {
            let _place = place;
            match server.manage.embed(&server.model, texts).await {
                Err(error) if error.kind() == ErrorKind::NotFound => Err(server.missing().await),
                other => other,
            }
        });
        asked.await.unwrap_or_else(|error| {
            Err(
                Error::new(ErrorKind::Internal, "embedding stopped with a fault of its own")
                    .with_source(error),
            )
        })
    }
}

#[async_trait]
impl Embedder for OllamaEmbedder {
    fn identity(&self) -> &str {
        &self.identity
    }

    async fn dimension(&self) -> Result<usize> {
        let found = self.dimension.get_or_try_init(|| async {
            let vectors = self.ask(vec![PROBE.to_owned()]).await?;
            match vectors.first().map(Vec::len) {
                Some(dimension) if dimension > 0 => Ok(dimension),
                _ => Err(Error::new(
                    ErrorKind::Config,
                    format!(
                        "{} gives no vectors: it is no embedding model",
                        self.server.server.name
                    ),
                )
                .with_hint("name one that is, such as nomic-embed-text")),
            }
        });
        found.await.copied()
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        // A text without words has no meaning, and servers disagree about what to make of it.
        let with_words: Vec<&String> = texts.iter().filter(|text| has_words(text)).collect();
        let mut found = Vec::with_capacity(with_words.len());
        for some in with_words.chunks(BATCH) {
            let vectors = self
                .ask(some.iter().map(|text| (*text).clone()).collect())
                .await?;
            found.extend(vectors.into_iter().map(unit));
        }
        if found.len() == texts.len() {
            return Ok(found);
        }
        let dimension = self.dimension().await?;
        let mut found = found.into_iter();
        Ok(texts
            .iter()
            .map(|text| {
                let vector = if has_words(text) { found.next() } else { None };
                vector.unwrap_or_else(|| vec![0.0; dimension])
            })
            .collect())
    }
}

fn has_words(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// The same direction with the length 1.
fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        for x in &mut vector {
            *x /= length;
        }
    }
    vector
}
