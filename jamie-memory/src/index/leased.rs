//! Work and what keeps a lease in, what the work gives out; or that another process has taken the lease in the middle.

use std::time::Duration;

use jamie_core::{Error, ErrorKind, Result};

/// Works, and keeps the lease `every` so often meanwhile, however long it takes; `keep` says whether it is still held.
///
/// Both go on at the same time, because what is worked on may hold what the lease is kept with: SQLite has one connection
/// that writes.
pub(super) async fn while_leased<T, K>(
    every: Duration,
    keep: impl Fn() -> K,
    work: impl Future<Output = Result<T>>,
) -> Result<T>
where
    K: Future<Output = Result<bool>>,
{
    let kept = async {
        loop {
            tokio::time::sleep(every).await;
            if !keep().await? {
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    "another process has taken over the search index",
                ));
            }
        }
    };
    tokio::select! {
        done = work => done,
        lost = kept => lost,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test says what broke by breaking")]
mod tests {
    use tokio::sync::{Mutex, Notify};

    use super::*;

    const EVERY: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn work_may_hold_what_the_lease_is_kept_with() {
        let (connection, waiting) = (Mutex::new(()), Notify::new());
        let keep = || async {
            waiting.notify_one();
            drop(connection.lock().await);
            Ok(true)
        };
        let work = async {
            let held = connection.lock().await;
            waiting.notified().await;
            drop(held);
            Ok("done")
        };
        let done = tokio::time::timeout(Duration::from_secs(30), while_leased(EVERY, keep, work)).await;
        assert_eq!(done.unwrap().unwrap(), "done");
    }

    #[tokio::test]
    async fn work_ends_where_another_has_the_lease() {
        let work = std::future::pending::<Result<()>>();
        let error = while_leased(EVERY, || async { Ok(false) }, work)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
}
