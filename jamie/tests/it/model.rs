//! Which model the settings lead to, with real servers on loopback.

use std::time::Duration;

use futures::StreamExt;
use jamie::{
    Config, ErrorKind,
    config::Environment,
    core::{
        LlmBackend,
        llm::{Delta, Message, ModelRequest, Role, TokenCounter},
    },
    model,
};
use jamie_sim::model::{Behaviour, Fault, Faults, ModelServer, ModelSetup, Script};

fn says(text: &str) -> Behaviour {
    Behaviour::Script(Script::text(text))
}

async fn server(models: &[&str]) -> ModelServer {
    let setup = ModelSetup {
        models: models.iter().map(|name| (*name).to_owned()).collect(),
        ..ModelSetup::default()
    };
    ModelServer::start_with(says("ready"), Faults::none(), setup)
        .await
        .unwrap()
}

/// An environment in which Ollama usually is at this address.
fn usual(url: &str) -> Environment {
    [("OLLAMA_HOST".to_owned(), url.to_owned())].into_iter().collect()
}

/// An address where nobody listens.
async fn nowhere() -> String {
    let server = server(&[]).await;
    let url = server.url();
    server.stop().await;
    url
}

fn config(set: impl FnOnce(&mut jamie::config::Model)) -> Config {
    let mut config = Config {
        memory: jamie::config::Memory::of_process(),
        ..Config::default()
    };
    set(&mut config.model);
    config
}

async fn name(config: &Config, environment: &Environment) -> Option<String> {
    let chosen = model::choose(config, environment).await.unwrap();
    chosen.map(|backend| backend.name().to_owned())
}

async fn ask(backend: &dyn LlmBackend) -> jamie::Result<String> {
    let request = ModelRequest {
        messages: vec![Message::new(Role::User, "Why?")],
        ..ModelRequest::default()
    };
    let mut stream = backend.chat(request).await?;
    let mut text = String::new();
    while let Some(delta) = stream.next().await {
        if let Delta::Text(words) = delta? {
            text.push_str(&words);
        }
    }
    Ok(text)
}

