//! What the directory says in, names to read the message against out: where it refuses, or knows nothing of a
//! namespace that the words mention, that namespace is asked for by itself.

use std::{collections::VecDeque, sync::Arc};

use super::Turn;
use crate::{
    ErrorKind, Result, Scope,
    understand::{Mentioned, NameIndex, mentioned_namespaces},
};

/// How often the directory is asked again.
const TRIES: usize = 3;

/// Where names were looked for.
#[derive(Debug, Default)]
pub(super) struct Naming {
    /// Namespaces that are still to be tried, the one being tried first.
    elsewhere: VecDeque<String>,
    begun: bool,
    /// What the first look said.
    first: Option<Result<Arc<NameIndex>>>,
}

impl Naming {
    /// Where to look now.
    pub(super) fn scope(&self, asked: &Scope) -> Scope {
        match self.elsewhere.front() {
            Some(namespace) => Scope {
                namespace: Some(namespace.clone()),
            },
            None => asked.clone(),
        }
    }
}

impl Turn {
    /// The directory has answered, or refused.
    pub(super) fn named(&mut self, names: Result<Arc<NameIndex>>) {
        if !self.naming.begun {
            self.naming.begun = true;
            self.naming.elsewhere = self.namespaces_to_try(&names);
            if self.naming.elsewhere.is_empty() {
                return self.named_at_last(names);
            }
            self.naming.first = Some(names);
            return;
        }
        let tried = self.naming.elsewhere.pop_front();
        match names {
            Ok(index) => self.named_at_last(Ok(index)),
            Err(_) if !self.naming.elsewhere.is_empty() => {}
            Err(error) => {
                let first = self.naming.first.take().unwrap_or(Err(error));
                tracing::debug!(?tried, "no names there either");
                self.named_at_last(first);
            }
        }
    }

    fn named_at_last(&mut self, names: Result<Arc<NameIndex>>) {
        match names {
            Ok(index) => self.understand(&index),
            Err(error) => self.fail(error),
        }
    }

    fn namespaces_to_try(&self, names: &Result<Arc<NameIndex>>) -> VecDeque<String> {
        let mentioned = || mentioned_namespaces(&self.text, &self.kit.intents);
        let asked = self.request.scope.namespace.as_deref();
        let (wanted, index): (Vec<Mentioned>, _) = match names {
            Ok(index) => {
                let surely = mentioned().into_iter().filter(|mentioned| mentioned.surely);
                (surely.collect(), Some(index))
            }
            Err(error) if error.kind() == ErrorKind::Forbidden => (mentioned(), None),
            Err(_) => (Vec::new(), None),
        };
        wanted
            .into_iter()
            .map(|mentioned| mentioned.namespace)
            .filter(|namespace| asked != Some(namespace.as_str()))
            .filter(|namespace| index.is_none_or(|index| !index.has_namespace(namespace)))
            .take(TRIES)
            .collect()
    }
}
