//! A role or a binding about to be written in; the refusal when it would grant what its writer does not have out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Write, forbidden, quoted, shown, texts};
use crate::server::auth::User;
use crate::server::fields::{list, text};
use crate::server::rbac::{self, Wish};
use crate::store::{ApiStatus, Key, Store};

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn check(store: &Store, user: &User, write: Write<'_>, new: &Value) -> Result<(), ApiStatus> {
    let superuser = user.groups.iter().any(|group| group == "system:masters");
    if write.kind.group != GROUP || superuser {
        return Ok(());
    }
    let namespace = write.key.namespace.as_deref();
    let allowed = |verb: &str, resource: &str, name: &str| {
        let wish = Wish {
            verb: verb.to_owned(),
            group: GROUP.to_owned(),
            resource: resource.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            ..Wish::default()
        };
        rbac::allows(store, user, &wish)
    };
    let rules = match write.kind.plural.as_str() {
        "roles" | "clusterroles" => {
            let same = write.old.is_some_and(|old| old.get("rules") == new.get("rules"));
            if same || allowed("escalate", &write.kind.plural, &write.key.name) {
                return Ok(());
            }
            list(new, "/rules").to_vec()
        }
        "rolebindings" | "clusterrolebindings" => {
            let same = write
                .old
                .is_some_and(|old| old.get("subjects") == new.get("subjects"));
            let (kind, name) = (text(new, "/roleRef/kind"), text(new, "/roleRef/name"));
            let plural = if kind == "Role" { "roles" } else { "clusterroles" };
            if same || allowed("bind", plural, name) {
                return Ok(());
            }
            let rules = rbac::role_rules(store, new, namespace);
            if rules.is_empty() {
                let key = Key {
                    group: GROUP.to_owned(),
                    plural: plural.to_owned(),
                    namespace: namespace.filter(|_| kind == "Role").map(str::to_owned),
                    name: name.to_owned(),
                };
                return match store.get(&key) {
                    Some(_) => Ok(()),
                    None => Err(ApiStatus::not_found(&key)),
                };
            }
            rules
        }
        _ => return Ok(()),
    };
    let missing = lacking(store, user, namespace, &rules);
    if missing.is_empty() {
        return Ok(());
    }
    let why = format!(
        "{} is attempting to grant RBAC permissions not currently held:\n{}",
        shown(user),
        missing.join("\n")
    );
    Err(forbidden(write.key, &why))
}

/// Where a rule holds: API groups, resources, paths, names.
type Place = (Vec<String>, Vec<String>, Vec<String>, Vec<String>);

/// What the rules hold and the user does not, in the server's short form, sorted.
fn lacking(store: &Store, user: &User, namespace: Option<&str>, rules: &[Value]) -> Vec<String> {
    let held = rbac::rules_of(store, user, namespace);
    let mut lacking: BTreeMap<Place, BTreeSet<String>> = BTreeMap::new();
    for rule in rules {
        let names = texts(rule, "resourceNames");
        let one = |text: &String| vec![text.clone()];
        for verb in texts(rule, "verbs") {
            for url in texts(rule, "nonResourceURLs") {
                let asked = json!({"verbs": [verb], "nonResourceURLs": [url]});
                if !held.iter().any(|held| covers(held, &asked)) {
                    let place = (Vec::new(), Vec::new(), one(&url), Vec::new());
                    lacking.entry(place).or_default().insert(verb.clone());
                }
            }
            for group in texts(rule, "apiGroups") {
                for resource in texts(rule, "resources") {
                    let asked = json!({"verbs": [verb], "apiGroups": [group], "resources": [resource],
                        "resourceNames": names});
                    if !held.iter().any(|held| covers(held, &asked)) {
                        let place = (one(&group), one(&resource), Vec::new(), names.clone());
                        lacking.entry(place).or_default().insert(verb.clone());
                    }
                }
            }
        }
    }
    let mut told: Vec<String> = lacking
        .iter()
        .map(|((groups, resources, urls, names), verbs)| {
            let verbs: Vec<&String> = verbs.iter().collect();
            let parts = [
                ("APIGroups", quoted(groups), groups.is_empty()),
                ("Resources", quoted(resources), resources.is_empty()),
                ("NonResourceURLs", quoted(urls), urls.is_empty()),
                ("ResourceNames", quoted(names), names.is_empty()),
                ("Verbs", quoted(&verbs), false),
            ];
            let parts: Vec<String> = parts
                .into_iter()
                .filter(|(_, _, empty)| !empty)
                .map(|(field, list, _)| format!("{field}:{list}"))
                .collect();
            format!("{{{}}}", parts.join(", "))
        })
        .collect();
    told.sort();
    told
}

/// Whether one rule that is held gives all of another that is as small as can be.
fn covers(held: &Value, asked: &Value) -> bool {
    let covers = |field: &str| {
        let held = texts(held, field);
        let mut asked = texts(asked, field).into_iter();
        asked.all(|one| {
            held.iter().any(|held| {
                held == "*"
                    || *held == one
                    || field == "resources"
                        && held.strip_prefix("*/").is_some_and(|part| {
                            one.split_once('/')
                                .is_some_and(|(_, subresource)| subresource == part)
                        })
            })
        })
    };
    let names = texts(held, "resourceNames");
    let wanted = texts(asked, "resourceNames");
    let named = names.is_empty() || !wanted.is_empty() && wanted.iter().all(|one| names.contains(one));
    let same_sort = held.get("nonResourceURLs").is_some() == asked.get("nonResourceURLs").is_some();
    same_sort
        && named
        && ["verbs", "apiGroups", "resources", "nonResourceURLs"]
            .into_iter()
            .all(covers)
}
