//! Log text in, what it says about a failure out: the deciding line, its surroundings, a signature.
//!
//! [`triage::read`] is pure. It splits a log into records (a stack trace is one), tells errors from lines
//! that only mention them, clusters records into patterns, and recognises signatures: a missing variable, a
//! refused connection, a full disk.

pub(crate) mod conclude;
pub(crate) mod fetch;
pub mod pattern;
pub mod record;
pub mod signature;
mod signatures;
pub mod triage;

pub(crate) use self::signatures::prepare;
pub use self::{
    record::{Level, Record},
    signature::Signature,
    triage::{Reading, read},
};
