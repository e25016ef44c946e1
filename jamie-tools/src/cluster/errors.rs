//! Everything that can go wrong on the way to an API server, in plain words with a hint.

use std::error::Error as StdError;

use jamie_core::{Error, ErrorKind};
use jiff::Timestamp;
use rustls::{AlertDescription, CertificateError};

/// The words for a client library's error; `server` is the address, `certificate_ends` the end of our own
/// client certificate where we have one.
pub fn explain(error: kube::Error, server: &str, certificate_ends: Option<Timestamp>) -> Error {
    match error {
        kube::Error::Api(status) => by_status(status.code, &status.message, server, certificate_ends),
        kube::Error::Auth(source) => Error::new(
            ErrorKind::Unauthorized,
            format!("I could not log in to {server}: {source}"),
        )
        .with_hint(
            "the kubeconfig's user runs a login helper or reads a token file: check that it works by itself",
        ),
        kube::Error::InferKubeconfig(source) => Error::new(
            ErrorKind::Config,
            format!("the kubeconfig cannot be used: {source}"),
        ),
        kube::Error::RustlsTls(source) => Error::new(
            ErrorKind::Config,
            format!("the certificates in the kubeconfig cannot be used: {source}"),
        ),
        kube::Error::ProxyProtocolUnsupported { proxy_url }
        | kube::Error::ProxyProtocolDisabled { proxy_url, .. } => Error::new(
            ErrorKind::Config,
            format!("the proxy {proxy_url} is of a kind I cannot use"),
        )
        .with_hint("use an http:// or https:// proxy"),
        other => by_transport(&other, server, certificate_ends),
    }
}

/// The words for an HTTP status.
pub(super) fn by_status(
    code: u16,
    message: &str,
    server: &str,
    certificate_ends: Option<Timestamp>,
) -> Error {
    let message = first_line(message);
    match code {
        401 => unauthorized(server, certificate_ends),
        403 => Error::new(
            ErrorKind::Forbidden,
            format!("{server} does not allow this: {message}"),
        )
        .with_hint("ask for the missing permission; `jamie doctor` lists what I need"),
        404 => Error::new(ErrorKind::NotFound, message),
        408 | 504 => Error::new(
            ErrorKind::Timeout,
            format!("{server} took too long ({code}: {message})"),
        )
        .with_hint("try again in a moment"),
        409 | 410 => Error::new(
            ErrorKind::Unavailable,
            format!("{server} moved on meanwhile ({code}: {message})"),
        )
        .with_hint("try again"),
        429 => Error::new(
            ErrorKind::RateLimited,
            format!("{server} says there are too many requests (429)"),
        )
        .with_hint("wait a moment and ask again"),
        500..=599 => Error::new(
            ErrorKind::Unavailable,
            format!("the API server at {server} is failing ({code}: {message})"),
        )
        .with_hint("check the control plane; asking again may help"),
        400..=499 => Error::new(
            ErrorKind::InvalidInput,
            format!("{server} refused the request ({code}: {message})"),
        ),
        _ => Error::new(
            ErrorKind::Unavailable,
            format!("{server} answered with the unexpected status {code}: is it a Kubernetes API server?"),
        ),
    }
}

fn unauthorized(server: &str, certificate_ends: Option<Timestamp>) -> Error {
    if let Some(ends) = certificate_ends
        && ends < Timestamp::now()
    {
        return expired_client(server, Some(ends));
    }
    Error::new(
        ErrorKind::Unauthorized,
        format!(
            "{server} does not know who I am (401): the token or certificate is missing, wrong or expired"
        ),
    )
    .with_hint("log in again, then check with `kubectl auth whoami`")
}

fn expired_client(server: &str, ends: Option<Timestamp>) -> Error {
    let when = ends.map_or_else(String::new, |ends| format!(" on {}", ends.strftime("%-d %B %Y")));
    Error::new(
        ErrorKind::Unauthorized,
        format!("the client certificate in the kubeconfig expired{when}, so {server} turned me away"),
    )
    .with_hint("get a fresh kubeconfig or renew the certificate")
}

/// The words for an answer that did not come in time.
pub(super) fn too_slow(server: &str, seconds: u64) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("{server} did not answer within {seconds} s"),
    )
    .with_hint("check the network or the API server's load, or allow more time with --timeout")
}

/// An error and what caused it, outermost first.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> Vec<&'a (dyn StdError + 'static)> {
    let mut causes = vec![error];
    let mut current = error;
    while causes.len() < 16 {
        // An I/O error hides the error that it wraps from `source`.
        let inner: Option<&'a (dyn StdError + 'static)> = match current.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
            None => None,
        };
        let Some(next) = inner.or_else(|| current.source()) else {
            break;
        };
        causes.push(next);
        current = next;
    }
    causes
}

