//! Words or a vector in, the ids of the rows that fit out, best first.

use arrow_array::{Array, Float32Array, Int64Array, RecordBatch};
use futures::TryStreamExt;
use jamie_core::{Result, memory::Recall};
use lancedb::{
    DistanceType,
    index::scalar::FullTextSearchQuery,
    query::{ExecutableQuery, QueryBase, Select},
};

use super::{
    Index,
    fault::{fault, guarded},
    table,
};

/// Partitions of the vector index that are searched.
const PROBES: usize = 32;
/// Candidates whose real distance is computed, for each that is wanted.
const REFINED: u32 = 4;

impl Index {
    /// Rows that fit the words, best first, with their relevance (BM25).
    pub(crate) async fn by_words(
        &self,
        recall: &Recall,
        words: &[String],
        limit: usize,
    ) -> Result<Vec<(i64, f32)>> {
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let query = self
            .table
            .query()
            .only_if_expr(table::fits(recall))
            .full_text_search(FullTextSearchQuery::new(words.join(" ")))
            .select(Select::columns(&[table::ID, "_score"]))
            .limit(limit);
        guarded(async move { Ok(pairs(&read(&query).await?, "_score")) }).await
    }

    /// Rows that mean about the same, closest first, with their distance: 0 is the same, 1 has nothing in common.
    pub(crate) async fn by_meaning(
        &self,
        recall: &Recall,
        vector: &[f32],
        limit: usize,
    ) -> Result<Vec<(i64, f32)>> {
        if vector.iter().all(|number| *number == 0.0) {
            return Ok(Vec::new());
        }
        let query = self
            .table
            .query()
            .only_if_expr(table::fits(recall))
            .nearest_to(vector)
            .map_err(fault)?
            .distance_type(DistanceType::Cosine)
            .nprobes(PROBES)
            .map_err(fault)?
            .refine_factor(REFINED)
            .select(Select::columns(&[table::ID, "_distance"]))
            .limit(limit);
        guarded(async move { Ok(pairs(&read(&query).await?, "_distance")) }).await
    }
}

async fn read(query: &impl ExecutableQuery) -> Result<Vec<RecordBatch>> {
    query
        .execute()
        .await
        .map_err(fault)?
        .try_collect()
        .await
        .map_err(fault)
}

fn pairs(batches: &[RecordBatch], name: &str) -> Vec<(i64, f32)> {
    batches
        .iter()
        .filter_map(|batch| {
            let ids = batch
                .column_by_name(table::ID)?
                .as_any()
                .downcast_ref::<Int64Array>()?;
            let numbers = batch
                .column_by_name(name)?
                .as_any()
                .downcast_ref::<Float32Array>()?;
            Some(ids.values().iter().copied().zip(numbers.values().iter().copied()))
        })
        .flatten()
        .collect()
}
