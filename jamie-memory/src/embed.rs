//! Embedders that need no server and no download.

mod distilled;
mod hashing;

pub use self::{distilled::Distilled, hashing::Hashing};
