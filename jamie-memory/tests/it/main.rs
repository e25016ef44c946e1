//! The store on real databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "a test may look at its surroundings")]

mod bucket;
mod caches;
mod conformance;
mod crash;
mod erasure;
mod faults;
mod index;
mod index_faults;
mod object_store;
mod places;
mod redis_server;
mod retention;
#[cfg(feature = "candle")]
mod sentence;
mod sessions;
mod sharing;
