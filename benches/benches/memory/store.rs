//! A folder in, a store in it out, and what is done to a store in every part of the bench.

use std::{
    path::Path,
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use jamie_core::{
    MemoryStore,
    memory::{Kind, Recall},
};
use jamie_memory::{IndexAt, Memory, RecordsAt, Settings};

use super::sample;

/// The settings of a store in a folder, as `jamie` has them.
pub(crate) fn settings(folder: &Path) -> Settings {
    Settings::new(RecordsAt::Folder(folder.to_owned())).with_index(IndexAt::Folder(folder.join("index")))
}

pub(crate) async fn open(folder: &Path) -> Arc<Memory> {
    Arc::new(Memory::open(settings(folder)).await.expect("a memory"))
}

/// Writes turns one by one, each acknowledged before its writer goes on, until `most` are written or time is up; how many
/// that were, and how long it took.
pub(crate) async fn write(
    memory: &Arc<Memory>,
    writers: u64,
    first: u64,
    most: u64,
    time: Duration,
) -> (u64, Duration) {
    let next = Arc::new(AtomicU64::new(first));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (memory, next) = (Arc::clone(memory), Arc::clone(&next));
            tokio::spawn(async move {
                let mut written = 0;
                while begun.elapsed() < time {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= first + most {
                        break;
                    }
                    memory
                        .remember(vec![sample::turn(number)])
                        .await
                        .expect("an acknowledgement");
                    written += 1;
                }
                written
            })
        })
        .collect();
    let mut written = 0;
    for task in tasks {
        written += task.await.expect("a writer");
    }
    (written, begun.elapsed())
}

/// Puts turns into an empty store as quickly as it goes.
pub(crate) async fn fill(memory: &Memory, count: u64) {
    const AT_ONCE: u64 = 1_000;
    for first in (0..count).step_by(AT_ONCE as usize) {
        let turns = (first..count.min(first + AT_ONCE)).map(sample::turn).collect();
        memory.remember(turns).await.expect("an acknowledgement");
    }
}

/// Waits until the index holds everything.
pub(crate) async fn caught_up(memory: &Memory) {
    loop {
        memory.flush().await.expect("an index");
        let status = memory.status().await.expect("a status");
        if status.index.is_some_and(|index| index.behind == 0) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What is asked of a store of `count` turns: half of it by somebody who wants their own.
pub(crate) fn recall(number: u64, count: u64) -> Recall {
    // Beyond what was written, so that no question is one that was asked before, word for word with its answer.
    let number = count + 7_919 * number;
    let recall = Recall::new(Kind::Turn, 8).about(sample::question(number));
    if number.is_multiple_of(2) {
        recall.of_person(sample::person(number))
    } else {
        recall
    }
}

/// The time at a share of all, in milliseconds.
pub(crate) fn percentile(times: &mut [f64], share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = (times.len().saturating_sub(1)) as f64 * share;
    times.get(at.round() as usize).copied().unwrap_or_default()
}