#[tokio::test]
async fn ollama_where_it_usually_is_comes_first_then_what_is_set_then_none() {
    let local = server(&["sim:8b"]).await;
    let other = server(&["house-model"]).await;
    let nowhere = nowhere().await;
    let auto = Config::default();
    assert_eq!(name(&auto, &usual(&local.url())).await.unwrap(), "ollama:sim:8b");
    assert_eq!(name(&auto, &usual(&nowhere)).await, None);

    let set = config(|model| model.url = other.url());
    assert_eq!(name(&set, &usual(&local.url())).await.unwrap(), "ollama:sim:8b");
    assert_eq!(name(&set, &usual(&nowhere)).await.unwrap(), "openai:house-model");
    // The usual server lacks the model that is named: the other one is asked for it.
    let named = config(|model| {
        model.url = other.url();
        model.name = "house-model".into();
    });
    assert_eq!(
        name(&named, &usual(&local.url())).await.unwrap(),
        "openai:house-model"
    );

    let none = config(|model| model.provider = "none".into());
    assert_eq!(name(&none, &usual(&local.url())).await, None);
    let wrong = config(|model| model.provider = "gpt".into());
    let error = model::choose(&wrong, &usual(&local.url())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn an_ollama_without_models_is_none_and_the_survey_says_what_to_do() {
    let empty = server(&[]).await;
    let environment = usual(&empty.url());
    assert_eq!(name(&Config::default(), &environment).await, None);
    let survey = model::survey(&Config::default(), &environment).await.unwrap();
    let why = survey.none.unwrap();
    assert_eq!(why.kind(), ErrorKind::NotFound);
    assert!(why.hint().unwrap().contains("`ollama pull "));
    assert_eq!(survey.looked_at, [empty.url()]);

    let survey = model::survey(&Config::default(), &usual(&nowhere().await))
        .await
        .unwrap();
    assert_eq!(survey.none.unwrap().kind(), ErrorKind::Unreachable);
}

#[tokio::test]
async fn a_named_server_that_is_down_shows_with_the_first_request() {
    let nowhere = nowhere().await;
    for provider in ["ollama", "openai"] {
        for named in ["", "some-model"] {
            let config = config(|model| {
                model.provider = provider.into();
                model.url = nowhere.clone();
                model.name = named.into();
            });
            let backend = model::choose(&config, &Environment::default())
                .await
                .unwrap()
                .unwrap();
            let error = ask(backend.as_ref()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unreachable, "{provider} {named:?}");
        }
    }
}

#[tokio::test]
async fn what_is_chosen_is_guarded_and_counted() {
    let server = ModelServer::start(says("Because."), Faults::times(Fault::Status(503), 1))
        .await
        .unwrap();
    let counter = TokenCounter::default();
    let config = config(|model| model.first_token_ms = 100);
    let environment = usual(&server.url());
    let backend = model::choose_counted(&config, &environment, counter.clone())
        .await
        .unwrap()
        .unwrap();
    // One failure is ironed out.
    let patient = model::guarded(backend, &Config::default().model, counter.clone());
    assert_eq!(ask(patient.as_ref()).await.unwrap(), "Because.");
    assert!(counter.prompt_tokens() > 0);

    // A server that says nothing is given up, and after a few times not asked any more.
    server.set_faults(Faults::of(Fault::Stall(0)));
    let backend = model::choose(&config, &usual(&server.url()))
        .await
        .unwrap()
        .unwrap();
    for _ in 0..3 {
        assert_eq!(
            ask(backend.as_ref()).await.unwrap_err().kind(),
            ErrorKind::Timeout
        );
    }
    let asked = server.prompts().len();
    assert_eq!(
        ask(backend.as_ref()).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    assert_eq!(server.prompts().len(), asked);
}

#[tokio::test]
async fn the_survey_tries_the_model() {
    let slow = Fault::Slow {
        first: Duration::from_millis(30),
        between: Duration::ZERO,
    };
    let setup = ModelSetup {
        trained_window: 8_192,
        tools: false,
        ..ModelSetup::default()
    };
    let server = ModelServer::start_with(says("ready"), Faults::of(slow), setup)
        .await
        .unwrap();
    let survey = model::survey(&Config::default(), &usual(&server.url()))
        .await
        .unwrap();
    let tested = survey.model.unwrap();
    assert!(tested.error.is_none(), "{tested:?}");
    assert_eq!((tested.name.as_str(), tested.tools), ("ollama:sim:8b", false));
    assert_eq!(
        (tested.context_window, tested.context_window_set),
        (Some(8_192), 16_384)
    );
    let trial = tested.trial.unwrap();
    assert_eq!(trial.reply, "ready");
    assert!(trial.first_token_ms >= 30 && trial.total_ms >= trial.first_token_ms);
}

#[tokio::test]
async fn a_request_that_could_not_wait_has_the_model_loaded_for_the_next() {
    let server = ModelServer::start(says("Because."), Faults::times(Fault::Stall(0), 1))
        .await
        .unwrap();
    let config = config(|model| model.first_token_ms = 50);
    let backend = model::choose(&config, &usual(&server.url()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        ask(backend.as_ref()).await.unwrap_err().kind(),
        ErrorKind::Timeout
    );
    // Loading is a request without messages; it is on its way.
    let loads = || {
        server
            .requests()
            .iter()
            .filter(|request| request.path == "/api/chat" && request.prompt().is_none())
            .count()
    };
    while loads() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(ask(backend.as_ref()).await.unwrap(), "Because.");
}

#[tokio::test]
async fn the_doctor_has_a_line_about_the_model() {
    use jamie::doctor::{Checkup, Health, examine};
    let line = async |config: &Config, environment: &Environment| -> Checkup {
        let mut config = config.clone();
        // Only the line about the model is looked at.
        config.kubernetes.kubeconfig = "/nowhere/kubeconfig".into();
        let checkups = examine(&config, environment).await;
        checkups
            .into_iter()
            .find(|checkup| checkup.name == "Model")
            .unwrap()
    };
    let auto = Config::default();
    let nowhere = nowhere().await;
    let none = line(&auto, &usual(&nowhere)).await;
    assert_eq!((none.health, none.error), (Health::Well, None));
    assert!(none.advice[0].contains("jamie models"));

    let well = server(&["sim:8b"]).await;
    let found = line(&auto, &usual(&well.url())).await;
    assert_eq!(
        (found.health, found.summary.as_str()),
        (Health::Well, "`ollama:sim:8b` answers.")
    );

    let large = config(|model| model.context_window = 131_072);
    let limited = line(&large, &usual(&well.url())).await;
    assert_eq!(limited.health, Health::Limited);
    assert!(limited.advice[0].contains("40960") && limited.advice[0].contains("131072"));

    let down = config(|model| {
        model.provider = "ollama".into();
        model.url = nowhere;
    });
    let down = line(&down, &Environment::default()).await;
    assert_eq!(
        (down.health, down.error),
        (Health::Unwell, Some(ErrorKind::Unreachable))
    );
}
