//! Jamie inside a web service of your own: `POST /ask` with a question, JSON back.
//!
//! `axum_service KUBECONFIG` prints the address it listens on.
#![allow(clippy::print_stdout)]

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use jamie::{Answer, Config, ErrorKind, Jamie, Request};
use serde::Deserialize;

/// What the service is asked.
#[derive(Deserialize)]
struct Ask {
    question: String,
    user: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut config = Config::default();
    config.kubernetes.kubeconfig = std::env::args().nth(1).ok_or("usage: axum_service KUBECONFIG")?;
    let jamie = Arc::new(jamie::assemble(&config).await?);
    let app = Router::new().route("/ask", post(ask)).with_state(jamie);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

/// One conversation per user: "and its logs?" means what that user asked about before.
async fn ask(
    State(jamie): State<Arc<Jamie>>,
    Json(ask): Json<Ask>,
) -> Result<Json<Answer>, (StatusCode, String)> {
    let request = Request::new(ask.question, ask.user.as_str(), ask.user.as_str());
    jamie.ask(request).await.map(Json).map_err(|error| {
        let status = match error.kind() {
            ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
            ErrorKind::NotFound | ErrorKind::Ambiguous => StatusCode::NOT_FOUND,
            ErrorKind::Unauthorized | ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_GATEWAY,
        };
        (status, format!("{error}. {}", error.hint().unwrap_or_default()))
    })
}