fn by_transport(error: &kube::Error, server: &str, certificate_ends: Option<Timestamp>) -> Error {
    for cause in chain(error) {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return by_tls(tls, server, certificate_ends);
        }
    }
    for cause in chain(error) {
        let text = cause.to_string();
        if text.contains("dns error") || text.contains("failed to lookup address") {
            return Error::new(
                ErrorKind::Unreachable,
                format!("the name in {server} does not resolve: {}", deepest(error)),
            )
            .with_hint("check the `server:` address in the kubeconfig, your VPN and your DNS");
        }
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            use std::io::ErrorKind as Io;
            match io.kind() {
                Io::ConnectionRefused => {
                    return Error::new(
                        ErrorKind::Unreachable,
                        format!("nothing answers at {server}: connection refused"),
                    )
                    .with_hint("is the cluster running, and is the port right?");
                }
                Io::TimedOut => {
                    return Error::new(
                        ErrorKind::Unreachable,
                        format!("{server} cannot be reached: connecting timed out"),
                    )
                    .with_hint("check the network, your VPN and the `server:` address in the kubeconfig");
                }
                Io::HostUnreachable | Io::NetworkUnreachable | Io::AddrNotAvailable => {
                    return Error::new(
                        ErrorKind::Unreachable,
                        format!("there is no way to {server}: {io}"),
                    )
                    .with_hint("check the network and your VPN");
                }
                Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe | Io::UnexpectedEof => {
                    return cut(server);
                }
                _ => {}
            }
        }
        if text.contains("connection closed")
            || text.contains("incomplete message")
            || text.contains("end of file")
        {
            return cut(server);
        }
    }
    Error::new(
        ErrorKind::Unreachable,
        format!("I could not talk to {server}: {}", deepest(error)),
    )
    .with_hint("check the address in the kubeconfig: does it speak HTTPS where http is written, or the other way round?")
}

/// The words for a connection that broke in the middle of an answer.
pub(super) fn cut(server: &str) -> Error {
    Error::new(
        ErrorKind::Unavailable,
        format!("{server} cut the connection in the middle of an answer"),
    )
    .with_hint("try again; if it keeps happening, look at the API server or the proxy before it")
}

fn deepest(error: &kube::Error) -> String {
    let last = chain(error)
        .last()
        .map(std::string::ToString::to_string)
        .unwrap_or_default();
    first_line(&last)
}

fn by_tls(error: &rustls::Error, server: &str, certificate_ends: Option<Timestamp>) -> Error {
    let unreachable = |message: String| Error::new(ErrorKind::Unreachable, message);
    match error {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                let when = match reason {
                    CertificateError::ExpiredContext { not_after, .. } => {
                        Timestamp::from_second(i64::try_from(not_after.as_secs()).unwrap_or(0))
                            .map(|ends| format!(" on {}", ends.strftime("%-d %B %Y")))
                            .unwrap_or_default()
                    }
                    _ => String::new(),
                };
                unreachable(format!("the server certificate of {server} expired{when}"))
                    .with_hint("renew the API server's certificate; if it is valid, check this machine's clock")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                unreachable(format!("the server certificate of {server} is not valid yet"))
                    .with_hint("check this machine's clock")
            }
            // An authority of the same name with another key shows as a bad signature.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => unreachable(format!(
                "the server certificate of {server} is signed by an authority that the kubeconfig does not trust"
            ))
            .with_hint("the kubeconfig's certificate-authority-data belongs to another cluster, or something intercepts TLS"),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => unreachable(
                format!("the server certificate of {server} is for another name"),
            )
            .with_hint("use an address that the certificate names, or set tls-server-name in the kubeconfig"),
            other => unreachable(format!("the server certificate of {server} is not acceptable: {other}")),
        },
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateExpired => expired_client(server, certificate_ends),
            AlertDescription::BadCertificate
            | AlertDescription::CertificateRequired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied => {
                if certificate_ends.is_some_and(|ends| ends < Timestamp::now()) {
                    return expired_client(server, certificate_ends);
                }
                Error::new(
                    ErrorKind::Unauthorized,
                    format!("{server} does not accept the client certificate of the kubeconfig ({alert:?})"),
                )
                .with_hint("get a fresh kubeconfig for this cluster")
            }
            other => unreachable(format!("{server} broke off the TLS handshake ({other:?})")),
        },
        rustls::Error::InvalidMessage(_) => unreachable(format!("{server} does not speak TLS"))
            .with_hint("the `server:` address in the kubeconfig says https; is it a plain http port?"),
        other => unreachable(format!("the TLS connection to {server} failed: {other}")),
    }
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    let mut kept: String = line.chars().take(300).collect();
    if kept.is_empty() {
        "no reason given".clone_into(&mut kept);
    }
    kept
}
