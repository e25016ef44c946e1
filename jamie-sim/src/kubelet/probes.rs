//! A container's probes in; their delays, and the kubelet's words when they fail, out.

use serde_json::Value;

use crate::{
    object::{number, text},
    scenario::{Behaviour, Does},
};

/// How long a container that fails this probe runs before it is killed, in milliseconds.
pub(super) fn patience(container: &Value, probe: &str) -> i64 {
    let probe = container.get(probe).unwrap_or(&Value::Null);
    let part = |field: &str, default: i64| number(probe, field).unwrap_or(default);
    (part("/initialDelaySeconds", 0) + part("/periodSeconds", 10) * part("/failureThreshold", 3).max(1))
        .max(1)
        * 1000
}

pub(super) fn period(container: &Value, probe: &str) -> i64 {
    number(container, &format!("/{probe}/periodSeconds"))
        .unwrap_or(10)
        .max(1)
        * 1000
}

pub(super) fn delay(container: &Value, probe: &str) -> i64 {
    number(container, &format!("/{probe}/initialDelaySeconds")).unwrap_or(0) * 1000
}

/// The message of the Unhealthy event.
pub(super) fn failure(behaviour: &Behaviour, container: &Value) -> String {
    let (word, probe) = match behaviour.does {
        Does::Liveness => ("Liveness", "livenessProbe"),
        Does::Startup => ("Startup", "startupProbe"),
        _ => ("Readiness", "readinessProbe"),
    };
    let given = behaviour
        .message
        .as_deref()
        .map(str::trim)
        .filter(|message| !message.is_empty());
    if let Some(message) = given {
        if ["Readiness probe", "Liveness probe", "Startup probe"]
            .iter()
            .any(|start| message.starts_with(start))
        {
            return message.to_owned();
        }
        return format!("{word} probe failed: {message}");
    }
    let probe = container.get(probe).unwrap_or(&Value::Null);
    let port = |kind: &str| {
        let port = probe.pointer(&format!("/{kind}/port"));
        match port {
            Some(Value::String(name)) => {
                let ports = crate::object::list(container, "/ports");
                ports
                    .iter()
                    .find(|one| text(one, "/name") == name)
                    .and_then(|one| number(one, "/containerPort"))
                    .unwrap_or(0)
            }
            Some(number) => number.as_i64().unwrap_or(0),
            None => 0,
        }
    };
    let what = if probe.get("tcpSocket").is_some() {
        format!(
            "dial tcp 10.244.1.7:{}: connect: connection refused",
            port("tcpSocket")
        )
    } else if probe.get("exec").is_some() {
        "command exited with code 1".to_owned()
    } else if probe.get("grpc").is_some() {
        "service unhealthy (responded with \"NOT_SERVING\")".to_owned()
    } else {
        "HTTP probe failed with statuscode: 503".to_owned()
    };
    format!("{word} probe failed: {what}")
}
