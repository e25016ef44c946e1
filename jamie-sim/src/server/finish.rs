//! An object as it came in; the same with its defaults, checked field by field, or the refusal in the words that fit the
//! way it came.

use serde_json::{Value, json};

use super::duplicates::duplicates;
use super::fields::text;
use super::patch::Language;
use super::request::Request;
use super::resources::ResourceType;
use super::validate;
use crate::store::ApiStatus;

/// Fills in defaults and validates; what is wrong with the fields only is told as the client asked to be told.
pub(crate) fn finish(
    kind: &ResourceType,
    object: &mut Value,
    request: &Request,
    language: Language,
    warnings: &mut Vec<String>,
) -> Result<(), ApiStatus> {
    let directive = Directive::of(request)?;
    let unknown =
        validate::shape(kind, object).map_err(|why| unfit(kind, object, request, language, &why))?;
    // Server-side apply has no place for a field that nobody knows.
    if let (Language::Apply, Some(first)) = (language, unknown.first()) {
        let message = format!(
            "failed to create typed patch object ({}/{}; {}, Kind={}): .{first}: field not declared in schema",
            text(object, "/metadata/namespace"),
            text(object, "/metadata/name"),
            text(object, "/apiVersion"),
            kind.kind
        );
        return Err(ApiStatus::internal(message));
    }
    let mut complaints: Vec<String> = unknown
        .iter()
        .map(|field| format!("unknown field \"{field}\""))
        .collect();
    complaints.extend(
        duplicates(&request.body)
            .iter()
            .map(|field| format!("duplicate field \"{field}\"")),
    );
    match directive {
        Directive::Strict if !complaints.is_empty() => {
            let why = format!("strict decoding error: {}", complaints.join(", "));
            return Err(unfit(kind, object, request, language, &why));
        }
        Directive::Warn => warnings.extend(complaints),
        Directive::Strict | Directive::Ignore => {}
    }
    crate::defaults::fill(object);
    validate::content(kind, object)
}

/// What becomes of fields that are unknown or given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directive {
    Ignore,
    Warn,
    Strict,
}

impl Directive {
    fn of(request: &Request) -> Result<Self, ApiStatus> {
        match request.query.text("fieldValidation") {
            "" | "Warn" => Ok(Self::Warn),
            "Strict" => Ok(Self::Strict),
            "Ignore" => Ok(Self::Ignore),
            other => Err(ApiStatus::new(
                422,
                "Invalid",
                format!(
                    "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"{other}\": \
                     supported values: \"Ignore\", \"Strict\", \"Warn\""
                ),
            )),
        }
    }
}

/// The refusal of an object that cannot be read as its kind: a bad request when it came whole, an invalid patch else.
fn unfit(kind: &ResourceType, object: &Value, request: &Request, language: Language, why: &str) -> ApiStatus {
    match language {
        Language::None => ApiStatus::bad_request(format!(
            "{} in version \"{}\" cannot be handled as a {}: {why}",
            kind.kind,
            text(object, "/apiVersion").rsplit('/').next().unwrap_or_default(),
            kind.kind
        )),
        Language::Apply => {
            let message = format!(
                "failed to create typed patch object ({}/{}; {}, Kind={}): {why}",
                text(object, "/metadata/namespace"),
                text(object, "/metadata/name"),
                text(object, "/apiVersion"),
                kind.kind
            );
            ApiStatus::internal(message)
        }
        _ => {
            let body = String::from_utf8_lossy(&request.body);
            let told = format!("Invalid value: {}: {why}", Value::from(body.as_ref()));
            ApiStatus::new(422, "Invalid", format!(" \"\" is invalid: patch: {told}")).with_details(
                json!({"causes": [{"reason": "FieldValueInvalid", "message": told, "field": "patch"}]}),
            )
        }
    }
}
