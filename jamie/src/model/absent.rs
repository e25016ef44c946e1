//! Why there is no model in, a backend that says so to every request out.

use async_trait::async_trait;
use jamie_core::{
    Error, ErrorKind, LlmBackend, Result,
    llm::{Capabilities, DeltaStream, ModelRequest},
};

/// A model that is wanted and could not be found.
#[derive(Debug)]
pub(super) struct Absent {
    name: String,
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
}

impl Absent {
    pub(super) fn new(provider: &str, error: &Error) -> Self {
        Self {
            name: format!("{provider}:?"),
            kind: error.kind(),
            message: error.message().to_owned(),
            hint: error.hint().map(str::to_owned),
        }
    }

    fn error(&self) -> Error {
        let error = Error::new(self.kind, self.message.clone());
        self.hint.clone().into_iter().fold(error, Error::with_hint)
    }
}

#[async_trait]
impl LlmBackend for Absent {
    fn name(&self) -> &str {
        &self.name
    }

    async fn health(&self) -> Result<Capabilities> {
        Err(self.error())
    }

    async fn chat(&self, _: ModelRequest) -> Result<DeltaStream> {
        Err(self.error())
    }
}
