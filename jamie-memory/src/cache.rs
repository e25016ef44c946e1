//! Caches: within this process, in Redis for all that share it, and the one in place of the other while it is away.

mod circuit;
mod degrading;
mod local;
mod redis;
mod scope;
mod sessions;

pub use self::{degrading::Degrading, local::Local, redis::Redis, sessions::Cached};
