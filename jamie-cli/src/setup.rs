//! Flags, variables and the configuration file in, settings and an assembled Jamie out.

use std::path::PathBuf;

use jamie::{
    Config, Decision, Jamie, Mode, Person, Request, Result, Scope,
    action::Choice,
    config::{Environment, Layers},
};

use crate::args::Global;

/// The configuration file: the one named by `--config` or JAMIE_CONFIG, else the usual one.
pub(crate) fn config_file(global: &Global, environment: &Environment) -> Option<PathBuf> {
    global
        .config
        .clone()
        .or_else(|| {
            environment
                .get("JAMIE_CONFIG")
                .filter(|file| !file.is_empty())
                .map(PathBuf::from)
        })
        .or_else(|| Config::default_file(environment))
}

/// All settings with their origins. A file that was named must be there; the usual one may be missing.
pub(crate) fn layers(global: &Global, environment: &Environment) -> Result<Layers> {
    let mut layers = Layers::new();
    let named = global.config.is_some()
        || environment
            .get("JAMIE_CONFIG")
            .is_some_and(|file| !file.is_empty());
    if let Some(file) = config_file(global, environment).filter(|file| named || file.exists()) {
        layers = layers.file(&file)?;
    }
    let kubeconfig = global.kubeconfig.as_ref().map(|file| file.display().to_string());
    Ok(layers
        .variables(environment)?
        .flag("kubernetes.kubeconfig", "--kubeconfig", kubeconfig)
        .flag("kubernetes.context", "--context", global.context.clone())
        .flag("kubernetes.namespace", "--namespace", global.namespace.clone())
        .flag(
            "model.provider",
            "--offline",
            global.offline.then(|| "none".to_owned()),
        )
        .flag(
            "persona.name",
            "--plain",
            global.plain.then(|| "plain".to_owned()),
        )
        .flag(
            "model.provider",
            "--offline",
            global.offline.then(|| "none".to_owned()),
        ))
}

/// Jamie on the cluster that the settings name.
pub(crate) async fn jamie(global: &Global, environment: &Environment) -> Result<(Jamie, Config)> {
    let config = layers(global, environment)?.config()?;
    let jamie = jamie::assemble(&config).await?;
    Ok((jamie, config))
}

/// Who sits at this terminal: who the settings say, else the account's name.
pub(crate) fn person(config: &Config, environment: &Environment) -> Person {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let account = || {
        ["USER", "LOGNAME", "USERNAME"]
            .into_iter()
            .find_map(|name| given(environment.get(name)?))
    };
    Person {
        id: given(&config.person.id)
            .or_else(account)
            .unwrap_or_else(|| "terminal".to_owned()),
        name: given(&config.person.name),
        groups: config.person.groups.clone(),
    }
}

/// A question from this terminal.
pub(crate) fn request(
    text: impl Into<String>,
    config: &Config,
    global: &Global,
    environment: &Environment,
) -> Request {
    let person = person(config, environment);
    // Where people share a memory, each has a thread of their own.
    let conversation = format!("terminal-{}", person.id);
    let mut request = Request::new(text, person.id.clone(), conversation);
    request.person = person;
    request.scope = Scope {
        namespace: Some(config.kubernetes.namespace.clone()).filter(|name| !name.is_empty()),
    };
    request.mode = if global.offline { Mode::Offline } else { Mode::Auto };
    request
}

/// A decision from this terminal.
pub(crate) fn decision(action: String, digest: Option<String>, person: &Person, choice: Choice) -> Decision {
    Decision {
        action,
        digest,
        person: person.clone(),
        choice,
    }
}
