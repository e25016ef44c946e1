//! A model's reply, decoded as it streams in: bytes of either protocol to deltas.
#![allow(clippy::expect_used, missing_docs)]

use std::{collections::VecDeque, hint::black_box};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jamie_core::llm::{decode::Decode, ollama::OllamaReply, openai::OpenAiReply};

/// Words in the reply; a long answer has a few hundred.
const WORDS: usize = 20_000;
/// What the network gives at once.
const CHUNK: usize = 4096;

fn ollama() -> String {
    let line = |word: usize| {
        format!(
            "{{\"model\":\"qwen3:8b\",\"created_at\":\"2026-01-01T00:00:00.000000000Z\",\
             \"message\":{{\"role\":\"assistant\",\"content\":\"wörd{word} \"}},\"done\":false}}\n"
        )
    };
    let end = "{\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":1900,\"eval_count\":20000}\n";
    (0..WORDS).map(line).chain([end.to_owned()]).collect()
}

fn openai() -> String {
    let event = |word: usize| {
        format!(
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\
             \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"wörd{word} \"}},\"finish_reason\":null}}]}}\n\n"
        )
    };
    let end =
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    (0..WORDS).map(event).chain([end.to_owned()]).collect()
}

fn decode(mut decoder: impl Decode, stream: &[u8]) -> usize {
    let mut deltas = VecDeque::new();
    let mut count = 0;
    for chunk in stream.chunks(CHUNK) {
        decoder.push(chunk, &mut deltas).expect("a sound stream");
        count += deltas.drain(..).map(black_box).count();
    }
    assert!(decoder.is_over() && count == WORDS + 1);
    count
}

fn stream(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stream");
    let (lines, events) = (ollama(), openai());
    group.throughput(Throughput::Bytes(lines.len() as u64));
    group.bench_function("decode, Ollama", |bencher| {
        bencher.iter(|| decode(OllamaReply::new(0), lines.as_bytes()));
    });
    group.throughput(Throughput::Bytes(events.len() as u64));
    group.bench_function("decode, OpenAI", |bencher| {
        bencher.iter(|| decode(OpenAiReply::new(0), events.as_bytes()));
    });
    group.finish();
}

criterion_group!(benches, stream);
criterion_main!(benches);
