//! A secret in, what stands in its place out: its kind and four digits of a keyed hash.

use std::{fmt, ops::Range};

use sha2::{Digest, Sha256};

/// What kind of secret it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Password,
    Token,
    Key,
    PrivateKey,
    Cookie,
    Secret,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Password,
        Self::Token,
        Self::Key,
        Self::PrivateKey,
        Self::Cookie,
        Self::Secret,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Token => "token",
            Self::Key => "key",
            Self::PrivateKey => "private key",
            Self::Cookie => "cookie",
            Self::Secret => "secret",
        }
    }
}

const OPEN: char = '‹';
const CLOSE: char = '›';
/// Hexadecimal digits of the hash: enough to tell a few values apart, too few to check a guess.
const DIGITS: usize = 4;

/// The key of the hash, as HMAC (RFC 2104) wants it.
pub(super) struct Key([u8; 64]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    pub(super) fn new(key: &[u8]) -> Self {
        let mut block = [0; 64];
        if key.len() > block.len() {
            block
                .iter_mut()
                .zip(Sha256::digest(key))
                .for_each(|(to, from)| *to = from);
        } else {
            block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        }
        Self(block)
    }

    /// HMAC-SHA-256.
    fn hash(&self, secret: &[u8]) -> [u8; 32] {
        let inner = Sha256::new()
            .chain_update(self.0.map(|byte| byte ^ 0x36))
            .chain_update(secret)
            .finalize();
        Sha256::new()
            .chain_update(self.0.map(|byte| byte ^ 0x5c))
            .chain_update(inner)
            .finalize()
            .into()
    }

    pub(super) fn placeholder(&self, kind: Kind, secret: &str) -> String {
        let [first, second, ..] = self.hash(secret.as_bytes());
        format!("{OPEN}{} {first:02x}{second:02x}{CLOSE}", kind.word())
    }
}

/// The stretches of a text between the placeholders that are in it already.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    let mut opens = text.match_indices(OPEN);
    std::iter::from_fn(move || {
        while at < text.len() {
            let next = opens.find_map(|(start, _)| Some((start, length(text.get(start..)?)?)));
            let (end, after) = next.map_or((text.len(), text.len()), |(start, length)| {
                (start, start + length)
            });
            let piece = at..end;
            at = after;
            if !piece.is_empty() {
                return Some(piece);
            }
        }
        None
    })
}

/// How long the placeholder is that a text begins with.
fn length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix(OPEN)?;
    Kind::ALL.iter().find_map(|kind| {
        let rest = inner.strip_prefix(kind.word())?.strip_prefix(' ')?;
        let hash = rest.get(..DIGITS)?;
        let fits = hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && rest.get(DIGITS..)?.starts_with(CLOSE);
        fits.then(|| OPEN.len_utf8() + kind.word().len() + 1 + DIGITS + CLOSE.len_utf8())
    })
}

/// Whether a word is the beginning of a placeholder that was cut off: `‹passw…`.
pub(super) fn is_cut(word: &str) -> bool {
    word.strip_prefix(OPEN).is_some_and(|rest| {
        let rest = rest.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        Kind::ALL.iter().any(|kind| kind.word().starts_with(rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_one_of_the_standard() {
        // RFC 4231, test cases 2 and 6.
        let short = Key::new(b"Jefe").hash(b"what do ya want for nothing?");
        assert_eq!(short[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        let long = Key::new(&[0xaa; 131]).hash(b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(long[..4], [0x60, 0xe4, 0x31, 0x59]);
    }

    #[test]
    fn placeholders_are_told_from_the_text_around_them() {
        let pieces = |text: &'static str| pieces(text).map(|range| &text[range]).collect::<Vec<_>>();
        assert_eq!(pieces("a ‹password 3f2a› b ‹private key 0000›"), ["a ", " b "]);
        assert_eq!(pieces("‹x 3f2a›"), ["‹x 3f2a›"]);
        assert_eq!(pieces("‹key 3f2›‹key 3f2a›"), ["‹key 3f2›"]);
        assert!(is_cut("‹passw…") && !is_cut("‹hunter2"));
    }
}
