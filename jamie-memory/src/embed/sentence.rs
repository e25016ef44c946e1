//! A sentence-transformer in a local folder: texts in, vectors out, computed here with candle; nothing is downloaded.
//!
//! The folder is what the library sentence-transformers saves for a model of the BERT family: `config.json`,
//! `tokenizer.json`, `model.safetensors`, and `1_Pooling/config.json` where the pooling is not the mean.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use async_trait::async_trait;
use candle_core::{DType, Device, IndexOp, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use jamie_core::{Embedder, Error, ErrorKind, Result};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

/// Texts that go through the model at once.
const BATCH: usize = 16;
/// The most tokens of a text that are read.
const TOKENS: usize = 256;

/// How the vectors of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pooling {
    Mean,
    First,
}

/// A sentence-transformer in a folder; its weights are read when they are first needed.
#[derive(Clone)]
pub struct SentenceTransformer {
    folder: PathBuf,
    identity: String,
    dimension: usize,
    loaded: Arc<OnceLock<Loaded>>,
}

struct Loaded {
    model: BertModel,
    tokenizer: Tokenizer,
    pooling: Pooling,
}

impl fmt::Debug for SentenceTransformer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentenceTransformer")
            .field("folder", &self.folder)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Kind {
    #[serde(default)]
    model_type: String,
    hidden_size: usize,
}

#[derive(Deserialize)]
struct PoolingConfig {
    #[serde(default)]
    pooling_mode_cls_token: bool,
}

impl SentenceTransformer {
    /// The model in a folder.
    ///
    /// # Errors
    ///
    /// Where a file is missing or the model is of another family.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        let config = read(&folder, "config.json")?;
        let tokenizer = read(&folder, "tokenizer.json")?;
        let kind: Kind =
            serde_json::from_slice(&config).map_err(|error| broken(&folder, "config.json", &error))?;
        if kind.model_type != "bert" {
            return Err(Error::new(
                ErrorKind::Config,
                format!(
                    "the model in {} is of the family {:?}",
                    folder.display(),
                    kind.model_type
                ),
            )
            .with_hint("take a sentence-transformer of the BERT family, such as all-MiniLM-L6-v2"));
        }
        let weights = folder.join("model.safetensors");
        let length = std::fs::metadata(&weights)
            .map_err(|error| broken(&folder, "model.safetensors", &error))?
            .len();
        // The weights themselves take a while to read: their length tells editions of a model apart well enough.
        let digest = Sha256::new()
            .chain_update(&config)
            .chain_update(&tokenizer)
            .chain_update(length.to_le_bytes())
            .finalize();
        let digest = digest
            .iter()
            .take(8)
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        Ok(Self {
            identity: format!("sentence-{}-{digest}", kind.hidden_size),
            dimension: kind.hidden_size,
            folder,
            loaded: Arc::default(),
        })
    }
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>> {
    std::fs::read(folder.join(name)).map_err(|error| broken(folder, name, &error))
}

fn broken(folder: &Path, name: &str, why: &dyn fmt::Display) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("{} in {} cannot be used: {why}", name, folder.display()),
    )
    .with_hint("memory.embedder_folder names a folder with config.json, tokenizer.json and model.safetensors")
}

