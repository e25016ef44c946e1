//! What keeps an index quick and small: fragments merged, old versions removed, new rows taken into the indexes. Three jobs,
//! each bounded and on its own, so that one that fails stops no other.

use std::time::Duration;

use jamie_core::Result;
use lancedb::{
    DistanceType,
    index::{Index as Kind, vector::IvfPqIndexBuilder},
    table::{CompactionOptions, Duration as Span, OptimizeAction, OptimizeOptions},
};

use super::{Index, fault::fault, open::index_words, table};

/// Fragments from which they are merged.
const FRAGMENTS: usize = 64;
/// Rows from which vectors have an index; below, every one is compared, which is exact and quick enough.
const VECTORS: usize = 100_000;
/// How long an old version stays for whoever still reads it: searches take seconds, and look at the newest one.
const OLD: Duration = Duration::from_mins(10);

impl Index {
    /// Merges fragments where there are many.
    pub(super) async fn compact(&self) -> Result<()> {
        if self.fragments().await? > FRAGMENTS {
            self.merge(CompactionOptions::default()).await?;
        }
        Ok(())
    }

    /// Removes versions that are old.
    pub(super) async fn prune(&self) -> Result<()> {
        self.remove_versions(OLD, false).await
    }

    /// Takes new rows into the indexes, and makes one for vectors where they have become many.
    pub(super) async fn refresh(&self) -> Result<()> {
        self.table
            .optimize(OptimizeAction::Index(OptimizeOptions::default()))
            .await
            .map_err(fault)?;
        let indices = self.table.list_indices().await.map_err(fault)?;
        let indexed = indices
            .iter()
            .any(|index| index.columns.iter().any(|column| column == table::VECTOR));
        if !indexed && self.rows().await? >= VECTORS {
            let kind = IvfPqIndexBuilder::default().distance_type(DistanceType::Cosine);
            self.table
                .create_index(&[table::VECTOR], Kind::IvfPq(kind))
                .execute()
                .await
                .map_err(fault)?;
        }
        Ok(())
    }

    /// Writes what is left of the rows anew, and removes every file that held others: words, too, leave the index.
    pub(super) async fn scrub(&self) -> Result<()> {
        self.merge(CompactionOptions {
            materialize_deletions: true,
            materialize_deletions_threshold: 0.0,
            ..CompactionOptions::default()
        })
        .await?;
        for index in self.table.list_indices().await.map_err(fault)? {
            if index.columns.iter().any(|column| column == table::TEXT) {
                index_words(&self.table).await?;
            } else if index.columns.iter().any(|column| column == table::PERSON) {
                let kind = Kind::BTree(lancedb::index::scalar::BTreeIndexBuilder::default());
                self.table
                    .create_index(&[table::PERSON], kind)
                    .replace(true)
                    .execute()
                    .await
                    .map_err(fault)?;
            }
        }
        // Whoever scrubs is the only one to write: files that no version knows are what a crash or a lost race left.
        self.remove_versions(Duration::ZERO, true).await
    }

    async fn merge(&self, options: CompactionOptions) -> Result<()> {
        let action = OptimizeAction::Compact {
            options,
            remap_options: None,
        };
        self.table.optimize(action).await.map_err(fault)?;
        Ok(())
    }

    async fn remove_versions(&self, older_than: Duration, unfinished: bool) -> Result<()> {
        let action = OptimizeAction::Prune {
            older_than: Span::from_std(older_than).ok(),
            // Another process may be in the middle of a write.
            delete_unverified: Some(unfinished),
            error_if_tagged_old_versions: None,
        };
        self.table.optimize(action).await.map_err(fault)?;
        Ok(())
    }

    pub(super) async fn rows(&self) -> Result<usize> {
        self.table.count_rows(None).await.map_err(fault)
    }

    pub(super) async fn fragments(&self) -> Result<usize> {
        let stats = self.table.stats().await.map_err(fault)?;
        Ok(stats.fragment_stats.num_fragments)
    }

    pub(super) async fn versions(&self) -> Result<usize> {
        Ok(self.table.list_versions().await.map_err(fault)?.len())
    }
}
