//! A cache that lives as long as the process, and never grows beyond its weight.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jamie_core::{
    Cache, Result,
    cache::{Counted, Limit},
};
use moka::Expiry;

/// Keys of events that are kept.
const COUNTED: usize = 10_000;

/// A cache within this process.
#[derive(Debug)]
pub struct Local {
    values: moka::future::Cache<String, Value>,
    events: Mutex<BTreeMap<String, Events>>,
}

#[derive(Debug, Clone)]
struct Value {
    bytes: Arc<[u8]>,
    lives: Duration,
}

/// The moments of events, the oldest first.
#[derive(Debug)]
struct Events {
    window: Duration,
    at: VecDeque<Instant>,
}

impl Events {
    fn pass(&mut self, now: Instant) {
        while self
            .at
            .front()
            .is_some_and(|at| now.duration_since(*at) >= self.window)
        {
            self.at.pop_front();
        }
    }
}

/// Each value has a time of its own.
struct Lives;

impl Expiry<String, Value> for Lives {
    fn expire_after_create(&self, _key: &String, value: &Value, _at: Instant) -> Option<Duration> {
        Some(value.lives)
    }

    fn expire_after_update(
        &self,
        _key: &String,
        value: &Value,
        _at: Instant,
        _left: Option<Duration>,
    ) -> Option<Duration> {
        Some(value.lives)
    }
}

impl Local {
    /// What it may hold where nobody says, in bytes.
    pub const WEIGHT: u64 = 32 << 20;

    /// An empty cache that holds at most so many bytes of keys and values.
    pub fn new(weight: u64) -> Self {
        Self {
            values: moka::future::Cache::builder()
                .max_capacity(weight)
                .weigher(|key: &String, value: &Value| {
                    u32::try_from(key.len() + value.bytes.len()).unwrap_or(u32::MAX)
                })
                .expire_after(Lives)
                .build(),
            events: Mutex::default(),
        }
    }
}

impl Default for Local {
    fn default() -> Self {
        Self::new(Self::WEIGHT)
    }
}

#[async_trait]
impl Cache for Local {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.values.get(key).await.map(|value| value.bytes.to_vec()))
    }

    async fn put(&self, key: &str, value: Vec<u8>, lives: Duration) -> Result<()> {
        let value = Value {
            bytes: value.into(),
            lives,
        };
        self.values.insert(key.to_owned(), value).await;
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<()> {
        self.values.invalidate(key).await;
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
        Ok(())
    }

    async fn count(&self, limits: &[Limit]) -> Result<Counted> {
        let mut all = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        for (number, limit) in limits.iter().enumerate() {
            let Some(events) = all.get_mut(&limit.key) else {
                if limit.most == 0 {
                    return Ok(reached(number, limit.window));
                }
                continue;
            };
            events.window = limit.window;
            events.pass(now);
            let most = usize::try_from(limit.most).unwrap_or(usize::MAX);
            if events.at.len() >= most {
                // There is room once so many have gone by that fewer than `most` are left.
                let frees = events
                    .at
                    .get(events.at.len() - most.max(1))
                    .copied()
                    .unwrap_or(now);
                return Ok(reached(
                    number,
                    limit.window.saturating_sub(now.duration_since(frees)),
                ));
            }
        }
        if all.len() + limits.len() > COUNTED {
            all.retain(|_, events| {
                events.pass(now);
                !events.at.is_empty()
            });
            while all.len() + limits.len() > COUNTED && all.pop_first().is_some() {}
        }
        for limit in limits {
            all.entry(limit.key.clone())
                .or_insert_with(|| Events {
                    window: limit.window,
                    at: VecDeque::new(),
                })
                .at
                .push_back(now);
        }
        Ok(Counted::Within)
    }
}

fn reached(limit: usize, again: Duration) -> Counted {
    Counted::Reached { limit, again }
}
