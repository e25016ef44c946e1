//! What should hold after a change, as data, and how near it is: one look at the objects it is about.

use jamie_core::{ErrorKind, ObjectRef, Result};
use k8s_openapi::apimachinery::pkg::{api::resource::Quantity, apis::meta::v1::LabelSelector};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{cluster::Cluster, quantity, selector, tools::manifest, wording};

/// What should hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "holds", rename_all = "snake_case")]
pub(crate) enum Goal {
    /// All replicas of the workload are of its present template and available.
    RolledOut {
        /// The workload.
        object: ObjectRef,
    },
    /// A field has a value, or is not there.
    Reads {
        /// The object.
        object: ObjectRef,
        /// JSON pointer.
        pointer: String,
        /// The value; null: nothing.
        value: Value,
    },
    /// The objects exist.
    Present {
        /// Which.
        objects: Vec<ObjectRef>,
    },
    /// The objects, of these UIDs, exist no more.
    Gone {
        /// Which.
        objects: Vec<ObjectRef>,
    },
    /// The job has started a pod, or has finished.
    Started {
        /// The job.
        job: ObjectRef,
    },
    /// The claim has this capacity.
    Grown {
        /// The claim.
        claim: ObjectRef,
        /// In bytes.
        bytes: u64,
    },
    /// The Service has ready endpoints, all with these labels.
    Backed {
        /// The Service.
        service: ObjectRef,
    },
    /// All of these.
    All {
        /// Which.
        of: Vec<Goal>,
    },
}

/// How near a goal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It holds: the deciding fact.
    Reached(String),
    /// Not yet.
    Waiting(String),
    /// It will not come by itself.
    Lost(String),
}

/// Reasons for which a container waits that do not pass by themselves.
const DECISIVE: [&str; 6] = [
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerConfigError",
    "RunContainerError",
];

impl Goal {
    /// The objects it is about.
    pub(super) fn objects(&self) -> Vec<ObjectRef> {
        match self {
            Self::RolledOut { object } | Self::Reads { object, .. } => vec![object.clone()],
            Self::Present { objects } | Self::Gone { objects } => objects.clone(),
            Self::Started { job } => vec![job.clone()],
            Self::Grown { claim, .. } => vec![claim.clone()],
            Self::Backed { service } => vec![service.clone()],
            Self::All { of } => of.iter().flat_map(Self::objects).collect(),
        }
    }

    /// Whether it is about pods, which may start and still not live.
    pub(super) fn is_lively(&self) -> bool {
        match self {
            Self::RolledOut { .. } => true,
            Self::All { of } => of.iter().any(Self::is_lively),
            _ => false,
        }
    }

    /// One look.
    pub(super) async fn look(&self, cluster: &Cluster) -> Result<Standing> {
        match self {
            Self::RolledOut { object } => rolled_out(cluster, object).await,
            Self::Reads {
                object,
                pointer,
                value,
            } => {
                let found = manifest::read(cluster, object).await?;
                let is = found.pointer(pointer).cloned().unwrap_or_default();
                let field = pointer
                    .trim_start_matches('/')
                    .replace("~1", "/")
                    .replace('/', ".");
                Ok(if is == *value {
                    Standing::Reached(format!("`{field}` of {object} is {}", shown(&is)))
                } else {
                    Standing::Waiting(format!("`{field}` of {object} is still {}", shown(&is)))
                })
            }
            Self::Present { objects } => {
                for object in objects {
                    if find(cluster, object).await?.is_none() {
                        return Ok(Standing::Waiting(format!("{object} is not there yet")));
                    }
                }
                Ok(Standing::Reached(format!(
                    "{} {} there",
                    named(objects),
                    are(objects)
                )))
            }
            Self::Gone { objects } => gone(cluster, objects).await,
            Self::Started { job } => started(cluster, job).await,
            Self::Grown { claim, bytes } => grown(cluster, claim, *bytes).await,
            Self::Backed { service } => backed(cluster, service).await,
            Self::All { of } => {
                let mut reached = Vec::new();
                for goal in of {
                    match Box::pin(goal.look(cluster)).await? {
                        Standing::Reached(fact) => reached.push(fact),
                        other => return Ok(other),
                    }
                }
                reached.dedup();
                Ok(Standing::Reached(reached.join("; ")))
            }
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => wording::clip(&other.to_string(), 80),
    }
}

fn named(objects: &[ObjectRef]) -> String {
    let names: Vec<String> = objects.iter().map(ToString::to_string).collect();
    wording::list(&names, 4)
}

fn are(objects: &[ObjectRef]) -> &'static str {
    wording::is_are(objects.len())
}

