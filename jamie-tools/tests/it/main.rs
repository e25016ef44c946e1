//! The integration tests of jamie-tools, in one binary; a module per subject.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, reason = "a test may be told what to show")]
#![allow(
    clippy::duration_suboptimal_units,
    clippy::format_collect,
    clippy::redundant_closure_for_method_calls
)]

mod acts;
mod canaries;
mod checks;
mod cluster;
mod diagnosis;
mod library;
mod looks;
mod mangled;
mod tools;
