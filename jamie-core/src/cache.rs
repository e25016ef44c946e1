//! What is kept for a moment: bytes under a key go in, and come out until their time is over; events go in, and whether
//! they are within their limits comes out.
//!
//! A cache may lose anything at any time. Whoever uses one can do without, at the cost of time.

use std::{
    fmt::{self, Write as _},
    time::Duration,
};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};

use crate::Result;

/// The key of something of a kind, named by several words: short, whatever they are, and saying nothing about people.
///
/// The first 16 bytes of the SHA-256 of the words and their lengths, in hexadecimal, behind the kind.
pub fn key(kind: &str, words: &[&str]) -> String {
    let mut hash = Sha256::new();
    for word in words {
        hash.update((word.len() as u64).to_le_bytes());
        hash.update(word.as_bytes());
    }
    let mut key = format!("{kind}:");
    for byte in hash.finalize().iter().take(16) {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

/// The key of the answer that was given to a person last; it goes when they are erased.
pub fn answer_of(person: &str) -> String {
    key("answer", &[person])
}

/// At most so many events within a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What is counted.
    pub key: String,
    /// How far is looked back from each event.
    pub window: Duration,
    /// How many events fit in.
    pub most: u64,
}

/// What came of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// It is within all limits, and counts.
    Within,
    /// A limit is reached; it counts for none.
    Reached {
        /// Which of the limits.
        limit: usize,
        /// When there is room in it again.
        again: Duration,
    },
}

/// Keeps bytes for a while, and counts; within one process, or for all that share it.
#[async_trait]
pub trait Cache: fmt::Debug + Send + Sync {
    /// What was put there last, unless its time is over, it was removed, or there was no room for it.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>>;
    /// Keeps bytes for so long, in place of what was there.
    async fn put(&self, key: &str, value: Vec<u8>, lives: Duration) -> Result<()>;
    /// Drops what is there, bytes or events; nothing there is no error.
    async fn remove(&self, key: &str) -> Result<()>;
    /// Counts an event against all limits or, where one is reached, against none. Two events at the same moment are
    /// never both the last that fits in. A key is for events or for bytes, never for both.
    async fn count(&self, limits: &[Limit]) -> Result<Counted>;
}
