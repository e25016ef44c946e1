//! Which lists are maps: the path of a list goes in, the field that tells its items apart comes
//! out.

use serde_json::Value;

/// How a list is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Items are objects told apart by this field.
    Keyed(&'static str),
    /// Items are texts; each is there once.
    Set,
    /// The list is replaced as a whole.
    Atomic,
}

/// The style of the list under `field`, whose object sits under `parent`.
pub(crate) fn style(parent: &str, field: &str) -> Style {
    match (parent, field) {
        (
            _,
            "containers"
            | "initContainers"
            | "ephemeralContainers"
            | "volumes"
            | "imagePullSecrets"
            | "env"
            | "resourceClaims",
        )
        | ("", "secrets") => Style::Keyed("name"),
        (_, "volumeMounts") => Style::Keyed("mountPath"),
        (_, "volumeDevices") => Style::Keyed("devicePath"),
        ("containers" | "initContainers" | "ephemeralContainers", "ports") => Style::Keyed("containerPort"),
        ("spec", "ports") => Style::Keyed("port"),
        ("status", "conditions" | "addresses") => Style::Keyed("type"),
        ("status", "podIPs" | "hostIPs") | (_, "hostAliases") => Style::Keyed("ip"),
        ("metadata", "ownerReferences") => Style::Keyed("uid"),
        (_, "topologySpreadConstraints") => Style::Keyed("topologyKey"),
        ("metadata", "finalizers") => Style::Set,
        _ => Style::Atomic,
    }
}

/// Whether two items are the same one by their key.
pub(crate) fn same(a: &Value, b: &Value, key: &str) -> bool {
    let wanted = b.get(key);
    wanted.is_some() && a.get(key) == wanted
}
