//! From options to a client: reads the kubeconfig or the pod's account, and says precisely what is wrong with it.

use std::{path::Path, sync::Once, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use jamie_core::{Error, ErrorKind, Result};
use jiff::Timestamp;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig, KubeconfigError, LoadDataError},
};

use super::{ClusterOptions, errors};

/// What connecting found.
pub(super) struct Access {
    pub(super) client: Client,
    /// What the client was made of: for one that acts as somebody else.
    pub(super) config: Config,
    pub(super) context: String,
    pub(super) server: String,
    pub(super) default_namespace: String,
    pub(super) certificate_ends: Option<Timestamp>,
}

/// The TLS library must be told its cryptography once per process; somebody else may have done so.
fn choose_cryptography() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that a provider is installed already, which is all we want.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

pub(super) async fn find(options: &ClusterOptions) -> Result<Access> {
    choose_cryptography();
    if options.in_cluster {
        return from_pod(options);
    }
    let (kubeconfig, origin) = match &options.kubeconfig {
        Some(path) => (
            Kubeconfig::read_from(path)
                .map_err(|error| kubeconfig_error(error, &path.display().to_string()))?,
            path.display().to_string(),
        ),
        None => match Kubeconfig::read() {
            Ok(kubeconfig) => (kubeconfig, "the kubeconfig".to_owned()),
            Err(error) => {
                let absent = match &error {
                    KubeconfigError::FindPath => true,
                    KubeconfigError::ReadConfig(source, _) => source.kind() == std::io::ErrorKind::NotFound,
                    _ => false,
                };
                if absent && options.context.is_none() && Path::new(POD_TOKEN).exists() {
                    return from_pod(options);
                }
                return Err(kubeconfig_error(error, "the kubeconfig"));
            }
        },
    };
    let context = choose_context(&kubeconfig, options.context.as_deref(), &origin)?;
    let certificate_ends = client_certificate_end(&kubeconfig, &context);
    let wanted = KubeConfigOptions {
        context: Some(context.clone()),
        ..KubeConfigOptions::default()
    };
    let config = Config::from_custom_kubeconfig(kubeconfig, &wanted)
        .await
        .map_err(|error| kubeconfig_error(error, &origin))?;
    finish(config, context, certificate_ends, options.timeout)
}

const POD_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

fn from_pod(options: &ClusterOptions) -> Result<Access> {
    let config = Config::incluster().map_err(|error| {
        Error::new(
            ErrorKind::Config,
            format!("this process does not run in a pod with a service account: {error}"),
        )
        .with_hint("outside a cluster, point me at a kubeconfig with --kubeconfig FILE")
    })?;
    finish(config, "in-cluster".to_owned(), None, options.timeout)
}

fn finish(
    mut config: Config,
    context: String,
    certificate_ends: Option<Timestamp>,
    timeout: Duration,
) -> Result<Access> {
    // The library's own retry repeats a 429 for minutes; requests here are retried within their deadline.
    config.default_retry = false;
    config.connect_timeout = Some(timeout.min(Duration::from_secs(5)));
    let host = config.cluster_url.host().unwrap_or_default();
    if matches!(host, "127.0.0.1" | "localhost" | "[::1]") {
        config.disable_compression = true;
    }
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    let default_namespace = config.default_namespace.clone();
    let client = Client::try_from(config.clone())
        .map_err(|error| errors::explain(error, &server, certificate_ends))?;
    Ok(Access {
        client,
        config,
        context,
        server,
        default_namespace,
        certificate_ends,
    })
}

