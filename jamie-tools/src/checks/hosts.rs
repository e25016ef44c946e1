//! Variables and arguments of containers in, the host names (and ports) that they call out.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::template;
use crate::snapshot::Snapshot;

/// A host that a container is told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    /// `orders-db` or `orders-db.shop.svc.cluster.local`.
    pub(crate) name: String,
    /// The port beside it.
    pub(crate) port: Option<u16>,
    /// "variable `DB_HOST` of container `api`".
    pub(crate) place: String,
    /// What stands there, for evidence; a user and password are left out.
    pub(crate) text: String,
}

/// Ends of names of variables whose value is a host.
const HOST_WORDS: [&str; 14] = [
    "HOST", "HOSTS", "ADDR", "ADDRESS", "ENDPOINT", "URL", "URI", "BROKER", "BROKERS", "SERVERS", "UPSTREAM",
    "DSN", "BACKEND", "TARGET",
];
/// Variables that name the pod itself or what it serves.
const OWN: [&str; 8] = [
    "HOSTNAME",
    "POD_HOST",
    "NODE_HOST",
    "VIRTUAL_HOST",
    "BIND_HOST",
    "LISTEN_HOST",
    "LISTEN_ADDR",
    "BIND_ADDR",
];
/// Values that are no names.
const WORDS: [&str; 14] = [
    "true",
    "false",
    "none",
    "null",
    "auto",
    "default",
    "disabled",
    "enabled",
    "localhost",
    "yes",
    "no",
    "on",
    "off",
    "localdomain",
];

/// Every host in the containers' variables (also those from ConfigMaps), commands and arguments.
pub(crate) fn of(snapshot: &Snapshot, namespace: &str, spec: &PodSpec) -> Vec<Host> {
    let mut hosts: Vec<Host> = Vec::new();
    for container in template::containers(spec) {
        for (name, value, source) in variables(snapshot, namespace, container) {
            let upper = name.to_ascii_uppercase();
            let last = upper.rsplit(['_', '.', '-']).next().unwrap_or_default();
            let is_host = HOST_WORDS.contains(&last) && !OWN.contains(&upper.as_str());
            let place = format!("variable `{name}` of container `{}`{source}", container.name);
            if !OWN.contains(&upper.as_str()) {
                collect(value, is_host, &format!("{name}="), &place, &mut hosts);
            }
            // A host and its port are often told apart: DB_HOST and DB_PORT.
            if let Some(stem) = upper.strip_suffix("HOST")
                && let Some(found) = hosts
                    .iter_mut()
                    .find(|host| host.place == place && host.port.is_none())
            {
                let port = format!("{stem}PORT");
                found.port = variables(snapshot, namespace, container)
                    .into_iter()
                    .find(|(name, ..)| name.eq_ignore_ascii_case(&port))
                    .and_then(|(_, value, _)| value.trim().parse().ok());
            }
        }
        for word in container.command.iter().chain(&container.args).flatten() {
            let place = format!("the command of container `{}`", container.name);
            collect(word, false, "", &place, &mut hosts);
        }
    }
    hosts
}

/// The container's variables whose value is known, with a note on where a value comes from.
fn variables<'a>(
    snapshot: &'a Snapshot,
    namespace: &str,
    container: &'a Container,
) -> Vec<(&'a str, &'a str, String)> {
    let mut found: BTreeMap<&str, (&str, String)> = BTreeMap::new();
    for source in container.env_from.iter().flatten() {
        if let Some(from) = &source.config_map_ref
            && let Some(map) = snapshot.config_map(namespace, &from.name)
            && source.prefix.as_deref().is_none_or(str::is_empty)
        {
            for (key, value) in map.data.iter().flatten() {
                found.insert(key, (value, format!(" (from ConfigMap `{}`)", from.name)));
            }
        }
    }
    for variable in container.env.iter().flatten() {
        let from = variable
            .value_from
            .as_ref()
            .and_then(|source| source.config_map_key_ref.as_ref());
        if let Some(value) = &variable.value {
            found.insert(&variable.name, (value, String::new()));
        } else if let Some(from) = from {
            let map = snapshot.config_map(namespace, &from.name);
            if let Some(value) = map.and_then(|map| map.data.as_ref()?.get(&from.key)) {
                found.insert(
                    &variable.name,
                    (value, format!(" (from ConfigMap `{}`)", from.name)),
                );
            }
        }
    }
    found
        .into_iter()
        .map(|(name, (value, source))| (name, value, source))
        .collect()
}

