//! In place of the file about OpenAI's protocol in a build without it: settings in, an error that says so out.

use super::{Arc, Error, ErrorKind, LlmBackend, Model, Result};

#[expect(clippy::unused_async, reason = "the other build needs it")]
pub(super) async fn named(_: &Model) -> Result<Arc<dyn LlmBackend>> {
    Err(Error::new(
        ErrorKind::Config,
        "this build of Jamie cannot speak OpenAI's protocol",
    )
    .with_hint("build it with the feature `openai`, or set model.provider"))
}
