//! What Jamie can look up.
