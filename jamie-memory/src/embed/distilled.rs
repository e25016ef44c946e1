//! Static vectors distilled from a sentence-transformer: a text's words in, the weighted mean of their vectors out.
//!
//! The table in `distilled.bin` is made by `embedding/distil.py` and is part of the binary: nothing is downloaded, the same
//! text has the same vector everywhere, and a text takes microseconds. What means the same in other words lies close,
//! because the transformer that the vectors come from has read a great deal; it does not see the order of words.

mod reading;
mod table;

use async_trait::async_trait;
use jamie_core::{Embedder, Result};

use self::{
    reading::{Token, read},
    table::{DIMENSION, TABLE},
};

/// The embedder that is always there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Distilled;

#[async_trait]
impl Embedder for Distilled {
    fn identity(&self) -> &'static str {
        "distilled-256-v1"
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
    read(text, &TABLE, |token| match token {
        Token::Known(row) => TABLE.add(row, &mut vector),
        Token::Strange(word) => TABLE.add_strange(word, &mut vector),
    });
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        for x in &mut vector {
            *x /= length;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::{table, vector};

    fn alike(a: &str, b: &str) -> f32 {
        vector(a).iter().zip(vector(b)).map(|(a, b)| a * b).sum()
    }

    /// Another table needs another identity: what indexes hold was made with this one.
    #[test]
    fn the_table_is_the_one_that_the_identity_names() {
        let digest = Sha256::digest(table::FILE);
        let digest = digest
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        assert_eq!(
            digest,
            "8f04492ddb496be1e7279dd382c7c0f45fa5ad028ca8e78ed6df53157353ea2f"
        );
        let readme = include_str!("../../../embedding/README.md");
        assert!(
            readme.contains(&digest),
            "embedding/README.md records another digest"
        );
    }

    #[test]
    fn what_means_the_same_in_other_words_lies_close() {
        for (a, b, other) in [
            (
                "the pod was OOM killed",
                "container ran out of memory",
                "the certificate of the website expires on Sunday",
            ),
            (
                "ImagePullBackOff",
                "cannot fetch the picture from the registry",
                "the disk of the node is full",
            ),
            (
                "no space left on device",
                "the disk is full",
                "who may list the secrets",
            ),
            (
                "connection refused",
                "nothing listens on that port",
                "nightly backup schedule",
            ),
        ] {
            assert!(
                alike(a, b) > alike(a, other) + 0.15,
                "{a:?}: {b:?} {}, {other:?} {}",
                alike(a, b),
                alike(a, other)
            );
        }
    }

    #[test]
    fn what_is_in_no_vocabulary_is_like_itself_and_like_nothing_else() {
        assert!(alike("Кластер", "кластер") > 0.999);
        assert!(alike("кластер", "память").abs() < 0.3);
        assert!(vector("...!? — 🫖").iter().all(|x| *x == 0.0));
    }
}
