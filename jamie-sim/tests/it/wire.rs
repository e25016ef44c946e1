//! Plain requests to a running estate: a method, a path and a body in, the code, warnings and answer out.

use http_body_util::BodyExt as _;
use jamie_sim::Estate;
use kube::{Client, Config, client::Body};
use serde_json::Value;

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) warnings: Vec<String>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    /// The fields that its causes name.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let causes = self.body["details"]["causes"].as_array();
        causes
            .into_iter()
            .flatten()
            .filter_map(|cause| cause["field"].as_str())
            .collect()
    }
}

/// Somebody who sends requests.
pub(crate) struct Http {
    client: Client,
    headers: Vec<(&'static str, String)>,
}

impl Http {
    pub(crate) fn to(estate: &Estate) -> Self {
        let mut config = Config::new(estate.url().parse().unwrap());
        // A refusal is an answer here, not a reason to ask again.
        config.default_retry = false;
        Self {
            client: Client::try_from(config).unwrap(),
            headers: Vec::new(),
        }
    }

    /// The same as somebody else.
    pub(crate) fn acting_as(&self, user: &str, groups: &[&str]) -> Self {
        let mut headers = vec![("impersonate-user", user.to_owned())];
        headers.extend(
            groups
                .iter()
                .map(|group| ("impersonate-group", (*group).to_owned())),
        );
        Self {
            client: self.client.clone(),
            headers,
        }
    }

    pub(crate) fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.push((header, value.to_owned()));
        self
    }

    pub(crate) async fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> Answer {
        let mut request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(body.as_bytes().to_vec())).unwrap();
        let answer = self.client.send(request).await.unwrap();
        let warnings = answer.headers().get_all("warning").iter();
        let warnings = warnings.map(|value| value.to_str().unwrap().to_owned()).collect();
        let code = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        Answer {
            code,
            warnings,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "application/json", "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "application/json", &body.to_string())
            .await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, "application/json", &body.to_string())
            .await
    }

    pub(crate) async fn delete(&self, path: &str, body: &Value) -> Answer {
        self.send("DELETE", path, "application/json", &body.to_string())
            .await
    }

    /// A patch; the language is `merge`, `strategic`, `json` or `apply`.
    pub(crate) async fn patch(&self, language: &str, path: &str, body: &Value) -> Answer {
        let kind = match language {
            "merge" => "application/merge-patch+json",
            "strategic" => "application/strategic-merge-patch+json",
            "json" => "application/json-patch+json",
            _ => "application/apply-patch+yaml",
        };
        self.send("PATCH", path, kind, &body.to_string()).await
    }
}
