//! What the server is compared with: axum, the same route, the same answer, nothing behind it.

use std::net::SocketAddr;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;

use crate::Result;

/// Serves until it is ended; prints where, as the server does.
pub fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let answer = || async { ([(CONTENT_TYPE, "application/json")], "{}") };
        let router = Router::new()
            .route("/v1/users/{user}/resources/{resource}/permissions/{permission}", get(answer));
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        println!("listening on http://{}", listener.local_addr()?);
        axum::serve(listener, router).await?;
        Ok(())
    })
}
