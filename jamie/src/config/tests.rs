#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Config, Environment, Layers, Origin};

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn flags_beat_variables_beat_the_file_beat_the_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jamie.toml");
    std::fs::write(
        &file,
        "[kubernetes]\ncontext = \"from-file\"\nnamespace = \"file-ns\"\ntimeout_seconds = 3\n",
    )
    .unwrap();
    let layers = Layers::new()
        .file(&file)
        .unwrap()
        .variables(&environment(&[
            ("JAMIE_KUBERNETES_CONTEXT", "from-env"),
            ("JAMIE_KUBERNETES_NAMESPACE", "env-ns"),
        ]))
        .unwrap()
        .flag("kubernetes.namespace", "--namespace", Some("flag-ns"));
    let config = layers.config().unwrap();
    assert_eq!(config.kubernetes.context, "from-env");
    assert_eq!(config.kubernetes.namespace, "flag-ns");
    assert_eq!(config.kubernetes.timeout_seconds, 3);
    assert_eq!(config.persona.name, "jamie");
    let origin = |key: &str| {
        layers
            .settings()
            .find(|setting| setting.key == key)
            .unwrap()
            .origin
    };
    assert_eq!(origin("kubernetes.namespace"), Origin::Flag("--namespace"));
    assert_eq!(
        origin("kubernetes.context"),
        Origin::Variable("JAMIE_KUBERNETES_CONTEXT".into())
    );
    assert_eq!(
        origin("kubernetes.timeout_seconds"),
        Origin::File(file.display().to_string())
    );
    assert_eq!(origin("persona.name"), Origin::Default);
}

#[test]
fn a_wrong_file_names_its_line_and_what_was_expected() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jamie.toml");
    std::fs::write(
        &file,
        "[kubernetes]\ncontext = \"a\"\n\n[answer]\nmax_findngs = 3\n",
    )
    .unwrap();
    let error = Layers::new().file(&file).unwrap_err();
    assert!(error.message().contains("jamie.toml, line 5"), "{error}");
    assert!(error.message().contains("max_findings"), "{error}");
    std::fs::write(&file, "[kubernetes]\ntimeout_seconds = \"soon\"\n").unwrap();
    let error = Layers::new().file(&file).unwrap_err();
    assert!(error.message().contains("line 2"), "{error}");
    std::fs::write(&file, "[kubernetes\n").unwrap();
    assert!(
        Layers::new()
            .file(&file)
            .unwrap_err()
            .message()
            .contains("line 1")
    );
}

#[test]
fn a_variable_of_the_wrong_type_is_named() {
    let error = Layers::new()
        .variables(&environment(&[("JAMIE_ANSWER_MAX_FINDINGS", "lots")]))
        .unwrap_err();
    assert!(
        error.message().contains("JAMIE_ANSWER_MAX_FINDINGS") && error.message().contains("whole number")
    );
}

#[test]
fn a_variable_that_sets_nothing_is_reported() {
    let layers = Layers::new()
        .variables(&environment(&[("JAMIE_KUBERNETES_CONTXT", "x")]))
        .unwrap();
    assert_eq!(layers.ignored(), ["JAMIE_KUBERNETES_CONTXT"]);
}

#[test]
fn a_secret_arrives_and_is_never_shown() {
    use secrecy::ExposeSecret;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jamie.toml");
    std::fs::write(&file, "[model]\napi_key = \"sk-from-the-file\"\n").unwrap();
    let in_file = Layers::new().file(&file).unwrap();
    let in_variable = Layers::new()
        .variables(&environment(&[("JAMIE_MODEL_API_KEY", "sk-from-the-variable")]))
        .unwrap();
    for (layers, key) in [
        (in_file, "sk-from-the-file"),
        (in_variable, "sk-from-the-variable"),
    ] {
        let config = layers.config().unwrap();
        assert_eq!(config.model.api_key.given().unwrap().expose_secret(), key);
        let settings: Vec<_> = layers.settings().collect();
        let shown = format!(
            "{layers:?} {settings:?} {config:?} {}",
            toml::to_string(&config).unwrap()
        );
        assert!(!shown.contains("sk-from") && shown.contains("(set)"), "{shown}");
    }
    assert!(Config::default().model.api_key.given().is_none());
}

