//! In place of the file about Ollama in a build without it: settings in, an error that says so out.

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
