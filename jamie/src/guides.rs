//! A memory in, the same with the built-in guides in it out: they are put there when somebody first looks for a document.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jamie_core::{
    MemoryStore, Result,
    memory::{Forget, Kind, Memory, Recall, Record},
};
use tokio::sync::OnceCell;

/// How long a question waits for the guides; they go on being put there behind it.
const PATIENCE: Duration = Duration::from_secs(1);

/// A memory that holds the built-in guides.
#[derive(Debug, Clone)]
pub(crate) struct Guided {
    store: Arc<dyn MemoryStore>,
    there: Arc<OnceCell<()>>,
}

impl Guided {
    pub(crate) fn new(store: Arc<dyn MemoryStore>) -> Self {
        Self {
            store,
            there: Arc::default(),
        }
    }

    async fn see_to_guides(&self) {
        if self.there.initialized() {
            return;
        }
        let (store, there) = (Arc::clone(&self.store), Arc::clone(&self.there));
        let put = tokio::spawn(async move {
            let put = there
                .get_or_try_init(|| jamie_knowledge::ensure(store.as_ref()))
                .await;
            if let Err(error) = put {
                tracing::warn!(%error, "the built-in guides could not be put into the memory");
            }
        });
        // Late guides are no reason for a late answer.
        drop(tokio::time::timeout(PATIENCE, put).await);
    }
}

#[async_trait]
impl MemoryStore for Guided {
    async fn remember(&self, records: Vec<Record>) -> Result<()> {
        self.store.remember(records).await
    }

    async fn recall(&self, recall: &Recall) -> Result<Vec<Memory>> {
        if recall.kind == Kind::Document {
            self.see_to_guides().await;
        }
        self.store.recall(recall).await
    }

    async fn forget(&self, forget: &Forget) -> Result<u64> {
        self.store.forget(forget).await
    }
}
