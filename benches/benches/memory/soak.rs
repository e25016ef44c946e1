//! Seconds in, a line for each minute out: what the store takes while turns come, go and are asked for.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use jamie_core::{MemoryStore, memory::Kind};
use jamie_memory::{Keep, Memory, Retention};
use jiff::Timestamp;

use super::{
    folder::{Size, resident},
    sample,
    store::{percentile, recall, settings},
};

/// Turns in a second.
const RATE: u32 = 50;
/// Turns that are kept.
const KEPT: u64 = 20_000;
const MINUTE: Duration = Duration::from_mins(1);

/// Writes at a steady rate into a store that keeps so many turns, and asks it once in a second.
pub(crate) async fn soak(time: Duration) {
    println!("\n{RATE} turns in a second, {KEPT} of them kept, one question in a second");
    println!(
        "{:>7} {:>9} {:>8} {:>10} {:>7} {:>9} {:>9} {:>9} {:>9}",
        "minute", "written", "kept", "RSS", "files", "disk", "versions", "p50", "p99"
    );
    let home = tempfile::tempdir().expect("a folder");
    let keep = Keep {
        days: None,
        most: Some(KEPT),
    };
    let mut settings = settings(home.path());
    settings.retention = Retention(BTreeMap::from([(Kind::Turn, keep)]));
    let memory = Memory::open(settings).await.expect("a memory");
    let begun = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_secs(1) / RATE);
    let (mut written, mut minute, mut times) = (0_u64, 0, Vec::new());
    while begun.elapsed() < time {
        tick.tick().await;
        memory
            .remember(vec![sample::turn(written)])
            .await
            .expect("an acknowledgement");
        written += 1;
        if written.is_multiple_of(u64::from(RATE)) {
            let asked = Instant::now();
            memory.recall(&recall(written, written)).await.expect("an answer");
            times.push(1000.0 * asked.elapsed().as_secs_f64());
        }
        if begun.elapsed() > (minute + 1) * MINUTE {
            minute += 1;
            // What a task does every few hours.
            memory.trim(Timestamp::now()).await.expect("a trim");
            let size = Size::of(home.path());
            let status = memory.status().await.expect("a status");
            println!(
                "{minute:>7} {written:>9} {:>8} {:>6.0} MiB {:>7} {:>5.0} MiB {:>9} {:>6.1} ms {:>6.1} ms",
                status.records.values().sum::<u64>(),
                resident(),
                size.files,
                size.mib(),
                status.index.map_or(0, |index| index.versions),
                percentile(&mut times, 0.5),
                percentile(&mut times, 0.99),
            );
            times.clear();
        }
    }
    memory.close().await;
}
