//! The suite for embedders.

use super::{Verdict, ensure};
use crate::Embedder;

/// Vectors have the length and the dimension that were promised, the same text gives the same vector alone and in a
/// batch, and what means the same lies closer than what does not.
pub async fn embedder(embedder: &dyn Embedder) -> Verdict {
    let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    ensure(
        !embedder.identity().is_empty() && embedder.identity().chars().all(named),
        || format!("the identity is {:?}", embedder.identity()),
    )?;
    let texts = [
        "the pod was killed because it ran out of memory",
        "out of memory: the container was killed",
        "the certificate of the website expires on Sunday",
        "",
        "🫖 ünïcödé \u{0} 'quotes' <|endoftext|>",
    ]
    .map(str::to_owned);
    let vectors = embed(embedder, &texts).await?;
    let dimension = embedder
        .dimension()
        .await
        .map_err(|error| format!("the dimension is not known: {error:?}"))?;
    ensure(vectors.len() == texts.len(), || {
        format!("{} texts give {} vectors", texts.len(), vectors.len())
    })?;
    for (text, vector) in texts.iter().zip(&vectors) {
        ensure(vector.len() == dimension, || {
            format!("the dimension is {dimension}, and {text:?} has {}", vector.len())
        })?;
        let length = similarity(vector, vector).sqrt();
        ensure(
            (length - 1.0).abs() < 1e-3 || (text.is_empty() && length == 0.0),
            || format!("the vector of {text:?} has the length {length}"),
        )?;
    }
    for (text, vector) in texts.iter().zip(&vectors) {
        let alone = embed(embedder, std::slice::from_ref(text)).await?;
        ensure(alone.first().is_some_and(|alone| close(alone, vector)), || {
            format!("{text:?} has another vector alone than in a batch")
        })?;
    }
    ensure(embed(embedder, &[]).await?.is_empty(), || {
        "no texts give vectors".to_owned()
    })?;
    let [memory, same, other, ..] = vectors.as_slice() else {
        return Err("vectors are missing".to_owned());
    };
    ensure(similarity(memory, same) > similarity(memory, other), || {
        "running out of memory is closer to a certificate than to running out of memory".to_owned()
    })
}

async fn embed(embedder: &dyn Embedder, texts: &[String]) -> Result<Vec<Vec<f32>>, String> {
    embedder
        .embed(texts)
        .await
        .map_err(|error| format!("the embedder failed: {error:?}"))
}

fn similarity(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn close(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3)
}
