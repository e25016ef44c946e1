//! Names of settings in, whether their values had better not be shown out.

/// Whether a setting of that name is likely to hold a secret.
pub fn is_secret_name(name: &str) -> bool {
    const WORDS: [&str; 14] = [
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "SECRET",
        "TOKEN",
        "APIKEY",
        "API_KEY",
        "ACCESS_KEY",
        "PRIVATE_KEY",
        "CREDENTIAL",
        "CONNECTION_STRING",
        "DSN",
        "AUTH_KEY",
        "SIGNING_KEY",
    ];
    let name = name.to_uppercase().replace(['-', '.'], "_");
    // A path to a secret or its name is none.
    let refers = ["_FILE", "_PATH", "_NAME", "_URL", "_TTL", "_EXPIRY", "_DIR"]
        .iter()
        .any(|end| name.ends_with(end));
    !refers && WORDS.iter().any(|word| name.contains(word))
}

/// A value without what lies between `//user:` and `@`.
pub fn without_password(value: &str) -> String {
    let Some(start) = value.find("://").map(|at| at + 3) else {
        return value.to_owned();
    };
    let (scheme, rest) = value.split_at(start);
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some(at) = rest.get(..authority).and_then(|authority| authority.rfind('@')) else {
        return value.to_owned();
    };
    let (user, host) = rest.split_at(at);
    match user.split_once(':') {
        Some((user, _)) => format!("{scheme}{user}:…{host}"),
        None => value.to_owned(),
    }
}

/// A setting's value as it may be shown.
pub fn shown(name: &str, value: &str) -> String {
    if is_secret_name(name) && !value.is_empty() {
        "(hidden)".to_owned()
    } else {
        without_password(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in ["DB_PASSWORD", "api-key", "JWT_SECRET", "github.token"] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in ["LOG_LEVEL", "TOKEN_TTL", "SECRET_NAME", "PASSWORD_FILE", "PORT"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn passwords_in_addresses_are_dropped() {
        assert_eq!(
            shown("DATABASE_URL", "postgres://app:s3cr3t@db:5432/x"),
            "postgres://app:…@db:5432/x"
        );
        assert_eq!(shown("URL", "http://api/x@y"), "http://api/x@y");
    }
}
