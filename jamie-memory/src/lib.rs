//! The memory of Jamie on disk.
//!
//! Records go into SQL ([`RecordsAt`]), where they are exact, ordered and never lost: what was acknowledged is on disk.
//! What recall searches is an index of them in LanceDB ([`IndexAt`]), which follows the records in batches and can be
//! rebuilt from them at any time. [`Memory`] joins the two; [`cache`] keeps at hand what is asked for again and again.

mod actions;
pub mod cache;
pub mod embed;
mod identity;
mod index;
mod rank;
mod records;
mod search;
mod store;
mod terms;

pub use self::{
    actions::Actions,
    index::{Bucket, IndexAt, IndexStatus, Keys},
    records::{Keep, RecordsAt, Retention},
    store::{Memory, Settings, Status},
};
