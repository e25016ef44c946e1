//! The context window is asked for, and what the server really gives is known.

use jamie_core::{
    ErrorKind,
    llm::{Message, Role},
};
use jamie_sim::model::{Behaviour, ModelSetup, Script};

use super::{BOTH, Protocol, Reply, Rig, question};

fn behaviour() -> Behaviour {
    Behaviour::Script(Script::text("Yes."))
}

#[tokio::test]
async fn it_is_asked_for_in_every_request_and_never_the_servers_own() {
    let rig = Rig::start_with(Protocol::Ollama, behaviour(), ModelSetup::default()).await;
    rig.ask().await;
    rig.ask().await;
    let windows: Vec<u64> = rig
        .server
        .requests()
        .iter()
        .filter(|request| request.path == "/api/chat")
        .map(|request| request.body["options"]["num_ctx"].as_u64().unwrap())
        .collect();
    assert_eq!(windows, [16_384, 16_384]);
    assert_eq!(rig.backend.health().await.unwrap().context_window, Some(16_384));
}

#[tokio::test]
async fn a_smaller_one_shows() {
    for protocol in BOTH {
        let small = ModelSetup {
            trained_window: 8_192,
            ..ModelSetup::default()
        };
        let rig = Rig::start_with(protocol, behaviour(), small).await;
        assert_eq!(
            rig.backend.health().await.unwrap().context_window,
            Some(8_192),
            "{protocol:?}"
        );

        // The model could take more, but the server does not give it.
        let stingy = ModelSetup {
            given_window: Some(4_096),
            ..ModelSetup::default()
        };
        let rig = Rig::start_with(protocol, behaviour(), stingy).await;
        rig.ask().await;
        assert_eq!(
            rig.backend.health().await.unwrap().context_window,
            Some(4_096),
            "{protocol:?}"
        );
    }
}

#[tokio::test]
async fn a_prompt_that_does_not_fit_is_an_error_and_not_cut() {
    let stingy = ModelSetup {
        given_window: Some(512),
        ..ModelSetup::default()
    };
    let rig = Rig::start_with(Protocol::Ollama, behaviour(), stingy).await;
    let mut request = question();
    request
        .messages
        .push(Message::new(Role::User, "fact ".repeat(1_000)));
    let reply = Reply::read(rig.backend.chat(request).await).await;
    assert_eq!(reply.error().kind(), ErrorKind::InvalidInput);
    assert!(reply.error().hint().unwrap().contains("model.context_window"));
}

#[tokio::test]
async fn a_model_without_tools_says_so() {
    let setup = ModelSetup {
        tools: false,
        ..ModelSetup::default()
    };
    let rig = Rig::start_with(Protocol::Ollama, behaviour(), setup).await;
    assert!(!rig.backend.health().await.unwrap().tools);
    assert_eq!(rig.ask().await.error().kind(), ErrorKind::Unsupported);
}
