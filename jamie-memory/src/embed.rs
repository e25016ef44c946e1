//! Embedders that need no server and no download.

mod hashing;

pub use self::hashing::Hashing;
