//! What a log line says about a failure, as data: which variable, which host, which file.

/// A failure that a line names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Signature {
    /// An environment variable or a required setting is not set.
    MissingVariable {
        /// Its name.
        name: String,
    },
    /// A file or folder is not there.
    MissingFile {
        /// Its path.
        path: String,
    },
    /// A host name does not resolve.
    UnresolvedHost {
        /// The name.
        host: String,
    },
    /// Nothing listens there.
    Refused {
        /// Host name or address, where the line says it.
        host: Option<String>,
        /// The port, where the line says it.
        port: Option<u16>,
    },
    /// A connection or request came to no end.
    TimedOut {
        /// Host name or address, where the line says it.
        host: Option<String>,
        /// The port, where the line says it.
        port: Option<u16>,
    },
    /// The Kubernetes API forbids something.
    Forbidden {
        /// The account.
        who: String,
        /// The verb.
        verb: String,
        /// The resource.
        resource: String,
        /// The namespace, where it is not cluster-wide.
        namespace: Option<String>,
    },
    /// A certificate is expired, of an unknown authority, or for another name.
    Certificate {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A password, key or token was not accepted.
    AuthenticationFailed {
        /// The user, where the line says it.
        user: Option<String>,
    },
    /// A disk is full.
    DiskFull,
    /// A file system is read-only.
    ReadOnly {
        /// The path, where the line says it.
        path: Option<String>,
    },
    /// The operating system denies access to a file or a privileged port.
    PermissionDenied {
        /// The path, where the line says it.
        path: Option<String>,
    },
    /// A runtime's own memory is used up.
    OutOfMemory {
        /// Which memory: the Java heap, the Node.js heap, …
        which: &'static str,
    },
    /// A port is taken.
    PortInUse {
        /// The port, where the line says it.
        port: Option<u16>,
    },
    /// A schema migration failed.
    MigrationFailed {
        /// Its name or version, where the line says it.
        name: Option<String>,
    },
    /// A table, column or database does not exist.
    MissingRelation {
        /// Its name.
        name: String,
    },
    /// A configuration file cannot be read as what it should be.
    BadConfig {
        /// The file, and the line where known.
        place: Option<String>,
    },
    /// The program does not know an argument it was given.
    UnknownFlag {
        /// The argument.
        flag: String,
    },
    /// Code that the program needs is not in the image.
    MissingModule {
        /// The module, class or library.
        name: String,
    },
    /// The program is for another processor.
    WrongArchitecture,
    /// The server takes no more connections.
    TooManyConnections,
    /// Transactions wait for each other.
    Deadlock,
    /// Somebody else's limit was hit.
    RateLimited,
    /// A licence is missing or has ended.
    License,
    /// The program touched memory that is not its own.
    SegmentationFault,
    /// There are no more file handles.
    TooManyFiles,
}

impl Signature {
    /// What it is, for the middle of a sentence: "the variable `DATABASE_URL` is not set".
    pub fn describe(&self) -> String {
        let at = |host: &Option<String>, port: &Option<u16>| match (host, port) {
            (Some(host), Some(port)) => format!("`{host}:{port}`"),
            (Some(host), None) => format!("`{host}`"),
            (None, Some(port)) => format!("port `{port}`"),
            (None, None) => "something it needs".to_owned(),
        };
        match self {
            Self::MissingVariable { name } => format!("the setting `{name}` is missing (not set)"),
            Self::MissingFile { path } => format!("the file `{path}` is missing (no such file or directory)"),
            Self::UnresolvedHost { host } => {
                format!("the host name `{host}` does not resolve (no such host)")
            }
            Self::Refused { host, port } => format!("the connection to {} is refused", at(host, port)),
            Self::TimedOut { host, port } => format!("the connection to {} times out", at(host, port)),
            Self::Forbidden {
                who,
                verb,
                resource,
                namespace,
            } => {
                let place = namespace
                    .as_ref()
                    .map_or("in the whole cluster".to_owned(), |ns| {
                        format!("in namespace `{ns}`")
                    });
                format!("`{who}` is forbidden to {verb} `{resource}` {place} (RBAC)")
            }
            Self::Certificate { why } => format!("a TLS certificate {why}"),
            Self::AuthenticationFailed { user: Some(user) } => {
                format!("authentication failed for user `{user}`")
            }
            Self::AuthenticationFailed { user: None } => {
                "authentication failed: its credentials are not accepted".to_owned()
            }
            Self::DiskFull => "the disk is full (no space left on device)".to_owned(),
            Self::ReadOnly { path } => match path {
                Some(path) => format!("`{path}` is on a read-only file system"),
                None => "it writes to a read-only file system".to_owned(),
            },
            Self::PermissionDenied { path } => match path {
                Some(path) => format!("permission denied on `{path}`"),
                None => "the operating system denies it permission".to_owned(),
            },
            Self::OutOfMemory { which } => format!("{which} is used up (out of memory)"),
            Self::PortInUse { port } => match port {
                Some(port) => format!("port `{port}` is already in use"),
                None => "its port is already in use".to_owned(),
            },
            Self::MigrationFailed { name } => match name {
                Some(name) => format!("the database migration `{name}` failed"),
                None => "its database migrations have failed or are pending".to_owned(),
            },
            Self::MissingRelation { name } => format!("`{name}` does not exist in the database"),
            Self::BadConfig { place } => match place {
                Some(place) => format!("its configuration is invalid at `{place}`"),
                None => "its configuration is invalid".to_owned(),
            },
            Self::UnknownFlag { flag } => format!("it does not know the argument `{flag}`"),
            Self::MissingModule { name } => format!("the module `{name}` is missing from its image"),
            Self::WrongArchitecture => {
                "the image is for another processor architecture (exec format error)".to_owned()
            }
            Self::TooManyConnections => "the server takes no more connections".to_owned(),
            Self::Deadlock => "transactions are deadlocked".to_owned(),
            Self::RateLimited => "it is rate limited (429, too many requests)".to_owned(),
            Self::License => "its licence is missing, invalid or has ended".to_owned(),
            Self::SegmentationFault => "it crashes with a segmentation fault".to_owned(),
            Self::TooManyFiles => "it has run out of file handles (too many open files)".to_owned(),
        }
    }

    /// What it is keyed by in a fingerprint: the kind, and the name that decides.
    pub fn key(&self) -> String {
        match self {
            Self::MissingVariable { name } => format!("variable:{name}"),
            Self::MissingFile { path } => format!("file:{path}"),
            Self::UnresolvedHost { host } => format!("host:{host}"),
            Self::Refused { host, port } => format!("refused:{host:?}:{port:?}"),
            Self::TimedOut { host, port } => format!("timeout:{host:?}:{port:?}"),
            Self::MissingModule { name } => format!("module:{name}"),
            Self::MissingRelation { name } => format!("relation:{name}"),
            Self::UnknownFlag { flag } => format!("flag:{flag}"),
            other => other.describe(),
        }
    }

    /// The host and port that the failure is about, where it is about one.
    pub fn endpoint(&self) -> Option<(&str, Option<u16>)> {
        match self {
            Self::UnresolvedHost { host } => Some((host, None)),
            Self::Refused {
                host: Some(host),
                port,
            }
            | Self::TimedOut {
                host: Some(host),
                port,
            } => Some((host, *port)),
            _ => None,
        }
    }

    /// Whether the failure lies with something that this program calls, rather than with itself.
    pub fn is_dependency(&self) -> bool {
        matches!(
            self,
            Self::UnresolvedHost { .. }
                | Self::Refused { .. }
                | Self::TimedOut { .. }
                | Self::TooManyConnections
        )
    }
}
