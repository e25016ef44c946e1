//! The cluster's memory: objects of any kind go in, come out by key or by kind, and every
//! change is told, in order, to whoever watches.

mod history;
mod identity;
mod key;
mod settle;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::server::resources::{ResourceType, custom_type};

pub use history::{Change, ChangeKind, Lagged, Subscription};
pub use identity::timestamp_now;
pub use key::Key;
pub use status::ApiStatus;

use history::History;
use settle::{has_finalizers, set_metadata, settle};

/// Everything the API server knows. Clones share the same content.
#[derive(Clone, Debug)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    content: RwLock<Content>,
    /// Tells the newest resource version; watchers wait on it and then read the history.
    newest: tokio::sync::watch::Sender<u64>,
    uids: identity::Uids,
}

#[derive(Debug)]
struct Content {
    version: u64,
    kinds: BTreeMap<(String, String), Kind>,
    custom: Arc<Vec<ResourceType>>,
    history: History,
}

type Kind = BTreeMap<(String, String), Arc<Stored>>;

/// An object as it is kept, with the text it is served as.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) key: Key,
    pub(crate) object: Arc<Value>,
    text: OnceLock<Bytes>,
}

impl Stored {
    fn new(key: Key, object: Arc<Value>) -> Arc<Self> {
        Arc::new(Self {
            key,
            object,
            text: OnceLock::new(),
        })
    }

