//! A kubeconfig: the server's address and a token go in, a file for any client comes out.

use base64::Engine as _;
use serde_json::json;

/// A kubeconfig with one cluster, user and context. JSON is YAML, so no name needs quoting.
pub(crate) fn write(context: &str, url: &str, authority: Option<&str>, user: &str, token: &str) -> String {
    let mut cluster = json!({"server": url});
    if let Some(authority) = authority {
        let encoded = base64::engine::general_purpose::STANDARD.encode(authority);
        cluster["certificate-authority-data"] = json!(encoded);
    }
    let quoted = |text: &str| json!(text).to_string();
    let mut text = String::from("apiVersion: v1\nkind: Config\npreferences: {}\nclusters:\n");
    text += &format!("- name: {}\n  cluster: {cluster}\n", quoted(context));
    text += &format!(
        "users:\n- name: {}\n  user: {}\n",
        quoted(user),
        json!({"token": token})
    );
    let target = json!({"cluster": context, "user": user, "namespace": "default"});
    text += &format!("contexts:\n- name: {}\n  context: {target}\n", quoted(context));
    text += &format!("current-context: {}\n", quoted(context));
    text
}
