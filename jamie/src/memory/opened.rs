//! A memory that is open, with what turns begin with kept at hand where replicas share a cache.
//!
//! Without a shared cache nothing is kept at hand: other processes write to the same memory, and would not be seen.

use std::sync::Arc;

use async_trait::async_trait;
use jamie_core::{
    MemoryStore, Result,
    memory::{self, Forget, Recall, Record},
};
use jamie_memory::{
    Memory, Settings, Status,
    cache::{Cached, Redis},
};

/// A memory that is open.
#[derive(Debug)]
pub struct Opened {
    memory: Arc<Memory>,
    store: Arc<dyn MemoryStore>,
}

impl Opened {
    pub(super) async fn open(settings: Settings, cache: Option<Redis>) -> Result<Self> {
        let memory = Arc::new(Memory::open(settings).await?);
        let store: Arc<dyn MemoryStore> = match cache {
            Some(cache) => Arc::new(Cached::new(memory.clone(), Arc::new(cache))),
            None => memory.clone(),
        };
        Ok(Self { memory, store })
    }

    /// What there is.
    pub async fn status(&self) -> Result<Status> {
        self.memory.status().await
    }

    /// Builds the index anew from the records, and gives how many rows it has then.
    pub async fn rebuild(&self) -> Result<usize> {
        self.memory.rebuild().await
    }

    /// Ends its tasks and closes its files.
    pub async fn close(&self) {
        self.memory.close().await;
    }
}

#[async_trait]
impl MemoryStore for Opened {
    async fn remember(&self, records: Vec<Record>) -> Result<()> {
        self.store.remember(records).await
    }

    async fn recall(&self, recall: &Recall) -> Result<Vec<memory::Memory>> {
        self.store.recall(recall).await
    }

    async fn forget(&self, forget: &Forget) -> Result<u64> {
        self.store.forget(forget).await
    }
}
