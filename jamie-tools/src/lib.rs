//! What Jamie can look at: a cluster's objects, events, logs and metrics, read through typed tools.
//!
//! The way through: [`cluster`] talks to the API server and takes a [`snapshot`];
//! `checks` find faults in it (pure); `leads` fetch what a fault asks for; `causes` collapse faults into
//! incidents; `tools` put all of it behind [`jamie_core::Tool`].

mod acting;
mod causes;
pub mod changes;
pub mod checks;
pub mod cluster;
pub mod diagnosis;
pub mod fault;
pub mod leads;
pub mod pod_status;
pub mod quantity;
pub mod reach;
pub mod scheduling;
pub mod selector;
pub mod snapshot;
pub mod template;
pub mod tools;
pub mod wording;
pub mod workload_status;

pub use self::{fault::Fault, snapshot::Snapshot};
