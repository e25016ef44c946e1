//! Settings in, an assembled Jamie out.

use std::{path::Path, sync::Arc, time::Duration};

use jamie_core::{
    ActionStore, ApprovalPolicy, Cache, Clock, Error, ErrorKind, Jamie, LlmBackend, MemoryStore, Result,
    SystemClock, Toolbox,
    action::InMemoryActions,
    persona::{self, Persona},
    turn::Limits,
};
use jamie_tools::cluster::{Cluster, ClusterOptions, Identity, Impersonation};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    actions::FileActions,
    cache,
    config::{Config, Environment},
    memory, model,
};

/// What an embedder puts beside, or in place of, what comes with Jamie.
#[derive(Debug, Default)]
pub struct Own {
    /// More tools; one that has the name of a built-in one replaces it.
    pub tools: Toolbox,
    /// Another voice.
    pub persona: Option<Arc<dyn Persona>>,
    /// Another memory than the one that the settings name.
    pub memory: Option<Arc<dyn MemoryStore>>,
    /// Another place for changes to wait than the folder that the settings name.
    pub actions: Option<Arc<dyn ActionStore>>,
    /// Another policy than the rules in the settings.
    pub policy: Option<Arc<dyn ApprovalPolicy>>,
    /// Another cache for counting questions and changes, and for answers just given, than the one that the settings name.
    pub cache: Option<Arc<dyn Cache>>,
    /// Another model than the one that the settings name; [`crate::model::guarded`] guards it.
    pub model: Option<Arc<dyn LlmBackend>>,
}

/// Jamie with every built-in tool, on the cluster that the settings name.
///
/// Nothing is sent to the cluster yet: a server that is not there shows with the first question.
pub async fn assemble(config: &Config) -> Result<Jamie> {
    assemble_with(config, Own::default()).await
}

/// The same with parts of your own.
pub async fn assemble_with(config: &Config, own: Own) -> Result<Jamie> {
    let cluster = Arc::new(connect(config).await?);
    let mut tools = jamie_tools::tools::toolbox(Arc::clone(&cluster));
    for tool in own.tools.iter() {
        tools.add(Arc::clone(tool));
    }
    config.policy.validate()?;
    let shared = cache::shared(config)?;
    let mut builder = Jamie::builder()
        .cache(own.cache.unwrap_or_else(|| cache::degrading(shared.as_ref())))
        .tools(tools)
        .directory(cluster)
        .persona(own.persona.map_or_else(|| persona(config), Ok)?)
        .clock(Arc::new(LocalClock { zone: zone(config)? }))
        .limits(limits(config))
        .actions(
            own.actions
                .map_or_else(|| actions(config, &Environment::of_process()), Ok)?,
        )
        .actions_valid_for(Duration::from_secs(
            config.actions.expire_minutes.saturating_mul(60),
        ))
        .teachers(config.policy.teachers())
        .policy(own.policy.unwrap_or_else(|| Arc::new(config.policy.clone())));
    let memory = match own.memory {
        Some(memory) => memory,
        None => memory::store_with(config, &Environment::of_process(), shared)?,
    };
    builder = builder.memory(memory);
    let model = match own.model {
        Some(model) => Some(model),
        None => model::choose(config, &Environment::of_process()).await?,
    };
    if let Some(model) = model {
        builder = builder.model(model);
    }
    Ok(builder.build())
}

/// The connection that the settings name; only files are read.
pub(crate) async fn connect(config: &Config) -> Result<Cluster> {
    let text = |value: &str| Some(value.to_owned()).filter(|value| !value.is_empty());
    Cluster::connect(ClusterOptions {
        kubeconfig: text(&config.kubernetes.kubeconfig).map(Into::into),
        context: text(&config.kubernetes.context),
        timeout: Duration::from_secs(config.kubernetes.timeout_seconds.max(1)),
        namespaces: text(&config.kubernetes.namespace).into_iter().collect(),
        impersonate: impersonation(config)?,
        ..ClusterOptions::default()
    })
    .await
}

