//! A pod's references to ConfigMaps, Secrets and keys in; the kubelet's words about the first that is missing out.

use serde_json::Value;

use crate::{
    object::{self, flag, list, text},
    store::{Key, Store},
};

/// What keeps the pod's volumes from being mounted: the volume's name and the message.
pub(super) fn unmountable(store: &Store, pod: &Value) -> Option<(String, String)> {
    let namespace = object::namespace(pod);
    list(pod, "/spec/volumes").iter().find_map(|volume| {
        let why = source(store, namespace, volume).or_else(|| {
            list(volume, "/projected/sources")
                .iter()
                .find_map(|source_| source(store, namespace, source_))
        })?;
        Some((text(volume, "/name").to_owned(), why))
    })
}

fn source(store: &Store, namespace: &str, volume: &Value) -> Option<String> {
    if let Some(wanted) = volume.get("configMap") {
        return missing(
            store,
            namespace,
            "configmaps",
            "configmap",
            text(wanted, "/name"),
            wanted,
        );
    }
    let wanted = volume.get("secret")?;
    let secret = match text(wanted, "/secretName") {
        "" => text(wanted, "/name"),
        secret => secret,
    };
    missing(store, namespace, "secrets", "secret", secret, wanted)
}

fn missing(
    store: &Store,
    namespace: &str,
    plural: &str,
    kind: &str,
    name: &str,
    wanted: &Value,
) -> Option<String> {
    if flag(wanted, "/optional") {
        return None;
    }
    let Some(found) = store.get(&Key::namespaced("", plural, namespace, name)) else {
        return Some(format!("{kind} \"{name}\" not found"));
    };
    let word = if kind == "configmap" { "config" } else { kind };
    let absent = list(wanted, "/items")
        .iter()
        .map(|item| text(item, "/key"))
        .find(|key| !has_key(&found, key))?;
    Some(format!("references non-existent {word} key: {absent}"))
}

fn has_key(object: &Value, key: &str) -> bool {
    ["data", "binaryData", "stringData"]
        .iter()
        .any(|field| object.get(*field).and_then(|data| data.get(key)).is_some())
}

/// What keeps a container's environment from being put together.
pub(super) fn unconfigurable(store: &Store, pod: &Value, container: &Value) -> Option<String> {
    let namespace = object::namespace(pod);
    let whole = list(container, "/envFrom").iter().find_map(|from| {
        [
            ("configMapRef", "configmaps", "configmap"),
            ("secretRef", "secrets", "secret"),
        ]
        .iter()
        .find_map(|(field, plural, kind)| {
            let wanted = from.get(*field)?;
            let name = text(wanted, "/name");
            let found = store.get(&Key::namespaced("", plural, namespace, name));
            (found.is_none() && !flag(wanted, "/optional")).then(|| format!("{kind} \"{name}\" not found"))
        })
    });
    whole.or_else(|| {
        list(container, "/env").iter().find_map(|env| {
            [
                ("configMapKeyRef", "configmaps", "configmap", "ConfigMap"),
                ("secretKeyRef", "secrets", "secret", "Secret"),
            ]
            .iter()
            .find_map(|(field, plural, kind, title)| {
                let wanted = env.pointer(&format!("/valueFrom/{field}"))?;
                if flag(wanted, "/optional") {
                    return None;
                }
                let (name, key) = (text(wanted, "/name"), text(wanted, "/key"));
                match store.get(&Key::namespaced("", plural, namespace, name)) {
                    None => Some(format!("{kind} \"{name}\" not found")),
                    Some(found) if !has_key(&found, key) => {
                        Some(format!("couldn't find key {key} in {title} {namespace}/{name}"))
                    }
                    Some(_) => None,
                }
            })
        })
    })
}

/// Image pull secrets that are not there.
pub(super) fn missing_pull_secrets(store: &Store, pod: &Value) -> Vec<String> {
    list(pod, "/spec/imagePullSecrets")
        .iter()
        .map(|secret| text(secret, "/name").to_owned())
        .filter(|name| {
            store
                .get(&Key::namespaced("", "secrets", object::namespace(pod), name))
                .is_none()
        })
        .collect()
}
