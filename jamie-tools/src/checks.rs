//! A snapshot in, everything that is wrong in it out: the registry of the checks, one file each.
//!
//! A check is pure, knows one family of conditions, and says nothing about what may not be looked at.

mod admission;
mod api_services;
mod autoscalers;
mod backing;
mod budgets;
mod certificates;
mod claims;
mod container_config;
mod container_crash;
mod container_image;
mod container_lingers;
mod container_memory;
mod container_probe;
mod container_start;
pub(crate) mod containers;
mod cron_jobs;
mod deletions;
pub(crate) mod dependencies;
mod environment;
mod exit_codes;
mod governing_services;
mod happened;
mod hosts;
mod ingress_rules;
mod ingresses;
mod jobs;
mod limit_ranges;
pub(crate) mod nearest;
mod needs;
mod network_paths;
mod nodes;
mod pod_conditions;
mod pod_creating;
mod pod_init;
mod pod_lost;
mod pod_scheduling;
mod pod_terminating;
mod pods;
mod preemption;
mod probes;
pub(crate) mod proposals;
mod pull_secrets;
mod quotas;
mod references;
mod refusal;
mod refusals;
mod rollout_deployment;
mod rollout_stateful;
mod service_endpoints;
mod service_exposure;
mod service_ports;
pub(crate) mod template;
mod volume_attach;
mod volumes;

use crate::{fault::Fault, snapshot::Snapshot};

/// A snapshot in, the faults of one family out.
type Check = fn(&Snapshot) -> Vec<Fault>;

/// Every check.
const ALL: &[Check] = &[
    references::check,
    pull_secrets::check,
    service_endpoints::check,
    service_ports::check,
    service_exposure::check,
    dependencies::check,
    claims::check,
    volumes::check,
    volume_attach::check,
    quotas::check,
    limit_ranges::check,
    admission::check,
    nodes::check,
    ingresses::check,
    certificates::check,
    api_services::check,
    autoscalers::check,
    budgets::check,
    cron_jobs::check,
    deletions::check,
    environment::check,
    governing_services::check,
    ingress_rules::check,
    jobs::check,
    network_paths::check,
    preemption::check,
    container_memory::check,
    container_image::check,
    container_config::check,
    container_start::check,
    container_crash::check,
    container_probe::check,
    container_lingers::check,
    pod_init::check,
    pod_creating::check,
    pod_scheduling::check,
    pod_lost::check,
    pod_terminating::check,
    pod_conditions::check,
    rollout_deployment::check,
    rollout_stateful::check,
];

/// Runs every check over the snapshot.
pub fn run(snapshot: &Snapshot) -> Vec<Fault> {
    ALL.iter().flat_map(|check| check(snapshot)).collect()
}
