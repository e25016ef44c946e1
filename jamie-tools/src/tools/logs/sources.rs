//! An object in, the containers whose logs are to be read out: those of unwell pods first.

use std::sync::Arc;

use jamie_core::{Error, ErrorKind, NextStep, Result, ToolOutput};
use k8s_openapi::api::core::v1::Pod;

use super::Args;
use crate::{
    Snapshot,
    pod_status::{last_end, show_end, status_of},
    snapshot::reference,
    wording,
};

/// Logs of no more containers than this are read at once.
const MAX_SOURCES: usize = 20;

/// One container whose log is read.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) namespace: String,
    pub(super) pod: String,
    pub(super) container: String,
    /// What is put before its lines where there are several sources.
    pub(super) label: String,
    /// How the container last ended, where it ended badly: `OOMKilled (exit code 137)`.
    pub(super) ended: Option<String>,
}

/// The containers to read: those of unwell pods first.
pub(super) fn sources(snapshot: &Snapshot, args: &Args, output: &mut ToolOutput) -> Result<Vec<Source>> {
    let mut pods: Vec<Arc<Pod>> = snapshot.pods_of(&args.target).into_iter().cloned().collect();
    if pods.is_empty() {
        output.headline = format!(
            "`{}` has no pods right now, so there are no logs to read.",
            args.target.path()
        );
        output.good = Some(false);
        return Ok(Vec::new());
    }
    pods.sort_by_cached_key(|pod| {
        let status = status_of(pod);
        (
            !status.is_unwell(),
            std::cmp::Reverse(status.restarts),
            std::cmp::Reverse(pod.metadata.creation_timestamp.as_ref().map(|at| at.0)),
        )
    });
    let mut sources = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let many = pods.len() > 1;
    for pod in &pods {
        let own = containers(pod, args);
        for container in all_containers(pod) {
            if !names.contains(&container) {
                names.push(container);
            }
        }
        let several = own.len() > 1;
        for container in own {
            let pod_name = pod.metadata.name.clone().unwrap_or_default();
            let short = short_name(&pod_name, &args.target.name);
            let label = match (many, several) {
                (true, true) => format!("{short}/{container}"),
                (true, false) => short,
                (false, true) => container.clone(),
                (false, false) => String::new(),
            };
            sources.push(Source {
                namespace: pod.metadata.namespace.clone().unwrap_or_default(),
                pod: pod_name,
                ended: ended_badly(pod, &container),
                container,
                label,
            });
        }
    }
    if sources.is_empty() {
        nothing_to_read(args, &pods, &names, output)?;
        return Ok(sources);
    }
    if sources.len() > MAX_SOURCES {
        let all = sources.len();
        output.notes.push(format!(
            "I read {MAX_SOURCES} of {all} containers, unwell ones first."
        ));
        sources.truncate(MAX_SOURCES);
    }
    Ok(sources)
}

/// Says why no container has a log to read.
fn nothing_to_read(args: &Args, pods: &[Arc<Pod>], names: &[String], output: &mut ToolOutput) -> Result<()> {
    let target = args.target.path();
    if let Some(wanted) = &args.container {
        let error = Error::new(
            ErrorKind::NotFound,
            format!("`{target}` has no container `{wanted}`"),
        );
        return Err(error.with_hint(format!("its containers are {}", wording::code_list(names, 8))));
    }
    if args.previous {
        output.headline = format!("No container of `{target}` has restarted, so there is no earlier log.");
        return Ok(());
    }
    output.headline = format!(
        "No container of `{target}` has started yet, so there are no logs: {}.",
        states(pods)
    );
    output.good = Some(false);
    let first = pods
        .first()
        .and_then(|pod| pod.metadata.name.clone())
        .unwrap_or_default();
    let namespace = args.target.namespace.as_deref().unwrap_or_default();
    output.next.push(NextStep::command(
        "See what keeps it from starting",
        format!("kubectl describe pod {first} -n {namespace}"),
    ));
    Ok(())
}

fn ended_badly(pod: &Pod, container: &str) -> Option<String> {
    let status = pod.status.as_ref()?;
    let all = status
        .container_statuses
        .iter()
        .flatten()
        .chain(status.init_container_statuses.iter().flatten());
    let end = all.filter(|one| one.name == container).find_map(last_end)?;
    (end.exit_code != 0).then(|| show_end(end))
}

fn states(pods: &[Arc<Pod>]) -> String {
    let mut states: Vec<String> = pods
        .iter()
        .map(|pod| format!("`{}` is {}", reference(pod.as_ref()).name, status_of(pod).state))
        .collect();
    states.sort();
    wording::list(&states, 3)
}

/// `7f9c4-x2x1z` of `api-7f9c4-x2x1z` when the workload is `api`.
fn short_name(pod: &str, workload: &str) -> String {
    pod.strip_prefix(workload)
        .and_then(|rest| rest.strip_prefix('-'))
        .filter(|rest| !rest.is_empty())
        .unwrap_or(pod)
        .to_owned()
}

fn all_containers(pod: &Pod) -> Vec<String> {
    pod.spec
        .iter()
        .flat_map(|spec| {
            spec.containers
                .iter()
                .chain(spec.init_containers.iter().flatten())
        })
        .map(|container| container.name.clone())
        .collect()
}

/// The containers of a pod whose logs are wanted and exist.
fn containers(pod: &Pod, args: &Args) -> Vec<String> {
    let Some(spec) = &pod.spec else { return Vec::new() };
    if let Some(wanted) = &args.container {
        return all_containers(pod)
            .into_iter()
            .filter(|name| name == wanted)
            .collect();
    }
    let status = pod.status.as_ref();
    let find = |name: &str| {
        status
            .into_iter()
            .flat_map(|status| {
                status
                    .container_statuses
                    .iter()
                    .flatten()
                    .chain(status.init_container_statuses.iter().flatten())
            })
            .find(|one| one.name == name)
    };
    let has_run = |name: &str| match find(name) {
        Some(one) if args.previous => {
            one.restart_count > 0
                || one
                    .last_state
                    .as_ref()
                    .is_some_and(|state| state.terminated.is_some())
        }
        Some(one) => {
            let state = one.state.as_ref();
            one.restart_count > 0
                || state.is_some_and(|state| state.running.is_some() || state.terminated.is_some())
                || one
                    .last_state
                    .as_ref()
                    .is_some_and(|state| state.terminated.is_some())
        }
        // Without a word from a kubelet it is worth asking.
        None => !args.previous && status.is_none_or(|status| status.container_statuses.is_none()),
    };
    let mut names: Vec<String> = spec
        .containers
        .iter()
        .map(|container| container.name.clone())
        .filter(|name| has_run(name))
        .collect();
    // Init containers matter while they have not all ended well, and sidecars always do.
    for init in spec.init_containers.iter().flatten() {
        let ended_well = find(&init.name)
            .and_then(|one| one.state.as_ref()?.terminated.as_ref())
            .is_some_and(|end| end.exit_code == 0);
        if !ended_well && find(&init.name).is_some() && has_run(&init.name) {
            names.push(init.name.clone());
        }
    }
    names
}