/// The object where it exists.
async fn find(cluster: &Cluster, object: &ObjectRef) -> Result<Option<Value>> {
    match manifest::read(cluster, object).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn number(object: &Value, pointer: &str) -> i64 {
    object.pointer(pointer).and_then(Value::as_i64).unwrap_or(0)
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

async fn gone(cluster: &Cluster, objects: &[ObjectRef]) -> Result<Standing> {
    let mut left = Vec::new();
    for object in objects {
        if object.kind == "Secret" {
            continue;
        }
        let found = find(cluster, object).await?;
        let same = found.is_some_and(|found| {
            object
                .uid
                .as_deref()
                .is_none_or(|uid| text(&found, "/metadata/uid") == uid)
        });
        if same {
            left.push(object.clone());
        }
    }
    Ok(if left.is_empty() {
        Standing::Reached(format!("{} {} gone", named(objects), are(objects)))
    } else {
        Standing::Waiting(format!("{} {} still there", named(&left), are(&left)))
    })
}

/// Wanted, of the present template, available, and in all.
fn figures(kind: &str, object: &Value) -> (i64, i64, i64, i64) {
    let status = |field: &str| number(object, &format!("/status/{field}"));
    match kind {
        "DaemonSet" => (
            status("desiredNumberScheduled"),
            status("updatedNumberScheduled"),
            status("numberAvailable"),
            status("currentNumberScheduled"),
        ),
        "StatefulSet" => {
            let wanted = object
                .pointer("/spec/replicas")
                .and_then(Value::as_i64)
                .unwrap_or(1);
            let current = text(object, "/status/currentRevision");
            let is_done = !current.is_empty() && current == text(object, "/status/updateRevision");
            let updated = if is_done {
                wanted
            } else {
                status("updatedReplicas")
            };
            (wanted, updated, status("readyReplicas"), status("replicas"))
        }
        _ => (
            object
                .pointer("/spec/replicas")
                .and_then(Value::as_i64)
                .unwrap_or(1),
            if kind == "ReplicaSet" {
                status("replicas")
            } else {
                status("updatedReplicas")
            },
            status("availableReplicas"),
            status("replicas"),
        ),
    }
}

async fn rolled_out(cluster: &Cluster, target: &ObjectRef) -> Result<Standing> {
    let object = manifest::read(cluster, target).await?;
    let (wanted, updated, available, all) = figures(&target.kind, &object);
    let seen = number(&object, "/status/observedGeneration") >= number(&object, "/metadata/generation");
    if seen && updated >= wanted && available >= wanted && all == wanted {
        return Ok(Standing::Reached(match wanted {
            0 => format!("{target} is at zero replicas"),
            1 => format!("the one replica of {target} is available and up to date"),
            _ => format!("all {wanted} replicas of {target} are available and up to date"),
        }));
    }
    for condition in object
        .pointer("/status/conditions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let is = |kind: &str, status: &str| {
            text(condition, "/type") == kind && text(condition, "/status") == status
        };
        if seen && (is("Progressing", "False") || is("ReplicaFailure", "True")) && available < wanted {
            return Ok(Standing::Lost(format!(
                "{target} makes no progress: {}",
                wording::clip(text(condition, "/message"), 240)
            )));
        }
    }
    if seen && let Some(why) = hopeless(cluster, target, &object).await? {
        return Ok(Standing::Lost(why));
    }
    Ok(Standing::Waiting(format!(
        "{} of {wanted} replicas of {target} are up to date, {available} available",
        updated.min(wanted)
    )))
}

/// Pods of the present template that will not start by themselves.
async fn hopeless(cluster: &Cluster, target: &ObjectRef, object: &Value) -> Result<Option<String>> {
    let Some(namespace) = target.namespace.as_deref() else {
        return Ok(None);
    };
    let Some(pods) = pods_of(cluster, namespace, object.pointer("/spec/selector")).await? else {
        return Ok(None);
    };
    let hash = |pod: &Value| {
        ["pod-template-hash", "controller-revision-hash"]
            .iter()
            .map(|label| text(pod, &format!("/metadata/labels/{label}")).to_owned())
            .find(|hash| !hash.is_empty())
            .unwrap_or_default()
    };
    let newest = match text(object, "/status/updateRevision") {
        "" if target.kind == "Deployment" => match template_of(cluster, namespace, object).await? {
            Some(hash) => hash,
            // The pods that are there belong to templates of before.
            None => return Ok(None),
        },
        "" => pods
            .iter()
            .max_by_key(|pod| text(pod, "/metadata/creationTimestamp").to_owned())
            .map(hash)
            .unwrap_or_default(),
        revision => revision.to_owned(),
    };
    for pod in pods
        .iter()
        .filter(|pod| pod.pointer("/metadata/deletionTimestamp").is_none() && hash(pod) == newest)
    {
        for status in ["/status/initContainerStatuses", "/status/containerStatuses"]
            .iter()
            .filter_map(|list| pod.pointer(list)?.as_array())
            .flatten()
        {
            let reason = text(status, "/state/waiting/reason");
            if DECISIVE.contains(&reason) {
                let message = text(status, "/state/waiting/message");
                return Ok(Some(format!(
                    "`{}` of the new pod `{}` does not start: {reason}{}",
                    text(status, "/name"),
                    text(pod, "/metadata/name"),
                    if message.is_empty() {
                        String::new()
                    } else {
                        format!(" ({})", wording::clip(message, 200))
                    }
                )));
            }
        }
    }
    Ok(None)
}

/// The hash of a Deployment's present template: that of the ReplicaSet with its revision.
async fn template_of(cluster: &Cluster, namespace: &str, object: &Value) -> Result<Option<String>> {
    const REVISION: &str = "/metadata/annotations/deployment.kubernetes.io~1revision";
    let sets = listed(
        cluster,
        &format!("/apis/apps/v1/namespaces/{namespace}/replicasets"),
        object.pointer("/spec/selector"),
    )
    .await?;
    let (uid, revision) = (text(object, "/metadata/uid"), text(object, REVISION));
    Ok(sets.unwrap_or_default().iter().find_map(|set| {
        let owned = set
            .pointer("/metadata/ownerReferences")
            .and_then(Value::as_array)
            .is_some_and(|owners| owners.iter().any(|owner| text(owner, "/uid") == uid));
        (owned && !revision.is_empty() && text(set, REVISION) == revision)
            .then(|| text(set, "/metadata/labels/pod-template-hash").to_owned())
    }))
}

/// The pods that a selector picks; `None` where it cannot be sent as one.
async fn pods_of(cluster: &Cluster, namespace: &str, selector: Option<&Value>) -> Result<Option<Vec<Value>>> {
    listed(cluster, &format!("/api/v1/namespaces/{namespace}/pods"), selector).await
}

/// What a selector picks of the list at a path; `None` where it cannot be sent as one.
async fn listed(cluster: &Cluster, path: &str, selector: Option<&Value>) -> Result<Option<Vec<Value>>> {
    let Some(selector) = selector.and_then(|one| serde_json::from_value::<LabelSelector>(one.clone()).ok())
    else {
        return Ok(None);
    };
    let said: String = selector::show(&selector)
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let found = cluster
        .read(&format!("{path}?limit=500&labelSelector={said}"))
        .await?;
    Ok(Some(
        found
            .get("items")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default(),
    ))
}

async fn started(cluster: &Cluster, job: &ObjectRef) -> Result<Standing> {
    let object = manifest::read(cluster, job).await?;
    let (active, succeeded, failed) = (
        number(&object, "/status/active"),
        number(&object, "/status/succeeded"),
        number(&object, "/status/failed"),
    );
    Ok(if succeeded > 0 {
        Standing::Reached(format!("{job} has finished"))
    } else if failed > 0 {
        Standing::Lost(format!(
            "{job} has failed {}",
            wording::count(failed as usize, "time")
        ))
    } else if active > 0 {
        Standing::Reached(format!("{job} is running"))
    } else {
        Standing::Waiting(format!("{job} has not started a pod yet"))
    })
}

async fn grown(cluster: &Cluster, claim: &ObjectRef, bytes: u64) -> Result<Standing> {
    let object = manifest::read(cluster, claim).await?;
    let has = text(&object, "/status/capacity/storage").to_owned();
    let is = quantity::whole(&Quantity(has.clone()));
    let restart = object
        .pointer("/status/conditions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|one| text(one, "/type") == "FileSystemResizePending");
    Ok(if is >= bytes {
        Standing::Reached(format!("{claim} has {has} now"))
    } else if restart {
        Standing::Lost(format!(
            "the volume of {claim} has grown, its file system follows when the pod that uses it is restarted"
        ))
    } else {
        Standing::Waiting(format!(
            "{claim} has {has}, not {} yet",
            quantity::show_bytes(bytes)
        ))
    })
}

async fn backed(cluster: &Cluster, service: &ObjectRef) -> Result<Standing> {
    let namespace = service.namespace.as_deref().unwrap_or_default();
    let object = manifest::read(cluster, service).await?;
    let selector = serde_json::json!({"matchLabels": object.pointer("/spec/selector")});
    let wanted: Vec<String> = pods_of(cluster, namespace, Some(&selector))
        .await?
        .unwrap_or_default()
        .iter()
        .map(|pod| text(pod, "/metadata/name").to_owned())
        .collect();
    let slices = cluster
        .read(&format!(
            "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D{}",
            service.name
        ))
        .await?;
    let endpoints: Vec<&Value> = slices
        .get("items")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|slice| slice.get("endpoints")?.as_array())
        .flatten()
        .filter(|endpoint| endpoint.pointer("/conditions/ready") != Some(&Value::Bool(false)))
        .collect();
    let strangers = endpoints
        .iter()
        .filter(|endpoint| {
            let name = text(endpoint, "/targetRef/name");
            !name.is_empty() && !wanted.iter().any(|one| one == name)
        })
        .count();
    Ok(if !endpoints.is_empty() && strangers == 0 {
        Standing::Reached(format!(
            "{service} has {}",
            wording::count(endpoints.len(), "ready endpoint")
        ))
    } else {
        Standing::Waiting(format!(
            "{service} has {} of the pods it selects",
            wording::count(endpoints.len() - strangers, "ready endpoint")
        ))
    })
}
