//! Documents on their way into a memory, from real files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod folders;
mod formats;
mod guides;
