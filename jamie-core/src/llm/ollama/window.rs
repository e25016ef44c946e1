//! What the server says about context windows in, the one that requests really get out.

use std::sync::atomic::{AtomicU32, Ordering};

use ollama_rs::models::ModelInfo;
use serde_json::Value;

/// The context window that is asked for, and the one that the server gives.
#[derive(Debug)]
pub(super) struct Window {
    asked: u32,
    /// What the server gives; 0 until it was seen.
    given: AtomicU32,
}

impl Window {
    pub(super) fn new(asked: u32) -> Self {
        Self {
            asked,
            given: AtomicU32::new(0),
        }
    }

    /// What every request asks for.
    pub(super) fn asked(&self) -> u32 {
        self.asked
    }

    /// What requests get, as far as is known.
    pub(super) fn real(&self) -> u32 {
        match self.given.load(Ordering::Relaxed) {
            0 => self.asked,
            given => given.min(self.asked),
        }
    }

    /// Whether nothing is known yet, or it was less than asked for and may have changed.
    pub(super) fn is_unverified(&self) -> bool {
        self.given.load(Ordering::Relaxed) < self.asked
    }

    /// Takes note of what the server gives, and says so when it is less than asked for; once for each size.
    pub(super) fn found(&self, given: u32, model: &str) {
        let before = self.given.swap(given, Ordering::Relaxed);
        if given < self.asked && given != before {
            tracing::warn!(
                %model,
                asked = self.asked,
                given,
                "the model has a smaller context window than was asked for: long conversations are shortened sooner"
            );
        }
    }
}

/// The window that a loaded model has, from `/api/ps`; `None` where it is not loaded or the server is too old to say.
pub(super) fn loaded(running: &Value, model: &str) -> Option<u32> {
    let tagged = if model.contains(':') {
        model.to_owned()
    } else {
        format!("{model}:latest")
    };
    let named = |entry: &&Value| {
        ["name", "model"]
            .iter()
            .filter_map(|key| entry.get(key)?.as_str())
            .any(|name| name == model || name == tagged)
    };
    let entry = running.get("models")?.as_array()?.iter().find(named)?;
    positive(entry.get("context_length")?)
}

/// The longest window that the model was made for, from `/api/show`.
pub(super) fn trained(info: &ModelInfo) -> Option<u32> {
    let length = info
        .model_info
        .iter()
        .find(|(key, _)| key.ends_with(".context_length"));
    positive(length?.1)
}

fn positive(value: &Value) -> Option<u32> {
    u32::try_from(value.as_u64()?).ok().filter(|window| *window > 0)
}
