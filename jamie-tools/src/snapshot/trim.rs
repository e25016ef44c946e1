//! Keeps a snapshot small: what nobody reads is dropped as soon as an object was parsed.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

/// Annotations that repeat the whole object.
const REPEATS: [&str; 2] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "objectset.rio.cattle.io/applied",
];

/// No annotation that matters is longer.
const MAX_ANNOTATION: usize = 1024;

/// Drops repeated and large annotations, and of the managed fields all but who wrote last and when.
pub(crate) fn trim(metadata: &mut ObjectMeta) {
    if let Some(entries) = metadata.managed_fields.take() {
        // The status is written all the time by controllers; a change of the object itself is what people ask for.
        let mut latest = entries
            .into_iter()
            .filter(|entry| entry.subresource.as_deref().is_none_or(str::is_empty))
            .max_by_key(|entry| entry.time.as_ref().map(|time| time.0));
        if let Some(entry) = &mut latest {
            entry.fields_v1 = None;
        }
        metadata.managed_fields = latest.map(|entry| vec![entry]);
    }
    if let Some(annotations) = &mut metadata.annotations {
        annotations.retain(|key, value| !REPEATS.contains(&key.as_str()) && value.len() <= MAX_ANNOTATION);
        if annotations.is_empty() {
            metadata.annotations = None;
        }
    }
}

/// Cuts a text at a number of bytes, at a character's edge.
pub(crate) fn cut(text: &mut String, max: usize) {
    if text.len() > max {
        let mut end = max;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
}
