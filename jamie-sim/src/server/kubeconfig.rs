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
    let (name, user_name) = (quoted(context), quoted(user));
    let target = json!({"cluster": context, "user": user, "namespace": "default"});
    [
        "apiVersion: v1\nkind: Config\npreferences: {}\n".to_owned(),
        format!("clusters:\n- name: {name}\n  cluster: {cluster}\n"),
        format!(
            "users:\n- name: {user_name}\n  user: {}\n",
            json!({"token": token})
        ),
        format!("contexts:\n- name: {name}\n  context: {target}\n"),
        format!("current-context: {name}\n"),
    ]
    .concat()
}
