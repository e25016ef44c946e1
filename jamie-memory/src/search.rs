//! Words in, the rows that fit them or mean the same out, each with its relevance.
//!
//! The index is asked by words and by meaning. What it does not hold yet is searched in the records, so that a thing just
//! said is found at once; where it cannot be read at all, the records are searched alone.

use std::{collections::BTreeMap, time::Duration};

use jamie_core::{Embedder, Error, ErrorKind, Result, memory::Recall};

use crate::{
    index::{Follower, Index, Position, fuse},
    records::Records,
    terms::{SEARCHED, terms},
};

/// How alike two texts must be to have something to do with each other: 0 is nothing, 1 the same.
const ALIKE: f32 = 0.25;
/// The longest that making a vector of the words may take.
const EMBEDDING: Duration = Duration::from_millis(500);
/// Rows beyond the index whose meaning is compared.
const TAIL: usize = 256;

/// Ids of rows with their relevance: any number, the larger the better.
pub(crate) async fn search(
    records: &dyn Records,
    follower: Option<&Follower>,
    recall: &Recall,
) -> Result<BTreeMap<i64, f64>> {
    if let Some(follower) = follower {
        let searching = in_index(records, follower, recall);
        let found = match follower.patience() {
            None => searching.await,
            Some(patience) => tokio::time::timeout(patience, searching)
                .await
                .unwrap_or_else(|_| {
                    Err(Error::new(
                        ErrorKind::Timeout,
                        "the search index did not answer in time",
                    ))
                }),
        };
        match found {
            Ok(found) => return Ok(found),
            Err(error) => {
                let error = follower.failed(error);
                tracing::debug!(%error, "searching the records alone");
            }
        }
    }
    Ok(records.search(recall, 0).await?.into_iter().collect())
}

async fn in_index(records: &dyn Records, follower: &Follower, recall: &Recall) -> Result<BTreeMap<i64, f64>> {
    let (index, position) = follower.to_search().await?;
    let text = recall.text.clone().unwrap_or_default();
    let words = terms(&text, SEARCHED);
    // A slow embedder costs the meaning, not the answer.
    let vector = embed(follower.embedder().as_ref(), vec![text])
        .await
        .unwrap_or_default();
    let vector = vector.into_iter().next().unwrap_or_default();
    let (by_words, by_meaning, tail) = tokio::try_join!(
        index.by_words(recall, &words, recall.limit),
        meaning(&index, recall, &vector),
        beyond(records, follower, recall, &vector, position),
    )?;
    let (tail_words, tail_meaning) = tail;
    let mut close = by_meaning;
    close.extend(tail_meaning);
    close.retain(|(_, distance)| 1.0 - distance >= ALIKE);
    close.sort_by(|a, b| a.1.total_cmp(&b.1));
    let ids = |found: Vec<(i64, f32)>| found.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    Ok(fuse(&[ids(by_words), tail_words, ids(close)]))
}

async fn meaning(index: &Index, recall: &Recall, vector: &[f32]) -> Result<Vec<(i64, f32)>> {
    index.by_meaning(recall, vector, recall.limit).await
}

/// What fits among the rows that the index does not hold yet: by words, and by meaning with the distance.
async fn beyond(
    records: &dyn Records,
    follower: &Follower,
    recall: &Recall,
    vector: &[f32],
    position: Position,
) -> Result<(Vec<i64>, Vec<(i64, f32)>)> {
    let by_words = records.search(recall, position.row).await?;
    let by_words = by_words.into_iter().map(|(id, _)| id).collect();
    let mut rows = records.after(position.row, TAIL).await?;
    if rows.len() == TAIL {
        // The index is being built or has long been out of reach. The oldest of what it lacks say little, and an embedder
        // that builds it has enough to do.
        return Ok((by_words, Vec::new()));
    }
    rows.retain(|row| recall.fits(&row.record));
    let texts = rows.iter().map(|row| row.record.words()).collect();
    let vectors = embed(follower.embedder().as_ref(), texts)
        .await
        .unwrap_or_default();
    let by_meaning = rows
        .iter()
        .zip(vectors)
        .map(|(row, other)| {
            let alike: f32 = vector.iter().zip(&other).map(|(a, b)| a * b).sum();
            (row.id, 1.0 - alike)
        })
        .collect();
    Ok((by_words, by_meaning))
}

async fn embed(embedder: &dyn Embedder, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
    tokio::time::timeout(EMBEDDING, embedder.embed(&texts))
        .await
        .unwrap_or_else(|_| {
            Err(Error::new(
                ErrorKind::Timeout,
                "the embedder did not answer in time",
            ))
        })
}
