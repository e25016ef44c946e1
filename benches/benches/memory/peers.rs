//! The same turns with the same vectors in stores that people would take instead, written as one writes to them.

use std::{
    io::Write,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use jamie_core::{Embedder, MemoryStore};
use jamie_memory::embed::Distilled;

use super::{
    folder::Size,
    sample,
    store::{caught_up, open, percentile, recall, write},
};

/// Turns that each store gets at most.
const TURNS: u64 = 10_000;
/// How long each may write.
const TIME: Duration = Duration::from_mins(2);
const QUESTIONS: u64 = 200;

pub(crate) async fn compare() {
    let Ok(python) = std::env::var("JAMIE_BENCH_PYTHON") else {
        println!(
            "\npeers: not measured, JAMIE_BENCH_PYTHON names no Python with lancedb, chromadb and numpy"
        );
        return;
    };
    println!(
        "\none writer, turn by turn, at most {TURNS} turns or {} s",
        TIME.as_secs()
    );
    println!(
        "{:<26} {:>8} {:>9} {:>9} {:>9} {:>7} {:>9} {:>9}",
        "", "turns", "turns/s", "p50", "p99", "files", "disk", "per turn"
    );
    let home = tempfile::tempdir().expect("a folder");
    jamie(&home.path().join("jamie")).await;
    let data = home.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    export(&data).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/memory.py");
    for peer in ["lancedb", "chromadb"] {
        let status = Command::new(&python)
            .arg(&script)
            .args([peer, data.to_str().expect("a path that is text")])
            .arg(home.path().join(peer))
            .arg(TIME.as_secs().to_string())
            .env("ANONYMIZED_TELEMETRY", "False")
            .status()
            .expect("a Python");
        assert!(status.success(), "{peer} failed");
    }
}

async fn jamie(folder: &Path) {
    let memory = open(folder).await;
    let (written, took) = write(&memory, 1, 0, TURNS, TIME).await;
    caught_up(&memory).await;
    memory.care().await;
    let mut times = Vec::new();
    for number in 0..QUESTIONS {
        let begun = Instant::now();
        memory.recall(&recall(number, written)).await.expect("an answer");
        times.push(1000.0 * begun.elapsed().as_secs_f64());
    }
    memory.close().await;
    let size = Size::of(folder);
    println!(
        "{:<26} {written:>8} {:>9.0} {:>6.1} ms {:>6.1} ms {:>7} {:>5.0} MiB {:>7.0} B",
        "jamie, text and vectors",
        written as f64 / took.as_secs_f64(),
        percentile(&mut times, 0.5),
        percentile(&mut times, 0.99),
        size.files,
        size.mib(),
        size.bytes as f64 / written as f64,
    );
}

/// The turns and the questions as lines of text, their vectors as numbers of four bytes.
async fn export(folder: &Path) {
    let turns: Vec<String> = (0..TURNS).map(|number| sample::turn(number).words()).collect();
    let questions: Vec<String> = (0..QUESTIONS)
        .filter_map(|number| recall(number, TURNS).text)
        .collect();
    for (name, texts) in [("turns", turns), ("questions", questions)] {
        std::fs::write(folder.join(format!("{name}.txt")), texts.join("\n")).expect("a file");
        let vectors = Distilled.embed(&texts).await.expect("vectors");
        let mut file = std::fs::File::create(folder.join(format!("{name}.f32"))).expect("a file");
        let bytes: Vec<u8> = vectors.into_iter().flatten().flat_map(f32::to_le_bytes).collect();
        file.write_all(&bytes).expect("a file");
    }
}
