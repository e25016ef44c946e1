//! What stands between a model and the world: redaction per megabyte, and the check of a sentence.
#![allow(clippy::expect_used, missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jamie_core::{
    ObjectRef, Redactor,
    claims::{Ledger, Sentences},
};
use jiff::{Timestamp, tz::TimeZone};

const MEGABYTE: usize = 1 << 20;

/// So many bytes of a log.
fn log(lines: &[&str]) -> String {
    lines
        .iter()
        .cycle()
        .flat_map(|line| [*line, "\n"])
        .scan(0, |length, part| {
            *length += part.len();
            (*length <= MEGABYTE).then_some(part)
        })
        .collect()
}

fn redaction(criterion: &mut Criterion) {
    let plain = log(&[
        "2026-11-22T08:00:01.123Z INFO  [worker-3] processed 48 orders of shop/checkout in 14ms",
        "2026-11-22T08:00:02.481Z WARN  slow query (1.2s) on 10.0.12.7:5432, retrying, attempt 2 of 5",
        "10.1.2.3 - - [22/Nov/2026:08:00:03 +0000] \"GET /api/v1/items?page=2 HTTP/1.1\" 200 5123 \"-\" \"probe/1.31\"",
    ]);
    let busy = log(&[
        "time=08:00:01 level=info msg=\"token refreshed\" url=https://auth.example/token key=primary",
        "time=08:00:02 level=info msg=\"secret \\\"api-tls\\\" not found\" session=none",
    ]);
    let secret = log(&[
        "dial postgres://app:s3cr3t@db:5432/x failed, DB_PASSWORD=hunter2",
        "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "an ordinary line of a log with nothing in it but words and 17 numbers",
    ]);
    let redactor = Redactor::default();
    let mut group = criterion.benchmark_group("redaction");
    group
        .throughput(Throughput::Bytes(MEGABYTE as u64))
        .sample_size(20);
    for (name, text) in [
        ("plain log", &plain),
        ("log full of tokens and keys", &busy),
        ("log full of secrets", &secret),
    ] {
        group.bench_function(name, |bencher| bencher.iter(|| redactor.redact(text)));
    }
    group.finish();
}

fn claims(criterion: &mut Criterion) {
    let mut ledger = Ledger::new(Timestamp::UNIX_EPOCH, TimeZone::UTC);
    for n in 0..200 {
        let object = ObjectRef::namespaced("Deployment", "shop", format!("app-{n}"));
        ledger.edge(
            &ObjectRef::namespaced("StatefulSet", "shop", "orders-db"),
            &object,
        );
        ledger.text(&format!("app-{n}: connection refused by 10.0.0.{n}:5432, {n} restarts, limit {n}Mi since 2026-11-25T14:05:00Z"));
    }
    let sentence = "`shop/app-7` is failing because of orders-db: 7 restarts since 14:05, \"connection refused\" from 10.0.0.7:5432. ";
    let mut group = criterion.benchmark_group("claims");
    group.bench_function("check a sentence against 200 objects", |bencher| {
        bencher.iter(|| ledger.check(sentence));
    });
    let text = sentence.repeat(20);
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("split a stream of words", |bencher| {
        bencher.iter(|| {
            let mut sentences = Sentences::new();
            text.split_inclusive(' ')
                .map(|word| sentences.push(word).len())
                .sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, redaction, claims);
criterion_main!(benches);
