//! The name of a setting in, whether its value is secret out.

use super::placeholder::Kind;

/// How surely a name means that what follows is a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// A word that is as common in sentences as before a value: `token`, `secret`.
    Plain,
    /// Something about a password.
    Pass,
    /// A name that is hardly a word of a sentence: `API_KEY`, `client-secret`.
    Strong,
    /// A header that carries a scheme and then the secret.
    Authorization,
    /// A header that carries pairs.
    Cookie,
    /// A word that may mean anything, and means a secret where what follows is random.
    Random,
}

const WORDS: [&str; 20] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "apikey",
    "credential",
    "credentials",
    "dsn",
    "cookie",
    "sessionid",
    "sessid",
    "authorization",
    "secretkey",
    "accesskey",
    "privatekey",
    "connectionstring",
    "authkey",
];
/// Ends of words that were written together: `PGPASSWORD`, `accesstoken`, `JSESSIONID`.
const ENDS: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "sessionid",
    "sessid",
    "credentials",
    "authkey",
];
const BEFORE_KEY: [&str; 16] = [
    "api",
    "access",
    "private",
    "secret",
    "signing",
    "encryption",
    "auth",
    "master",
    "account",
    "shared",
    "license",
    "ssh",
    "session",
    "app",
    "storage",
    "hmac",
];
/// A name that ends so says something about a secret and is none: where it lies, how it is called, how old it gets.
const ABOUT: [&str; 62] = [
    "file",
    "files",
    "path",
    "paths",
    "name",
    "names",
    "url",
    "uri",
    "ttl",
    "expiry",
    "dir",
    "ref",
    "refs",
    "seconds",
    "minutes",
    "ms",
    "type",
    "count",
    "length",
    "size",
    "limit",
    "policy",
    "class",
    "namespace",
    "provider",
    "enabled",
    "expiration",
    "expires",
    "version",
    "algorithm",
    "format",
    "required",
    "source",
    "id",
    "rotation",
    "days",
    "rules",
    "store",
    "mount",
    "volume",
    "issuer",
    "audience",
    "endpoint",
    "host",
    "port",
    "user",
    "username",
    "prefix",
    "timeout",
    "review",
    "request",
    "manager",
    "controller",
    "operator",
    "injector",
    "refresher",
    "service",
    "server",
    "handler",
    "usage",
    "budget",
    "attempts",
];

/// Whether a setting of that name is likely to hold a secret.
pub fn is_secret_name(name: &str) -> bool {
    weight(name).is_some_and(|weight| weight != Weight::Random)
}

pub(super) fn weight(name: &str) -> Option<Weight> {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let last = *words.last()?;
    if ABOUT.contains(&last) && !matches!(words.as_slice(), [.., "secret" | "session", "id"]) {
        return None;
    }
    match words.as_slice() {
        [.., "authorization"] => return Some(Weight::Authorization),
        ["cookie"] | ["set", "cookie"] => return Some(Weight::Cookie),
        ["pwd"] if name == "PWD" => return None,
        [word] if matches!(*word, "secret" | "token" | "credential" | "credentials" | "dsn") => {
            return Some(Weight::Plain);
        }
        _ => {}
    }
    let pass = |word: &str| word.contains("pass") || word == "pwd";
    let single = words
        .iter()
        .find(|word| WORDS.contains(*word) || ENDS.iter().any(|end| word.ends_with(end)));
    if let Some(word) = single {
        return Some(if pass(word) { Weight::Pass } else { Weight::Strong });
    }
    let pair = words.windows(2).any(|pair| match pair {
        [first, "key"] => BEFORE_KEY.contains(first),
        ["connection", "string"] | ["secret" | "session", "id"] => true,
        _ => false,
    });
    // A signed address; `auth` is what registries call user and password in base64.
    let signed = matches!(words.as_slice(), ["sig"] | [.., "amz", "signature"] | ["auth"]);
    if signed {
        return Some(Weight::Random);
    }
    pair.then_some(Weight::Strong)
}

/// What kind of secret a name speaks of.
pub(super) fn kind(name: &str) -> Kind {
    let words = words(name);
    let has = |any: &[&str]| words.iter().any(|word| any.iter().any(|one| word.contains(one)));
    if has(&["pass", "pwd"]) {
        Kind::Password
    } else if has(&["token", "authorization"]) {
        Kind::Token
    } else if has(&["cookie", "sess"]) {
        Kind::Cookie
    } else if has(&["key"]) {
        Kind::Key
    } else {
        Kind::Secret
    }
}

/// Whether the setting holds an address with a password in it, of which the rest is worth reading.
pub(super) fn holds_address(name: &str, value: &str) -> bool {
    let words = words(name);
    let names_address = words
        .iter()
        .any(|word| matches!(word.as_str(), "dsn" | "connection" | "connectionstring"));
    names_address && (value.contains("://") || value.contains("@tcp(") || value.contains('='))
}

/// The words of a name, in lower case: `DB_PASSWORD`, `db-password`, `dbPassword` and `DBPassword` have the same two.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut chars = name.chars().peekable();
    let mut last_upper = false;
    while let Some(c) = chars.next() {
        if !c.is_ascii_alphanumeric() {
            words.push(std::mem::take(&mut word));
            last_upper = false;
            continue;
        }
        let upper = c.is_ascii_uppercase();
        let next_lower = chars.peek().is_some_and(char::is_ascii_lowercase);
        if upper && !word.is_empty() && (!last_upper || next_lower) {
            words.push(std::mem::take(&mut word));
        }
        last_upper = upper;
        word.push(c.to_ascii_lowercase());
    }
    words.push(word);
    for word in &mut words {
        word.truncate(word.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "DB_PASSWORD",
            "api-key",
            "JWT_SECRET",
            "github.token",
            "PGPASSWORD",
            "clientSecret",
            "AWS_SECRET_ACCESS_KEY",
            "spring.datasource.password",
            "X-Api-Key",
            "SECRET_KEY_BASE",
            "DB_PASSWORD2",
            "JSESSIONID",
            "DBPwd",
            "VAULT_SECRET_ID",
            "ConnectionStrings__DbPassword",
            "awsAccessKey",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "LOG_LEVEL",
            "TOKEN_TTL",
            "SECRET_NAME",
            "PASSWORD_FILE",
            "PORT",
            "max_tokens",
            "secretName",
            "secretKeyRef",
            "PRIMARY_KEY",
            "partition-key",
            "secrets",
            "PWD",
            "key",
            "tokens",
            "author",
            "passing",
            "tokenExpirationSeconds",
            "imagePullSecrets",
            "compass",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
