//! How well a question finds its guide: recall at five and the mean reciprocal rank over the labelled questions, by full
//! text alone and fused with the vectors of each embedder. `cargo bench -p benches --bench retrieval`
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs)]
#![allow(
    clippy::disallowed_methods,
    reason = "the model to measure is named by the environment"
)]

use std::{path::Path, sync::Arc};

use jamie_core::{
    Embedder, MemoryStore,
    memory::{Content, Kind, Recall},
};
use jamie_memory::{
    IndexAt, Memory, RecordsAt, Settings,
    embed::{Distilled, Hashing, SentenceTransformer},
};
use serde::Deserialize;

/// A question, and the guides that answer it.
#[derive(Deserialize)]
struct Labelled {
    question: String,
    guide: String,
    #[serde(default)]
    also: Vec<String>,
}

/// Passages that are looked through for different guides.
const PASSAGES: usize = 40;

#[tokio::main]
async fn main() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../jamie-knowledge/tests/retrieval.yaml");
    let text = std::fs::read_to_string(file).expect("the labelled questions");
    let questions: Vec<Labelled> = serde_saphyr::from_str(&text).expect("they read");
    println!(
        "{} questions, {} passages",
        questions.len(),
        jamie_knowledge::builtin().len()
    );
    println!("{:<24} {:>9} {:>6}", "", "recall@5", "MRR");
    measure("full text alone", None, &questions).await;
    measure("with hashing", Some(Arc::new(Hashing)), &questions).await;
    measure("with distilled", Some(Arc::new(Distilled)), &questions).await;
    match std::env::var("JAMIE_TEST_SENTENCE_MODEL") {
        Ok(folder) => {
            let model = SentenceTransformer::open(folder).expect("a sentence-transformer");
            measure("with a sentence model", Some(Arc::new(model)), &questions).await;
        }
        Err(_) => println!("with a sentence model: not measured, JAMIE_TEST_SENTENCE_MODEL names none"),
    }
}

async fn measure(name: &str, embedder: Option<Arc<dyn Embedder>>, questions: &[Labelled]) {
    let home = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::new(RecordsAt::Folder(home.path().join("records")));
    if let Some(embedder) = embedder {
        settings = settings.with_index(IndexAt::Folder(home.path().join("index")));
        settings.embedder = embedder;
    }
    let memory = Memory::open(settings).await.expect("a memory");
    jamie_knowledge::ensure(&memory).await.expect("the guides");
    memory.flush().await.expect("an index");
    let (mut found, mut reciprocal) = (0, 0.0);
    for labelled in questions {
        let recall = Recall::new(Kind::Document, PASSAGES).about(labelled.question.clone());
        let mut guides: Vec<String> = Vec::new();
        for hit in memory.recall(&recall).await.expect("an answer") {
            if let Content::Document(document) = hit.record.content
                && !guides.contains(&document.source)
            {
                guides.push(document.source);
            }
        }
        let right = |source: &String| {
            let name = source.trim_start_matches(jamie_knowledge::BUILT_IN);
            name == labelled.guide || labelled.also.iter().any(|also| also == name)
        };
        if let Some(rank) = guides.iter().position(right) {
            found += usize::from(rank < 5);
            reciprocal += 1.0 / (rank + 1) as f64;
        }
    }
    let count = questions.len() as f64;
    println!(
        "{name:<24} {:>8.1}% {:>6.3}",
        100.0 * found as f64 / count,
        reciprocal / count
    );
    memory.close().await;
}