/// As whom calls reach the cluster.
fn impersonation(config: &Config) -> Result<Impersonation> {
    let wanted = &config.impersonation;
    match wanted.mode.as_str() {
        "off" => Ok(Impersonation::Off),
        "person" => Ok(Impersonation::AsPerson {
            user_prefix: wanted.user_prefix.clone(),
            group_prefix: wanted.group_prefix.clone(),
        }),
        "people" => {
            let people = wanted.people.iter().map(|(id, known)| {
                let (user, groups) = (known.user.clone(), known.groups.clone());
                (id.clone(), Identity { user, groups })
            });
            Ok(Impersonation::Map(people.collect()))
        }
        other => Err(Error::new(
            ErrorKind::Config,
            format!("there is no way of impersonation called {other:?}"),
        )
        .with_hint("impersonation.mode is \"off\", \"person\" or \"people\"")),
    }
}

/// Where changes wait: the database that replicas share, the folder that the settings name, or, without a home directory,
/// the process.
pub(crate) fn actions(config: &Config, environment: &Environment) -> Result<Arc<dyn ActionStore>> {
    const DAY: u64 = 24 * 60 * 60;
    let keep = Duration::from_secs(config.actions.keep_days.saturating_mul(DAY));
    let shared = config.memory.store == "postgres" && config.actions.folder.is_empty();
    match config.actions.store.as_str() {
        "database" => {}
        "" if shared => {}
        "folder" | "" => {
            return Ok(match config.actions.folder(environment) {
                Some(folder) => Arc::new(FileActions::new(folder, keep)),
                None => Arc::new(InMemoryActions::default()),
            });
        }
        other => {
            return Err(Error::new(
                ErrorKind::Config,
                format!("there is no store of actions called {other:?}"),
            )
            .with_hint("actions.store is \"folder\" or \"database\", or empty"));
        }
    }
    match memory::records_at(config, environment)? {
        Some(at) => Ok(Arc::new(jamie_memory::Actions::new(at, keep))),
        None => Err(Error::new(
            ErrorKind::Config,
            "actions.store is \"database\", and the memory has none",
        )
        .with_hint("set memory.store to \"disk\" or \"postgres\", or actions.store to \"folder\"")),
    }
}

/// The voice that the settings name.
pub(crate) fn persona(config: &Config) -> Result<Arc<dyn Persona>> {
    let file = Path::new(&config.persona.file);
    match (config.persona.name.as_str(), file.as_os_str().is_empty()) {
        ("plain", _) => Ok(Arc::new(persona::Plain)),
        ("jamie", true) => Ok(Arc::new(persona::Jamie::default())),
        ("jamie", false) => {
            let shown = file.display();
            let text = std::fs::read_to_string(file).map_err(|error| {
                Error::new(
                    ErrorKind::Config,
                    format!("cannot read the persona file {shown}: {error}"),
                )
                .with_hint("persona.file names a TOML file; leave it empty for the built-in voice")
            })?;
            let jamie = persona::Jamie::from_toml(&text).map_err(|error| {
                let hint = error.hint().map(str::to_owned);
                let error = Error::new(ErrorKind::Config, format!("{shown}: {}", error.message()));
                hint.into_iter().fold(error, Error::with_hint)
            })?;
            Ok(Arc::new(jamie))
        }
        (other, _) => Err(
            Error::new(ErrorKind::Config, format!("there is no persona called {other:?}"))
                .with_hint("persona.name is \"jamie\" or \"plain\""),
        ),
    }
}

/// The time zone that the settings name.
pub(crate) fn zone(config: &Config) -> Result<TimeZone> {
    if config.person.time_zone.is_empty() {
        return Ok(SystemClock.zone());
    }
    TimeZone::get(&config.person.time_zone).map_err(|_| {
        Error::new(
            ErrorKind::Config,
            format!("there is no time zone called {:?}", config.person.time_zone),
        )
        .with_hint("person.time_zone takes an IANA name such as Europe/London")
    })
}

/// The bounds that the settings name; the connection's own deadline comes first, so that it can say why.
fn limits(config: &Config) -> Limits {
    let defaults = Limits::default();
    Limits {
        findings_shown: config.answer.max_findings,
        deadline: defaults
            .deadline
            .max(Duration::from_secs(config.kubernetes.timeout_seconds + 2)),
        first_word: Duration::from_millis(config.model.first_token_ms.max(1)),
        next_word: Duration::from_millis(config.model.idle_ms.max(1)),
        questions_per_minute: config.limits.questions_per_minute,
        answer_again: Duration::from_secs(config.cache.answers_seconds),
        all_words: Duration::from_secs(config.model.timeout_seconds.max(1)),
        ..defaults
    }
}

/// The machine's clock in the person's zone.
#[derive(Debug)]
struct LocalClock {
    zone: TimeZone,
}

impl Clock for LocalClock {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone()
    }
}