    /// The object as JSON without apiVersion and kind, which depend on how it is asked for.
    /// Serialised once: lists of thousands of pods are copied from here.
    pub(crate) fn text(&self) -> &Bytes {
        self.text.get_or_init(|| {
            let Some(fields) = self.object.as_object() else {
                return Bytes::from_static(b"{}");
            };
            let fields = fields
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "apiVersion" | "kind"));
            let mut text = Vec::new();
            let written = serde::Serializer::collect_map(&mut serde_json::Serializer::new(&mut text), fields);
            if written.is_ok() {
                Bytes::from(text)
            } else {
                Bytes::from_static(b"{}")
            }
        })
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty store.
    pub fn new() -> Self {
        let (newest, _) = tokio::sync::watch::channel(1);
        Self {
            shared: Arc::new(Shared {
                content: RwLock::new(Content {
                    version: 1,
                    kinds: BTreeMap::new(),
                    custom: Arc::default(),
                    history: History::new(1),
                }),
                newest,
                uids: identity::Uids::new(),
            }),
        }
    }

    /// The object at `key`.
    pub fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.read().find(key).map(|stored| Arc::clone(&stored.object))
    }

    /// The object at `key`, as it is kept.
    pub(crate) fn stored(&self, key: &Key) -> Option<Arc<Stored>> {
        self.read().find(key).cloned()
    }

    /// All objects of a kind, in one namespace or in all, sorted by namespace and name.
    pub fn list(&self, group: &str, plural: &str, namespace: Option<&str>) -> Vec<Arc<Value>> {
        self.snapshot(group, plural, namespace)
            .0
            .iter()
            .map(|stored| Arc::clone(&stored.object))
            .collect()
    }

    /// The same as [`Store::list`], as it is kept, with the resource version it shows.
    pub(crate) fn snapshot(
        &self,
        group: &str,
        plural: &str,
        namespace: Option<&str>,
    ) -> (Vec<Arc<Stored>>, u64) {
        let content = self.read();
        let Some(kind) = content.kinds.get(&(group.to_owned(), plural.to_owned())) else {
            return (Vec::new(), content.version);
        };
        let found = match namespace {
            None => kind.values().cloned().collect(),
            Some(namespace) => kind
                .range((namespace.to_owned(), String::new())..)
                .take_while(|((of, _), _)| of == namespace)
                .map(|(_, stored)| Arc::clone(stored))
                .collect(),
        };
        (found, content.version)
    }

    /// Groups and plurals that hold at least one object.
    pub fn kinds(&self) -> Vec<(String, String)> {
        self.read()
            .kinds
            .iter()
            .filter(|(_, kind)| !kind.is_empty())
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Adds an object; fills in what a server fills in: uid, creation time (kept when given,
    /// so that a scenario can back-date), resource version, generation, generated name.
    pub fn create(&self, mut key: Key, mut object: Value) -> Result<Arc<Value>, ApiStatus> {
        let generated = self.complete(&mut key, &mut object)?;
        let mut content = self.write();
        while let Some(existing) = content.find(&key) {
            let Some(prefix) = &generated else {
                let leaving = existing.object.pointer("/metadata/deletionTimestamp").is_some();
                return Err(ApiStatus::already_exists(&key, leaving));
            };
            key.name = format!("{prefix}{}", self.shared.uids.suffix());
            set_metadata(&mut object, "name", json!(key.name));
        }
        Ok(self.put(&mut content, &key, object, ChangeKind::Added, None))
    }

    /// Fills in the metadata of an object about to be created without keeping it, as a dry run
    /// does.
    pub(crate) fn rehearse(&self, mut key: Key, mut object: Value) -> Result<Arc<Value>, ApiStatus> {
        self.complete(&mut key, &mut object)?;
        if let Some(existing) = self.get(&key) {
            let leaving = existing.pointer("/metadata/deletionTimestamp").is_some();
            return Err(ApiStatus::already_exists(&key, leaving));
        }
        Ok(Arc::new(object))
    }

    /// Replaces an object. A resource version or uid in it must be the current one; the
    /// generation goes up when anything but metadata and status changed. An object on its way
    /// out goes when its last finalizer does.
    pub fn update(&self, key: &Key, object: Value) -> Result<Arc<Value>, ApiStatus> {
        let mut content = self.write();
        let current = content.find(key).map(|stored| Arc::clone(&stored.object));
        let current = current.ok_or_else(|| ApiStatus::not_found(key))?;
        self.replace(&mut content, key, &current, object)
    }

    /// What [`Store::update`] would give, without keeping it.
    pub(crate) fn rehearse_update(&self, key: &Key, object: Value) -> Result<Arc<Value>, ApiStatus> {
        let current = self.get(key).ok_or_else(|| ApiStatus::not_found(key))?;
        Ok(Arc::new(settle(key, &current, object)?))
    }

    /// Reads, changes and writes an object under one lock: for controllers, which cannot
    /// conflict.
    pub fn modify(&self, key: &Key, change: impl FnOnce(&mut Value)) -> Result<Arc<Value>, ApiStatus> {
        let mut content = self.write();
        let current = content.find(key).map(|stored| Arc::clone(&stored.object));
        let current = current.ok_or_else(|| ApiStatus::not_found(key))?;
        let mut object = (*current).clone();
        change(&mut object);
        self.replace(&mut content, key, &current, object)
    }

    /// Removes an object, or marks it as leaving when it has finalizers.
    pub fn delete(&self, key: &Key) -> Result<Arc<Value>, ApiStatus> {
        let mut content = self.write();
        let current = content.find(key).map(|stored| Arc::clone(&stored.object));
        let current = current.ok_or_else(|| ApiStatus::not_found(key))?;
        if has_finalizers(&current) {
            let mut object = (*current).clone();
            if object.pointer("/metadata/deletionTimestamp").is_none() {
                set_metadata(&mut object, "deletionTimestamp", json!(timestamp_now()));
            }
            set_metadata(&mut object, "deletionGracePeriodSeconds", json!(0));
            return self.replace(&mut content, key, &current, object);
        }
        Ok(self.remove(&mut content, key, &current, None))
    }

    /// Every change from now on.
    pub fn subscribe(&self) -> Subscription {
        let content = self.read();
        Subscription::new(self.clone(), content.version, self.shared.newest.subscribe())
    }

    /// Every change after the given resource version; an error when that is too long ago.
    pub fn subscribe_from(&self, resource_version: u64) -> Result<Subscription, Lagged> {
        let content = self.read();
        if !content.history.reaches(resource_version) {
            return Err(Lagged);
        }
        Ok(Subscription::new(
            self.clone(),
            resource_version,
            self.shared.newest.subscribe(),
        ))
    }

    /// The newest resource version.
    pub fn resource_version(&self) -> u64 {
        self.read().version
    }

    /// Forgets the history, as etcd's compaction does: older watches and page tokens expire.
    pub fn compact(&self) {
        let mut content = self.write();
        let version = content.version;
        content.history = History::new(version);
    }

    /// Whether a list or watch may still start from this resource version.
    pub(crate) fn remembers(&self, resource_version: u64) -> bool {
        self.read().history.reaches(resource_version)
    }

    /// The resource types that CustomResourceDefinitions have added.
    pub fn custom_types(&self) -> Arc<Vec<ResourceType>> {
        Arc::clone(&self.read().custom)
    }

    /// Where an object belongs, by its apiVersion and kind: built in or custom.
    pub fn key_for(&self, object: &Value) -> Result<Key, ApiStatus> {
        Key::find(object, &self.custom_types())
    }

    fn read(&self) -> RwLockReadGuard<'_, Content> {
        self.shared.content.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Content> {
        self.shared
            .content
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a new object its metadata; answers the prefix when its name was generated.
    fn complete(&self, key: &mut Key, object: &mut Value) -> Result<Option<String>, ApiStatus> {
        let Some(fields) = object.as_object_mut() else {
            return Err(ApiStatus::bad_request("the object is not a JSON object"));
        };
        let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
        if !metadata.is_object() {
            *metadata = json!({});
        }
        let prefix = metadata
            .get("generateName")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let mut generated = None;
        if key.name.is_empty() {
            let Some(prefix) = prefix else {
                return Err(ApiStatus::name_required(key));
            };
            key.name = format!("{prefix}{}", self.shared.uids.suffix());
            generated = Some(prefix);
        }
        metadata["name"] = json!(key.name);
        if let Some(namespace) = &key.namespace {
            metadata["namespace"] = json!(namespace);
        }
        if metadata
            .get("uid")
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            metadata["uid"] = json!(self.shared.uids.next());
        }
        if metadata
            .get("creationTimestamp")
            .and_then(Value::as_str)
            .is_none()
        {
            metadata["creationTimestamp"] = json!(timestamp_now());
        }
        if key.counts_generations() && metadata.get("generation").is_none() {
            metadata["generation"] = json!(1);
        }
        Ok(generated)
    }

    fn replace(
        &self,
        content: &mut Content,
        key: &Key,
        current: &Arc<Value>,
        object: Value,
    ) -> Result<Arc<Value>, ApiStatus> {
        let object = settle(key, current, object)?;
        let leaving = object.pointer("/metadata/deletionTimestamp").is_some();
        let grace = object
            .pointer("/metadata/deletionGracePeriodSeconds")
            .and_then(Value::as_u64);
        let had_finalizers = has_finalizers(current);
        if leaving && had_finalizers && !has_finalizers(&object) && grace.unwrap_or(0) == 0 {
            return Ok(self.remove(content, key, current, Some(object)));
        }
        if object == **current {
            return Ok(Arc::clone(current));
        }
        Ok(self.put(
            content,
            key,
            object,
            ChangeKind::Modified,
            Some(Arc::clone(current)),
        ))
    }

    fn put(
        &self,
        content: &mut Content,
        key: &Key,
        mut object: Value,
        kind: ChangeKind,
        previous: Option<Arc<Value>>,
    ) -> Arc<Value> {
        content.version += 1;
        set_metadata(&mut object, "resourceVersion", json!(content.version.to_string()));
        let object = Arc::new(object);
        let stored = Stored::new(key.clone(), Arc::clone(&object));
        content
            .kinds
            .entry((key.group.clone(), key.plural.clone()))
            .or_default()
            .insert(
                (key.namespace.clone().unwrap_or_default(), key.name.clone()),
                Arc::clone(&stored),
            );
        self.tell(content, kind, stored, previous);
        object
    }

    fn remove(
        &self,
        content: &mut Content,
        key: &Key,
        current: &Arc<Value>,
        last: Option<Value>,
    ) -> Arc<Value> {
        content.version += 1;
        if let Some(kind) = content.kinds.get_mut(&(key.group.clone(), key.plural.clone())) {
            kind.remove(&(key.namespace.clone().unwrap_or_default(), key.name.clone()));
        }
        let mut object = last.unwrap_or_else(|| (**current).clone());
        set_metadata(&mut object, "resourceVersion", json!(content.version.to_string()));
        let object = Arc::new(object);
        let stored = Stored::new(key.clone(), Arc::clone(&object));
        self.tell(content, ChangeKind::Deleted, stored, Some(Arc::clone(current)));
        object
    }

    fn tell(
        &self,
        content: &mut Content,
        kind: ChangeKind,
        stored: Arc<Stored>,
        previous: Option<Arc<Value>>,
    ) {
        if stored.key.plural == "customresourcedefinitions" {
            content.register_custom_types();
        }
        let version = content.version;
        content.history.push(Change::new(kind, stored, previous, version));
        self.shared.newest.send_replace(version);
    }

    pub(crate) fn after(&self, version: u64, limit: usize) -> Result<Vec<Change>, Lagged> {
        self.read().history.after(version, limit)
    }
}

impl Content {
    fn find(&self, key: &Key) -> Option<&Arc<Stored>> {
        // The owned tuples are the price of a simple map; names are short.
        self.kinds
            .get(&(key.group.clone(), key.plural.clone()))?
            .get(&(key.namespace.clone().unwrap_or_default(), key.name.clone()))
    }

    fn register_custom_types(&mut self) {
        let definitions = self.kinds.get(&(
            "apiextensions.k8s.io".to_owned(),
            "customresourcedefinitions".to_owned(),
        ));
        let types = definitions.into_iter().flat_map(BTreeMap::values);
        self.custom = Arc::new(types.filter_map(|stored| custom_type(&stored.object)).collect());
    }
}
