//! What both backends do when all is well.

use std::collections::BTreeSet;

use jamie_core::{
    Embedder, ErrorKind, conformance,
    llm::{EndReason, Message, Ollama, OllamaEmbedder, Role, Scripted, ScriptedReply, Waits},
};
use jamie_sim::model::{Behaviour, Call, End, Faults, ModelServer, ModelSetup, Reply as Said, Script};
use serde_json::json;

use super::{BOTH, Protocol, Reply, Rig, question};

#[tokio::test]
async fn every_backend_conforms() {
    conformance::llm(&Scripted::new((0..7).map(|_| ScriptedReply::text("Still here."))))
        .await
        .unwrap();
    for protocol in BOTH {
        for behaviour in [
            Behaviour::Script(Script::text("Gude, alles läuft 🫖.")),
            Behaviour::Narrator,
        ] {
            let rig = Rig::start(protocol, behaviour, Faults::none()).await;
            conformance::llm(rig.backend.as_ref()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn words_thoughts_and_tokens_come_through() {
    for protocol in BOTH {
        let script = Script::new([
            Said::text("The *café* is out of memory 🫖.\nIndeed.").thinking("Let me see … 14 restarts."),
            Said::text("It goes on and").ending(End::Length),
        ]);
        let rig = Rig::start(protocol, Behaviour::Script(script), Faults::none()).await;
        let reply = rig.ask().await;
        assert_eq!(reply.text, "The *café* is out of memory 🫖.\nIndeed.");
        assert_eq!(reply.thinking, "Let me see … 14 restarts.");
        let (reason, prompt, completion) = reply.end.unwrap();
        assert_eq!(reason, EndReason::Stop);
        assert!(
            prompt > 5 && completion > 5,
            "{protocol:?}: {prompt} {completion}"
        );
        assert_eq!(rig.ask().await.reason(), EndReason::Length, "{protocol:?}");
    }
}

#[tokio::test]
async fn several_calls_at_once_keep_their_arguments_and_find_their_results() {
    for protocol in BOTH {
        for ids in [true, false] {
            let script = Script::new([
                Said::text("Let me look.")
                    .and_call("logs", json!({"target": "shop/ünï", "tail": 5}))
                    .and_call("logs", json!({"target": "shop/db"}))
                    .and_call("status", json!({})),
                Said::text("Got it."),
            ]);
            let setup = ModelSetup {
                ids,
                ..ModelSetup::default()
            };
            let rig = Rig::start_with(protocol, Behaviour::Script(script), setup).await;
            let reply = rig.ask().await;
            assert_eq!(reply.reason(), EndReason::Calls);
            let arguments: Vec<_> = reply.calls.iter().map(|call| call.arguments.clone()).collect();
            assert_eq!(
                arguments,
                [
                    json!({"target": "shop/ünï", "tail": 5}),
                    json!({"target": "shop/db"}),
                    json!({})
                ],
                "{protocol:?}"
            );
            let told_apart: BTreeSet<_> = reply.calls.iter().map(|call| &call.id).collect();
            assert_eq!(told_apart.len(), 3, "{protocol:?} {:?}", reply.calls);

            // The server checks that results belong to calls.
            let mut request = question();
            request.messages.push(Message {
                calls: reply.calls.clone(),
                ..Message::new(Role::Assistant, reply.text.clone())
            });
            for call in reply.calls {
                request.messages.push(Message {
                    answers: Some(call),
                    ..Message::new(Role::Tool, "nothing special")
                });
            }
            let reply = Reply::read(rig.backend.chat(request).await).await;
            assert_eq!(reply.text, "Got it.", "{protocol:?} {reply:?}");
            let asked = &rig.server.prompts()[1].messages[2].calls[1];
            let expected = Call {
                name: "logs".into(),
                arguments: json!({"target": "shop/db"}),
            };
            assert_eq!(*asked, expected);
            if protocol == Protocol::Ollama {
                let requests = rig.server.requests();
                let chat = requests
                    .iter()
                    .rfind(|request| request.path == "/api/chat")
                    .unwrap();
                assert_eq!(chat.body["messages"][4]["tool_name"], "logs");
                assert_eq!(
                    chat.body["messages"][4]["tool_call_id"],
                    chat.body["messages"][2]["tool_calls"][1]["id"]
                );
            }
        }
    }
}

#[tokio::test]
async fn a_reply_that_nobody_waits_for_is_cancelled_at_the_server() {
    use futures::StreamExt;
    for protocol in BOTH {
        let fault = jamie_sim::model::Fault::Stall(3);
        let rig = super::faulty(protocol, "one two three four five", fault).await;
        let mut stream = rig.backend.chat(question()).await.unwrap();
        stream.next().await.unwrap().unwrap();
        drop(stream);
        // Hangs until the server sees it.
        rig.server.cancelled(1).await;
    }
}

#[tokio::test]
async fn a_missing_model_says_how_to_get_it_and_what_there_is() {
    let setup = ModelSetup {
        models: vec!["qwen3:8b".into(), "llama3.2:latest".into()],
        ..ModelSetup::default()
    };
    for protocol in BOTH {
        let rig = Rig::start_with(protocol, Behaviour::Narrator, setup.clone()).await;
        let asked = rig.ask().await;
        let unwell = rig.backend.health().await.unwrap_err();
        for error in [asked.error(), &unwell] {
            assert_eq!(error.kind(), ErrorKind::NotFound);
            let told = format!("{error} {}", error.hint().unwrap());
            assert!(told.contains("qwen3:8b, llama3.2:latest"), "{told}");
            if protocol == Protocol::Ollama {
                assert!(
                    told.contains(&format!("`ollama pull {}`", ModelServer::MODEL)),
                    "{told}"
                );
            }
        }
    }
}

#[tokio::test]
async fn ollama_manages_models_and_gives_vectors() {
    let server = ModelServer::start(Behaviour::Narrator, Faults::none())
        .await
        .unwrap();
    // An address with a path or a slash at its end is the same server.
    let ollama = Ollama::new(&format!("{}/", server.url()), ModelServer::MODEL).unwrap();
    assert_eq!(ollama.models().await.unwrap(), [ModelServer::MODEL]);
    assert!(
        ollama
            .show(ModelServer::MODEL)
            .await
            .unwrap()
            .capabilities
            .contains(&"tools".to_owned())
    );
    assert_eq!(
        ollama.show("other").await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    let texts = ["out of memory", "memory ran out", "certificate expired"].map(String::from);
    let embedder = OllamaEmbedder::new(&server.url(), ModelServer::MODEL, None, Waits::default()).unwrap();
    let vectors = embedder.embed(&texts).await.unwrap();
    let near = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    assert!(near(&vectors[0], &vectors[1]) > near(&vectors[0], &vectors[2]));
    conformance::embedder(&embedder).await.unwrap();
}

#[tokio::test]
async fn an_embedding_model_that_is_missing_or_away_is_named() {
    let server = ModelServer::start(Behaviour::Narrator, Faults::none())
        .await
        .unwrap();
    let at = |model: &str| OllamaEmbedder::new(&server.url(), model, None, Waits::default()).unwrap();
    assert_eq!(at("Nomic/Embed:v1.5").identity(), "ollama-nomic-embed-v1.5");
    let texts = ["a pod".to_owned()];
    for error in [
        at("nomic-embed-text").embed(&texts).await.unwrap_err(),
        at("nomic-embed-text").dimension().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert!(error.message().contains("nomic-embed-text"), "{error}");
        assert_eq!(error.hint(), Some("get it with `ollama pull nomic-embed-text`"));
    }
    let embedder = at(ModelServer::MODEL);
    server.stop().await;
    let error = embedder.dimension().await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
}
