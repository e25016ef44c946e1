//! Images that cannot be pulled, or that no node could pull by that name.
//!
//! Check: `image-pull`.

use jamie_core::{NextStep, Severity};

use super::{
    containers::{self, Group},
    happened, proposals,
    template::kubectl,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::Snapshot,
};

const REASONS: [&str; 8] = [
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
    "ErrImagePullBackOff",
];

/// What the runtime's message says about a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    BadName,
    NeverPulled,
    NotFound,
    Unauthorized,
    NameUnresolved,
    Certificate,
    RateLimited,
    Unreachable,
    Architecture,
    Disk,
    Signature,
    Unknown,
}

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let groups = containers::grouped(snapshot, |seen| {
        let (reason, _) = seen.waiting()?;
        REASONS.contains(&reason).then(|| seen.image().to_owned())
    });
    groups
        .into_iter()
        .filter_map(|(image, group)| fault(snapshot, &image, &group))
        .collect()
}

fn fault(snapshot: &Snapshot, image: &str, group: &Group<'_>) -> Option<Fault> {
    let seen = group.first()?;
    let (reason, message) = seen.waiting()?;
    // The back-off message says nothing; the event of the first try does.
    let event = containers::container_event(
        snapshot,
        seen,
        &["Failed", "InspectFailed", "ErrImageNeverPull"],
        |text| (text.contains("pull") || text.contains("image") || text.contains("Image")) && text.len() > 30,
    );
    let told = event.map(|event| happened::message(event)).unwrap_or_default();
    let words = if message.starts_with("Back-off") || message.is_empty() {
        if told.is_empty() { message } else { told }
    } else {
        message
    };
    let mut why = classify(reason, words);
    if why == Why::Unknown {
        why = classify(reason, told);
    }
    let name = group.workload.path();
    let (registry, repository, tag) = parts(image);
    let explained = match why {
        Why::BadName => format!("`{image}` is not a valid image name (InvalidImageName)"),
        Why::NeverPulled => format!(
            "the image `{image}` is not on the node, and `imagePullPolicy: Never` forbids pulling it (ErrImageNeverPull)"
        ),
        Why::NotFound => format!(
            "the image `{image}` does not exist: the registry `{registry}` has no tag `{tag}` of `{repository}`, or no \
             such repository"
        ),
        Why::Unauthorized => {
            let secrets: Vec<&str> = seen
                .pod
                .spec
                .iter()
                .flat_map(|spec| spec.image_pull_secrets.iter().flatten())
                .map(|secret| secret.name.as_str())
                .collect();
            let how = if secrets.is_empty() {
                "the pod names no `imagePullSecrets`".to_owned()
            } else {
                format!(
                    "the credentials in {} are missing, wrong or expired",
                    crate::wording::code_list(&secrets, 3)
                )
            };
            format!(
                "the registry `{registry}` refuses the pull of `{image}` (unauthorised): {how}, or the repository \
                 does not exist"
            )
        }
        Why::NameUnresolved => {
            format!("the registry's name `{registry}` in `{image}` does not resolve (no such host)")
        }
        Why::Certificate => format!(
            "the registry `{registry}` of `{image}` shows a certificate that the node does not trust (x509)"
        ),
        Why::RateLimited => format!(
            "the registry `{registry}` limits pulls (429, too many requests), so `{image}` has to wait"
        ),
        Why::Unreachable => format!(
            "the node cannot reach the registry `{registry}` of `{image}` (connection refused or timed out)"
        ),
        Why::Architecture => {
            format!("the image `{image}` has no variant for the node's processor architecture")
        }
        Why::Disk => format!("the node has no disk space left for the image `{image}`"),
        Why::Signature => format!("the signature of the image `{image}` is not accepted"),
        Why::Unknown => format!("the image `{image}` cannot be pulled ({reason})"),
    };
    let severity = containers::severity(snapshot, &group.workload);
    let mut fault = group.fault(
        "image-pull",
        severity,
        Depth::Cause,
        format!(
            "`{name}` cannot start{}: its image `{image}` cannot be pulled ({reason})",
            containers::share(snapshot, group)
        ),
    );
    let before = previous_image(snapshot, group, seen.name(), image);
    fault.cause = match &before {
        Some(before) => format!(
            "{}; the revision before ran `{before}`",
            crate::wording::sentence(&explained)
        ),
        None => crate::wording::sentence(&explained),
    };
    image.clone_into(&mut fault.key);
    fault.evidence.push(containers::evidence(seen));
    if let Some(event) = event {
        fault.evidence.push(happened::evidence(event));
    }
    fault.since = containers::since(snapshot, seen);
    let target = kubectl(&group.workload);
    fault.remedy = Some(match why {
        Why::Unauthorized => NextStep::command(
            "Give the pods credentials for the registry, and name them under `imagePullSecrets`",
            format!(
                "kubectl -n {} create secret docker-registry regcred --docker-server={registry} --docker-username=USER --docker-password=PASSWORD",
                group.workload.namespace.as_deref().unwrap_or("default")
            ),
        ),
        Why::RateLimited
        | Why::Unreachable
        | Why::NameUnresolved
        | Why::Certificate
        | Why::Disk
        | Why::Unknown
            if before.is_none() =>
        {
            NextStep::command(
                "Look at what the node says about the pull",
                format!("kubectl describe {}", kubectl(&seen.pod_ref())),
            )
        }
        _ => match (&before, group.workload.kind.as_str()) {
            (Some(before), "Deployment" | "StatefulSet" | "DaemonSet") => NextStep::command(
                format!("Go back to `{before}`, which was there before, or name an image that exists"),
                format!("kubectl rollout undo {target}"),
            )
            .proposing(proposals::proposal(
                "rollback",
                serde_json::json!({"target": group.workload}),
                vec![
                    format!("`{image}` cannot be pulled"),
                    format!("the revision before ran `{before}`"),
                ],
            )),
            _ => NextStep::command(
                "Name an image that exists",
                format!("kubectl set image {target} {}={repository}:TAG", seen.name()),
            ),
        },
    });
    if why == Why::Unknown {
        fault.verdict = jamie_core::Verdict::Likely;
    }
    if severity < Severity::Error {
        fault.severity = Severity::Error;
    }
    Some(fault)
}

