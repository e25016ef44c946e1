//! What Jamie can look up: built-in guides, and a team's own documents made ready for the memory.
//!
//! A document comes in as bytes ([`read`]), is cut into passages by its headings, and goes into a
//! [`jamie_core::MemoryStore`] as [`jamie_core::memory::Document`]s. What is built in ([`builtin`]) gets there by
//! [`ensure`], a folder by [`sync`].

mod builtin;
mod front_matter;
mod lint;
mod passage;
mod read;
mod shelf;
mod sync;

pub use self::{
    builtin::{BUILT_IN, builtin, ensure, guides},
    lint::{Problem, lint},
    read::{LARGEST, Source, read},
    shelf::{Entry, add, list, remove, show},
    sync::{Report, markdown_files, sync},
};
