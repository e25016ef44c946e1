//! A turn with a model: Jamie's own time around an instant one, and the time to a complete answer when it is unwell.
//!
//! The first figure is a whole turn with a model less the same request put to that model alone: what Jamie adds by
//! understanding, looking, composing, prompting, checking and remembering.
#![allow(clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use benches::Served;
use criterion::{Criterion, criterion_group, criterion_main};
use futures::StreamExt;
use jamie::{Config, Jamie, Request, config::Environment};
use jamie_core::llm::{Message, ModelRequest, Role};
use jamie_sim::model::{Behaviour, Fault, Faults, ModelServer, Script};
use tokio::runtime::Runtime;

/// What is asked.
const QUESTION: &str = "how is everything?";
/// What the model says: a few sentences, so that there is something to cut and to check.
const WORDS: &str =
    "I looked at the cluster. It is mostly well. Have a look at the first finding before anything else.";
/// What Jamie may add to a model's own time.
const BUDGET: Duration = Duration::from_millis(10);
/// Until when an answer must be complete, however the model fails.
const COMPLETE: Duration = Duration::from_secs(2);
/// Turns of which the median is printed.
const TURNS: usize = 20;

fn config(served: &Served, model: &str) -> Config {
    let mut config = Config {
        memory: jamie::config::Memory::of_process(),
        ..Config::default()
    };
    config.kubernetes.kubeconfig = served.kubeconfig.display().to_string();
    config.model.provider = "ollama".into();
    config.model.url = model.to_owned();
    config.model.name = ModelServer::MODEL.to_owned();
    config
}

async fn assembled(served: &Served, model: &str) -> Jamie {
    let config = config(served, model);
    jamie::assemble(&config).await.expect("an assembled Jamie")
}

fn instant() -> Behaviour {
    Behaviour::Script(Script::text(WORDS))
}

async fn turn(jamie: &Jamie) -> jamie::Answer {
    static CONVERSATIONS: AtomicUsize = AtomicUsize::new(0);
    // A conversation of its own each: none grows.
    let number = CONVERSATIONS.fetch_add(1, Ordering::Relaxed);
    let request = Request::new(QUESTION, "bench", format!("bench-{number}"));
    jamie.ask(request).await.expect("an answer")
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Jamie's own time in a turn: all of it, less what the same request takes when it is put to the model alone.
async fn own_time(served: &Served) -> Duration {
    let model = ModelServer::start(instant(), Faults::none())
        .await
        .expect("a model");
    let config = config(served, &model.url());
    let jamie = jamie::assemble(&config).await.expect("an assembled Jamie");
    turn(&jamie).await;
    let mut whole = Vec::new();
    for _ in 0..TURNS {
        let started = Instant::now();
        let answer = turn(&jamie).await;
        whole.push(started.elapsed());
        assert_eq!(answer.usage.model_calls, 1, "{}", answer.text);
        assert!(answer.text.contains("mostly well"), "{}", answer.text);
    }
    let environment = Environment::of_process();
    let backend = jamie::model::choose(&config, &environment)
        .await
        .expect("a choice")
        .expect("a model");
    let prompt = model.prompts().pop().expect("a prompt");
    let request = ModelRequest {
        messages: prompt
            .messages
            .iter()
            .map(|said| {
                Message::new(
                    if said.role == "system" {
                        Role::System
                    } else {
                        Role::User
                    },
                    said.content.clone(),
                )
            })
            .collect(),
        ..ModelRequest::default()
    };
    let mut alone = Vec::new();
    for _ in 0..TURNS {
        let started = Instant::now();
        let mut deltas = backend.chat(request.clone()).await.expect("a reply");
        while let Some(delta) = deltas.next().await {
            delta.expect("a sound reply");
        }
        alone.push(started.elapsed());
    }
    model.stop().await;
    let (whole, alone) = (median(whole), median(alone));
    println!("A turn takes {whole:.1?}, of which the model alone {alone:.1?}");
    whole.saturating_sub(alone)
}

fn told(what: &str, took: Duration, budget: Duration) {
    let within = if took <= budget { "within" } else { "OVER" };
    println!("{what}: {took:.1?}, {within} the budget of {budget:?}");
}

fn model(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let served = runtime.block_on(Served::of(100)).expect("a served cluster");
    told(
        "Jamie's own time in a turn",
        runtime.block_on(own_time(&served)),
        BUDGET,
    );

    let mut group = criterion.benchmark_group("model");
    group.sample_size(10);
    let healthy = runtime
        .block_on(ModelServer::start(instant(), Faults::none()))
        .expect("a model");
    let jamie = runtime.block_on(assembled(&served, &healthy.url()));
    group.bench_function("whole turn, instant", |bencher| {
        bencher.to_async(&runtime).iter(|| turn(&jamie));
    });
    runtime.block_on(healthy.stop());

    let unwell = [
        ("stalled before the first word", Some(Fault::Stall(0))),
        ("stalled in the middle", Some(Fault::Stall(4))),
        ("cut in the middle", Some(Fault::Cut(4))),
        ("dead", None),
    ];
    for (name, fault) in unwell {
        let slowest = Mutex::new(Duration::ZERO);
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter_custom(|turns| {
                let (served, slowest, fault) = (&served, &slowest, fault.clone());
                async move {
                    let mut all = Duration::ZERO;
                    for _ in 0..turns {
                        // A new Jamie each time: one that has seen it fail leaves the model alone for a while.
                        let model = ModelServer::start(instant(), Faults::none())
                            .await
                            .expect("a model");
                        let jamie = assembled(served, &model.url()).await;
                        let model = if let Some(fault) = fault.clone() {
                            model.set_faults(Faults::of(fault));
                            Some(model)
                        } else {
                            model.stop().await;
                            None
                        };
                        let started = Instant::now();
                        let answer = turn(&jamie).await;
                        let took = started.elapsed();
                        all += took;
                        if let Ok(mut slowest) = slowest.lock() {
                            *slowest = took.max(*slowest);
                        }
                        assert!(answer.text.contains("model"), "{}", answer.text);
                        if let Some(model) = model {
                            model.stop().await;
                        }
                    }
                    all
                }
            });
        });
        let slowest = slowest.into_inner().unwrap_or_default();
        told(
            &format!("a complete answer with the model {name}, at worst"),
            slowest,
            COMPLETE,
        );
    }
    group.finish();
    runtime.block_on(served.end());
}

criterion_group!(benches, model);
criterion_main!(benches);
