//! `OLLAMA_HOST` as Ollama itself reads it in, the address of the server out.

use crate::config::{Environment, Model};

/// Where Ollama listens unless told otherwise.
const USUAL: &str = "http://127.0.0.1:11434";
const USUAL_PORT: &str = "11434";

/// The address of an Ollama that the settings name, else the usual one.
pub(super) fn ollama(model: &Model, environment: &Environment) -> String {
    match model.url.trim() {
        "" => usual(environment),
        url => url.to_owned(),
    }
}

/// Where Ollama usually is on this machine.
pub(super) fn usual(environment: &Environment) -> String {
    let host = environment.get("OLLAMA_HOST").unwrap_or_default();
    let host = host.trim().trim_matches(['"', '\'']).trim_end_matches('/');
    if host.is_empty() {
        return USUAL.to_owned();
    }
    let (scheme, rest) = host.split_once("://").unwrap_or(("", host));
    let (place, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (name, port) = split_port(place);
    // What a server listens on everywhere is no address to call.
    let name = match name {
        "" | "0.0.0.0" => "127.0.0.1",
        "[::]" | "::" => "[::1]",
        name => name,
    };
    let port = match (port, scheme) {
        (Some(port), _) => format!(":{port}"),
        // A scheme brings its own port.
        (None, "http" | "https") => String::new(),
        (None, _) => format!(":{USUAL_PORT}"),
    };
    let scheme = if scheme.is_empty() { "http" } else { scheme };
    format!("{scheme}://{name}{port}{path}")
}

fn split_port(place: &str) -> (&str, Option<&str>) {
    // `[::1]:11434`, `::1`, `host:11434`, `:11434`
    if let Some(end) = place.rfind(']') {
        return (&place[..=end], place[end + 1..].strip_prefix(':'));
    }
    match place.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => (name, Some(port).filter(|port| !port.is_empty())),
        _ => (place, None),
    }
}

#[cfg(test)]
mod tests {
    use super::{Environment, usual};

    #[test]
    fn ollamas_variable_is_read_as_ollama_reads_it() {
        for (host, url) in [
            ("", "http://127.0.0.1:11434"),
            ("0.0.0.0", "http://127.0.0.1:11434"),
            ("0.0.0.0:9000", "http://127.0.0.1:9000"),
            (":9000", "http://127.0.0.1:9000"),
            ("gpu-box", "http://gpu-box:11434"),
            ("http://gpu-box", "http://gpu-box"),
            (
                "https://gpu.example:8443/ollama/",
                "https://gpu.example:8443/ollama",
            ),
            ("[::]:9000", "http://[::1]:9000"),
            ("\"127.0.0.1\"", "http://127.0.0.1:11434"),
        ] {
            let environment: Environment = [("OLLAMA_HOST".to_owned(), host.to_owned())]
                .into_iter()
                .collect();
            assert_eq!(usual(&environment), url, "{host:?}");
        }
    }
}
