//! A sentence in, what it would have the person do that nobody but a model or a stranger advises out: links that lead
//! out of the cluster, commands that change something, scripts from elsewhere.
//!
//! A log may hold anything, so that a name or an address stands in it makes it no good advice: links and changes come
//! from Jamie's own next steps alone.

use std::{net::IpAddr, sync::LazyLock};

use regex::Regex;

use super::{Ledger, flat};

#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// What a frontend may make a link, or an image, of.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)\b(?:https?|ftp|wss?)://[^\s<>"'`)\]]+|\b(?:data|javascript):[^\s<>"'`)\]]{4,}|\bwww\.[^\s<>"'`)\]]+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)+/[^\s<>"'`)\]]*\?[^\s<>"'`)\]]*="#,
    )
});
/// A text from elsewhere that is run unread, or what is fetched for that.
static SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\|\s*(?:sudo\s+)?(?:\S*/)?(?:(?:ba|z|da|k)?sh|python\d?|perl|ruby|node|php)\b|\b(?:ba|z|da|k)?sh\s+(?:-c\b|<\()|\b(?:curl|wget)\s+\S|\brm\s+-\w",
    )
});
/// A command that may change something, its tool and its words.
static COMMAND: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(kubectl|oc|helm|docker|podman|crictl|argocd|flux|terraform)\s+([^\n`]+)"));

/// First words of commands that change something.
const CHANGES: &[&str] = &[
    "delete",
    "apply",
    "create",
    "patch",
    "edit",
    "scale",
    "replace",
    "exec",
    "cp",
    "drain",
    "cordon",
    "uncordon",
    "taint",
    "label",
    "annotate",
    "set",
    "expose",
    "run",
    "autoscale",
    "debug",
    "attach",
    "proxy",
    "port-forward",
    "install",
    "upgrade",
    "rollback",
    "uninstall",
    "rm",
    "rmi",
    "stop",
    "kill",
    "restart",
    "prune",
    "destroy",
    "sync",
    "suspend",
    "resume",
    "reconcile",
    "import",
];
/// Changes that are the second word of a command.
const SECOND: &[(&str, &[&str])] = &[
    ("rollout", &["restart", "undo", "pause", "resume"]),
    ("certificate", &["approve", "deny"]),
    (
        "config",
        &[
            "set",
            "set-context",
            "set-credentials",
            "set-cluster",
            "use-context",
            "unset",
            "delete-context",
        ],
    ),
    ("app", &["delete", "sync", "rollback", "set", "create", "patch"]),
    ("system", &["prune"]),
    ("auth", &["reconcile"]),
];
/// Flags whose value is the next word.
const VALUED: &[&str] = &[
    "-n",
    "--namespace",
    "-l",
    "-c",
    "--context",
    "--kubeconfig",
    "--as",
    "--cluster",
    "--user",
];

/// What the sentence advises that it may not.
pub(super) fn unsupported(ledger: &Ledger, sentence: &str) -> Option<String> {
    let own = |text: &str| {
        let text = flat(text);
        ledger
            .own
            .iter()
            .any(|own| own.contains(text.trim_end_matches(['.', ',', ';', ':', '!', '?'])))
    };
    if let Some(link) = LINK
        .find_iter(sentence)
        .find(|link| !is_inside(link.as_str()) && !own(link.as_str()))
    {
        return Some(format!("the address {} leads out of the cluster", link.as_str()));
    }
    for found in COMMAND.captures_iter(sentence) {
        let (Some(whole), Some(words)) = (found.get(0), found.get(2)) else {
            continue;
        };
        let changes = change(words.as_str());
        if let Some(change) = changes.filter(|_| !own(whole.as_str())) {
            return Some(format!(
                "it advises a change ({change}) that is none of the next steps"
            ));
        }
    }
    if let Some(script) = SCRIPT.find(sentence)
        && !sentence
            .split('`')
            .any(|part| part.contains(script.as_str()) && own(part))
    {
        return Some(format!(
            "it would have something run that nobody has read (`{}`)",
            script.as_str().trim()
        ));
    }
    None
}

/// What a command changes, if it changes anything.
fn change(words: &str) -> Option<&str> {
    let mut words = words
        .split_whitespace()
        .map(|word| word.trim_matches(['`', '"', '\'', '.', ',', ';', ')']));
    let mut verb = words.next()?;
    while verb.starts_with('-') {
        if VALUED.contains(&verb) {
            words.next()?;
        }
        verb = words.next()?;
    }
    if CHANGES.contains(&verb) {
        return Some(verb);
    }
    let (_, changes) = SECOND.iter().find(|(first, _)| *first == verb)?;
    words.find(|word| changes.contains(word))
}

/// Whether an address stays inside the cluster or its network.
fn is_inside(address: &str) -> bool {
    let Some((_, rest)) = address.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let host = host.trim_end_matches('.').to_lowercase();
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified()
        }
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
        Err(_) => {
            !host.contains('.')
                || [".svc", ".local", ".internal", ".localhost", ".lan"]
                    .iter()
                    .any(|end| host.ends_with(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{change, is_inside};

    #[test]
    fn addresses_are_told_apart() {
        for inside in [
            "http://api:80/x",
            "http://api.shop.svc.cluster.local",
            "https://10.0.0.1:6443",
            "http://[::1]/",
            "http://u:p@db/",
        ] {
            assert!(is_inside(inside), "{inside}");
        }
        for outside in [
            "https://evil.example",
            "http://evil.example#.svc",
            "http://api@evil.example/",
            "https://8.8.8.8",
            "http://svc.local.evil.example",
            "data:text/html,x",
        ] {
            assert!(!is_inside(outside), "{outside}");
        }
    }

    #[test]
    fn commands_that_change_something_are_told_apart() {
        for (words, expected) in [
            ("delete pod x", Some("delete")),
            ("-n shop delete pod x", Some("delete")),
            (
                "--context=prod -n shop scale deploy/x --replicas=0",
                Some("scale"),
            ),
            ("rollout undo deploy/x", Some("undo")),
            ("rollout -n shop status deploy/x", None),
            ("rollout status deploy/restart", None),
            ("rollout -n shop restart deploy/x", Some("restart")),
            ("get pods -n delete", None),
            ("-n delete get pods", None),
            ("logs x", None),
        ] {
            assert_eq!(change(words), expected, "{words}");
        }
    }
}
