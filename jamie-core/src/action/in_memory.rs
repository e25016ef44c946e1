//! Actions that are kept as long as the process lives: bounded, what is over goes first.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{Action, ActionState, ActionStore, AuditEntry, Lease};
use crate::{Error, ErrorKind, Result};

/// Actions in memory.
#[derive(Debug)]
pub struct InMemoryActions {
    actions: usize,
    entries: usize,
    kept: Mutex<Kept>,
    leased: Arc<Mutex<BTreeSet<String>>>,
}

#[derive(Debug, Default)]
struct Kept {
    /// With the number under which each was parked.
    actions: BTreeMap<String, (u64, Action)>,
    parked: u64,
    audit: VecDeque<AuditEntry>,
}

impl Default for InMemoryActions {
    fn default() -> Self {
        Self::new(1_000, 10_000)
    }
}

impl InMemoryActions {
    /// An empty store that keeps so many actions and so many lines of audit.
    pub fn new(actions: usize, entries: usize) -> Self {
        Self {
            actions: actions.max(1),
            entries: entries.max(1),
            kept: Mutex::default(),
            leased: Arc::default(),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Makes room for one more: what is over goes first, then what waits longest; what runs stays.
    fn make_room(&mut self, capacity: usize) -> Result<()> {
        while self.actions.len() >= capacity {
            let oldest = self
                .actions
                .iter()
                .filter(|(_, (_, action))| action.state != ActionState::Running)
                .min_by_key(|(_, (number, action))| (!action.state.is_final(), *number))
                .map(|(id, _)| id.clone());
            let Some(id) = oldest else {
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    format!("{capacity} actions are being carried out, and there is no room for more"),
                )
                .with_hint("try again when some are done"));
            };
            self.actions.remove(&id);
        }
        Ok(())
    }
}

#[async_trait]
impl ActionStore for InMemoryActions {
    async fn park(&self, action: Action) -> Result<()> {
        let mut kept = self.kept();
        if kept.actions.contains_key(&action.id) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("there is an action {} already", action.id),
            ));
        }
        kept.make_room(self.actions)?;
        kept.parked += 1;
        let number = kept.parked;
        kept.actions.insert(action.id.clone(), (number, action));
        Ok(())
    }

    async fn get(&self, id: &str) -> Result<Option<Action>> {
        Ok(self.kept().actions.get(id).map(|(_, action)| action.clone()))
    }

    async fn list(&self, limit: usize) -> Result<Vec<Action>> {
        let kept = self.kept();
        let mut all: Vec<&(u64, Action)> = kept.actions.values().collect();
        all.sort_unstable_by_key(|(number, action)| std::cmp::Reverse((action.asked_at, *number)));
        Ok(all
            .into_iter()
            .take(limit)
            .map(|(_, action)| action.clone())
            .collect())
    }

    async fn replace(&self, action: Action) -> Result<bool> {
        let mut kept = self.kept();
        match kept.actions.get_mut(&action.id) {
            Some((_, there)) if there.version.checked_add(1) == Some(action.version) => {
                *there = action;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn lease(&self, id: &str) -> Result<Option<Lease>> {
        let taken = self
            .leased
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.to_owned());
        Ok(taken.then(|| {
            Lease::new(Held {
                id: id.to_owned(),
                leased: Arc::clone(&self.leased),
            })
        }))
    }

    async fn record(&self, entry: AuditEntry) -> Result<()> {
        let mut kept = self.kept();
        if kept.audit.len() >= self.entries {
            kept.audit.pop_front();
        }
        kept.audit.push_back(entry);
        Ok(())
    }

    async fn audit(&self, action: Option<&str>, limit: usize) -> Result<Vec<AuditEntry>> {
        let kept = self.kept();
        let fits = |entry: &&AuditEntry| action.is_none_or(|id| entry.action == id);
        Ok(kept
            .audit
            .iter()
            .rev()
            .filter(fits)
            .take(limit)
            .cloned()
            .collect())
    }
}

/// A lease that is given back when it is dropped.
struct Held {
    id: String,
    leased: Arc<Mutex<BTreeSet<String>>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.leased
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
    }
}
