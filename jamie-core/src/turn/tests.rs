#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Came, Input, Kit, Limits, Step, Turn};
use crate::{
    Answer, Block, Change, Effect, Error, ErrorKind, Event, Fingerprint, NextStep, ObjectRef, Phrase, Plan,
    Proposal, Question, Request, Result, Severity, Tool, ToolContext, ToolOutput, ToolSpec, Toolbox, Verdict,
    action::Proposed,
    finding::Finding,
    llm::{Delta, EndReason, ModelCall, ModelUsage},
    persona::{Jamie, Plain},
    tool::WatchReport,
    understand::{Clarify, Doubt, Mood, PlannedCall, Social, Understanding, Understood},
};

#[derive(Debug)]
struct Named(ToolSpec);

impl Named {
    fn shared(name: &'static str, effect: Effect) -> Arc<dyn Tool> {
        Arc::new(Self(ToolSpec {
            name,
            description: "A tool of the tests.",
            schema: json!({"type": "object"}),
            effect,
            phrases: vec![Phrase::new("{target}")],
            example: "how are things?",
            fill: None,
        }))
    }
}

#[async_trait]
impl Tool for Named {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn call(&self, _context: &ToolContext, _args: Value) -> Result<ToolOutput> {
        Ok(ToolOutput::default())
    }

    fn change(&self) -> Option<&dyn Change> {
        (self.0.effect != Effect::Read).then_some(self)
    }
}

#[async_trait]
impl Change for Named {
    async fn plan(&self, _context: &ToolContext, _args: Value) -> Result<Plan> {
        Ok(plan())
    }

    async fn run(&self, _context: &ToolContext, _plan: &Plan) -> Result<()> {
        panic!("a turn runs nothing");
    }

    async fn watch(&self, _context: &ToolContext, _plan: &Plan) -> Result<WatchReport> {
        panic!("a turn watches nothing");
    }
}

fn plan() -> Plan {
    Plan {
        title: "Do a thing".to_owned(),
        effect: Effect::Change,
        args: Value::Null,
        targets: Vec::new(),
        payload: Value::Null,
        guard: Value::Null,
        differences: Vec::new(),
        impact: Vec::new(),
        warnings: Vec::new(),
        reasons: Vec::new(),
        inverse: None,
    }
}

fn kit(plain: bool, model: bool) -> Arc<Kit> {
    let mut tools = Toolbox::new();
    tools.add(Named::shared("look", Effect::Read));
    tools.add(Named::shared("peek", Effect::Read));
    tools.add(Named::shared("change", Effect::Change));
    let limits = Limits {
        calls: 3,
        ..Limits::default()
    };
    let persona: Arc<dyn crate::Persona> = if plain {
        Arc::new(Plain)
    } else {
        Arc::new(Jamie::default())
    };
    let kit = Kit::new(tools, persona, limits, TimeZone::UTC);
    Arc::new(if model { kit.with_model("a model") } else { kit })
}

fn severity() -> impl Strategy<Value = Severity> {
    prop_oneof![
        Just(Severity::Info),
        Just(Severity::Warning),
        Just(Severity::Error),
        Just(Severity::Critical)
    ]
}

fn finding() -> impl Strategy<Value = Finding> {
    (severity(), "[a-z]{0,8}", ".{0,40}", "[a-c]{0,1}").prop_map(|(severity, name, title, fingerprint)| {
        Finding {
            check: "a-check".to_owned(),
            severity,
            object: ObjectRef::namespaced("Deployment", "shop", name),
            title,
            cause: String::new(),
            verdict: Verdict::Likely,
            evidence: Vec::new(),
            symptoms: Vec::new(),
            remedy: Some(NextStep::advice("change it").proposing(Proposal {
                tool: "change".to_owned(),
                args: json!({}),
                reasons: Vec::new(),
            })),
            next_check: None,
            since: None,
            fingerprint: Fingerprint(fingerprint),
        }
    })
}