fn collect(value: &str, is_host: bool, before: &str, place: &str, hosts: &mut Vec<Host>) {
    // Longer values are files, not addresses.
    if value.len() > 2_000 {
        return;
    }
    let pieces = value.split(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '(' | ')' | '|' | '<' | '>')
    });
    for piece in pieces.filter(|piece| !piece.is_empty()).take(32) {
        if let Some((name, port)) = host(piece, is_host) {
            let text = format!("{before}{}", without_login(piece));
            if !hosts
                .iter()
                .any(|host| host.name == name && host.port == port && host.place == place)
            {
                hosts.push(Host {
                    name,
                    port,
                    place: place.to_owned(),
                    text,
                });
            }
        }
    }
}

/// The host in one word, where it is written in a way that only hosts are.
fn host(piece: &str, is_host: bool) -> Option<(String, Option<u16>)> {
    // A flag: `--upstream=http://api:80`.
    let piece = piece.rsplit_once("=http").map_or(piece, |(before, _)| {
        piece.get(before.len() + 1..).unwrap_or(piece)
    });
    let piece = match piece.strip_prefix("--") {
        Some(flag) => flag.split_once('=').map_or("", |(_, value)| value),
        None => piece,
    };
    let (has_scheme, rest) = match piece.rsplit_once("://") {
        Some((scheme, _))
            if scheme.ends_with("file") || scheme.ends_with("unix") || scheme.ends_with("s3") =>
        {
            return None;
        }
        Some((_, rest)) => (true, rest),
        None => (false, piece),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let had_path = rest.len() > authority.len();
    let (had_login, authority) = match authority.rsplit_once('@') {
        Some((_, authority)) => (true, authority),
        None => (false, authority),
    };
    // `user:password@tcp(db:3306)/x` loses its brackets before it comes here.
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port)) => (name, Some(port.parse::<u16>().ok()?)),
        None => (authority, None),
    };
    let is_written_as_host =
        has_scheme || (port.is_some() && !had_path) || (is_host && !had_path && !had_login);
    let is_fqdn = name.contains(".svc");
    ((is_written_as_host || is_fqdn) && is_name(name)).then(|| (name.trim_end_matches('.').to_owned(), port))
}

/// A DNS name in lower case with a letter in it.
fn is_name(name: &str) -> bool {
    name.len() > 1
        && name.len() <= 253
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '.')
        && name.chars().any(|c| c.is_ascii_lowercase())
        && !name.contains("..")
        && !WORDS.contains(&name)
}

fn without_login(piece: &str) -> String {
    match (piece.find("://"), piece.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => {
            let scheme = piece.get(..scheme + 3).unwrap_or_default();
            format!("{scheme}…{}", piece.get(at..).unwrap_or_default())
        }
        (None, Some(at)) => format!("…{}", piece.get(at..).unwrap_or_default()),
        _ => piece.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{host, without_login};

    #[test]
    fn addresses_are_told_from_words() {
        let of = |piece: &str| host(piece, false);
        assert_eq!(of("http://api:8080/v1"), Some(("api".to_owned(), Some(8080))));
        assert_eq!(
            of("postgres://u:p@orders-db:5432/x?a=b"),
            Some(("orders-db".to_owned(), Some(5432)))
        );
        assert_eq!(
            of("jdbc:mysql://db.shop.svc:3306/x"),
            Some(("db.shop.svc".to_owned(), Some(3306)))
        );
        assert_eq!(of("--upstream=http://api:80"), Some(("api".to_owned(), Some(80))));
        assert_eq!(of("kafka:9092"), Some(("kafka".to_owned(), Some(9092))));
        assert_eq!(of("registry/image:1.2"), None);
        assert_eq!(of("info"), None);
        assert_eq!(of("10.0.0.1:80"), None);
        assert_eq!(of("key:value"), None);
        assert_eq!(of(""), None);
        assert_eq!(of("://:"), None);
        assert_eq!(of("é://ü@"), None);
        assert_eq!(host("orders-db", true), Some(("orders-db".to_owned(), None)));
        assert_eq!(host("true", true), None);
        assert_eq!(host("LOCAL", true), None);
    }

    #[test]
    fn logins_are_left_out() {
        assert_eq!(
            without_login("postgres://u:p@db:5432/x"),
            "postgres://…@db:5432/x"
        );
    }
}
