//! Settings in, a check-up of every integration out: reachable, which version, what is missing, what to do.

use jamie_core::{Error, ErrorKind};
use jamie_tools::{
    Snapshot,
    cluster::{Cluster, Freshness},
    snapshot::Coverage,
};
use serde::{Serialize, Serializer};

use crate::{
    assemble, cache,
    config::{Config, Environment},
    memory, model,
};

/// How an integration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// All of it works.
    Well,
    /// It works, but not all of it.
    Limited,
    /// It does not work.
    Unwell,
}

/// What was found about one integration.
#[derive(Debug, Clone, Serialize)]
pub struct Checkup {
    /// The integration.
    pub name: &'static str,
    /// How it is.
    pub health: Health,
    /// One sentence.
    pub summary: String,
    /// What to do about it, one sentence each.
    pub advice: Vec<String>,
    /// What kind of failure it is, where it is one.
    #[serde(serialize_with = "kind_name")]
    pub error: Option<ErrorKind>,
}

impl Checkup {
    fn well(name: &'static str, summary: impl Into<String>) -> Self {
        Self {
            name,
            health: Health::Well,
            summary: summary.into(),
            advice: Vec::new(),
            error: None,
        }
    }

    fn limited(name: &'static str, summary: impl Into<String>, advice: Vec<String>) -> Self {
        Self {
            name,
            health: Health::Limited,
            summary: summary.into(),
            advice,
            error: None,
        }
    }

    fn unwell(name: &'static str, error: &Error) -> Self {
        Self {
            name,
            health: Health::Unwell,
            summary: format!("{}.", error.message().trim_end_matches('.')),
            advice: error.hint().map(str::to_owned).into_iter().collect(),
            error: Some(error.kind()),
        }
    }
}

#[expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
fn kind_name<S: Serializer>(kind: &Option<ErrorKind>, serializer: S) -> Result<S::Ok, S::Error> {
    match kind {
        Some(kind) => serializer.collect_str(&format_args!("{kind:?}")),
        None => serializer.serialize_none(),
    }
}

/// Examines everything the settings name. What cannot be reached is reported, not failed.
pub async fn examine(config: &Config, environment: &Environment) -> Vec<Checkup> {
    let mut checkups = vec![
        voice(config),
        language_model(config, environment).await,
        notes(config, environment).await,
        at_hand(config).await,
    ];
    let cluster = match assemble::connect(config).await {
        Ok(cluster) => cluster,
        Err(error) => {
            checkups.push(Checkup::unwell("Kubernetes", &error));
            return checkups;
        }
    };
    match cluster.snapshot_with_use(Freshness::Now).await {
        Ok(snapshot) => {
            checkups.push(server(&cluster, &snapshot));
            checkups.push(permissions(&snapshot));
            checkups.push(metrics(&snapshot));
        }
        Err(error) => checkups.push(Checkup::unwell("Kubernetes", &error)),
    }
    checkups
}

fn voice(config: &Config) -> Checkup {
    match assemble::persona(config).and_then(|persona| Ok((persona, assemble::zone(config)?))) {
        Ok((persona, _)) => Checkup::well("Voice", format!("speaking as `{}`.", persona.name())),
        Err(error) => Checkup::unwell("Voice", &error),
    }
}

/// The memory is opened: where that fails, Jamie works, and remembers nothing for long.
async fn notes(config: &Config, environment: &Environment) -> Checkup {
    const NAME: &str = "Memory";
    let opened = match memory::open(config, environment).await {
        Ok(Some(opened)) => opened,
        Ok(None) => {
            let advice = vec!["set memory.store to \"disk\" or \"postgres\" to keep it".to_owned()];
            return Checkup::limited(NAME, "it ends with the process.", advice);
        }
        Err(error) => return Checkup::unwell(NAME, &error),
    };
    let checkup = match opened.status().await {
        Ok(status) => {
            let all: u64 = status.records.values().sum();
            Checkup::well(NAME, format!("{all} memories {}.", status.place))
        }
        Err(error) => Checkup::unwell(NAME, &error),
    };
    opened.close().await;
    checkup
}

/// Replicas that share no cache count each for itself, and Jamie answers all the same.
async fn at_hand(config: &Config) -> Checkup {
    const NAME: &str = "Cache";
    let shared = match cache::shared(config) {
        Ok(Some(shared)) => shared,
        Ok(None) => return Checkup::well(NAME, "in this process; set cache.url where replicas share one."),
        Err(error) => return Checkup::unwell(NAME, &error),
    };
    match shared.ping().await {
        Ok(()) => Checkup::well(
            NAME,
            format!(
                "in Redis at {}, shared under `{}`.",
                shared.place(),
                config.cache.prefix
            ),
        ),
        Err(error) => {
            let mut advice: Vec<String> = error.hint().map(str::to_owned).into_iter().collect();
            advice.push("until it is back, limits hold for each replica by itself".to_owned());
            let summary = format!("{}.", error.message().trim_end_matches('.'));
            Checkup::limited(NAME, summary, advice)
        }
    }
}

