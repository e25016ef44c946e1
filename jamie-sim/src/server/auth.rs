//! Who asks: a bearer token and impersonation headers go in, a user with groups comes out.

use std::collections::BTreeMap;

use base64::Engine as _;
use http::{HeaderMap, header};
use serde_json::{Value, json};

use crate::store::{ApiStatus, Key, Store};

/// A person or program that asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The user name.
    pub name: String,
    /// The groups the user is in.
    pub groups: Vec<String>,
}

impl User {
    /// A user who is in no groups but the one of everybody logged in.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            groups: vec!["system:authenticated".to_owned()],
        }
    }

    /// The administrator: a member of `system:masters`, who may do anything.
    pub fn admin() -> Self {
        let groups = ["system:masters", "system:authenticated"]
            .map(str::to_owned)
            .to_vec();
        Self {
            name: "kubernetes-admin".to_owned(),
            groups,
        }
    }

    /// The user that a pod's service account is.
    pub fn service_account(namespace: &str, name: &str) -> Self {
        let groups = [
            "system:serviceaccounts".to_owned(),
            format!("system:serviceaccounts:{namespace}"),
            "system:authenticated".to_owned(),
        ];
        Self {
            name: format!("system:serviceaccount:{namespace}:{name}"),
            groups: groups.to_vec(),
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        json!({"username": self.name, "groups": self.groups})
    }
}

/// The tokens the server knows.
#[derive(Debug)]
pub(crate) struct Tokens {
    known: BTreeMap<String, User>,
    /// Who asks without a token: kubectl does not send tokens over plain HTTP.
    nobody: Option<User>,
}

impl Tokens {
    pub(crate) fn new(known: BTreeMap<String, User>, nobody: Option<User>) -> Self {
        Self { known, nobody }
    }

    /// The user behind the request's credentials.
    pub(crate) fn authenticate(&self, headers: &HeaderMap, store: &Store) -> Result<User, ApiStatus> {
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return self.nobody.clone().ok_or_else(ApiStatus::unauthorized);
        };
        let token = value
            .to_str()
            .ok()
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default()
            .trim();
        let known = self.known.get(token).cloned();
        known
            .or_else(|| service_account_of(token, store))
            .ok_or_else(ApiStatus::unauthorized)
    }
}

/// A token for a service account, as the `token` subresource hands it out.
pub(crate) fn service_account_token(namespace: &str, name: &str) -> String {
    let text = format!("{namespace}/{name}");
    format!(
        "sa.{}",
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    )
}

fn service_account_of(token: &str, store: &Store) -> Option<User> {
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(token.strip_prefix("sa.")?)
        .ok()?;
    let text = String::from_utf8(text).ok()?;
    let (namespace, name) = text.split_once('/')?;
    store.get(&Key::namespaced("", "serviceaccounts", namespace, name))?;
    Some(User::service_account(namespace, name))
}

/// The user that the caller wants to act as, if any; the caller needs leave to impersonate.
pub(crate) fn impersonated(headers: &HeaderMap) -> Option<User> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let name = text("impersonate-user")?;
    let mut user = match name
        .strip_prefix("system:serviceaccount:")
        .and_then(|rest| rest.split_once(':'))
    {
        Some((namespace, account)) => User::service_account(namespace, account),
        None => User::named(&name),
    };
    let groups = headers
        .get_all("impersonate-group")
        .iter()
        .filter_map(|value| value.to_str().ok());
    for group in groups {
        if !user.groups.iter().any(|known| known == group) {
            user.groups.push(group.to_owned());
        }
    }
    Some(user)
}
