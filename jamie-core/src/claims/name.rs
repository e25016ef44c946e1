//! A word in, whether it is the name of something rather than English out; and the parts that a known name has.

use std::collections::BTreeSet;

use crate::understand;

/// Words with digits or capitals in them that everybody in the trade uses.
const TERMS: [&str; 46] = [
    "k8s",
    "k3s",
    "ipv4",
    "ipv6",
    "http2",
    "http3",
    "s3",
    "ec2",
    "x86",
    "amd64",
    "arm64",
    "utf8",
    "utf-8",
    "utf-16",
    "base64",
    "2xx",
    "3xx",
    "4xx",
    "5xx",
    "sha256",
    "sha-256",
    "oauth2",
    "p50",
    "p90",
    "p95",
    "p99",
    "l4",
    "l7",
    "h2",
    "x509",
    "24/7",
    "n/a",
    "and/or",
    "i/o",
    "tcp/ip",
    "ci/cd",
    "tls1.2",
    "tls1.3",
    "read/write",
    "yes/no",
    "on/off",
    "v1",
    "v2",
    "md5",
    "sha1",
    "either/or",
];
/// Products and kinds that are written with a capital inside.
const PRODUCTS: [&str; 24] = [
    "github",
    "gitlab",
    "postgresql",
    "mysql",
    "mongodb",
    "rabbitmq",
    "mariadb",
    "devops",
    "javascript",
    "typescript",
    "nodejs",
    "graphql",
    "openai",
    "kubernetes",
    "elasticsearch",
    "clickhouse",
    "influxdb",
    "youtube",
    "macos",
    "gitops",
    "openshift",
    "dockerhub",
    "cockroachdb",
    "dynamodb",
];
/// What a compound that is no name begins or ends with.
const FIRST: [&str; 50] = [
    "re", "non", "pre", "post", "self", "auto", "un", "over", "under", "multi", "co", "semi", "well", "long",
    "short", "high", "low", "first", "second", "third", "one", "two", "three", "four", "five", "all", "half",
    "full", "back", "in", "out", "up", "off", "on", "by", "so", "right", "left", "follow", "zero", "single",
    "double", "per", "cross", "mid", "last", "next", "most", "least", "ever",
];
const LAST: [&str; 62] = [
    "ready",
    "only",
    "run",
    "runs",
    "running",
    "lived",
    "based",
    "related",
    "wide",
    "level",
    "up",
    "down",
    "off",
    "in",
    "out",
    "date",
    "friendly",
    "free",
    "safe",
    "term",
    "side",
    "aware",
    "facing",
    "heavy",
    "bound",
    "hungry",
    "specific",
    "like",
    "scale",
    "made",
    "known",
    "time",
    "memory",
    "case",
    "step",
    "line",
    "by",
    "off-by-one",
    "looping",
    "loop",
    "fast",
    "slow",
    "to",
    "on",
    "point",
    "threading",
    "threaded",
    "through",
    "around",
    "over",
    "check",
    "checks",
    "box",
    "effect",
    "wise",
    "old",
    "new",
    "long",
    "high",
    "low",
    "hand",
    "minute",
];
/// What a service is called by, as the last part of its name.
const SERVICES: [&str; 40] = [
    "service",
    "svc",
    "db",
    "database",
    "api",
    "server",
    "worker",
    "workers",
    "gateway",
    "cache",
    "queue",
    "frontend",
    "backend",
    "web",
    "app",
    "node",
    "controller",
    "proxy",
    "store",
    "job",
    "config",
    "prod",
    "staging",
    "redis",
    "postgres",
    "mysql",
    "kafka",
    "nginx",
    "exporter",
    "operator",
    "agent",
    "bot",
    "site",
    "ui",
    "portal",
    "pool",
    "cm",
    "secret",
    "tls",
    "cron",
];

/// Whether a word can only be the name of something: then it has to be known.
pub(super) fn is_name(word: &str) -> bool {
    let lower = word.to_lowercase();
    if word.chars().count() < 2
        || TERMS.contains(&lower.as_str())
        || lower.chars().all(|c| !c.is_alphanumeric())
    {
        return false;
    }
    let inside = word.trim_end_matches("'s");
    let digits = inside.bytes().any(|b| b.is_ascii_digit());
    let letters = inside.chars().any(char::is_alphabetic);
    if inside
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b':' | b'/' | b'-'))
    {
        // An address, a version; plain numbers are looked up as such.
        return inside.matches('.').count() > 1;
    }
    if digits && letters {
        return true;
    }
    if inside.contains('/')
        || inside.contains('_')
        || (inside.contains('.') && inside.matches('.').count() < 8)
        || inside.contains('=')
    {
        return !is_pair_of_words(inside);
    }
    if inside.contains('-') {
        return !is_compound(&lower);
    }
    is_reason(inside)
}

/// `OOMKilled`, `CrashLoopBackOff`: what Kubernetes calls a state.
fn is_reason(word: &str) -> bool {
    let inner = word
        .chars()
        .zip(word.chars().skip(1))
        .any(|(a, b)| a.is_lowercase() && b.is_uppercase());
    let lower = word.to_lowercase();
    inner && !PRODUCTS.contains(&lower.as_str()) && understand::kind_of(&lower).is_none()
}

/// `read/write`: two words, of which one has to hold.
fn is_pair_of_words(word: &str) -> bool {
    let plain = |c: char| c.is_alphabetic() || c == '/';
    word.chars().all(plain)
        && word.matches('/').count() == 1
        && word.split('/').all(|part| {
            understand::is_english(&part.to_lowercase())
                && !SERVICES.contains(&part)
                && understand::kind_of(part).is_none()
                || part.chars().all(char::is_uppercase)
        })
}

/// `out-of-memory`, `read-only`: English, not a name.
fn is_compound(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').filter(|part| !part.is_empty()).collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return true;
    };
    let english = |part: &&str| understand::is_english(part) || FIRST.contains(part) || LAST.contains(part);
    if parts.len() == 1 {
        return english(first);
    }
    if understand::number_word(word).is_some() {
        return true;
    }
    let verb = last.len() > 5 && (last.ends_with("ing") || last.ends_with("ed"));
    parts.iter().all(english)
        && !SERVICES.contains(last)
        && (FIRST.contains(first) || LAST.contains(last) || verb || last.ends_with("ly") || parts.len() > 2)
}

/// A known name: as a whole, and what it is made of.
pub(super) fn parts(word: &str, into: &mut BTreeSet<String>) {
    const LONGEST: usize = 400;
    if word.len() > LONGEST {
        return;
    }
    let lower = word.to_lowercase();
    for piece in lower.split(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | '`' | '|'
            )
    }) {
        let piece = super::lex::trimmed(piece);
        if piece.is_empty() {
            continue;
        }
        into.insert(piece.to_owned());
        // `name=value`, `path/name`, `name:tag`, `repository@digest`.
        for part in piece.split(['/', '=', '@']) {
            let part = super::lex::trimmed(part);
            if part.is_empty() {
                continue;
            }
            into.insert(part.to_owned());
            if let Some((name, tag)) = part.split_once(':') {
                into.insert(name.to_owned());
                into.insert(tag.to_owned());
            }
        }
        // `shop/api:1.4.2` without its tag, `db.shop.svc` by its first name.
        if let Some((name, _)) = piece.rsplit_once(':') {
            into.insert(name.to_owned());
        }
        if let Some((host, _)) = piece.split_once('.')
            && host.chars().any(char::is_alphabetic)
        {
            into.insert(host.to_owned());
        }
    }
}