fn load(folder: &Path) -> Result<Loaded> {
    let config: Config = serde_json::from_slice(&read(folder, "config.json")?)
        .map_err(|error| broken(folder, "config.json", &error))?;
    let weights = read(folder, "model.safetensors")?;
    let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)
        .map_err(|error| broken(folder, "model.safetensors", &error))?;
    let model =
        BertModel::load(weights, &config).map_err(|error| broken(folder, "model.safetensors", &error))?;
    let mut tokenizer = Tokenizer::from_bytes(read(folder, "tokenizer.json")?)
        .map_err(|error| broken(folder, "tokenizer.json", &error))?;
    tokenizer.with_padding(Some(PaddingParams::default()));
    tokenizer
        .with_truncation(Some(TruncationParams {
            max_length: TOKENS,
            ..TruncationParams::default()
        }))
        .map_err(|error| broken(folder, "tokenizer.json", &error))?;
    let pooling = match std::fs::read(folder.join("1_Pooling/config.json")) {
        Ok(bytes) => {
            let config: PoolingConfig = serde_json::from_slice(&bytes)
                .map_err(|error| broken(folder, "1_Pooling/config.json", &error))?;
            if config.pooling_mode_cls_token {
                Pooling::First
            } else {
                Pooling::Mean
            }
        }
        Err(_) => Pooling::Mean,
    };
    Ok(Loaded {
        model,
        tokenizer,
        pooling,
    })
}

impl Loaded {
    fn embed(
        &self,
        texts: &[&str],
    ) -> std::result::Result<Vec<Vec<f32>>, Box<dyn std::error::Error + Send + Sync>> {
        let read = self.tokenizer.encode_batch(texts.to_vec(), true)?;
        let device = Device::Cpu;
        let tensor = |of: &dyn Fn(&tokenizers::Encoding) -> Vec<u32>| {
            let rows: Vec<Tensor> = read
                .iter()
                .map(|text| Tensor::new(of(text), &device))
                .collect::<candle_core::Result<_>>()?;
            Tensor::stack(&rows, 0)
        };
        let ids = tensor(&|text| text.get_ids().to_vec())?;
        let mask = tensor(&|text| text.get_attention_mask().to_vec())?;
        let types = ids.zeros_like()?;
        let states = self.model.forward(&ids, &types, Some(&mask))?;
        let pooled = match self.pooling {
            Pooling::First => states.i((.., 0))?,
            Pooling::Mean => {
                let mask = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
                let counts = mask.sum(1)?;
                states.broadcast_mul(&mask)?.sum(1)?.broadcast_div(&counts)?
            }
        };
        let length = pooled.sqr()?.sum_keepdim(1)?.sqrt()?;
        Ok(pooled.broadcast_div(&length)?.to_vec2::<f32>()?)
    }
}

#[async_trait]
impl Embedder for SentenceTransformer {
    fn identity(&self) -> &str {
        &self.identity
    }

    async fn dimension(&self) -> Result<usize> {
        Ok(self.dimension)
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let (this, texts) = (self.clone(), texts.to_vec());
        let work = tokio::task::spawn_blocking(move || {
            let loaded = if let Some(loaded) = this.loaded.get() {
                loaded
            } else {
                let loaded = load(&this.folder)?;
                this.loaded.get_or_init(|| loaded)
            };
            let mut vectors = vec![vec![0.0; this.dimension]; texts.len()];
            // Texts of a length go together, so that little is padded; what has no word keeps its zeros.
            let mut order: Vec<usize> = (0..texts.len())
                .filter(|at| {
                    texts
                        .get(*at)
                        .is_some_and(|text| text.chars().any(char::is_alphanumeric))
                })
                .collect();
            order.sort_by_key(|at| texts.get(*at).map_or(0, String::len));
            for batch in order.chunks(BATCH) {
                let said: Vec<&str> = batch
                    .iter()
                    .filter_map(|at| texts.get(*at).map(String::as_str))
                    .collect();
                let found = loaded.embed(&said).map_err(|error| {
                    Error::new(
                        ErrorKind::Internal,
                        format!("the sentence-transformer failed: {error}"),
                    )
                    .with_hint("is the folder complete? memory.embedder = \"built-in\" does without it")
                })?;
                for (at, vector) in batch.iter().zip(found) {
                    if let Some(place) = vectors.get_mut(*at) {
                        *place = vector;
                    }
                }
            }
            Ok(vectors)
        });
        work.await.unwrap_or_else(|error| {
            Err(Error::new(
                ErrorKind::Internal,
                format!("embedding broke off: {error}"),
            ))
        })
    }
}
