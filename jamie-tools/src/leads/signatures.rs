//! The table of signatures: patterns over one message, and what each says.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::signature::Signature;

type Build = fn(&Captures<'_>) -> Option<Signature>;

/// Compiles the table, which takes longer than reading a log: to be done while the logs are on their way.
pub(crate) fn prepare() {
    LazyLock::force(&TABLE);
}

/// The first signature in the table that fits a message.
pub(super) fn find(message: &str) -> Option<Signature> {
    TABLE
        .iter()
        .find_map(|(pattern, build)| pattern.captures_iter(message).find_map(|found| build(&found)))
}

fn group(found: &Captures<'_>, name: &str) -> Option<String> {
    let text = found
        .name(name)?
        .as_str()
        .trim_matches(['"', '\'', '`', ',', ';', '(', ')', '[', ']']);
    let text = text.trim_end_matches(['.', ':']);
    (!text.is_empty() && text.len() <= 253).then(|| text.to_owned())
}

/// A host, which a time of day and a source file with its line are not.
fn host(found: &Captures<'_>) -> Option<String> {
    const FILES: [&str; 10] = [
        ".go", ".py", ".js", ".ts", ".rb", ".java", ".rs", ".php", ".cs", ".kt",
    ];
    let host = group(found, "host")?;
    let is_number = host.chars().all(|c| c.is_ascii_digit());
    let is_file = FILES.iter().any(|end| host.ends_with(end));
    (!is_number && !is_file).then_some(host)
}

fn port(found: &Captures<'_>) -> Option<u16> {
    found.name("port")?.as_str().parse().ok()
}

/// `host:port` and what may stand round it in addresses, URLs and driver messages.
const AT: &str =
    r#"(?:[a-z][a-z0-9+.-]*://)?(?:[^\s/@"']+@)?\[?(?P<host>[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)\]?"#;

fn table() -> Vec<(String, Build)> {
    let refused = |found: &Captures<'_>| {
        Some(Signature::Refused {
            host: Some(host(found)?),
            port: port(found),
        })
    };
    let timed_out = |found: &Captures<'_>| {
        Some(Signature::TimedOut {
            host: Some(host(found)?),
            port: port(found),
        })
    };
    let unresolved = |found: &Captures<'_>| {
        let host = group(found, "host")?;
        (!host.chars().all(|c| c.is_ascii_digit() || c == '.')).then_some(Signature::UnresolvedHost { host })
    };
    let variable =
        |found: &Captures<'_>| group(found, "name").map(|name| Signature::MissingVariable { name });
    let file = |found: &Captures<'_>| group(found, "path").map(|path| Signature::MissingFile { path });
    let module = |found: &Captures<'_>| group(found, "name").map(|name| Signature::MissingModule { name });
    let flag = |found: &Captures<'_>| group(found, "flag").map(|flag| Signature::UnknownFlag { flag });
    vec![
        // Kubernetes RBAC, word for word from the API server.
        (
            r#"(?i)is forbidden: user "(?P<who>[^"]+)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)"(?: in API group "[^"]*")?(?: (?:in the namespace "(?P<ns>[^"]+)"|at the cluster scope))?"#.into(),
            |found| {
                Some(Signature::Forbidden {
                    who: group(found, "who")?,
                    verb: group(found, "verb")?,
                    resource: group(found, "resource")?,
                    namespace: group(found, "ns"),
                })
            },
        ),
        // Before the names that do not resolve: the words are much the same.
        (r#"(?i)could not resolve placeholder ['"](?P<name>[^'"]+)['"]"#.into(), variable),
        // Names that do not resolve.
        (format!(r"(?i)lookup {AT}(?: on [^\s:]+(?::\d+)?)?: (?:no such host|server misbehaving|i/o timeout|temporary failure)"), unresolved),
        (format!(r"(?i)(?:ENOTFOUND|EAI_AGAIN|EAI_NONAME)\s+{AT}"), unresolved),
        (format!(r"(?i)UnknownHostException:?\s+{AT}"), unresolved),
        (format!(r#"(?i)could not (?:translate host name|resolve(?: host(?:name)?)?:?|find host)\s+["']?{AT}"#), unresolved),
        (format!(r#"(?i)(?:failed to resolve|cannot resolve|can't resolve|unable to resolve|couldn't resolve|no address associated with hostname|unknown (?:mysql server )?host|host not found in upstream|bad address|no such host(?: is known)?\.?|getaddrinfo (?:failed|failed for)?)(?: host(?:name)?)?:?\s*\(?["']?{AT}"#), unresolved),
        (r#"(?i)(?:host=|HTTPConnectionPool\(host=|host[: ])['"]?(?P<host>[A-Za-z0-9][A-Za-z0-9_.-]+)['"]?.{0,160}(?:name or service not known|temporary failure in name resolution|nodename nor servname|failed to resolve|getaddrinfo)"#.into(), unresolved),
        (format!(r#"(?i){AT}(?::(?P<port>\d+))?['"]?\)?:? (?:name or service not known|name does not resolve|temporary failure in name resolution|nodename nor servname)"#), unresolved),
        // Nothing listens there.
        (format!(r"(?i)(?:dial tcp:?|connect(?:ing)? to|connection to(?: server at)?|ECONNREFUSED|connect to host|could not connect to|failed to connect to|cannot connect to|unable to connect to|tcp connect error to|upstream:?)\s+\\?[\x22']?{AT}\\?[\x22']?(?:\s*\([^)]*\))?(?:,?\s*port\s+|:)(?P<port>\d{{2,5}}).{{0,160}}?(?:refused|ECONNREFUSED)"), refused),
        (format!(r"(?i)(?:ECONNREFUSED|connection refused)[:,]?\s+(?:to\s+|connecting to\s+)?[\x22']?{AT}[:/](?P<port>\d{{2,5}})"), refused),
        (format!(r"(?i)\b{AT}:(?P<port>\d{{2,5}})[^A-Za-z0-9].{{0,120}}?(?:connection refused|refused|ECONNREFUSED)"), refused),
        (format!(r"(?i)(?:connection refused|ECONNREFUSED).{{0,80}}?(?:host|server|address)[=: ]+[\x22']?{AT}(?::(?P<port>\d+))?"), refused),
        (r"(?i)connection refused|ECONNREFUSED".into(), |_| Some(Signature::Refused { host: None, port: None })),
        (format!(r"(?i)(?:dial tcp:?|connect(?:ing)? to|connection to(?: server at)?|ETIMEDOUT|could not connect to|failed to connect to|request to|get)\s+\\?[\x22']?{AT}\\?[\x22']?(?:\s*\([^)]*\))?(?:(?:,?\s*port\s+|:)(?P<port>\d{{2,5}}))?.{{0,160}}?(?:i/o timeout|timed? ?out|ETIMEDOUT|deadline exceeded)"), timed_out),
        (format!(r"(?i)(?:timed? ?out|timeout).{{0,60}}?(?:connecting to|to|host|waiting for)[=: ]+[\x22']?{AT}:(?P<port>\d{{2,5}})"), timed_out),
        (format!(r"(?i)\b{AT}:(?P<port>\d{{2,5}})[^A-Za-z0-9].{{0,120}}?(?:i/o timeout|timed? ?out|ETIMEDOUT)"), timed_out),
        // Settings and variables. Names are in capitals or in quotes, so that prose is not taken for one.
        (r#"(?i:environment variable|env(?:ironment)? var|env|variable|setting|config(?:uration)? (?:key|value|option)|required (?:key|option|property)|property)s?:?\s+["'`$]*(?P<name>[A-Za-z_][\w.-]*)["'`]*:?\s+(?i:(?:is|was|must be|has|are)\s+(?:not\s+(?:been\s+)?(?:set|defined|found|present|configured|provided|specified)|missing|required|undefined|empty|unset|set)|missing|not set|not found|required|undefined|unset|missing value)"#.into(), variable),
        (r#"(?i:missing|undefined|unset|no value for|could not find|required|expected|please set|must set|set the)\s+(?i:required\s+|mandatory\s+|the\s+)*(?i:environment|env|config(?:uration)?|setting|property|key)?\s*(?i:variable|var|value|key|setting|option|parameter)?s?\s*[:=]?\s*["'`$]*(?P<name>[A-Z][A-Z0-9]*_[A-Z0-9_]+)\b"#.into(), variable),
        (r#"["'`$]*\b(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b["'`]*:?\s+(?i:(?:environment variable |env var |variable )?(?:(?:is|was|must be|has|env)\s+)?(?:not\s+(?:been\s+)?(?:set|defined|found|present|configured|provided|specified)|missing|required|undefined|empty|unset|must be set|is mandatory))"#.into(), variable),
        (r#"KeyError: ['"](?P<name>[A-Z][A-Z0-9_]+)['"]"#.into(), variable),
        (r#"(?i)key not found: \\?["'](?P<name>[A-Z][A-Z0-9_]+)"#.into(), variable),
        (r#"(?i)"(?P<name>[A-Z][A-Z0-9_]+)" (?:is required|is not allowed to be empty)"#.into(), variable),
        (r"(?i)(?P<name>[A-Z][A-Z0-9]*_[A-Z0-9_]+)\s*[:=]?\s*(?:field required|environment variable not found|Required$)".into(), variable),
        (r"(?i)required (?:environment )?(?:variable|key) (?P<name>\w+) (?:is )?(?:missing|not set)".into(), variable),
        // Certificates before connections: x509 errors carry hosts, too.
        (r"(?i)certificate (?:has expired|is expired)|certificate has expired or is not yet valid|CERT_HAS_EXPIRED|CertificateExpired|certificate expired|NotAfter:.{0,60}expired".into(), |_| Some(Signature::Certificate { why: "has expired" })),
        (r"(?i)signed by unknown authority|self[- ]signed certificate|unable to (?:get local issuer|verify the first) certificate|UNABLE_TO_VERIFY_LEAF_SIGNATURE|unable to find valid certification path|unknown ca\b|UnknownIssuer".into(), |_| Some(Signature::Certificate { why: "is signed by an unknown authority" })),
        (r"(?i)certificate is valid for|doesn't match (?:any of )?.{0,40}(?:subject|hostname|certificate)|hostname mismatch|ERR_TLS_CERT_ALTNAME_INVALID|NotValidForName".into(), |_| Some(Signature::Certificate { why: "is for another host name" })),
        (r"(?i)x509:|certificate verify failed|SSLHandshakeException|bad certificate|tls: failed to verify".into(), |_| Some(Signature::Certificate { why: "cannot be verified" })),
        // Credentials.
        (r#"(?i)(?:password )?authentication failed for (?:user|role) \\?["']?(?P<user>[\w.@-]+)|access denied for user ["']?(?P<user2>[\w.-]+)|login failed for user ["']?(?P<user3>[\w.-]+)|role "(?P<user4>[\w.-]+)" does not exist"#.into(), |found| {
            Some(Signature::AuthenticationFailed { user: ["user", "user2", "user3", "user4"].into_iter().find_map(|name| group(found, name)) })
        }),
        (r"(?i)authentication (?:failed|error|failure)|invalid (?:username or password|password|credentials|api[- ]?key|access key|token)|NOAUTH|WRONGPASS|SASL authentication failed|InvalidAccessKeyId|SignatureDoesNotMatch|not authorized to|\b401 unauthorized|ACCESS_REFUSED".into(), |_| Some(Signature::AuthenticationFailed { user: None })),
        // Storage.
        (r"(?i)no space left on device|ENOSPC|disk (?:is )?full|disk quota exceeded|not enough (?:disk )?space".into(), |_| Some(Signature::DiskFull)),
        (r#"(?i)(?:["'](?P<path>/[^"'\s]+)["']|(?P<path2>/[^\s:,]+))?:?\s*(?:read-only file system|EROFS)(?:[^/]*["'](?P<path3>/[^"'\s]+)["'])?"#.into(), |found| {
            Some(Signature::ReadOnly { path: ["path", "path2", "path3"].into_iter().find_map(|name| group(found, name)) })
        }),
        // Memory of a runtime.
        (r"(?i)java\.lang\.OutOfMemoryError:? ?(?:java heap|GC overhead)?".into(), |found| {
            let which = if found.get(0)?.as_str().to_lowercase().contains("heap") || found.get(0)?.as_str().contains("GC") { "the Java heap" } else { "the Java virtual machine's memory" };
            Some(Signature::OutOfMemory { which })
        }),
        (r"(?i)JavaScript heap out of memory".into(), |_| Some(Signature::OutOfMemory { which: "the Node.js heap" })),
        (r"\bMemoryError\b|(?i:runtime: out of memory|cannot allocate memory|out of memory|bad_alloc|OutOfMemoryException|OOM command not allowed)".into(), |_| Some(Signature::OutOfMemory { which: "its memory" })),
        // Ports.
        (r"(?i)(?:address (?:already )?in use|EADDRINUSE|port (?P<port2>\d+) (?:is )?(?:already )?(?:in use|was already in use|allocated))[^\d]{0,40}(?:[\d.:a-z\[\]]*:)?(?P<port>\d{2,5})?".into(), |found| {
            let port = group(found, "port2").or_else(|| group(found, "port")).and_then(|port| port.parse().ok());
            Some(Signature::PortInUse { port })
        }),
        (r"(?i)(?:listen|bind)[^\n]{0,80}:(?P<port>\d{2,5})[^\n]{0,40}(?:address already in use|in use)".into(), |found| Some(Signature::PortInUse { port: port(found) })),
        // Databases.
        (r#"(?i)migration[s]?\s+["'`]?(?P<name>[\w.\-]*[\d_][\w.\-]*)["'`]?\s+(?:has\s+)?failed|failed to (?:apply|run|execute) migration[s]?:?\s*["'`]?(?P<name2>[\w.\-]*[\d_][\w.\-]*)?|dirty database version (?P<name3>\d+)|checksum mismatch for migration(?: version)? (?P<name4>[\w.\-]+)|migrations? (?:have |has )?(?:failed|are pending)|checksum mismatch|PendingMigration|pending migrations?"#.into(), |found| {
            Some(Signature::MigrationFailed { name: ["name", "name2", "name3", "name4"].into_iter().find_map(|name| group(found, name)) })
        }),
        (r#"(?i)(?:relation|table|column|database|collection|schema|topic)\s+\\?["'`](?P<name>[\w.\-]+)\\?["'`]\s+(?:does not exist|doesn't exist|not found)|no such table:? (?P<name2>[\w.]+)|unknown database ['"](?P<name3>[\w-]+)"#.into(), |found| {
            ["name", "name2", "name3"].into_iter().find_map(|name| group(found, name)).map(|name| Signature::MissingRelation { name })
        }),
        (r"(?i)too many (?:clients|connections)|remaining connection slots|max(?:imum)? (?:number of )?(?:connections|clients) reached|connection pool (?:exhausted|timeout)|QueuePool limit".into(), |_| Some(Signature::TooManyConnections)),
        (r"(?i)deadlock (?:detected|found)|lock wait timeout".into(), |_| Some(Signature::Deadlock)),
        // The image and its arguments.
        (r"(?i)exec format error".into(), |_| Some(Signature::WrongArchitecture)),
        (r#"(?i)cannot find (?:module|package) ['"](?P<name>[^'"]+)['"]"#.into(), module),
        (r#"ModuleNotFoundError: No module named ['"](?P<name>[^'"]+)['"]"#.into(), module),
        (r#"ImportError: (?:cannot import name|No module named) ['"]?(?P<name>[\w.]+)"#.into(), module),
        (r"(?:ClassNotFoundException|NoClassDefFoundError):? (?P<name>[\w.$/]+)".into(), module),
        (r"(?i)error while loading shared libraries: (?P<name>[^\s:]+)".into(), module),
        (r"cannot load such file -- (?P<name>[^\s(]+)".into(), module),
        (r"(?i)could not (?:find or load main class|load file or assembly) ['\x22]?(?P<name>[\w.$]+)".into(), module),
        (r"(?i)(?:unknown|unrecognized|unrecognised|invalid|unexpected|flag provided but not defined:?|no such) (?:command[- ]line )?(?:flag|option|argument|arguments)?s?:?\s*['\x22`]?(?P<flag>--?[A-Za-z][\w-]*)".into(), flag),
        // Files and permissions.
        (r#"(?i)(?:open|stat|read|load(?:ing)?|find|exec|fork/exec|access|lstat|chdir|mkdir|file|ENOENT)[^\n]{0,80}?["'`]?(?P<path>(?:/|\./|[A-Z]:\\)[^\s"'`:,]+)["'`]?:?[^\n]{0,40}?(?:no such file|not found|does not exist|ENOENT)"#.into(), file),
        (r#"(?i)(?:no such file or directory|ENOENT|FileNotFoundException|file (?:does )?not (?:found|exist)|cannot find (?:the )?(?:file|path)|can't open(?: file)?)[^\n/'"`]{0,60}["'`]?(?P<path>(?:/|\./)[^\s"'`:,()]+)"#.into(), file),
        (r"(?P<path>(?:/|\./)[\w./-]+):? (?i:no such file or directory|not found|does not exist)".into(), file),
        (r#"(?i)(?:["'](?P<path>/[^"'\s]+)["']|(?P<path2>/[^\s:,"']+)):?\s*\(?(?:permission denied|EACCES|operation not permitted)"#.into(), |found| {
            Some(Signature::PermissionDenied { path: group(found, "path").or_else(|| group(found, "path2")) })
        }),
        (r#"(?i)(?:permission denied|EACCES|operation not permitted|AccessDeniedException)(?:[^/\n]{0,60}["'`]?(?P<path>/[^\s"'`:,]+))?"#.into(), |found| Some(Signature::PermissionDenied { path: group(found, "path") })),
        (r"(?i)too many open files|EMFILE|ENFILE".into(), |_| Some(Signature::TooManyFiles)),
        // Configuration.
        (r#"(?i)(?P<place>[\w./-]+\.(?:ya?ml|json|toml|ini|conf|cnf|cfg|xml|properties|hcl|env)(?:[:"']*(?:\s*[,:]?\s*line |:)\d+(?:[:,]\s*(?:col(?:umn)? )?\d+)?)?)[^\n]{0,80}?(?:syntax|parse|parsing|invalid|unexpected|malformed|unknown (?:directive|field|key)|did not find expected|cannot unmarshal|duplicate)"#.into(), |found| Some(Signature::BadConfig { place: group(found, "place") })),
        (r"(?i)(?:syntax error|error parsing|failed to (?:parse|load|read|decode)|cannot (?:parse|unmarshal)|invalid (?:configuration|config|yaml|json|toml)|malformed|unknown directive)[^\n]{0,120}?(?P<place>[\w./-]+\.(?:ya?ml|json|toml|ini|conf|cnf|cfg|xml|properties|hcl|env)(?::\d+)?)".into(), |found| Some(Signature::BadConfig { place: group(found, "place") })),
        (r"(?i)(?:invalid|bad|malformed) (?:configuration|config)\b|yaml: line \d+|configuration (?:is invalid|error)|error parsing config|unknown directive".into(), |_| Some(Signature::BadConfig { place: None })),
        // The rest.
        (r"(?i)rate limit(?:ed| exceeded)?\b|too many requests|toomanyrequests|HTTP 429|status(?: code)?[ =:]+429|ThrottlingException".into(), |_| Some(Signature::RateLimited)),
        (r"(?i)licen[sc]e (?:key )?(?:has )?(?:expired|invalid|is invalid|not found|missing|required)|(?:invalid|expired|missing|no valid) licen[sc]e".into(), |_| Some(Signature::License)),
        (r"(?i)segmentation fault|SIGSEGV|invalid memory address or nil pointer".into(), |found| {
            // A nil pointer in Go is a bug like any other exception: its own message says more.
            (!found.get(0)?.as_str().contains("nil pointer")).then_some(Signature::SegmentationFault)
        }),
    ]
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by every test")]
static TABLE: LazyLock<Vec<(Regex, Build)>> = LazyLock::new(|| {
    table()
        .into_iter()
        .map(|(pattern, build)| (Regex::new(&pattern).expect("a valid pattern"), build))
        .collect()
});
