//! Names in, candidates for a word out: the directory's names, arranged so that a word finds them fast.

use std::sync::Arc;

use crate::Names;

/// The names that exist, arranged for looking words up; built once per directory snapshot.
#[derive(Debug, Clone)]
pub struct NameIndex {
    names: Arc<Names>,
}

impl NameIndex {
    /// Arranges the names.
    pub fn new(names: Arc<Names>) -> Self {
        Self { names }
    }

    /// The names it was built from.
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }
}
