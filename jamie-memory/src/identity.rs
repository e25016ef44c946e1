//! Nothing in, a name that nobody else has out: of a store, of a table, of a wish.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    sync::atomic::{AtomicU64, Ordering},
};

/// Unique among stores, processes and machines. Process ids are not: in containers most of them are 1.
pub(crate) fn unique() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    // The only source of chance in the standard library.
    let random = || {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u64(number);
        hasher.finish()
    };
    format!("{:016x}{:016x}-{number}", random(), random())
}
