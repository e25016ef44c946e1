//! A person was erased from the records: a wish in, an index without a byte of them out.
//!
//! Only whoever writes the index may rewrite it, or rows that are on their way into it would bring the person back. So
//! the wish is noted in the records, where it outlives a crash and an index that is out of reach; whoever writes fulfils
//! it after it has followed every removal, and whoever wished waits for that.

use std::time::{Duration, Instant};

use jamie_core::{Error, ErrorKind, Result};

use super::Follower;

/// The longest wait for another process that writes the index.
const WAIT: Duration = Duration::from_secs(45);
/// How often it is looked at whether it is done.
const LOOK: Duration = Duration::from_millis(200);

impl Follower {
    /// Whether no erasure is left to be done.
    pub(crate) async fn has_erased(&self) -> Result<bool> {
        Ok(self.progress.wanted_erasure().await?.is_none())
    }

    /// Notes that an erasure has to reach the index: before rows are removed, so that a crash loses no wish, and again
    /// behind that, so that it is not fulfilled too early.
    pub(crate) async fn want_erasure(&self) -> Result<()> {
        self.progress.want_erasure().await
    }

    /// Takes the wish back: there was nothing to erase.
    pub(crate) async fn unwant_erasure(&self) -> Result<()> {
        self.progress.unwant_erasure().await
    }

    /// Waits until every erasure that was wanted is done, and does it where nobody else writes the index.
    pub(crate) async fn erase(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            self.flush()
                .await
                .map_err(|error| self.pending(error.message()))?;
            if self.has_erased().await? {
                return Ok(());
            }
            if begun.elapsed() > WAIT {
                return Err(self.pending("another process is writing it"));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn pending(&self, why: &str) -> Error {
        let place = self.place();
        Error::new(
            ErrorKind::Unavailable,
            format!("the records are erased, and the search index at {place} still holds copies: {why}"),
        )
        .with_hint(
            "they are removed as soon as that is possible; ask for the same again to be sure that it was",
        )
    }
}
