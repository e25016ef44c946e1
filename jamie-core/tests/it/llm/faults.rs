//! Every fault of a server, over both protocols: a typed error or a whole reply, never a half one that looks whole.

use std::time::Duration;

use jamie_core::{
    ErrorKind,
    llm::{EndReason, LlmBackend, Ollama, OpenAi, Waits},
};
use jamie_sim::model::{Behaviour, Fault, Faults, ModelServer, ModelSetup, Reply as Said, Script};
use serde_json::json;

use super::{BOTH, Protocol, Reply, Rig, WAITS, faulty, question};

#[tokio::test]
async fn characters_that_arrive_in_pieces_are_whole() {
    for protocol in BOTH {
        let rig = faulty(
            protocol,
            "Grüße: 🫖 ist voll, naïve Köche — adé",
            Fault::SplitCharacters,
        )
        .await;
        assert_eq!(
            rig.ask().await.text,
            "Grüße: 🫖 ist voll, naïve Köche — adé",
            "{protocol:?}"
        );
    }
}

#[tokio::test]
async fn whatever_breaks_a_reply_in_the_middle_is_an_error_after_what_was_said() {
    for protocol in BOTH {
        // OpenAI's protocol begins with a piece that says nothing.
        let pieces = if protocol == Protocol::OpenAi { 3 } else { 2 };
        for (fault, says) in [
            (Fault::ErrorLine(pieces), "model runner has died"),
            (
                Fault::Garbage(pieces),
                if protocol == Protocol::Ollama {
                    "cannot be read"
                } else {
                    "cut off"
                },
            ),
            (Fault::Cut(pieces), "cut off"),
        ] {
            let rig = faulty(protocol, "The cause is memory", fault.clone()).await;
            let reply = rig.ask().await;
            assert_eq!(reply.text, "The cause ", "{protocol:?} {fault:?}");
            assert_eq!(
                reply.error().kind(),
                ErrorKind::Unavailable,
                "{protocol:?} {fault:?}"
            );
            assert!(
                reply.error().message().contains(says),
                "{protocol:?} {fault:?}: {}",
                reply.error()
            );
        }
    }
}

#[tokio::test]
async fn silence_ends_with_a_timeout_wherever_it_falls() {
    let waits = Waits {
        idle: Duration::from_millis(100),
        ..WAITS
    };
    for protocol in BOTH {
        for after in [0, 2] {
            let script = Behaviour::Script(Script::text("The cause is memory"));
            let server = ModelServer::start(script, Faults::of(Fault::Stall(after)))
                .await
                .unwrap();
            let backend = protocol.backend(&server.url(), ModelServer::MODEL, waits);
            let reply = Reply::read(backend.chat(question()).await).await;
            assert_eq!(reply.error().kind(), ErrorKind::Timeout, "{protocol:?} {after}");
        }
    }
}

#[tokio::test]
async fn slow_is_not_failed() {
    for protocol in BOTH {
        let fault = Fault::Slow {
            first: Duration::from_millis(40),
            between: Duration::from_millis(2),
        };
        let rig = faulty(protocol, "Slowly but surely", fault).await;
        assert_eq!(rig.ask().await.text, "Slowly but surely");
    }
}

