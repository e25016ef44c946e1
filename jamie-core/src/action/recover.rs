//! Actions that nobody attends to any more in, what became of them out: runs that a crash cut short are looked up in
//! the estate and never run again; what waited too long has expired.

use std::time::Duration;

use tokio::time::timeout;

use super::{Action, ActionState, desk::Desk};
use crate::{Error, ErrorKind, Result};

/// Actions that are looked through.
const LOOKED_THROUGH: usize = 1_000;
/// The longest that the effect of one is looked for.
const LOOKING: Duration = Duration::from_mins(2);

/// Puts right what is left over, and gives what it put right.
pub(crate) async fn recover(desk: &Desk) -> Result<Vec<Action>> {
    let mut settled = Vec::new();
    for action in desk.store.list(LOOKED_THROUGH).await? {
        if action.is_expired_at(desk.clock.now()) {
            let why = "Nobody approved it in time.";
            settled.extend(desk.settle(&action, ActionState::Expired, "jamie", why).await?);
        } else if action.state == ActionState::Running {
            settled.extend(cut_short(desk, &action.id).await?);
        }
    }
    Ok(settled)
}

/// Looks up what came of a run, if nobody is at it any more.
async fn cut_short(desk: &Desk, id: &str) -> Result<Option<Action>> {
    let Some(_lease) = desk.store.lease(id).await? else {
        return Ok(None);
    };
    // With the lease held: it may have ended between the list and now.
    let Some(action) = desk
        .store
        .get(id)
        .await?
        .filter(|action| action.state == ActionState::Running)
    else {
        return Ok(None);
    };
    let seen = async {
        let tool = desk.tool(&action.tool)?;
        let Some(change) = tool.change() else {
            return Err(Error::new(
                ErrorKind::Internal,
                format!("{} changes nothing", action.tool),
            ));
        };
        let context = desk.context(&action, |_| {});
        timeout(LOOKING, change.watch(&context, &action.plan))
            .await
            .unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "it did not settle in time")))
    };
    let result = match seen.await {
        Ok(report) if report.worked => {
            format!("Cut short while it ran; its effect is there. {}", report.told)
        }
        Ok(report) => format!("Cut short while it ran; its effect is not there. {}", report.told),
        // Out of reach: it stays as it is, to be looked up another time.
        Err(error) if error.is_retryable() => return Ok(None),
        Err(error) => format!(
            "Cut short while it ran; what came of it could not be looked up: {}.",
            error.message()
        ),
    };
    desk.settle(&action, ActionState::Interrupted, "jamie", &result)
        .await
}
