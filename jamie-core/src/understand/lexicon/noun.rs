//! A noun in, what it stands for out: a part of an app, things in general, an environment, the whole cluster.

/// Nouns that may follow or precede any name without meaning a kind of object: "the web tier".
pub(in crate::understand) fn is_part_noun(word: &str) -> bool {
    matches!(
        word,
        "app"
            | "apps"
            | "application"
            | "applications"
            | "tier"
            | "component"
            | "components"
            | "workload"
            | "workloads"
            | "microservice"
            | "microservices"
            | "layer"
            | "backend"
            | "system"
            | "module"
            | "server"
            | "servers"
            | "thing"
            | "stack"
            | "process"
            | "database"
            | "project"
            | "site"
            | "website"
            | "replicas"
            | "containers"
            | "container"
    )
}

/// Nouns that mean everything or nothing in particular, and are no names unless something is called so.
pub(in crate::understand) fn is_generic_noun(word: &str) -> bool {
    is_part_noun(word)
        || matches!(
            word,
            "everything"
                | "anything"
                | "something"
                | "nothing"
                | "everyone"
                | "someone"
                | "anyone"
                | "people"
                | "users"
                | "customers"
                | "team"
                | "boss"
                | "world"
                | "day"
                | "morning"
                | "today"
                | "cluster"
                | "clusters"
                | "platform"
                | "kubernetes"
                | "environment"
                | "infrastructure"
                | "infra"
                | "estate"
                | "place"
                | "weekend"
                | "night"
                | "moment"
                | "minute"
                | "while"
                | "yesterday"
                | "tomorrow"
                | "help"
                | "details"
                | "information"
                | "overview"
                | "summary"
                | "jamie"
                | "mate"
                | "name"
                | "names"
                | "one"
                | "ones"
                | "namespace"
                | "namespaces"
                | "internet"
                | "example"
                | "lunch"
                | "work"
                | "life"
                | "problem"
                | "problems"
                | "issue"
                | "issues"
                | "error"
                | "errors"
                | "trouble"
        )
}

/// The words an environment goes by; the first is how it is matched with parts of names.
pub(in crate::understand) fn environment(word: &str) -> Option<&'static [&'static str]> {
    Some(match word {
        "prod" | "production" | "prd" | "live" => &["prod", "production", "prd", "live"],
        "staging" | "stage" | "stg" | "preprod" | "pre-prod" | "preproduction" => {
            &["staging", "stage", "stg", "preprod", "pre-prod"]
        }
        "dev" | "development" => &["dev", "development", "develop"],
        "test" | "testing" | "qa" | "uat" => &["test", "testing", "qa", "uat"],
        "sandbox" => &["sandbox", "sbx"],
        "demo" => &["demo"],
        _ => return None,
    })
}

/// Whether a namespace belongs to the machinery rather than to somebody's apps.
pub(in crate::understand) fn is_system_namespace(namespace: &str) -> bool {
    namespace.starts_with("kube-")
        || namespace.ends_with("-system")
        || matches!(
            namespace,
            "monitoring"
                | "cert-manager"
                | "istio-system"
                | "ingress-nginx"
                | "argocd"
                | "flux-system"
                | "logging"
                | "observability"
                | "calico-apiserver"
                | "tigera-operator"
                | "local-path-storage"
                | "velero"
        )
}

/// What reaches over all namespaces.
pub(in crate::understand) fn is_everywhere(word: &str) -> bool {
    matches!(
        word,
        "everything" | "everywhere" | "cluster" | "cluster-wide" | "clusterwide" | "estate" | "anywhere"
    )
}
