//! Feature hashing: a text's words, their stems and their runs of three letters in, a vector out.
//!
//! Each feature adds or takes a little at one place of the vector, both told by a hash of it (Weinberger et al., "Feature
//! Hashing for Large Scale Multitask Learning", 2009). Texts that share words, or parts of words, lie close; what means
//! the same in other words does not.

use async_trait::async_trait;
use jamie_core::{Embedder, Result};

use crate::terms::terms;

/// The numbers of a vector.
const DIMENSION: usize = 384;
/// The most words of a text that count.
const WORDS: usize = 512;

/// The embedder that is always there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hashing;

#[async_trait]
impl Embedder for Hashing {
    fn identity(&self) -> &'static str {
        "hashing-384-v1"
    }

    async fn dimension(&self) -> Result<usize> {
        Ok(DIMENSION)
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        Ok(texts.iter().map(|text| vector(text)).collect())
    }
}

fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0_f32; DIMENSION];
    for word in terms(&apart(text), WORDS) {
        add(&mut vector, "w", &word, 1.0);
        let stem = stem(&word);
        if stem != word {
            add(&mut vector, "w", stem, 0.8);
        }
        let letters: Vec<char> = format!("^{word}$").chars().collect();
        let runs = letters.windows(3);
        let share = 0.6 / (runs.len().max(1) as f32).sqrt();
        for run in runs {
            add(&mut vector, "3", &run.iter().collect::<String>(), share);
        }
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        for x in &mut vector {
            *x /= length;
        }
    }
    vector
}

fn add(vector: &mut [f32], family: &str, feature: &str, weight: f32) {
    let hash = fnv(family.bytes().chain(*b"\0").chain(feature.bytes()));
    let sign = if hash >> 63 == 0 { weight } else { -weight };
    let at = usize::try_from(hash % DIMENSION as u64).unwrap_or_default();
    if let Some(place) = vector.get_mut(at) {
        *place += sign;
    }
}

/// `CrashLoopBackOff` is three words to people: a space goes between a small letter and a capital.
fn apart(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut small = false;
    for c in text.chars() {
        if small && c.is_uppercase() {
            out.push(' ');
        }
        small = c.is_lowercase();
        out.push(c);
    }
    out
}

/// A word without its commonest endings.
fn stem(word: &str) -> &str {
    const SHORTEST: usize = 4;
    ["ing", "ed", "es", "s", "ly"]
        .into_iter()
        .find_map(|ending| word.strip_suffix(ending).filter(|stem| stem.len() >= SHORTEST))
        .unwrap_or(word)
}

/// FNV-1a with 64 bits, which gives the same on every machine and in every version; its last step mixes the high bits.
fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