fn choose_context(kubeconfig: &Kubeconfig, wanted: Option<&str>, origin: &str) -> Result<String> {
    let mut names: Vec<&str> = kubeconfig
        .contexts
        .iter()
        .map(|context| context.name.as_str())
        .collect();
    names.sort_unstable();
    let list = match names.len() {
        0 => "it has none".to_owned(),
        1..=12 => format!("it has: {}", names.join(", ")),
        more => format!(
            "it has {more}, among them: {}",
            names.iter().take(12).copied().collect::<Vec<_>>().join(", ")
        ),
    };
    let current = kubeconfig
        .current_context
        .as_deref()
        .filter(|name| !name.is_empty());
    match wanted.or(current) {
        Some(name) if names.contains(&name) => Ok(name.to_owned()),
        Some(name) => Err(Error::new(
            ErrorKind::Config,
            format!("there is no context `{name}` in {origin}; {list}"),
        )
        .with_hint("choose one with --context NAME, or see `kubectl config get-contexts`")),
        None => match names.as_slice() {
            [only] => Ok((*only).to_owned()),
            [] => Err(Error::new(
                ErrorKind::Config,
                format!("{origin} holds no context, so I don't know which cluster to ask"),
            )
            .with_hint("point me at another file with --kubeconfig FILE, or try `jamie demo`")),
            _ => Err(Error::new(
                ErrorKind::Config,
                format!("{origin} names no current context; {list}"),
            )
            .with_hint("choose one with --context NAME")),
        },
    }
}

fn kubeconfig_error(error: KubeconfigError, origin: &str) -> Error {
    let config = |message: String| Error::new(ErrorKind::Config, message);
    match error {
        KubeconfigError::FindPath => {
            config("there is no kubeconfig: I don't know which cluster to ask".to_owned())
                .with_hint("point me at one with --kubeconfig FILE, or try `jamie demo` without any cluster")
        }
        KubeconfigError::ReadConfig(source, path) if source.kind() == std::io::ErrorKind::NotFound => {
            config(format!("there is no kubeconfig at {}", path.display()))
                .with_hint("point me at one with --kubeconfig FILE, or try `jamie demo` without any cluster")
        }
        KubeconfigError::ReadConfig(source, path) => config(format!(
            "the kubeconfig {} cannot be read: {source}",
            path.display()
        )),
        KubeconfigError::Parse(source) => {
            let text = source.to_string();
            let first = text.lines().next().unwrap_or_default().to_owned();
            config(format!("{origin} is not a valid kubeconfig: {first}"))
                .with_hint("`kubectl config view` shows whether kubectl can read it")
        }
        KubeconfigError::LoadClusterOfContext(name) => config(format!(
            "the context in {origin} names the cluster `{name}`, which the file does not define"
        )),
        KubeconfigError::LoadContext(name) => config(format!("there is no context `{name}` in {origin}")),
        KubeconfigError::MissingClusterUrl => {
            config(format!("the cluster in {origin} has no `server:` address"))
        }
        KubeconfigError::ParseClusterUrl(source) => config(format!(
            "the `server:` address in {origin} is not a URL: {source}"
        )),
        KubeconfigError::LoadCertificateAuthority(source) => {
            load_error("certificate authority", &source, origin)
        }
        KubeconfigError::LoadClientCertificate(source) => load_error("client certificate", &source, origin),
        KubeconfigError::LoadClientKey(source) => load_error("client key", &source, origin),
        other => config(format!("{origin} cannot be used: {other}")),
    }
}

#[allow(
    clippy::match_wildcard_for_single_variants,
    reason = "the library may add more"
)]
fn load_error(what: &str, source: &LoadDataError, origin: &str) -> Error {
    let message = match source {
        LoadDataError::ReadFile(error, path) => {
            format!(
                "the {what} that {origin} points at, {}, cannot be read: {error}",
                path.display()
            )
        }
        LoadDataError::DecodeBase64(error) => format!("the {what} in {origin} is not valid base64: {error}"),
        other => format!("the {what} in {origin} cannot be loaded: {other}"),
    };
    Error::new(ErrorKind::Config, message)
}

/// When the client certificate of a context's user ends, from the data or the file it names.
fn client_certificate_end(kubeconfig: &Kubeconfig, context: &str) -> Option<Timestamp> {
    let context = kubeconfig.contexts.iter().find(|one| one.name == context)?;
    let user = context.context.as_ref()?.user.as_deref()?;
    let user = kubeconfig.auth_infos.iter().find(|one| one.name == user)?;
    let user = user.auth_info.as_ref()?;
    let pem = match (&user.client_certificate_data, &user.client_certificate) {
        (Some(data), _) => STANDARD.decode(data.trim()).ok()?,
        (None, Some(path)) => std::fs::read(path).ok()?,
        (None, None) => return None,
    };
    crate::snapshot::certificate(&pem)?.0
}