#[tokio::test]
async fn statuses_are_kinds_with_advice() {
    for protocol in BOTH {
        for (status, kind) in [
            (400, ErrorKind::InvalidInput),
            (401, ErrorKind::Unauthorized),
            (403, ErrorKind::Forbidden),
            (404, ErrorKind::NotFound),
            (429, ErrorKind::RateLimited),
            (500, ErrorKind::Unavailable),
            (503, ErrorKind::Unavailable),
            (504, ErrorKind::Timeout),
        ] {
            let rig = faulty(protocol, "Never said", Fault::Status(status)).await;
            let reply = rig.ask().await;
            assert_eq!(reply.error().kind(), kind, "{protocol:?} {status}");
            assert_eq!(reply.text, "");
            if status == 429 {
                assert!(reply.error().hint().unwrap().contains("7 seconds"));
            }
        }
        let rig = faulty(protocol, "Never said", Fault::MissingModel).await;
        assert_eq!(rig.ask().await.error().kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let server = ModelServer::start(Behaviour::Narrator, Faults::none())
        .await
        .unwrap();
    let url = server.url();
    server.stop().await;
    for protocol in BOTH {
        let backend = protocol.backend(&url, ModelServer::MODEL, WAITS);
        let reply = Reply::read(backend.chat(question()).await).await;
        assert_eq!(reply.error().kind(), ErrorKind::Unreachable);
        assert_eq!(backend.health().await.unwrap_err().kind(), ErrorKind::Unreachable);
    }
}

#[tokio::test]
async fn calls_that_never_end_are_ended() {
    for protocol in BOTH {
        let rig = faulty(protocol, "", Fault::FloodOfCalls).await;
        let reply = rig.ask().await;
        assert_eq!(reply.error().kind(), ErrorKind::Unavailable, "{protocol:?}");
        assert!(reply.calls.len() < 100);
        // The server was told to stop.
        rig.server.cancelled(1).await;
    }
}

#[tokio::test]
async fn odd_calls_come_through_for_the_turn_to_judge() {
    for protocol in BOTH {
        let rig = faulty(protocol, "", Fault::NonsenseCalls).await;
        let reply = rig.ask().await;
        assert_eq!(reply.reason(), EndReason::Calls);
        assert_eq!(reply.calls[0].name, "frobnicate_the_flux");
        assert_eq!(reply.calls[0].arguments["name"], 7);

        let rig = faulty(protocol, "", Fault::EndlessCalls).await;
        for _ in 0..2 {
            assert_eq!(rig.ask().await.calls[0].name, "logs");
        }

        let script = Script::new([Said::call("logs", json!({"target": "api"}))]);
        let rig = Rig::start(
            protocol,
            Behaviour::Script(script.clone()),
            Faults::of(Fault::CallsAsText),
        )
        .await;
        let reply = rig.ask().await;
        assert!(
            reply.calls.is_empty() && reply.text.contains("<tool_call>"),
            "{reply:?}"
        );

        let rig = Rig::start(
            protocol,
            Behaviour::Script(script),
            Faults::of(Fault::BrokenCalls),
        )
        .await;
        let reply = rig.ask().await;
        match protocol {
            Protocol::Ollama => assert!(reply.text.contains("```json"), "{reply:?}"),
            // What the model wrote is kept, so that it can be mended or shown to it.
            Protocol::OpenAi => assert!(
                reply.calls[0]
                    .arguments
                    .as_str()
                    .unwrap()
                    .starts_with("{\"target\"")
            ),
        }
    }
}

#[tokio::test]
async fn a_refusal_is_told_apart_where_the_protocol_can() {
    for (protocol, reason) in [
        (Protocol::Ollama, EndReason::Stop),
        (Protocol::OpenAi, EndReason::Refused),
    ] {
        let rig = faulty(protocol, "Sure.", Fault::Refusal).await;
        let reply = rig.ask().await;
        assert_eq!(
            (reply.text.as_str(), reply.reason()),
            ("I can't help with that.", reason)
        );
    }
}

#[tokio::test]
async fn the_key_is_sent_and_never_shown() {
    let key = "sk-canary-7f3a9b";
    let setup = ModelSetup {
        key: Some(key.into()),
        ..ModelSetup::default()
    };
    let behaviour = || Behaviour::Script(Script::text("Hello."));
    let server = ModelServer::start_with(behaviour(), Faults::none(), setup)
        .await
        .unwrap();
    let (url, model) = (server.url(), ModelServer::MODEL);
    let with = |key: &str| -> [Box<dyn LlmBackend>; 2] {
        let key = || Some(key.to_owned().into());
        [
            Box::new(Ollama::with(&url, model, 16_384, key(), WAITS).unwrap()),
            Box::new(OpenAi::new(&format!("{url}/v1"), model, None, key(), WAITS).unwrap()),
        ]
    };
    for backend in with(key) {
        assert_eq!(Reply::read(backend.chat(question()).await).await.text, "Hello.");
        backend.health().await.unwrap();
        assert!(!format!("{backend:?}").contains(key), "{backend:?}");
    }
    // The server repeats a wrong key in what it says.
    for backend in with("sk-wrong-canary-11") {
        let error = backend.chat(question()).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        assert!(error.message().contains("Incorrect API key"), "{error:?}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_password_in_the_address_is_never_shown() {
    let backend = Ollama::new("http://user:hunter2@127.0.0.1:9/ollama", "m").unwrap();
    let error = backend.health().await.unwrap_err();
    for text in [format!("{backend:?}"), format!("{error:?}"), backend.url()] {
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("127.0.0.1:9/ollama"), "{text}");
    }
    for wrong in ["", "localhost:11434", "ftp://x", "http://"] {
        assert_eq!(
            Ollama::new(wrong, "m").unwrap_err().kind(),
            ErrorKind::Config,
            "{wrong:?}"
        );
    }
}
