//! Embedders that need no server and no download: what is built in, and a model in a folder.

mod distilled;
mod hashing;
#[cfg(feature = "candle")]
mod sentence;

#[cfg(feature = "candle")]
pub use self::sentence::SentenceTransformer;
pub use self::{distilled::Distilled, hashing::Hashing};