fn output() -> impl Strategy<Value = ToolOutput> {
    (
        ".{0,60}",
        prop::collection::vec(".{0,200}".prop_map(Block::para), 0..4),
        prop::collection::vec(finding(), 0..14),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(headline, blocks, findings, good)| ToolOutput {
            headline,
            blocks,
            findings,
            good,
            ..ToolOutput::default()
        })
}

fn result() -> impl Strategy<Value = Option<ToolOutput>> {
    prop_oneof![3 => output().prop_map(Some), 1 => Just(None)]
}

fn understood() -> impl Strategy<Value = Understood> {
    let call =
        prop_oneof![4 => Just("look"), 4 => Just("peek"), 1 => Just("change"), 1 => Just("no such tool")];
    let call = (call, 0..3_u8).prop_map(|(tool, n)| PlannedCall {
        tool: tool.to_owned(),
        args: json!({ "n": n }),
        score: 0.9,
    });
    let request = prop::collection::vec(call, 0..4).prop_map(|calls| Understanding {
        question: Question::default(),
        calls,
    });
    let mood = prop_oneof![
        Just(Mood::Neutral),
        Just(Mood::Cheerful),
        Just(Mood::Frustrated),
        Just(Mood::Urgent)
    ];
    let social = prop::option::of(prop_oneof![
        Just(Social::Greeting),
        Just(Social::Thanks),
        Just(Social::Help),
        ".{0,80}".prop_map(Social::CallMe)
    ]);
    let clarify = prop::option::of(
        prop::collection::vec("[a-z ]{1,20}", 0..4).prop_map(|choices| Clarify {
            doubt: Doubt::Ambiguous,
            question: "Which one?".to_owned(),
            choices,
            about: Box::default(),
        }),
    );
    (
        prop::collection::vec(request, 0..4),
        mood,
        social,
        clarify,
        prop::option::of(".{0,20}"),
    )
        .prop_map(|(requests, mood, social, clarify, gap)| Understood {
            held: None,
            tellings: Vec::new(),
            requests,
            mood,
            social,
            clarify,
            gap,
        })
}

/// Something that happens, in order or out of it.
#[derive(Debug, Clone)]
enum Happening {
    Continue,
    Recalled(bool),
    Names(bool),
    Done,
    Said,
    Finished(u32, Option<Box<ToolOutput>>),
    Deadline,
    Forgotten(bool),
    Remembered(bool),
    Planned(u32),
    Proposed(u32, bool),
    Heard(Heard),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => Just(Happening::Continue),
        1 => any::<bool>().prop_map(Happening::Recalled),
        1 => any::<bool>().prop_map(Happening::Names),
        1 => Just(Happening::Done),
        1 => Just(Happening::Said),
        4 => (0..5_u32, result()).prop_map(|(call, result)| Happening::Finished(call, result.map(Box::new))),
        1 => Just(Happening::Deadline),
        1 => any::<bool>().prop_map(Happening::Forgotten),
        1 => any::<bool>().prop_map(Happening::Remembered),
        1 => (0..5_u32).prop_map(Happening::Planned),
        1 => (0..5_u32, any::<bool>()).prop_map(|(call, denied)| Happening::Proposed(call, denied)),
        4 => said().prop_map(Happening::Heard),
    ]
}

