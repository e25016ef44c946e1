//! Connections: accepted here, each served by its own task until its client or the server stops.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::router::Router;

/// How long connections have to finish once the server stops.
const FAREWELL: Duration = Duration::from_millis(300);

/// Serves until stopped.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Arc<Router>,
    stop: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Small answers should not wait for more to come.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(connect(stream, tls.clone(), Arc::clone(&router), stop.clone()));
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = stop.cancelled() => break,
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, finished).await.is_err() {
        connections.shutdown().await;
    }
}

async fn connect(stream: TcpStream, tls: Option<TlsAcceptor>, router: Arc<Router>, stop: CancellationToken) {
    let Some(tls) = tls else {
        return talk(stream, router, stop).await;
    };
    let shaken = tokio::select! {
        shaken = tls.accept(stream) => shaken,
        () = stop.cancelled() => return,
    };
    match shaken {
        Ok(stream) => talk(stream, router, stop).await,
        Err(error) => tracing::debug!(%error, "no TLS handshake"),
    }
}

async fn talk<S>(stream: S, router: Arc<Router>, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = Arc::clone(&router);
        // An error here makes hyper drop the connection, which is what a cut one looks like.
        async move { router.answer(request).await }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error, "a connection ended early");
    }
}
