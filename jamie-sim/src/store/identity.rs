//! Identities that a server hands out: uids, suffixes of generated names, times of creation.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

/// The letters Kubernetes puts in generated names: no vowels, so no words.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A source of identities that do not repeat.
#[derive(Debug)]
pub(crate) struct Uids {
    seed: u64,
    count: AtomicU64,
}

impl Uids {
    pub(crate) fn new() -> Self {
        Self {
            seed: RandomState::new().hash_one("uids"),
            count: AtomicU64::new(0),
        }
    }

    fn fresh(&self) -> [u8; 32] {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        Sha256::new()
            .chain_update(self.seed.to_le_bytes())
            .chain_update(count.to_le_bytes())
            .finalize()
            .into()
    }

    /// A uid in the form of a random UUID.
    pub(crate) fn next(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(36);
        for (place, byte) in self.fresh().into_iter().take(16).enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            let byte = match place {
                6 => byte & 0x0f | 0x40,
                8 => byte & 0x3f | 0x80,
                _ => byte,
            };
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Five letters to make a generated name unique.
    pub(crate) fn suffix(&self) -> String {
        let letter = |byte: u8| {
            LETTERS
                .get(usize::from(byte) % LETTERS.len())
                .map(|&letter| char::from(letter))
        };
        self.fresh().into_iter().take(5).filter_map(letter).collect()
    }
}

/// Now, as Kubernetes writes times: whole seconds, UTC.
pub fn timestamp_now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