/// Jamie is well without a model; one that is set and fails is not.
async fn language_model(config: &Config, environment: &Environment) -> Checkup {
    const NAME: &str = "Model";
    let backend = match model::choose(config, environment).await {
        Ok(Some(backend)) => backend,
        Ok(None) => {
            let mut checkup = Checkup::well(NAME, "there is none; I answer from the facts alone.");
            if config.model.provider != "none" {
                checkup.advice = vec!["`jamie models` says where I looked, and how to get one".into()];
            }
            return checkup;
        }
        Err(error) => return Checkup::unwell(NAME, &error),
    };
    let able = match backend.health().await {
        Ok(able) => able,
        Err(error) => return Checkup::unwell(NAME, &error),
    };
    let mut advice = Vec::new();
    if !able.tools {
        advice.push("it cannot ask for tools, so it explains what I find and looks no further".into());
    }
    if let Some(window) = able
        .context_window
        .filter(|window| *window < config.model.context_window)
    {
        advice.push(format!(
            "its context window is {window} tokens, not the {} that are set: long conversations are shortened sooner",
            config.model.context_window
        ));
    }
    let summary = format!("`{}` answers.", backend.name());
    if advice.is_empty() {
        Checkup::well(NAME, summary)
    } else {
        Checkup::limited(NAME, summary, advice)
    }
}

fn server(cluster: &Cluster, snapshot: &Snapshot) -> Checkup {
    let version = snapshot
        .version
        .map_or("of unknown version".to_owned(), |(major, minor)| {
            format!("v{major}.{minor}")
        });
    let summary = format!(
        "`{}` at {} answers, {version}, {} nodes, {} pods.",
        cluster.context(),
        cluster.server(),
        snapshot.nodes.len(),
        snapshot.pods.len()
    );
    match snapshot.version {
        Some(version) if version < (1, 21) => Checkup::limited(
            "Kubernetes",
            summary,
            vec![
                "servers older than 1.21 lack kinds I look at; upgrade, or take my answers with care".into(),
            ],
        ),
        _ => Checkup::well("Kubernetes", summary),
    }
}

/// What may not be looked at, and what the server lacks or failed to list.
fn permissions(snapshot: &Snapshot) -> Checkup {
    let mut advice = Vec::new();
    let mut list = |words: &str, what: &str, fits: &dyn Fn(&Coverage) -> bool| {
        let kinds: Vec<&str> = snapshot
            .coverage
            .iter()
            .filter(|(kind, c)| !is_metrics(kind) && fits(c))
            .map(|(kind, _)| *kind)
            .collect();
        if !kinds.is_empty() {
            advice.push(format!("{words}: {}; {what}", kinds.join(", ")));
        }
        !kinds.is_empty()
    };
    let forbidden = list(
        "not allowed to list",
        "grant `get`, `list` and `watch` on them (deploy/clusterrole.yaml has all that I use)",
        &|c| matches!(c, Coverage::Forbidden),
    );
    let partly = list(
        "allowed in some namespaces only",
        "fine if those are the ones you ask about",
        &|c| matches!(c, Coverage::Namespaces(_)),
    );
    let missing = list(
        "not served by this cluster",
        "checks that need them are left out",
        &|c| matches!(c, Coverage::Missing),
    );
    let failed = list(
        "could not be listed just now",
        "try again; `jamie -v doctor` says more",
        &|c| matches!(c, Coverage::Failed(_)),
    );
    if forbidden || partly || failed {
        Checkup::limited("Permissions", "I can look at part of the cluster.", advice)
    } else {
        let mut checkup = Checkup::well("Permissions", "I may look at everything I know how to look at.");
        if missing {
            checkup.advice = advice;
        }
        checkup
    }
}

fn metrics(snapshot: &Snapshot) -> Checkup {
    match snapshot.coverage.get("PodMetrics") {
        Some(Coverage::Complete) => Checkup::well("Metrics", "use of processor and memory can be read."),
        Some(Coverage::Forbidden) => Checkup::limited(
            "Metrics",
            "I am not allowed to read use of processor and memory.",
            vec!["grant `get` and `list` on `pods` and `nodes` in `metrics.k8s.io`".into()],
        ),
        _ => Checkup::limited(
            "Metrics",
            "there is no metrics API, so I cannot say what uses the most.",
            vec!["install metrics-server".into()],
        ),
    }
}

fn is_metrics(kind: &str) -> bool {
    matches!(kind, "PodMetrics" | "NodeMetrics")
}
