//! Text in, a vector out that is the same every time and near that of similar words.

use sha2::{Digest, Sha256};

/// Numbers in a vector.
const DIMENSIONS: usize = 64;

/// Each word adds its own direction; the length is one.
pub(super) fn vector(text: &str) -> Vec<f32> {
    let mut sum = vec![0.0_f32; DIMENSIONS];
    for word in text
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let hash = Sha256::digest(word.as_bytes());
        for (index, number) in sum.iter_mut().enumerate() {
            let bit = hash[index / 8] >> (index % 8) & 1;
            *number += if bit == 1 { 1.0 } else { -1.0 };
        }
    }
    let length = sum.iter().map(|number| number * number).sum::<f32>().sqrt();
    if length > 0.0 {
        for number in &mut sum {
            *number /= length;
        }
    }
    sum
}
