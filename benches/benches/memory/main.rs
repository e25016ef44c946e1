//! What the memory does in a second, in a page of memory and on a disk.
//!
//! `cargo bench -p benches --bench memory -- [throughput] [sizes] [crash] [peers] [soak=SECONDS] [most=COUNT]`: without a
//! name everything but the soak; `sizes` goes up to `most` memories, 100,000 unless told otherwise. `peers` takes a
//! Python with lancedb, chromadb and numpy in `JAMIE_BENCH_PYTHON`.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs)]
#![allow(
    clippy::disallowed_methods,
    reason = "what to measure with is named by the environment"
)]

mod folder;
mod peers;
mod sample;
mod soak;
mod store;

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use jamie_core::MemoryStore;

use self::{
    folder::{Size, resident},
    store::{caught_up, fill, open, percentile, recall, write},
};

/// How long each number of writers writes.
const WRITING: Duration = Duration::from_secs(10);
/// Questions for one percentile.
const QUESTIONS: u64 = 1_000;
/// Turns that are acknowledged before the writer is killed.
const BEFORE_CRASH: u64 = 20_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let value = |name: &str| {
        let word = words.iter().find_map(|word| word.strip_prefix(name));
        word.map(|word| word.parse::<u64>().expect("a number"))
    };
    match words.first().map(String::as_str) {
        Some("child-read") => return runtime.block_on(read(&words[1], words[2].parse().expect("a number"))),
        Some("child-write") => return runtime.block_on(write_for_ever(&words[1])),
        _ => {}
    }
    let named: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !word.contains('='))
        .collect();
    let soak = value("soak=");
    let wanted = |name: &str| named.contains(&name) || (named.is_empty() && soak.is_none());
    if wanted("throughput") {
        runtime.block_on(throughput());
    }
    if wanted("crash") {
        runtime.block_on(crash());
    }
    if wanted("sizes") {
        runtime.block_on(sizes(value("most=").unwrap_or(100_000)));
    }
    if wanted("peers") {
        runtime.block_on(peers::compare());
    }
    if let Some(seconds) = soak {
        runtime.block_on(soak::soak(Duration::from_secs(seconds)));
    }
}

/// Acknowledged turns in a second.
async fn throughput() {
    println!("\nremember, one turn at a time, each acknowledged on disk");
    println!("{:>8} {:>14} {:>14}", "writers", "turns/s", "ms each");
    for writers in [1, 8, 64] {
        let home = tempfile::tempdir().expect("a folder");
        let memory = open(home.path()).await;
        let (written, took) = write(&memory, writers, 0, u64::MAX / 2, WRITING).await;
        let each = 1000.0 * took.as_secs_f64() * writers as f64 / written as f64;
        println!(
            "{writers:>8} {:>14.0} {each:>14.2}",
            written as f64 / took.as_secs_f64()
        );
        memory.close().await;
    }
}

/// How long the index needs after a writer was killed.
async fn crash() {
    let home = tempfile::tempdir().expect("a folder");
    let mut child = child(&["child-write", path(home.path())]);
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let acknowledged = lines.by_ref().take(BEFORE_CRASH as usize / 100).count() * 100;
    child.kill().expect("a kill");
    child.wait().expect("its end");
    let begun = Instant::now();
    let memory = open(home.path()).await;
    let there = memory.status().await.expect("a status");
    let kept = there.records.values().sum::<u64>();
    let behind = there.index.map_or(0, |index| index.behind);
    caught_up(&memory).await;
    println!(
        "\nkilled after {acknowledged} acknowledged turns: {kept} are kept, {behind} were not in the index, \
         which had caught up after {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    memory.close().await;
}

async fn write_for_ever(folder: &str) {
    let memory = open(Path::new(folder)).await;
    for hundred in 0_u64.. {
        write(&memory, 64, 100 * hundred, 100, Duration::MAX).await;
        println!("{hundred}");
        std::io::stdout().flush().expect("somebody who reads");
    }
}

/// Recall, start-up, disk and memory by size.
async fn sizes(most: u64) {
    println!(
        "\nstores by size; “single” was written turn by turn by 64 writers, the others in batches of 1000"
    );
    println!(
        "{:>16} {:>9} {:>9} {:>10} {:>9} {:>9} {:>7} {:>10} {:>7} {:>9}",
        "memories", "fill", "upkeep", "start-up", "p50", "p99", "RSS", "disk", "files", "of data"
    );
    for (count, single) in [(1_000, false), (100_000, true), (1_000_000, false)] {
        if count > most {
            continue;
        }
        let home = tempfile::tempdir().expect("a folder");
        let memory = open(home.path()).await;
        let begun = Instant::now();
        if single {
            write(&memory, 64, 0, count, Duration::MAX).await;
        } else {
            fill(&memory, count).await;
        }
        caught_up(&memory).await;
        let filled = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        memory.care().await;
        let cared = begun.elapsed().as_secs_f64();
        memory.close().await;
        drop(memory);
        let size = Size::of(home.path());
        let data = data(count);
        let mut reader = child(&["child-read", path(home.path()), &count.to_string()]);
        let output = BufReader::new(reader.stdout.take().expect("its output"));
        let line = output.lines().next().expect("a line").expect("a line");
        reader.wait().expect("its end");
        let figures: Vec<f64> = line
            .split(' ')
            .map(|word| word.parse().expect("a number"))
            .collect();
        println!(
            "{:>16} {filled:>7.1} s {cared:>7.1} s {:>7.0} ms {:>6.1} ms {:>6.1} ms {:>3.0} MiB {:>6.0} MiB {:>7} {:>8.1}x",
            format!("{count}{}", if single { " single" } else { "" }),
            figures[0],
            figures[1],
            figures[2],
            figures[3],
            size.mib(),
            size.files,
            size.bytes as f64 / data as f64,
        );
        if single {
            let memory = open(home.path()).await;
            let begun = Instant::now();
            let rows = memory.rebuild().await.expect("an index");
            println!(
                "{:>16} rebuilding the index of {rows}: {:.1} s",
                "",
                begun.elapsed().as_secs_f64()
            );
            memory.close().await;
        }
    }
}

/// Bytes that were given to a store: each record as JSON, its words and its vector.
fn data(count: u64) -> u64 {
    const VECTOR: u64 = 256 * 4;
    (0..count)
        .map(sample::turn)
        .map(|turn| {
            let body = serde_json::to_string(&turn).expect("JSON").len();
            (body + turn.words().len()) as u64 + VECTOR
        })
        .sum()
}

/// Opens a full store, asks it, and prints how long the first answer took, the median, the 99th percentile and the
/// memory that this process holds then.
async fn read(folder: &str, count: u64) {
    let begun = Instant::now();
    let memory = open(Path::new(folder)).await;
    let first = memory.recall(&recall(0, count)).await.expect("an answer");
    assert!(!first.is_empty() || count < 100, "nothing is found");
    let start = 1000.0 * begun.elapsed().as_secs_f64();
    let mut times = Vec::new();
    for number in 1..=QUESTIONS {
        let begun = Instant::now();
        memory.recall(&recall(number, count)).await.expect("an answer");
        times.push(1000.0 * begun.elapsed().as_secs_f64());
    }
    println!(
        "{start} {} {} {}",
        percentile(&mut times, 0.5),
        percentile(&mut times, 0.99),
        resident()
    );
    memory.close().await;
}

fn child(words: &[&str]) -> std::process::Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args(words)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child")
}

fn path(folder: &Path) -> &str {
    folder.to_str().expect("a path that is text")
}
