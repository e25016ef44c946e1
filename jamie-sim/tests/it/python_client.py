"""Drives the simulated cluster through the Python client; says "all is well" at the end."""

import time

from kubernetes import client, config, watch
from kubernetes.client.rest import ApiException


def until(condition, what):
    """Waits for a condition; gives up loudly."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()

# Lists, with selectors and paging.
pods = core.list_namespaced_pod("shop", label_selector="app=web").items
assert len(pods) == 3, pods
assert all(pod.status.phase == "Running" for pod in pods)
page = core.list_namespaced_pod("shop", limit=1)
assert page.metadata._continue and page.metadata.remaining_item_count == 3
rest = core.list_namespaced_pod("shop", limit=10, _continue=page.metadata._continue)
assert len(rest.items) == 3
on_node = core.list_pod_for_all_namespaces(field_selector=f"spec.nodeName={pods[0].spec.node_name}").items
assert pods[0].metadata.name in [pod.metadata.name for pod in on_node]

# Logs.
log = core.read_namespaced_pod_log(pods[0].metadata.name, "shop", tail_lines=1)
assert "listening" in log, log

# Patch and scale.
apps.patch_namespaced_deployment("web", "shop", {"metadata": {"labels": {"tier": "front"}}})
assert apps.read_namespaced_deployment("web", "shop").metadata.labels["tier"] == "front"
apps.patch_namespaced_deployment_scale("web", "shop", {"spec": {"replicas": 4}})
assert apps.read_namespaced_deployment_scale("web", "shop").spec.replicas == 4
until(lambda: apps.read_namespaced_deployment("web", "shop").status.ready_replicas == 4, "scaled to four")

# Watch a pod being deleted.
stream = watch.Watch()
version = core.list_namespaced_pod("shop").metadata.resource_version
victim = pods[0].metadata.name
core.delete_namespaced_pod(victim, "shop")
for event in stream.stream(core.list_namespaced_pod, "shop", resource_version=version, timeout_seconds=60):
    if event["type"] == "DELETED" and event["object"].metadata.name == victim:
        stream.stop()
        break
else:
    raise AssertionError("the deletion was never told")
until(lambda: apps.read_namespaced_deployment("web", "shop").status.ready_replicas == 4, "back to four")

# Create, replace, conflict, delete.
body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="settings"), data={"a": "1"})
made = core.create_namespaced_config_map("shop", body)
made.data["a"] = "2"
core.replace_namespaced_config_map("settings", "shop", made)
try:
    core.replace_namespaced_config_map("settings", "shop", made)
    raise AssertionError("a stale write went through")
except ApiException as error:
    assert error.status == 409, error
core.delete_namespaced_config_map("settings", "shop")
try:
    core.read_namespaced_config_map("settings", "shop")
    raise AssertionError("it is still there")
except ApiException as error:
    assert error.status == 404, error

# Figures and permissions.
figures = client.CustomObjectsApi().list_namespaced_custom_object("metrics.k8s.io", "v1beta1", "shop", "pods")
assert figures["items"], figures
review = client.V1SelfSubjectAccessReview(
    spec=client.V1SelfSubjectAccessReviewSpec(
        resource_attributes=client.V1ResourceAttributes(verb="list", resource="pods", namespace="shop")
    )
)
assert client.AuthorizationV1Api().create_self_subject_access_review(review).status.allowed
assert client.VersionApi().get_code().git_version.startswith("v1.32")
print("all is well")
