//! Where an index is: settings in, what LanceDB connects to out.

use std::{
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
};

use jamie_core::{Error, ErrorKind, Result};
use secrecy::{ExposeSecret, SecretString};

/// Where the index is.
#[derive(Debug, Clone)]
pub enum IndexAt {
    /// In a folder, which is made where there is none.
    Folder(PathBuf),
    /// In a bucket of a store that speaks S3; takes the feature `s3`.
    Bucket(Bucket),
}

/// A part of a bucket, and how to reach it.
#[derive(Debug, Clone)]
pub struct Bucket {
    name: String,
    prefix: String,
    /// The address of the store, `https://minio.example:9000`; none: Amazon's own.
    pub endpoint: Option<String>,
    /// The region; none: the store is asked where it can be, else the environment (`AWS_REGION`) says it.
    pub region: Option<String>,
    /// Whether it may be reached without encryption.
    pub allow_http: bool,
    /// Who Jamie is to the store; none: what the environment has (`AWS_*`, a profile, the pod's or the machine's role).
    pub keys: Option<Keys>,
}

/// Keys of an account of a store that speaks S3.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The id of the access key.
    pub id: SecretString,
    /// The access key.
    pub secret: SecretString,
    /// What goes with keys that are lent for a while.
    pub token: Option<SecretString>,
}

impl IndexAt {
    /// How people read it; no secret in it.
    pub fn place(&self) -> String {
        self.to_string()
    }

    pub(super) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Bucket(_) => None,
        }
    }

    /// What LanceDB calls options of the storage.
    pub(super) fn options(&self) -> HashMap<String, String> {
        match self {
            Self::Folder(_) => HashMap::new(),
            Self::Bucket(bucket) => bucket.options(),
        }
    }

    /// Says what is missing where this Jamie was built without object storage.
    pub(crate) fn check(&self) -> Result<()> {
        match self {
            Self::Bucket(bucket) if !cfg!(feature = "s3") => Err(Error::new(
                ErrorKind::Unsupported,
                format!("this Jamie was built without object storage, and the index is to be at {bucket}"),
            )
            .with_hint("build it with the feature `s3`, or set memory.index to a folder or to \"none\"")),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for IndexAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket(bucket) => write!(f, "{bucket}"),
        }
    }
}

impl Bucket {
    /// What stands before the name of a bucket.
    pub const SCHEME: &str = "s3://";

    /// The bucket and the prefix that `s3://bucket/prefix` names, reached encrypted, with the keys of the environment.
    pub fn named(uri: &str) -> Result<Self> {
        let wrong = |what: &str| {
            Err(
                Error::new(ErrorKind::Config, format!("{uri:?} names no bucket: {what}"))
                    .with_hint("it is written s3://bucket/prefix"),
            )
        };
        let Some(rest) = uri.strip_prefix(Self::SCHEME) else {
            return wrong("it does not begin with s3://");
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if name.len() < 3 || name.len() > 255 || !name.chars().all(named) {
            return wrong("a bucket's name has letters, digits, dots and hyphens");
        }
        let prefix = prefix.trim_matches('/');
        if prefix.contains(['?', '#', '%', '\\']) || prefix.split('/').any(|part| part == "..") {
            return wrong("its prefix has characters that stand for something else");
        }
        Ok(Self {
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            endpoint: None,
            region: None,
            allow_http: false,
            keys: None,
        })
    }

    fn options(&self) -> HashMap<String, String> {
        // The wait for a store that is out of reach, in all and for one request. Searching does not wait that long.
        let mut options: HashMap<String, String> = [
            ("connect_timeout", "3s"),
            ("timeout", "20s"),
            ("client_max_retries", "2"),
            ("client_retry_timeout", "20"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let mut set = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                options.insert(name.to_owned(), value.to_owned());
            }
        };
        set("aws_endpoint", self.endpoint.as_deref());
        set("aws_region", self.region.as_deref());
        set("allow_http", self.allow_http.then_some("true"));
        if let Some(keys) = &self.keys {
            set("aws_access_key_id", Some(keys.id.expose_secret()));
            set("aws_secret_access_key", Some(keys.secret.expose_secret()));
            set(
                "aws_session_token",
                keys.token.as_ref().map(ExposeSecret::expose_secret),
            );
        }
        options
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::SCHEME, self.name)?;
        if !self.prefix.is_empty() {
            write!(f, "/{}", self.prefix)?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Bucket, IndexAt, Keys};

    #[test]
    fn buckets_are_read_as_they_are_written() {
        for (uri, shown) in [
            ("s3://jamie-index", "s3://jamie-index"),
            ("s3://jamie.index/", "s3://jamie.index"),
            ("s3://jamie-index/prod/eu/", "s3://jamie-index/prod/eu"),
        ] {
            assert_eq!(Bucket::named(uri).unwrap().to_string(), shown);
        }
        for uri in [
            "s3://",
            "s3:///prefix",
            "s3://a b/c",
            "s3://bucket/a?x=1",
            "s3://bucket/../other",
            "gs://bucket",
        ] {
            let error = Bucket::named(uri).unwrap_err();
            assert!(
                error.hint().unwrap().contains("s3://bucket/prefix"),
                "{uri}: {error:?}"
            );
        }
    }

    #[test]
    fn keys_cannot_be_printed() {
        let mut bucket = Bucket::named("s3://jamie-index/prod").unwrap();
        bucket.keys = Some(Keys {
            id: "AKIDEXAMPLE".into(),
            secret: "hunter2".into(),
            token: Some("lent".into()),
        });
        let at = IndexAt::Bucket(bucket);
        let shown = format!("{at:?} {at}");
        assert!(
            !["AKID", "hunter2", "lent"]
                .iter()
                .any(|secret| shown.contains(secret)),
            "{shown}"
        );
        assert_eq!(at.options()["aws_secret_access_key"], "hunter2");
    }
}