#[test]
fn the_template_is_the_defaults() {
    assert_eq!(
        toml::from_str::<Config>(Config::template()).unwrap(),
        Config::default()
    );
}

#[test]
fn a_policy_comes_through_the_layers_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jamie.toml");
    let text = r#"
[person]
id = "ann"
groups = ["dev", "sre"]

[policy]
default = "deny"

[policy.environments]
production = ["prod-*", "shop"]
"eu.west" = ["eu-*"]

[[policy.rules]]
environment = ["production", "eu.west"]
group = "sre"
days = ["mon-fri"]
from = "09:00"
until = "18:00"
then = "ask"
approvals = 2
by = { groups = ["sre"], persons = ["lea"] }

[[policy.rules]]
tool = "scale"
then = "allow"

[[policy.freeze]]
from = 2026-12-20T00:00:00Z
until = "2027-01-04 09:00"

[[policy.rate_limits]]
max = 3
per = "1h"
"#;
    std::fs::write(&file, text).unwrap();
    let read = |variables: &[(&str, &str)]| {
        let layers = Layers::new().file(&file)?.variables(&environment(variables))?;
        layers.config()
    };
    let config = read(&[]).unwrap();
    assert_eq!(config, toml::from_str::<Config>(text).unwrap());
    assert_eq!(config.policy.rules.len(), 2);
    assert_eq!(config.policy.environments.len(), 2);
    let config = read(&[
        ("JAMIE_POLICY_READ_ONLY", "true"),
        ("JAMIE_PERSON_GROUPS", "ops, night"),
    ])
    .unwrap();
    assert!(config.policy.read_only);
    assert_eq!(config.person.groups, ["ops", "night"]);
    let error = read(&[("JAMIE_POLICY_READ_ONLY", "maybe")]).unwrap_err();
    assert!(error.message().contains("true or false"), "{error}");
    std::fs::write(
        &file,
        "[[policy.rules]]\nenvironment = \"prod\"\nthen = \"deny\"\n",
    )
    .unwrap();
    let error = read(&[]).unwrap_err();
    assert!(error.message().contains("policy.rules, rule 1"), "{error}");
    std::fs::write(&file, "[policy]\n\n[[policy.rules]]\nthen = \"perhaps\"\n").unwrap();
    let error = Layers::new().file(&file).unwrap_err();
    assert!(error.message().contains("line 4"), "{error}");
}

#[test]
fn an_index_in_object_storage_needs_whole_keys_and_encryption() {
    let settings = |more: &[(&str, &str)]| {
        let mut variables = vec![
            ("JAMIE_MEMORY_INDEX", "s3://jamie-index/prod"),
            ("JAMIE_MEMORY_FOLDER", "/nonexistent"),
        ];
        variables.extend(more);
        let environment = environment(&variables);
        let config = Layers::new().variables(&environment).unwrap().config().unwrap();
        crate::memory::store(&config, &environment)
    };
    settings(&[]).unwrap();
    settings(&[
        ("JAMIE_MEMORY_S3_ENDPOINT", "http://127.0.0.1:9000"),
        ("JAMIE_MEMORY_S3_ALLOW_HTTP", "true"),
        ("JAMIE_MEMORY_S3_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("JAMIE_MEMORY_S3_SECRET_ACCESS_KEY", "hunter2"),
    ])
    .unwrap();
    for (more, said) in [
        (
            ("JAMIE_MEMORY_S3_ENDPOINT", "http://127.0.0.1:9000"),
            "not encrypted",
        ),
        (("JAMIE_MEMORY_S3_ACCESS_KEY_ID", "AKIDEXAMPLE"), "one half"),
        (("JAMIE_MEMORY_INDEX", "s3://"), "names no bucket"),
    ] {
        let error = settings(&[more]).unwrap_err();
        assert!(error.message().contains(said), "{error:?}");
        assert!(
            error.hint().is_some() && !format!("{error:?}").contains("AKID"),
            "{error:?}"
        );
    }
    let layers = Layers::new()
        .variables(&environment(&[("JAMIE_MEMORY_S3_SECRET_ACCESS_KEY", "hunter2")]))
        .unwrap();
    assert!(!format!("{layers:?}").contains("hunter2"));
}
