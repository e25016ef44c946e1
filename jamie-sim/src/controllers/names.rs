//! Names that controllers make up: hashes of templates and suffixes of pods, the same on every start.

use sha2::{Digest, Sha256};

/// The letters that Kubernetes puts in generated names.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// A number that depends on the text alone.
pub(crate) fn hash(text: &str) -> u64 {
    Sha256::digest(text.as_bytes())
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// So many letters that depend on the text alone.
pub(crate) fn letters(text: &str, count: usize) -> String {
    let mut number = hash(text);
    (0..count)
        .map(|_| {
            let letter = LETTERS.get((number % 27) as usize).copied().unwrap_or(b'x');
            number /= 27;
            char::from(letter)
        })
        .collect()
}

/// A UUID-like container or image id.
pub(crate) fn hex(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut id, byte| {
            let _ = write!(id, "{byte:02x}");
            id
        })
}
