//! The integration tests of jamie-tools, in one binary; a module per subject.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod checks;
mod cluster;
mod diagnosis;
mod library;
mod looks;
mod mangled;
mod tools;
