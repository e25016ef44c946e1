//! `jamie models`, and what the configuration says about the key.

use jamie_sim::model::{Behaviour, Faults, ModelServer, ModelSetup, Script};

use crate::run::{Ran, command};

async fn run(args: &'static [&'static str], variables: Vec<(&'static str, String)>) -> Ran {
    let home = tempfile::tempdir().unwrap();
    let mut command = command(home.path());
    command.args(args).envs(variables);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_found_tried_and_described() {
    let script = Behaviour::Script(Script::text("ready"));
    let server = ModelServer::start(script, Faults::none()).await.unwrap();
    let ran = run(&["models"], vec![("OLLAMA_HOST", server.url())]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    for says in [
        "ollama:sim:8b",
        "16384 tokens",
        "can ask for tools",
        "\"ready\"",
        "first word after",
    ] {
        assert!(ran.stdout.contains(says), "{says:?} in {ran:?}");
    }
    let ran = run(&["models", "-o", "json"], vec![("OLLAMA_HOST", server.url())]).await;
    let survey: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(survey["model"]["trial"]["reply"], "ready");

    let asked = server.requests().len();
    let ran = run(&["models", "--offline"], vec![("OLLAMA_HOST", server.url())]).await;
    assert_eq!((ran.code, server.requests().len()), (0, asked), "{ran:?}");
    assert!(ran.stdout.contains("No model is wanted"), "{ran:?}");

    let missing = vec![
        ("OLLAMA_HOST", server.url()),
        ("JAMIE_MODEL_NAME", "other:1b".to_owned()),
    ];
    let ran = run(&["models"], missing).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.stdout.contains("ollama pull other:1b") && ran.stdout.contains("sim:8b"),
        "{ran:?}"
    );
    let url = server.url();
    server.stop().await;
    let ran = run(&["models"], vec![("OLLAMA_HOST", url.clone())]).await;
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(
        ran.stdout.contains("No model") && ran.stdout.contains(&url),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_and_no_key_is_shown() {
    let setup = ModelSetup {
        key: Some("sk-right".into()),
        ..ModelSetup::default()
    };
    let server = ModelServer::start_with(Behaviour::Narrator, Faults::none(), setup)
        .await
        .unwrap();
    let with = |key: &str| {
        vec![
            ("JAMIE_MODEL_PROVIDER", "openai".to_owned()),
            ("JAMIE_MODEL_URL", server.url()),
            ("JAMIE_MODEL_NAME", ModelServer::MODEL.to_owned()),
            ("JAMIE_MODEL_API_KEY", key.to_owned()),
        ]
    };
    let ran = run(&["models"], with("sk-right")).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = run(&["-vv", "models"], with("sk-wrong")).await;
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(!format!("{ran:?}").contains("sk-wrong"), "{ran:?}");
    for args in [&["config", "show"][..], &["config", "show", "-o", "json"]] {
        let ran = run(args, with("sk-right")).await;
        assert!(
            ran.stdout.contains("(set)") && !ran.stdout.contains("sk-right"),
            "{ran:?}"
        );
    }
}
