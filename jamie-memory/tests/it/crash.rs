//! A writer is killed at any moment: what it said was written is there, once and in order.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use jamie_core::{
    MemoryStore,
    memory::{Kind, Recall},
};
use jamie_memory::RecordsAt;
use proptest::test_runner::{RngAlgorithm, TestRng};

use crate::places::{open, question, turn};

const FOLDER: &str = "JAMIE_TEST_WRITER_FOLDER";
const ROUND: &str = "JAMIE_TEST_WRITER_ROUND";
const KILLS: usize = 200;

/// The writer; it does nothing unless the test below started it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_until_it_is_killed() {
    let (Ok(folder), Ok(round)) = (std::env::var(FOLDER), std::env::var(ROUND)) else {
        return;
    };
    let store = open(RecordsAt::Folder(folder.into())).await;
    println!("ready");
    for n in 0_i64.. {
        let said = format!("{round} {n}");
        store.remember(vec![turn("writer", n, &said)]).await.unwrap();
        println!("written {said}");
    }
}

fn start(folder: &Path, round: usize) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["crash::writes_until_it_is_killed", "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn what_was_acknowledged_outlives_any_kill() {
    let folder = tempfile::tempdir().unwrap();
    let seed: [u8; 32] = std::array::from_fn(|n| (std::process::id() >> (n % 4 * 8)) as u8 ^ n as u8);
    println!("seed {seed:?}");
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..KILLS {
        let mut writer = start(folder.path(), round);
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        // It is killed after so many acknowledgements and so many microseconds: in the middle of the next writes.
        let (until, pause) = {
            use proptest::prelude::Rng;
            (random.next_u32() % 12, random.next_u32() % 3_000)
        };
        let mut seen = 0;
        for line in lines {
            let line = line.unwrap();
            if let Some((_, said)) = line.split_once("written ") {
                acknowledged.push(said.to_owned());
                seen += 1;
            }
            if (line.contains("ready") || seen > 0) && seen == until {
                std::thread::sleep(Duration::from_micros(pause.into()));
                writer.kill().unwrap();
            }
        }
        writer.wait().unwrap();
    }
    let store = open(RecordsAt::Folder(folder.path().into())).await;
    let found = store.recall(&Recall::new(Kind::Turn, 1_000_000)).await.unwrap();
    let kept: Vec<&str> = found
        .iter()
        .rev()
        .map(|memory| question(&memory.record))
        .collect();
    let mut unsaid = kept.iter();
    for said in &acknowledged {
        assert!(
            unsaid.any(|kept| kept == said),
            "{said} was acknowledged, and is not there in its order (seed {seed:?})"
        );
    }
    let mut once = kept.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), kept.len(), "a turn is there twice (seed {seed:?})");
    assert!(
        acknowledged.len() >= KILLS,
        "only {} were written",
        acknowledged.len()
    );
    let last = acknowledged.last().unwrap();
    let by_words = store
        .recall(&Recall::new(Kind::Turn, 2_000).about(last.as_str()))
        .await
        .unwrap();
    assert!(by_words.iter().any(|memory| question(&memory.record) == last));
}
