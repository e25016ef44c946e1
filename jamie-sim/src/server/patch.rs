//! The patch languages: an object and a patch go in, the patched object comes out.

mod apply;
mod keys;
pub(crate) mod owners;
mod strategic;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::resources::{self, ResourceType};
use crate::store::ApiStatus;

pub(crate) use apply::applied;

/// The language of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// No patch: a whole object.
    None,
    /// RFC 6902.
    Json,
    /// RFC 7386.
    Merge,
    /// Merge that knows which lists are maps by name.
    Strategic,
    /// Server-side apply.
    Apply,
}

impl Language {
    pub(crate) fn of(content_type: &str) -> Result<Self, ApiStatus> {
        match content_type {
            "application/json-patch+json" => Ok(Self::Json),
            "application/merge-patch+json" => Ok(Self::Merge),
            "application/strategic-merge-patch+json" => Ok(Self::Strategic),
            "application/apply-patch+yaml" => Ok(Self::Apply),
            other => Err(ApiStatus::unsupported_media_type(format!(
                "the body of the request was in an unknown format - accepted media types include: \
                 application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml, \
                 application/strategic-merge-patch+json; got {other}"
            ))),
        }
    }
}

/// The object with a patch in one of the first three languages.
pub(crate) fn patched(
    language: Language,
    kind: &ResourceType,
    current: &Value,
    patch: &Value,
) -> Result<Value, ApiStatus> {
    let mut object = current.clone();
    match language {
        Language::Json => {
            let operations: json_patch::Patch = serde_json::from_value(patch.clone())
                .map_err(|error| ApiStatus::bad_request(format!("error decoding patch: {error}")))?;
            json_patch::patch(&mut object, &operations).map_err(|error| {
                ApiStatus::new(
                    422,
                    "Invalid",
                    format!("the server rejected our request due to an error in our request: {error}"),
                )
            })?;
        }
        Language::Merge => json_patch::merge(&mut object, patch),
        Language::Strategic | Language::Apply | Language::None => {
            if resources::by_kind(&kind.group, &kind.kind).is_none() {
                return Err(ApiStatus::unsupported_media_type(
                    "the body of the request was in an unknown format - accepted media types include: \
                     application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
                ));
            }
            strategic::merge(&mut object, patch)?;
        }
    }
    Ok(object)
}
