//! Numbers in, turns as people have them out: the same for the same number, no two alike.

use std::sync::LazyLock;

use jamie_core::memory::{Content, Record, TurnRecord};
use jiff::{SignedDuration, Timestamp};

const APPS: [&str; 24] = [
    "checkout",
    "payments",
    "orders",
    "ledger",
    "search",
    "basket",
    "invoice",
    "shipping",
    "catalogue",
    "pricing",
    "reviews",
    "gateway",
    "sessions",
    "mailer",
    "reports",
    "loyalty",
    "stock",
    "refunds",
    "identity",
    "audit",
    "images",
    "tax",
    "coupons",
    "billing",
];
const PARTS: [&str; 8] = ["api", "web", "worker", "db", "cache", "cron", "proxy", "consumer"];
const SPACES: [&str; 10] = [
    "shop", "money", "staging", "platform", "data", "edge", "internal", "eu-west", "demo", "legacy",
];
const QUESTIONS: [&str; 12] = [
    "why is {} crashing?",
    "is {} alright?",
    "what happened to {} last night?",
    "who restarted {}?",
    "show me the logs of {}",
    "why is {} so slow today?",
    "did the rollout of {} finish?",
    "how much memory does {} use?",
    "why can't {} be scheduled?",
    "what changed in {} since yesterday?",
    "are there errors in {}?",
    "can {} reach its database?",
];
const ANSWERS: [&str; 12] = [
    "It was killed {n} times because it ran out of memory; the limit is {m}Mi and the last peak was above it.",
    "All {n} replicas are ready, and there has been no restart for {m} minutes.",
    "The image could not be pulled: the registry answered 403 for the tag v{n}.{m}, so the rollout hangs.",
    "A readiness probe fails on port {m}: the connection is refused, {n} times in the last hour.",
    "The node has no room: it asks for {m}Mi, and the best node has {n}Mi free.",
    "The certificate expires in {n} days; the issuer has refused the renewal with code {m}.",
    "Revision {n} was rolled out {m} minutes ago, and the error rate has doubled since.",
    "A volume claim waits for a disk: the storage class has no provisioner in zone {n}, after {m} tries.",
    "The queue has {m} messages, {n} consumers read from it, and none has acknowledged anything lately.",
    "Its ConfigMap lacks the key it wants to read; {n} pods wait in CreateContainerConfigError for {m} minutes.",
    "The autoscaler is at its maximum of {n} replicas, with the CPU at {m} percent of what it asks for.",
    "The network policy drops what comes from {n} namespaces, {m} connections in the last ten minutes.",
];
/// When the first turn was: a million of them end before now, and are not too old to be kept.
static BEGUN: LazyLock<Timestamp> = LazyLock::new(|| Timestamp::now() - SignedDuration::from_hours(200 * 24));
/// So many people talk.
pub(crate) const PEOPLE: u64 = 200;

/// What tells one turn from the next: splitmix64.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn pick<'a>(from: &[&'a str], dice: u64) -> &'a str {
    from[(dice % from.len() as u64) as usize]
}

/// Who has a turn.
pub(crate) fn person(number: u64) -> String {
    format!("person-{}", mixed(number ^ 0xabcd) % PEOPLE)
}

/// What is asked in a turn.
pub(crate) fn question(number: u64) -> String {
    let dice = mixed(number);
    let app = format!("{}-{}", pick(&APPS, dice >> 8), pick(&PARTS, dice >> 20));
    pick(&QUESTIONS, dice).replace("{}", &app)
}

/// A turn, ten seconds after the one before it.
pub(crate) fn turn(number: u64) -> Record {
    let dice = mixed(number);
    let question = question(number);
    let answer = pick(&ANSWERS, dice >> 32)
        .replace("{n}", &(dice >> 40 & 0xff).to_string())
        .replace("{m}", &(dice >> 48).to_string());
    let person = person(number);
    let space = pick(&SPACES, dice >> 28);
    Record {
        conversation: format!("{person}-{}", number / 1_000),
        person,
        at: *BEGUN + SignedDuration::from_secs(10 * number as i64),
        content: Content::Turn(Box::new(TurnRecord {
            id: format!("t{number:x}"),
            question,
            answer: format!("In {space}, pod {:x}: {answer}", dice & 0xff_ffff),
            ..TurnRecord::default()
        })),
    }
}
