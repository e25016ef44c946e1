//! A store in, the same store out, with what every turn begins with kept at hand: the person's and the team's facts, and
//! the last turns of the person and of the conversation.
//!
//! What is kept is filed under a generation. A write takes the generation away after it is committed, so that whatever was
//! read before it, even if it is filed only now, is under a name that nobody asks for any more. Generations are unique
//! words, never counted up: one that was lost cannot come back. A cache that fails is passed by, and what could not be
//! taken away meanwhile is taken away, with everything else, before the cache is used again.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jamie_core::{
    Cache, Error, ErrorKind, MemoryStore, Result,
    cache::answer_of,
    memory::{Forget, Kind, Memory, Recall, Record},
};
use serde::{Deserialize, Serialize};

use super::scope::{Scope, scopes_of_filter, scopes_of_record};
use crate::identity::unique;

/// How long something is kept. It is also how long, at the very most, a replica that was cut off from the shared cache
/// in the middle of a write may leave the others with what was there before.
const LIVES: Duration = Duration::from_mins(2);
/// How long a generation is kept: longer than what is filed under it.
const GENERATION_LIVES: Duration = Duration::from_mins(30);
/// The largest entry, in bytes.
const LARGEST: usize = 512 << 10;
/// Turns that are looked through at once for the conversations of somebody who is erased.
const PAGE: usize = 500;

/// A store with the beginnings of turns at hand.
///
/// The cache must be shared by all processes that write to the store, or be the only one.
#[derive(Debug, Clone)]
pub struct Cached {
    store: Arc<dyn MemoryStore>,
    cache: Arc<dyn Cache>,
    /// Something could not be taken away.
    owing: Arc<AtomicBool>,
}

/// What is kept of one scope.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    /// How many were asked for; there are no more than these where fewer came.
    limit: usize,
    memories: Vec<Memory>,
}

impl Cached {
    /// Keeps at hand, in `cache`, what turns begin with.
    pub fn new(store: Arc<dyn MemoryStore>, cache: Arc<dyn Cache>) -> Self {
        Self {
            store,
            cache,
            owing: Arc::default(),
        }
    }

    /// Makes good what could not be taken away.
    async fn settle(&self) -> Result<()> {
        if self.owing.load(Ordering::Acquire) {
            self.cache.remove(&Scope::All.generation()).await?;
            self.owing.store(false, Ordering::Release);
        }
        Ok(())
    }

    /// The word under which a scope is filed now; a new one where there is none.
    async fn generation(&self, scope: &Scope) -> Result<String> {
        let key = scope.generation();
        if let Some(word) = self
            .cache
            .get(&key)
            .await?
            .and_then(|word| String::from_utf8(word).ok())
        {
            return Ok(word);
        }
        let word = unique();
        self.cache
            .put(&key, word.clone().into_bytes(), GENERATION_LIVES)
            .await?;
        Ok(word)
    }

    /// Under which name a scope is filed now.
    async fn filed(&self, scope: &Scope) -> Result<String> {
        self.settle().await?;
        let (all, own) = tokio::try_join!(self.generation(&Scope::All), self.generation(scope))?;
        Ok(scope.entry(&all, &own))
    }

    async fn kept(&self, name: &str) -> Result<Option<Entry>> {
        let Some(bytes) = self.cache.get(name).await? else {
            return Ok(None);
        };
        // What another version has written is as good as nothing.
        Ok(serde_json::from_slice(&bytes).ok())
    }

    /// Files what was found under the name that held before it was looked for.
    async fn file(&self, scope: &Scope, name: &str, limit: usize, found: &[Memory]) -> Result<()> {
        let entry = Entry {
            limit,
            memories: found.to_vec(),
        };
        let bytes = serde_json::to_vec(&entry).map_err(|error| {
            Error::new(
                ErrorKind::Internal,
                format!("a memory cannot be written: {error}"),
            )
        })?;
        if bytes.len() > LARGEST {
            return Ok(());
        }
        self.cache.put(name, bytes, LIVES).await?;
        // Nobody asks for it under a name that is over, and yet it may be somebody's who has just been erased.
        if self.filed(scope).await? != name {
            self.cache.remove(name).await?;
        }
        Ok(())
    }

