//! Nothing in, encrypted connections possible afterwards: the one place that picks the cryptography.

use std::sync::Once;

/// Installs ring as the process's provider unless one is there; cheap to call again.
///
/// Every client of this crate calls it. An embedder who builds HTTP clients before may call it as well.
pub fn init() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        // An error means that the embedder has installed one: theirs is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
