use proptest::prelude::*;
use serde_json::json;

use super::*;

const ALNUM: &str = "[A-Za-z0-9]";

#[test]
fn secrets_go_wherever_they_stand() {
    for (text, secret) in [
        ("dial postgres://app:s3cr3t@db:5432/x failed", "s3cr3t"),
        ("mongodb+srv://app:p@ss/w0rd@cluster0.x.net/db", "p@ss/w0rd"),
        ("redis://:hunter2@cache:6379", "hunter2"),
        ("dsn app:hunter2@tcp(db:3306)/shop", "hunter2"),
        (
            "https://3f2a9c1d4b5e6f708192a3b4c5d6e7f8@o1.sentry.example/1",
            "3f2a9c1d4b5e6f708192a3b4c5d6e7f8",
        ),
        ("login with password=hunter2 failed", "hunter2"),
        ("GET /x?user=a&token=hunter2&page=2", "hunter2"),
        ("Server=db;User Id=sa;Password=hunter2;Encrypt=true", "hunter2"),
        (r#"{"msg":"x","apiKey":"abc"}"#, "abc\""),
        (r#"{"log":"{\"password\":\"hunter2\"}"}"#, "hunter2"),
        (r#"{"name":"DB_PASSWORD","value":"hunter"}"#, "hunter\""),
        ("env:\n- name: DB_PASSWORD\n  value: hunter\n", "hunter"),
        ("  password: hunter\n  user: app", "hunter"),
        (
            "stringData:\n  password: |\n    two words\n    more\n  user: app",
            "two words",
        ),
        ("data:\n  password: aHVudGVyMg==\n", "aHVudGVyMg=="),
        ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
        ("Authorization: Basic YXBwOmh1bnRlcg==", "YXBwOmh1bnRlcg=="),
        ("curl -H 'Authorization: token abcdef' x", "abcdef"),
        ("sent Bearer q1w2e3r4t5y6 to it", "q1w2e3r4t5y6"),
        ("Set-Cookie: sid=abc; Path=/", "sid=abc"),
        ("curl -H 'Cookie: a=b1; c=d2' https://x", "c=d2"),
        ("X-Api-Key: Abcdef", "Abcdef"),
        ("JSESSIONID=0A1B2C; Path=/", "0A1B2C"),
        ("server --password hunter --port 80", "hunter "),
        ("args: [\"--password\", \"hunter\"]", "\"hunter"),
        ("args:\n- --db-password\n- hunter\n", "hunter"),
        ("mysql -uroot -phunter shop", "hunter"),
        ("redis-cli -a hunter ping", "hunter"),
        ("command:\n- redis-cli\n- -a\n- hunter\n- ping\n", "hunter"),
        ("[\"redis-cli\",\"-a\",\"hunter\"]", "hunter"),
        ("curl -u app:hunter https://x", "hunter"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.c2ln", "eyJzdWIiOiIx"),
        (
            "key AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "wJalrXUtnFEMI",
        ),
        (
            "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "wJalrXUtnFEMI",
        ),
        (
            "AccountName=x;AccountKey=abc+def/ghi==;EndpointSuffix=y",
            "abc+def/ghi",
        ),
        (
            "https://x.blob.example/c?sv=1&sig=aBc%2Bd3Fg%3D&se=2",
            "aBc%2Bd3Fg",
        ),
        (
            "{\"auths\":{\"r.example\":{\"auth\":\"dXNlcjpwYXNz\"}}}",
            "dXNlcjpwYXNz",
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAx0f\nabc=\n-----END RSA PRIVATE KEY-----",
            "MIIEpA",
        ),
        (
            "k: \"-----BEGIN PRIVATE KEY-----\\nMIIEpAIBAAKCAQEAx0f\\nabc=\\n-----END PRIVATE KEY-----\\n\"",
            "MIIEpA",
        ),
        (
            "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIGl0yYp4ONX4a2vXyLwJ8x1\nQmFzZTY0IGxpbm",
            "QmFzZTY0",
        ),
        (
            "QmFzZTY0IGxpbmUgb2YgYSBrZXk\nabc=\n-----END EC PRIVATE KEY-----",
            "QmFzZTY0",
        ),
        ("apiVersion: v1\ndata:\n  colour: cmVk\nkind: Secret\n", "cmVk"),
        ("stringData: {colour: red}\nkind: Secret\n", "red"),
        (
            r#"{"apiVersion":"v1","data":{"colour":"cmVk"},"kind":"Secret"}"#,
            "cmVk",
        ),
        (
            "the token 9f86d081884c7d659a2feaa0c55ad015 is old",
            "9f86d081884c7d659a2feaa0c55ad015",
        ),
        ("bad password hunter2! given", "hunter2"),
        ("sets label `token` to `hunter` on it", "hunter"),
    ] {
        let redacted = redact(text);
        assert!(!redacted.contains(secret), "{text:?} became {redacted:?}");
        assert!(redacted.contains('‹'), "{redacted}");
        assert_eq!(redact(&redacted), redacted);
    }
}

#[test]
fn what_is_no_secret_stays_as_it_is() {
    for text in [
        "DB_PASSWORD is not set",
        "DB_PASSWORD: not set",
        "secret \"api-tls\" not found",
        "secret \"redis6\" not found",
        "secret: api-tls not found",
        "MountVolume.SetUp failed for volume \"default-token-x7k2p\" : secret \"default-token-x7k2p\" not found",
        "password authentication failed for user \"app\"",
        "token: not found",
        "token: expired",
        "key `token` is `missing`, Secret `secret` is `api-tls`",
        "token: 401 Unauthorized",
        "couldn't find key password in Secret shop/db-7d9c5bdf4",
        "connect to http://api:8080/x refused",
        "GET http://api:8080/x@y 200",
        "no basic auth credentials",
        "basic authentication is required; Bearer tokens are not",
        "WWW-Authenticate: Bearer realm=\"https://auth.example/token\",service=\"registry\"",
        "insufficient_scope: authorization failed",
        "failed to fetch oauth token: unexpected status: 401",
        "pod web-7d9c5bdf4-x2k8p on node-2 restarted 17 times",
        "image shop/api@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "image vault-token:1.2.3 pulled",
        "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "uid 550e8400-e29b-41d4-a716-446655440000 resourceVersion 8412345",
        "2026-11-25T14:05:00Z ready in 1.5s",
        "max_tokens=2048 tokens: 12",
        "secretName: api-tls\nsecretKeyRef:\n  name: db\n  key: password\n",
        "key: value, primary key: id",
        "PASSWORD=$DB_PASSWORD and ${TOKEN} and $(SECRET)",
        "password_file=/run/secrets/db",
        "password=",
        "PWD=/app",
        "serviceAccountToken:\n  audience: x\nautomountServiceAccountToken: false",
        "sk-learn-trainer-model-7d9c5bdf4-x2k8p",
        "kind: ConfigMap\ndata:\n  colour: red\n",
        "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n-----END CERTIFICATE-----",
        "key=‹password 3f2a› password: ‹password 3f2a›",
    ] {
        assert_eq!(redact(text), text);
        assert!(matches!(redact(text), Cow::Borrowed(_)));
    }
}

#[test]
fn the_same_secret_has_the_same_placeholder() {
    let all = redact("A_PASSWORD=one B_PASSWORD=two C_PASSWORD=one");
    let places: Vec<&str> = all
        .split(' ')
        .filter_map(|part| part.split_once('='))
        .map(|(_, place)| place)
        .collect();
    let parts: Vec<&str> = all
        .split_inclusive('›')
        .map(|part| part.split_once('=').map_or("", |(_, p)| p))
        .collect();
    assert_eq!(places.len(), 3);
    assert_eq!(parts[0], parts[2]);
    assert_ne!(parts[0], parts[1]);
    assert_ne!(
        Redactor::with_key(b"other").redact("PASSWORD=one"),
        redact("PASSWORD=one")
    );
}

#[test]
fn values_are_known_by_what_they_stand_under() {
    let mut value = json!({
        "kind": "Pod",
        "metadata": {"annotations": {"x": "{\"kind\":\"Secret\",\"data\":{\"colour\":\"cmVk\"}}"}},
        "spec": {"containers": [{
            "image": "shop/api:1.4.2",
            "args": ["--api-key", "hunter", "--port", "80"],
            "command": ["/usr/bin/mysql", "-uroot", "-phunter"],
            "env": [{"name": "DB_PASSWORD", "value": "hunter"}, {"name": "PORT", "value": "80"},
                    {"name": "PIN_PASSWORD", "value": 1234}],
        }]},
        "items": [{"kind": "Secret", "metadata": {"name": "db"}, "data": {"colour": "cmVk"}}],
        "tokens": 12, "secretName": "api-tls", "password": "",
    });
    let before = value.clone();
    let redactor = Redactor::default();
    redactor.value(&mut value);
    let text = value.to_string();
    for secret in ["hunter", "cmVk", "1234"] {
        assert!(!text.contains(secret), "{text}");
    }
    for at in [
        "/spec/containers/0/image",
        "/spec/containers/0/env/1/value",
        "/tokens",
        "/secretName",
        "/items/0/metadata/name",
        "/password",
    ] {
        assert_eq!(value.pointer(at), before.pointer(at), "{at}");
    }
    let once = value.clone();
    redactor.value(&mut value);
    assert_eq!(value, once);
}

#[test]
fn ten_megabytes_on_one_line_are_no_matter() {
    for part in [
        "a",
        "password=",
        "token:",
        "key",
        "://a:",
        "-----BEGIN PRIVATE KEY-----",
        "eyJ",
        "\\\"",
        "‹",
        "auth \"",
        "mysql -p",
    ] {
        // Time that grows with the square of the length would not end.
        let long = part.repeat(
            if cfg!(debug_assertions) {
                1_000_000
            } else {
                10_000_000
            } / part.len(),
        );
        let redacted = redact(&long);
        assert!(redacted.len() <= long.len() * 4);
    }
}

/// Secrets of every shape.
fn token() -> impl Strategy<Value = String> {
    let of = |pattern: String| proptest::string::string_regex(&pattern).unwrap().boxed();
    prop_oneof![
        of(format!("gh[pousr]_{ALNUM}{{36}}")),
        of("github_pat_[A-Za-z0-9_]{60}[A-Za-z0-9]".to_owned()),
        of(format!("glpat-{ALNUM}{{20}}")),
        of(format!("xox[abprs]-[0-9]{{12}}-{ALNUM}{{24}}")),
        of("A[KS]IA[A-Z0-9]{16}".to_owned()),
        of("AIza[A-Za-z0-9_]{34}[A-Za-z0-9]".to_owned()),
        of(format!("[sr]k_(live|test)_{ALNUM}{{24}}")),
        of(format!("sk-(proj-|ant-)?{ALNUM}{{32,48}}")),
        of(format!("npm_{ALNUM}{{36}}")),
        of(format!("pypi-AgEIcHlwaS5vcmc{ALNUM}{{40}}")),
        of(format!("hf_{ALNUM}{{34}}")),
        of(format!("SG\\.{ALNUM}{{22}}\\.{ALNUM}{{43}}")),
        of(format!("hvs\\.{ALNUM}{{24}}")),
        of(format!(
            "eyJ{ALNUM}{{20,40}}\\.eyJ{ALNUM}{{20,60}}\\.{ALNUM}{{43}}"
        )),
        of("[A-Za-z0-9]{3}8Q~[A-Za-z0-9]{34}".to_owned()),
    ]
}

/// A secret and a text around it that says what it is.
fn said() -> impl Strategy<Value = (String, String)> {
    let secret = "[A-Za-z0-9!@#^*_+-]{7}[A-Z][a-z][0-9]{2}[a-z]";
    (secret, 0..15_usize).prop_map(|(secret, form)| {
        let text = match form {
            0 => format!("DB_PASSWORD={secret}"),
            1 => format!("password: {secret}"),
            2 => format!("{{\"dbPassword\": \"{secret}\"}}"),
            3 => format!("--api-key {secret}"),
            4 => format!("--token={secret}"),
            5 => format!("?access_token={secret}&page=1"),
            6 => format!("- name: CLIENT_SECRET\n  value: {secret}"),
            7 => format!("X-Auth-Token: {secret}"),
            8 => format!("jdbc:postgresql://db/x?user=a&password={secret}"),
            9 => format!("[\"--password\",\"{secret}\"]"),
            10 => format!("export API_KEY='{secret}'"),
            11 => format!("secret_key = \"{secret}\""),
            12 => format!("{{\\\"token\\\":\\\"{secret}\\\"}}"),
            13 => format!("Password={secret};Encrypt=true"),
            _ => format!("Authorization: Bearer {secret}"),
        };
        (secret, text)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_token_survives(token in token(), before in "\\PC{0,40}", after in "\\PC{0,40}") {
        let text = format!("{before} {token} {after}");
        let redacted = redact(&text).into_owned();
        prop_assert!(!redacted.contains(&token), "{}", redacted);
        prop_assert_eq!(&*redact(&redacted), &redacted);
    }

    #[test]
    fn no_value_survives((secret, said) in said(), before in "(\\PC{0,30}\n)?", after in "(\n\\PC{0,30})?") {
        let text = format!("{before}{said}{after}");
        let redacted = redact(&text).into_owned();
        prop_assert!(!redacted.contains(&secret), "{}", redacted);
        prop_assert_eq!(&*redact(&redacted), &redacted);
    }

    #[test]
    fn no_password_of_an_address_survives(
        scheme in "postgres(ql)?|mysql|mongodb(\\+srv)?|rediss?|amqps?|https?",
        password in "[A-Za-z0-9!$^*_+.~-]{8,20}[0-9]",
        after in "\\PC{0,20}",
    ) {
        let redacted = redact(&format!("{scheme}://app:{password}@db.shop.svc:5432/x {after}")).into_owned();
        prop_assert!(!redacted.contains(&password), "{}", redacted);
        prop_assert!(redacted.contains("@db.shop.svc:5432/x"));
    }

    #[test]
    fn anything_at_all_is_redacted_once(text in "(\\PC|[\n\"'\\\\=:,{}@/-]|password|token: |secret=|Bearer |://|eyJ|sk-|‹|›|-----BEGIN |PRIVATE KEY-----|kind: Secret\n|data:\n  ){0,30}") {
        let once = redact(&text).into_owned();
        let twice = redact(&once).into_owned();
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn ordinary_words_and_hashes_stay(words in proptest::collection::vec(prop_oneof![
        proptest::sample::select(vec!["the", "pod", "failed", "Secret", "image", "connection", "restarted", "authenticated", "session", "not", "found,", "keys", "tokens"]).prop_map(str::to_owned),
        "[a-z]{2,10}-[a-z0-9]{8,10}-[a-z0-9]{5}",
        "[a-z]{3,9}/[a-z]{3,9}:v?[0-9]\\.[0-9]{1,2}\\.[0-9]",
        "sha256:[0-9a-f]{64}",
        "at [0-9a-f]{40}",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        "https://[a-z]{3,9}\\.[a-z]{2,3}:[0-9]{4}/[a-z]{1,8}",
        "[0-9]{1,9}(Mi|Gi|m|s|%)?",
        "10\\.[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{1,2}:[0-9]{4}",
    ], 0..20)) {
        let text = words.join(" ");
        prop_assert_eq!(&*redact(&text), &text);
    }
}
