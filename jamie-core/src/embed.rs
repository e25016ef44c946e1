//! What turns words into vectors that lie close where the meaning does: texts go in, vectors come out.

use std::fmt;

use async_trait::async_trait;

use crate::Result;

/// Texts in, vectors of a known dimension out.
#[async_trait]
pub trait Embedder: fmt::Debug + Send + Sync {
    /// Which embedder this is, its version included: vectors of two with different identities cannot be compared.
    /// Lower-case letters, digits, `-`, `_` and `.` only.
    fn identity(&self) -> &str;
    /// How many numbers a vector has. One that is far away may have to ask.
    async fn dimension(&self) -> Result<usize>;
    /// One vector for each text, in order, each of length 1; that of a text without any word is all zeros.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>>;
}
