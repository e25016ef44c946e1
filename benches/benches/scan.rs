//! A full scan with every check: by listing, and of a snapshot in memory; 100 to 20,000 pods.
#![allow(clippy::expect_used, missing_docs)]

use std::time::Duration;

use benches::Served;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jamie_tools::{
    checks,
    cluster::Freshness,
    diagnosis::{self, Scope},
};
use tokio::runtime::Runtime;

fn scan(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("scan");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(8))
        .warm_up_time(Duration::from_secs(1));
    for pods in [100_usize, 1_000, 5_000, 20_000] {
        let served = runtime.block_on(Served::of(pods)).expect("a served cluster");
        group.throughput(Throughput::Elements(pods as u64));
        group.bench_with_input(BenchmarkId::new("listing", pods), &served, |bencher, served| {
            bencher.to_async(&runtime).iter(|| async {
                let snapshot = served.cluster.snapshot(Freshness::Now).await.expect("a snapshot");
                diagnosis::of_snapshot(&snapshot, &Scope::Cluster)
            });
        });
        let snapshot = runtime
            .block_on(served.cluster.snapshot(Freshness::Now))
            .expect("a snapshot");
        group.bench_with_input(
            BenchmarkId::new("checks", pods),
            &snapshot,
            |bencher, snapshot| {
                bencher.iter(|| checks::run(snapshot));
            },
        );
        group.bench_with_input(
            BenchmarkId::new("checks and causes", pods),
            &snapshot,
            |bencher, snapshot| {
                bencher.iter(|| diagnosis::of_snapshot(snapshot, &Scope::Cluster));
            },
        );
        runtime.block_on(served.end());
    }
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