/// What a model may come up with.
#[derive(Debug, Clone)]
enum Heard {
    Words(String),
    Call(&'static str),
    End,
    Cut,
}

fn said() -> impl Strategy<Value = Heard> {
    prop_oneof![
        4 => ".{0,60}".prop_map(Heard::Words),
        1 => Just(Heard::Words("{\"name\": \"look\", \"arguments\": {".to_owned())),
        2 => prop::sample::select(vec!["look", "peek", "change", "nope"]).prop_map(Heard::Call),
        2 => Just(Heard::End),
        1 => Just(Heard::Cut),
    ]
}

fn delta(heard: Heard) -> Result<Delta> {
    Ok(match heard {
        Heard::Words(text) => Delta::Text(text),
        Heard::Call(name) => Delta::Call(ModelCall {
            id: "1".to_owned(),
            name: name.to_owned(),
            arguments: json!({}),
        }),
        Heard::End => Delta::End {
            reason: EndReason::Stop,
            usage: ModelUsage::default(),
        },
        Heard::Cut => return Err(fault()),
    })
}

fn fault() -> Error {
    Error::new(ErrorKind::Unavailable, "it is broken")
}

fn input(turn: &Turn, happening: Happening) -> Input {
    match happening {
        Happening::Continue => Input::Continue,
        Happening::Recalled(true) => Input::Recalled(Ok(Vec::new())),
        Happening::Recalled(false) => Input::Recalled(Err(fault())),
        Happening::Names(true) => Input::Names(Ok(Arc::new(turn.kit.no_names.clone()))),
        Happening::Names(false) => Input::Names(Err(fault())),
        Happening::Done => Input::Emitted(Event::Failed {
            line: None,
            error: fault(),
        }),
        Happening::Said => Input::Emitted(Event::Text {
            block: Block::para("a part"),
        }),
        Happening::Finished(call, result) => Input::Finished {
            call,
            result: result.map(Came::Output).ok_or_else(fault),
            elapsed_ms: 3,
        },
        Happening::Planned(call) => Input::Finished {
            call,
            result: Ok(Came::Plan(Box::new(plan()))),
            elapsed_ms: 3,
        },
        Happening::Proposed(call, denied) => Input::Proposed {
            call,
            result: if denied {
                Ok(Proposed::Denied {
                    title: "Do a thing".to_owned(),
                    reason: "not today".to_owned(),
                    who: None,
                })
            } else {
                Err(fault())
            },
        },
        Happening::Heard(heard) => Input::Said(delta(heard)),
        Happening::Deadline => Input::Deadline,
        Happening::Forgotten(true) => Input::Forgotten(Ok(())),
        Happening::Forgotten(false) => Input::Forgotten(Err(fault())),
        Happening::Remembered(true) => Input::Remembered(Ok(())),
        Happening::Remembered(false) => Input::Remembered(Err(fault())),
    }
}

/// What a driver saw of a turn.
#[derive(Debug, Default)]
struct Seen {
    ends: usize,
    after_the_end: usize,
    started: BTreeMap<u32, usize>,
    finished: BTreeMap<u32, usize>,
    run: usize,
    thoughts: usize,
    answer: Option<Answer>,
    /// Whether things were known to be critical when the first words were said: what is said is not taken back.
    severe: Option<bool>,
}

impl Seen {
    fn see(&mut self, step: &Step, worst: Option<Severity>) {
        match step {
            Step::Emit(event) => {
                if self.ends > 0 {
                    self.after_the_end += 1;
                }
                match event {
                    Event::ToolStarted { call, .. } => *self.started.entry(*call).or_default() += 1,
                    Event::ToolFinished { call, .. } => *self.finished.entry(*call).or_default() += 1,
                    Event::Done { answer } => {
                        self.ends += 1;
                        self.answer = Some((**answer).clone());
                    }
                    Event::Failed { .. } => self.ends += 1,
                    Event::Text { .. } => {
                        self.severe.get_or_insert(worst == Some(Severity::Critical));
                    }
                    _ => {}
                }
            }
            Step::Start(_) => self.run += 1,
            Step::Think(_) => self.thoughts += 1,
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Whatever was understood and whatever happens, in whatever order: a turn ends once, every call that it
    /// announces is finished, it makes no more calls than it may and changes nothing.
    #[test]
    fn a_turn_ends_once(
        understood in understood(),
        chaos in prop::collection::vec(happening(), 0..60),
        polite in any::<bool>(),
        model in any::<bool>(),
        fix in any::<bool>(),
        replies in prop::collection::vec(said(), 1..12),
        results in prop::collection::vec(result(), 3),
    ) {
        let now = Timestamp::UNIX_EPOCH;
        let mut turn = Turn::new(kit(polite, model), Request::new(if fix { "please fix the shop" } else { "how is it going with the shop" }, "bruno", "talk"), now);
        let mut seen = Seen::default();
        let step = turn.next(Input::Continue, now);
        seen.see(&step, turn.voice.severity);
        let step = turn.next(input(&turn, Happening::Recalled(polite)), now);
        seen.see(&step, turn.voice.severity);
        if turn.phase == super::Phase::Naming {
            turn.understood = understood;
            turn.act();
        }
        for happening in chaos {
            let step = turn.next(input(&turn, happening), now);
            seen.see(&step, turn.voice.severity);
        }
        // From here on the driver does as it should.
        let mut results = results.into_iter().cycle();
        let mut replies = replies.into_iter().chain([Heard::End]).cycle();
        let mut started: Vec<(u32, bool)> = Vec::new();
        let mut thinking = false;
        let mut next = Input::Continue;
        let mut running: Vec<u32> = (1..=12).collect();
        let mut over = false;
        for _ in 0..1_000 {
            let step = turn.next(next, now);
            seen.see(&step, turn.voice.severity);
            next = match step {
                Step::Emit(_) => Input::Continue,
                Step::Start(call) => {
                    started.push((call.number, call.tool == "change"));
                    Input::Continue
                }
                Step::Think(_) => {
                    thinking = true;
                    Input::Continue
                }
                Step::Propose { call, .. } => input(&turn, Happening::Proposed(call, polite)),
                Step::Recall(_) => Input::Recalled(Err(fault())),
                Step::LookUp(_) => Input::Names(Err(fault())),
                Step::Wait if thinking => {
                    let heard = replies.next().unwrap();
                    thinking = !matches!(heard, Heard::End | Heard::Cut);
                    input(&turn, Happening::Heard(heard))
                }
                Step::Wait => match started.pop().or_else(|| running.pop().map(|call| (call, false))) {
                    Some((call, true)) => input(&turn, Happening::Planned(call)),
                    Some((call, false)) => input(&turn, Happening::Finished(call, results.next().unwrap().map(Box::new))),
                    // The model was at work when the chaos ended.
                    None if turn.phase == super::Phase::Reasoning => input(&turn, Happening::Heard(Heard::Cut)),
                    None => Input::Deadline,
                },
                Step::Forget(_) => Input::Forgotten(Err(fault())),
                Step::Remember(_) => Input::Remembered(Ok(())),
                Step::End => {
                    over = true;
                    break;
                }
            };
        }
        prop_assert!(over, "the turn never ended");
        prop_assert_eq!(seen.ends, 1);
        prop_assert_eq!(seen.after_the_end, 0);
        prop_assert!(seen.thoughts <= Limits::default().model_steps as usize);
        prop_assert!(model || seen.thoughts == 0);
        // Three by the router, and three for each reply of a model.
        let most = 3 * (1 + seen.thoughts);
        prop_assert!(seen.started.len() <= most);
        prop_assert!(seen.run <= most);
        prop_assert!(seen.started.values().all(|times| *times == 1));
        prop_assert_eq!(&seen.started, &seen.finished);
        if let Some(answer) = seen.answer {
            prop_assert!(!answer.text.trim().is_empty());
            let cards = answer.blocks.iter().filter(|block| matches!(block, Block::Finding { .. })).count();
            prop_assert!(cards <= Limits::default().findings_shown);
            let critical = seen.severe == Some(true);
            if let (true, false, Some(Block::Para { text })) = (critical, polite, answer.blocks.first()) {
                prop_assert!(!text.contains("Blimey") && !text.contains("pickle"), "{}", text);
            }
        }
    }
}
