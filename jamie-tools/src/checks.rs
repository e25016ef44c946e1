//! A snapshot in, everything that is wrong in it out: the registry of the checks, one file each.
//!
//! A check is pure, knows one family of conditions, and says nothing about what may not be looked at.

mod backing;
mod dependencies;
mod happened;
mod hosts;
mod nearest;
mod needs;
mod references;
mod service_endpoints;
mod service_exposure;
mod service_ports;
mod template;

use crate::{fault::Fault, snapshot::Snapshot};

/// A snapshot in, the faults of one family out.
type Check = fn(&Snapshot) -> Vec<Fault>;

/// Every check.
const ALL: &[Check] = &[
    references::check,
    service_endpoints::check,
    service_ports::check,
    service_exposure::check,
    dependencies::check,
];

/// Runs every check over the snapshot.
pub fn run(snapshot: &Snapshot) -> Vec<Fault> {
    ALL.iter().flat_map(|check| check(snapshot)).collect()
}
