//! A setting that nobody may read: text in, never text out, but for the one who says so by name.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A key or a password. It shows as `(set)`, or as nothing where it is empty.
#[derive(Clone, Default)]
pub struct Secret(SecretString);

impl Secret {
    /// What is shown in place of a secret that is set.
    pub const SHOWN: &str = "(set)";

    /// The secret for a client that needs it; `None` where it is empty.
    pub fn given(&self) -> Option<SecretString> {
        (!self.0.expose_secret().trim().is_empty()).then(|| self.0.expose_secret().trim().to_owned().into())
    }

    fn shown(&self) -> &'static str {
        if self.0.expose_secret().is_empty() {
            ""
        } else {
            Self::SHOWN
        }
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Secret").field(&self.shown()).finish()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for Secret {}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}
