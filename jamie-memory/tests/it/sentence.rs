//! A real sentence-transformer from a folder.

use jamie_core::{Embedder, ErrorKind, conformance};
use jamie_memory::embed::SentenceTransformer;

fn folder() -> String {
    std::env::var("JAMIE_TEST_SENTENCE_MODEL")
        .expect("JAMIE_TEST_SENTENCE_MODEL names the folder of a model: `make setup` installs one, `make test` names it")
}

#[tokio::test]
async fn it_is_an_embedder_and_knows_what_words_mean() {
    let model = SentenceTransformer::open(folder()).unwrap();
    conformance::embedder(&model).await.unwrap();
    let texts = [
        "the pod was OOM killed",
        "container ran out of memory",
        "the certificate of the website expires on Sunday",
    ]
    .map(str::to_owned);
    let vectors = model.embed(&texts).await.unwrap();
    let alike = |a: usize, b: usize| {
        vectors[a]
            .iter()
            .zip(&vectors[b])
            .map(|(a, b)| a * b)
            .sum::<f32>()
    };
    assert!(alike(0, 1) > alike(0, 2) + 0.3, "{} {}", alike(0, 1), alike(0, 2));
    // In a batch or alone: the padding says nothing.
    let alone = model.embed(&texts[..1]).await.unwrap();
    let apart = alone[0]
        .iter()
        .zip(&vectors[0])
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(apart < 1e-4, "{apart}");
}

#[tokio::test]
async fn what_is_no_model_is_named() {
    let empty = tempfile::tempdir().unwrap();
    let error = SentenceTransformer::open(empty.path()).unwrap_err();
    assert!(
        error.kind() == ErrorKind::Config && error.message().contains("config.json"),
        "{error}"
    );
    std::fs::write(
        empty.path().join("config.json"),
        r#"{"model_type": "t5", "hidden_size": 4}"#,
    )
    .unwrap();
    std::fs::write(empty.path().join("tokenizer.json"), "{}").unwrap();
    let error = SentenceTransformer::open(empty.path()).unwrap_err();
    assert!(
        error.message().contains("t5") && error.hint().is_some(),
        "{error}"
    );

    for file in ["config.json", "tokenizer.json"] {
        std::fs::copy(
            std::path::Path::new(&folder()).join(file),
            empty.path().join(file),
        )
        .unwrap();
    }
    std::fs::write(empty.path().join("model.safetensors"), "torn").unwrap();
    let model = SentenceTransformer::open(empty.path()).unwrap();
    let error = model.embed(&["pod".to_owned()]).await.unwrap_err();
    assert!(error.message().contains("model.safetensors"), "{error}");
}
