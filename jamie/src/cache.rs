//! Settings in, the caches that they name out.

use std::sync::Arc;

use jamie_core::{Cache, Result};
use jamie_memory::cache::{Degrading, Local, Redis};

use crate::config::Config;

/// The Redis that the settings name; nothing is sent to it yet.
pub(crate) fn shared(config: &Config) -> Result<Option<Redis>> {
    match config.cache.url.given() {
        Some(url) => Ok(Some(Redis::new(&url, config.cache.prefix.trim())?)),
        None => Ok(None),
    }
}

/// What counts and keeps answers: the shared one, this process's own while that is away, or that alone.
pub(crate) fn degrading(shared: Option<&Redis>) -> Arc<dyn Cache> {
    match shared {
        Some(shared) => Arc::new(Degrading::new(Arc::new(shared.clone()), Local::default())),
        None => Arc::new(Local::default()),
    }
}
