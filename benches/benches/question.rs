//! One question: understood against 5,000 pods' names, and answered as a whole turn over 100 pods.
#![allow(clippy::expect_used, missing_docs)]

use std::{collections::BTreeMap, sync::Arc};

use benches::Served;
use criterion::{Criterion, criterion_group, criterion_main};
use jamie::{Config, Request};
use jamie_core::{
    Directory, Scope,
    understand::{Context, Focus, Heed, Intents, NameIndex, understand},
};
use jiff::{Timestamp, tz::TimeZone};
use tokio::runtime::Runtime;

fn question(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("question");

    let served = runtime.block_on(Served::of(5_000)).expect("a served cluster");
    let names = runtime
        .block_on(
            served
                .cluster
                .names(&Request::new("", "bench", "bench").person, &Scope::default()),
        )
        .expect("names");
    runtime.block_on(served.end());
    let small = runtime.block_on(Served::of(100)).expect("a served cluster");
    let mut config = Config {
        memory: jamie::config::Memory::of_process(),
        ..Config::default()
    };
    config.kubernetes.kubeconfig = small.kubeconfig.display().to_string();
    let jamie = runtime
        .block_on(jamie::assemble(&config))
        .expect("an assembled Jamie");

    let index = NameIndex::new(Arc::clone(&names));
    let intents = Intents::new(jamie.tools());
    let (zone, scope, focus, aliases) = (TimeZone::UTC, Scope::default(), Focus::default(), BTreeMap::new());
    let context = Context {
        now: Timestamp::UNIX_EPOCH,
        zone: &zone,
        scope: &scope,
        focus: &focus,
        aliases: &aliases,
        heeds: Heed::All,
    };
    let text =
        "morning! could you tell me why teh checkout pods keep restarting since last night, and its logs?";
    group.bench_function("understand, 5,000 pods", |bencher| {
        bencher.iter(|| understand(text, &index, &intents, &context));
    });
    group.bench_function("index of names, 5,000 pods", |bencher| {
        bencher.iter(|| NameIndex::new(Arc::clone(&names)));
    });
    group.bench_function("compile the tools' phrases", |bencher| {
        bencher.iter(|| Intents::new(jamie.tools()));
    });
    group.sample_size(20);
    group.bench_function("whole turn, 100 pods", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let request = Request::new("how is everything?", "bench", "bench");
            jamie.ask(request).await.expect("an answer")
        });
    });
    group.finish();
    drop(jamie);
    runtime.block_on(small.end());
}

criterion_group!(benches, question);
criterion_main!(benches);