fn classify(reason: &str, message: &str) -> Why {
    let text = message.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if reason == "InvalidImageName"
        || has(&[
            "invalid reference format",
            "couldn't parse image",
            "invalid image name",
        ])
    {
        Why::BadName
    } else if reason == "ErrImageNeverPull" {
        Why::NeverPulled
    } else if reason == "SignatureValidationFailed" {
        Why::Signature
    } else if has(&["toomanyrequests", "too many requests", "rate limit", " 429"]) {
        Why::RateLimited
    } else if has(&["x509", "certificate", "tls:"]) {
        Why::Certificate
    } else if has(&["no such host", "server misbehaving", "lookup "]) && !has(&["manifest unknown"]) {
        Why::NameUnresolved
    } else if has(&["no match for platform", "no matching manifest", "exec format"]) {
        Why::Architecture
    } else if has(&["no space left"]) {
        Why::Disk
    } else if has(&[
        "not found",
        "manifest unknown",
        "name unknown",
        "does not exist",
        "404",
    ]) && !has(&["may require", "denied"])
    {
        Why::NotFound
    } else if has(&[
        "unauthorized",
        "authentication required",
        "denied",
        "forbidden",
        "401",
        "403",
        "no basic auth",
    ]) {
        Why::Unauthorized
    } else if has(&[
        "connection refused",
        "i/o timeout",
        "deadline exceeded",
        "no route to host",
        "unreachable",
        "eof",
    ]) {
        Why::Unreachable
    } else if has(&["not found"]) {
        Why::NotFound
    } else {
        Why::Unknown
    }
}

/// Registry, repository and tag of an image name.
fn parts(image: &str) -> (&str, &str, &str) {
    let (name, tag) = match image.split_once('@') {
        Some((name, digest)) => (name, digest),
        None => match image.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (image, "latest"),
        },
    };
    match name.split_once('/') {
        Some((registry, _)) if registry.contains(['.', ':']) || registry == "localhost" => {
            (registry, name, tag)
        }
        _ => ("docker.io", name, tag),
    }
}

/// The image that the same container had in the revision before, where that was another.
fn previous_image(snapshot: &Snapshot, group: &Group<'_>, container: &str, image: &str) -> Option<String> {
    if group.workload.kind != "Deployment" {
        return None;
    }
    let namespace = group.workload.namespace.as_deref()?;
    let deployment = snapshot.deployment(namespace, &group.workload.name)?;
    snapshot.replica_sets_of(deployment).into_iter().find_map(|set| {
        let spec = set.spec.template.as_ref()?.spec.as_ref()?;
        let before = spec
            .containers
            .iter()
            .find(|one| one.name == container)?
            .image
            .as_deref()?;
        (before != image).then(|| before.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::{Why, classify, parts};

    #[test]
    fn names_fall_into_parts() {
        assert_eq!(parts("nginx"), ("docker.io", "nginx", "latest"));
        assert_eq!(parts("ghcr.io/a/b:1.2"), ("ghcr.io", "ghcr.io/a/b", "1.2"));
        assert_eq!(
            parts("localhost:5000/b"),
            ("localhost:5000", "localhost:5000/b", "latest")
        );
    }

    #[test]
    fn messages_are_told_apart() {
        let pull = |text| classify("ErrImagePull", text);
        assert_eq!(
            pull("failed to resolve reference \"x\": x: not found"),
            Why::NotFound
        );
        assert_eq!(
            pull("pull access denied, repository does not exist or may require authorization"),
            Why::Unauthorized
        );
        assert_eq!(
            pull("dial tcp: lookup reg.local: no such host"),
            Why::NameUnresolved
        );
        assert_eq!(pull("429 Too Many Requests - toomanyrequests"), Why::RateLimited);
    }
}
