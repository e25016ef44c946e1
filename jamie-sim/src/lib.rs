//! A simulated estate: servers that speak the real wire protocols on loopback, so that the very
//! same clients are used as in production.

pub mod server;
pub mod store;

pub use store::{ApiStatus, Change, ChangeKind, Key, Lagged, Store, Subscription};
