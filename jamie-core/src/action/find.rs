//! An id as somebody typed it in, the action out, or which ones there are.

use super::{Action, ActionState, desk::Desk};
use crate::{Error, ErrorKind, Result};

/// Actions that are looked through for a near id.
const LOOKED_THROUGH: usize = 200;
/// Ids that are named in an error.
const NAMED: usize = 5;

/// The action of that id.
pub(super) async fn by_id(desk: &Desk, typed: &str) -> Result<Action> {
    let id = typed.trim().to_lowercase();
    if let Some(action) = desk.store.get(&id).await? {
        return Ok(action);
    }
    let all = desk.store.list(LOOKED_THROUGH).await?;
    let near = all
        .iter()
        .filter(|action| strsim::damerau_levenshtein(&action.id, &id) <= 2 || action.id.starts_with(&id))
        .map(|action| action.id.as_str())
        .next()
        .filter(|_| !id.is_empty());
    let waiting: Vec<&str> = all
        .iter()
        .filter(|action| action.state == ActionState::Parked)
        .map(|action| action.id.as_str())
        .take(NAMED)
        .collect();
    let hint = match (near, waiting.as_slice()) {
        (Some(near), _) => format!("did you mean {near}?"),
        (None, []) => "nothing waits for a decision".to_owned(),
        (None, waiting) => format!("these wait for a decision: {}", waiting.join(", ")),
    };
    Err(Error::new(
        ErrorKind::NotFound,
        format!("there is no action {:?}", typed.trim()),
    )
    .with_hint(hint))
}
