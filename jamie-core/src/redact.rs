//! Text in, the same text out with every secret in it replaced by a placeholder.
//!
//! A placeholder says what kind of thing stood there, and the same secret always gives the same one:
//! `‹password 3f2a›`. So one can still tell that two pods use different passwords, and redacting twice is the
//! same as redacting once. What is found: tokens by their shape, passwords in addresses, private keys, values
//! beside a name that says that they are secret. Ordinary words, digests, hashes and names of objects stay.

mod address;
mod apply;
mod json;
mod judge;
mod manifest;
mod name;
mod pem;
mod place;
mod placeholder;
mod scan;
mod shape;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use serde_json::Value;

pub(crate) use self::apply::Redacted;
pub use self::name::is_secret_name;
use self::placeholder::{Key, Kind};

/// What is used where nobody brought a key of their own.
static DEFAULT: LazyLock<Redactor> = LazyLock::new(|| Redactor::with_key(b"jamie: placeholders of secrets"));

/// Replaces secrets by placeholders; a clone is cheap and gives the same placeholders.
#[derive(Debug, Clone)]
pub struct Redactor {
    key: Arc<Key>,
}

impl Default for Redactor {
    fn default() -> Self {
        DEFAULT.clone()
    }
}

impl Redactor {
    /// What one replacement brings to light can be a secret too; it ends long before this.
    const PASSES: usize = 8;

    /// A redactor whose placeholders nobody without the key can work out from a guessed secret.
    pub fn with_key(key: &[u8]) -> Self {
        Self {
            key: Arc::new(Key::new(key)),
        }
    }

    /// The text without its secrets; borrowed where there are none.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut kept = Cow::Borrowed(text);
        for _ in 0..Self::PASSES {
            match self.pass(&kept) {
                Some(next) => kept = Cow::Owned(next),
                None => break,
            }
        }
        kept
    }

    /// The value of a setting: all of it is hidden where the name says that it is secret.
    pub fn setting<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        if is_secret_name(name) && !judge::is_reference(value) && !name::holds_address(name, value) {
            Cow::Owned(self.whole(value, name::kind(name)))
        } else {
            self.redact(value)
        }
    }

    /// Redacts every string in a value: by what it looks like, by the key that it stands under, by the `name` beside
    /// a `value`, and all that a Secret holds.
    pub fn value(&self, value: &mut Value) {
        json::redact(self, value, 0);
    }

    /// All of a text as one placeholder; a placeholder stays what it is.
    fn whole(&self, secret: &str, kind: Kind) -> String {
        if placeholder::pieces(secret).next().is_none() {
            return secret.to_owned();
        }
        self.key.placeholder(kind, secret)
    }

    /// One replacement of everything that is seen; nothing where nothing was.
    fn pass(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut done = 0;
        for piece in placeholder::pieces(text) {
            let Some(inside) = text.get(piece.clone()) else {
                continue;
            };
            for secret in scan::secrets(inside) {
                let (start, end) = (piece.start + secret.range.start, piece.start + secret.range.end);
                let (Some(before), Some(hidden)) = (text.get(done..start), text.get(start..end)) else {
                    continue;
                };
                out.push_str(before);
                out.push_str(&self.key.placeholder(secret.kind, hidden));
                done = end;
            }
        }
        if done == 0 {
            return None;
        }
        out.push_str(text.get(done..)?);
        Some(out)
    }
}

/// The text without its secrets, with the placeholders of [`Redactor::default`].
pub fn redact(text: &str) -> Cow<'_, str> {
    DEFAULT.redact(text)
}
