//! Who asks: a bearer token and impersonation headers go in, a user with groups comes out.

use std::collections::BTreeMap;

use base64::Engine as _;
use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::rbac::Wish;
use crate::store::{ApiStatus, Key, Store};

/// A person or program that asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The user name.
    pub name: String,
    /// The groups the user is in.
    pub groups: Vec<String>,
    /// The user's uid, where the login tells one.
    pub uid: Option<String>,
}

impl User {
    /// A user who is in no groups but the one of everybody logged in.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            groups: vec!["system:authenticated".to_owned()],
            uid: None,
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
            uid: None,
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
            uid: None,
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        let mut info = json!({"username": self.name, "groups": self.groups});
        if let Some(uid) = &self.uid {
            info["uid"] = json!(uid);
        }
        info
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

const AUTHENTICATION: &str = "authentication.k8s.io";

/// Somebody whom the caller wants to act as, and all that takes.
#[derive(Debug)]
pub(crate) struct Impersonated {
    pub(crate) user: User,
    pub(crate) wishes: Vec<Wish>,
}

/// The user that the caller wants to act as, if any; the caller needs leave for each part of the identity.
pub(crate) fn impersonated(headers: &HeaderMap) -> Result<Option<Impersonated>, ApiStatus> {
    let all = |name: &str| -> Vec<String> {
        let values = headers.get_all(name).iter();
        values
            .filter_map(|value| value.to_str().ok())
            .map(str::to_owned)
            .collect()
    };
    let wish = |group: &str, resource: &str, name: &str| Wish {
        verb: "impersonate".to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        name: name.to_owned(),
        ..Wish::default()
    };
    let (groups, uid) = (all("impersonate-group"), all("impersonate-uid").pop());
    let extras: Vec<(String, String)> = headers
        .iter()
        .filter_map(|(name, value)| {
            let key = name.as_str().strip_prefix("impersonate-extra-")?;
            Some((key.to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let mut wishes: Vec<Wish> = groups.iter().map(|group| wish("", "groups", group)).collect();
    wishes.extend(extras.iter().map(|(key, value)| Wish {
        subresource: key.clone(),
        ..wish(AUTHENTICATION, "userextras", value)
    }));
    wishes.extend(uid.iter().map(|uid| wish(AUTHENTICATION, "uids", uid)));
    let Some(name) = all("impersonate-user").pop().filter(|name| !name.is_empty()) else {
        if wishes.is_empty() {
            return Ok(None);
        }
        let what: Vec<String> = wishes
            .iter()
            .map(|wish| format!("{} {}", wish.resource, wish.name))
            .collect();
        return Err(ApiStatus::internal(format!(
            "Internal error occurred: requested [{}] without impersonating a user",
            what.join(" ")
        )));
    };
    let account = name
        .strip_prefix("system:serviceaccount:")
        .and_then(|rest| rest.split_once(':'));
    let itself = account.map_or_else(
        || wish("", "users", &name),
        |(namespace, account)| Wish {
            namespace: Some(namespace.to_owned()),
            ..wish("", "serviceaccounts", account)
        },
    );
    wishes.insert(0, itself);
    // Groups that are named stand in place of an account's own.
    let mut user = match account.filter(|_| groups.is_empty()) {
        Some((namespace, account)) => User::service_account(namespace, account),
        None => User::named(&name),
    };
    for group in groups {
        if !user.groups.contains(&group) {
            user.groups.insert(user.groups.len().saturating_sub(1), group);
        }
    }
    user.uid = uid;
    Ok(Some(Impersonated { user, wishes }))
}
