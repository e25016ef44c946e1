//! Two caches in, one that always answers out: the shared one while it can be reached, else this process's own.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jamie_core::{
    Cache, Result,
    cache::{Counted, Limit},
};

use super::Local;

/// A shared cache, and one in its place while it fails. What the one counted the other does not know: limits are then
/// each replica's own.
#[derive(Debug)]
pub struct Degrading {
    shared: Arc<dyn Cache>,
    own: Local,
}

impl Degrading {
    /// Puts `own` in the place of `shared` whenever that fails; it must fail quickly, as [`super::Redis`] does.
    pub fn new(shared: Arc<dyn Cache>, own: Local) -> Self {
        Self { shared, own }
    }
}

#[async_trait]
impl Cache for Degrading {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        match self.shared.get(key).await {
            Ok(found) => Ok(found),
            Err(_) => self.own.get(key).await,
        }
    }

    async fn put(&self, key: &str, value: Vec<u8>, lives: Duration) -> Result<()> {
        match self.shared.put(key, value.clone(), lives).await {
            Ok(()) => Ok(()),
            Err(_) => self.own.put(key, value, lives).await,
        }
    }

    async fn remove(&self, key: &str) -> Result<()> {
        // A failure is as good as done for this process, which does not ask the shared one while it fails.
        let _ = self.shared.remove(key).await;
        self.own.remove(key).await
    }

    async fn count(&self, limits: &[Limit]) -> Result<Counted> {
        match self.shared.count(limits).await {
            Ok(counted) => Ok(counted),
            Err(_) => self.own.count(limits).await,
        }
    }
}
