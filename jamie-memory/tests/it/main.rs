//! The store on real databases.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bucket;
mod conformance;
mod crash;
mod erasure;
mod faults;
mod index;
mod index_faults;
mod object_store;
mod places;
mod retention;
mod sharing;
