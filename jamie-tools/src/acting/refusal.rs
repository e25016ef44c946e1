//! A server's refusal of a write in, an error with the server's words and what to do about it out.

use jamie_core::{Error, ErrorKind};

use super::Operation;
use crate::{cluster::Denial, wording};

/// The words for a write that was not accepted.
pub(super) fn refusal(operation: &Operation, denial: Denial) -> Error {
    let what = operation.told();
    let said = wording::clip(&denial.said, 400);
    let causes = denial.causes();
    let more = if causes.is_empty() || causes.iter().all(|cause| said.contains(cause.as_str())) {
        String::new()
    } else {
        format!(" ({})", wording::clip(&causes.join("; "), 300))
    };
    let error = |kind: ErrorKind, text: String, hint: &str| Error::new(kind, text).with_hint(hint);
    match denial.code {
        None => denial.error,
        Some(403) if is_admission(&said) => error(
            ErrorKind::Forbidden,
            format!("the cluster refuses to {what}: {said}{more}"),
            "what is asked for breaks a rule of this cluster: a quota, a limit range or an admission policy; \
             ask for less, or change the rule",
        ),
        Some(403) => {
            let (verb, resource) = operation.permission();
            let place = operation
                .target
                .namespace
                .as_ref()
                .map_or_else(String::new, |namespace| format!(" in `{namespace}`"));
            error(
                ErrorKind::Forbidden,
                format!("the cluster does not allow to {what}: {said}"),
                &format!("it takes the verb `{verb}` on `{resource}`{place}; ask somebody who may grant it"),
            )
        }
        Some(404) => error(
            ErrorKind::NotFound,
            format!("cannot {what}: {said}"),
            "it may have been deleted meanwhile; look again and ask anew",
        ),
        Some(409) if operation.creates() => error(
            ErrorKind::InvalidInput,
            format!("cannot {what}: it exists already"),
            "choose another name, or ask me to change the one that is there",
        ),
        Some(409) => error(
            ErrorKind::InvalidInput,
            format!("cannot {what}: it changed since it was planned ({said})"),
            "ask again, and I work it out anew on what is there now",
        ),
        Some(429) if operation.removes() && !causes.is_empty() => error(
            ErrorKind::Unavailable,
            format!(
                "a disruption budget keeps {} where it is: {}",
                operation.target,
                causes.join("; ")
            ),
            "wait until more of its pods are ready, or scale the workload up first",
        ),
        Some(422 | 400) => error(
            ErrorKind::InvalidInput,
            format!(
                "the server does not accept this for {}: {said}{more}",
                operation.target
            ),
            "change the value that it names",
        ),
        Some(_) => {
            let text = format!("cannot {what}: {}{more}", denial.error.message());
            match denial.error.hint() {
                Some(hint) => error(denial.error.kind(), text, hint),
                None => Error::new(denial.error.kind(), text),
            }
        }
    }
}

/// Whether what is asked for is refused rather than who asks.
fn is_admission(said: &str) -> bool {
    [
        "exceeded quota",
        "admission webhook",
        "maximum ",
        "minimum ",
        "limit range",
        "violates ",
        "being terminated",
    ]
    .iter()
    .any(|mark| said.contains(mark))
}
