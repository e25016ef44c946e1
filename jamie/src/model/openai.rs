//! Settings in, a model behind a server that speaks OpenAI's protocol out.

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