    /// Takes scopes away; gives those of which something was at hand, and how many of it.
    async fn take_away(&self, mut scopes: BTreeSet<Scope>) -> Vec<(Scope, usize)> {
        let all = scopes.remove(&Scope::All);
        let taken = scopes.into_iter().map(|scope| async move {
            let taken = self.take(&scope).await;
            (scope, taken)
        });
        let mut at_hand = Vec::new();
        for (scope, taken) in futures::future::join_all(taken).await {
            match taken {
                Ok(Some(limit)) => at_hand.push((scope, limit)),
                Ok(None) => {}
                Err(_) => self.owing.store(true, Ordering::Release),
            }
        }
        // Last: the others are found under its word.
        if all && self.cache.remove(&Scope::All.generation()).await.is_err() {
            self.owing.store(true, Ordering::Release);
        }
        at_hand
    }

    async fn take(&self, scope: &Scope) -> Result<Option<usize>> {
        let name = self.filed(scope).await?;
        let kept = self.kept(&name).await?;
        self.cache.remove(&scope.generation()).await?;
        self.cache.remove(&name).await?;
        Ok(kept.map(|entry| entry.limit))
    }

    /// Has at hand again what was: the next turn of a conversation is about to begin.
    fn fetch_again(&self, scopes: Vec<(Scope, usize)>) {
        for (scope, limit) in scopes {
            let this = self.clone();
            tokio::spawn(async move {
                if let Some(recall) = scope.recall(limit)
                    && let Err(error) = this.recall(&recall).await
                {
                    tracing::debug!(%error, "what the next turn begins with is not at hand");
                }
            });
        }
    }

    /// The conversations that a person has turns in.
    async fn conversations(&self, person: &str) -> Result<BTreeSet<Scope>> {
        let mut found = BTreeSet::new();
        let mut recall = Recall::new(Kind::Turn, PAGE).of_person(person);
        loop {
            let page = self.store.recall(&recall).await?;
            let last = page.len() < PAGE;
            recall.skip += page.len();
            found.extend(
                page.into_iter()
                    .map(|memory| Scope::Conversation(memory.record.conversation)),
            );
            if last {
                return Ok(found);
            }
        }
    }
}

/// Runs what must not stop half-way when whoever waits for it gives up: what is committed has to be taken away.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work)
        .await
        .unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "the memory was cut short")))
}

#[async_trait]
impl MemoryStore for Cached {
    async fn remember(&self, records: Vec<Record>) -> Result<()> {
        let this = self.clone();
        to_the_end(async move {
            let scopes: BTreeSet<Scope> = records.iter().flat_map(scopes_of_record).collect();
            // What failed may have been committed all the same.
            let remembered = this.store.remember(records).await;
            let at_hand = this.take_away(scopes).await;
            this.fetch_again(at_hand);
            remembered
        })
        .await
    }

    async fn recall(&self, recall: &Recall) -> Result<Vec<Memory>> {
        let Some(scope) = Scope::of(recall) else {
            return self.store.recall(recall).await;
        };
        let Ok(name) = self.filed(&scope).await else {
            return self.store.recall(recall).await;
        };
        if let Ok(Some(mut entry)) = self.kept(&name).await
            && (entry.limit >= recall.limit || entry.memories.len() < entry.limit)
        {
            entry.memories.truncate(recall.limit);
            return Ok(entry.memories);
        }
        let found = self.store.recall(recall).await?;
        if let Err(error) = self.file(&scope, &name, recall.limit, &found).await {
            tracing::debug!(%error, "what a turn begins with is not kept at hand");
        }
        Ok(found)
    }

    async fn forget(&self, forget: &Forget) -> Result<u64> {
        let (this, forget) = (self.clone(), forget.clone());
        to_the_end(async move {
            let mut scopes = scopes_of_filter(&forget);
            if let (true, Some(person)) = (scopes.contains(&Scope::All), &forget.person) {
                // Which conversations they spoke in is known only as long as their turns are there.
                match this.conversations(person).await {
                    Ok(conversations) => scopes.extend(conversations),
                    Err(error) => tracing::debug!(%error, "what is at hand of conversations ends by itself"),
                }
            }
            let forgotten = this.store.forget(&forget).await;
            this.take_away(scopes).await;
            if let (Some(person), None) = (&forget.person, forget.kind)
                && let Err(error) = this.cache.remove(&answer_of(person)).await
            {
                tracing::debug!(%error, "an answer that is at hand ends by itself");
            }
            forgotten
        })
        .await
    }
}
