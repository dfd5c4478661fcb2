//! What the server is compared with: axum, the same route, the same answer, nothing behind it.

use std::net::SocketAddr;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};

use crate::Result;

/// What a guard says of somebody who may.
const GUARDED: &str = r#"{"isAuthenticated":true,"context":{"user":{"id":"usr_000000000000000000000000x","name":null,"email":"asker0@bench.example","roles":[],"is_active":true},"organization":null,"tenant":null,"product":null,"session":{"id":"ses_000000000000000000000000x","auth_time":"2026-11-22T00:00:00.000Z","amr":["pwd"]},"sub":"usr_000000000000000000000000x"},"isAuthorized":true,"hasSufficientCredits":null,"error":null,"allowed":true,"statusCode":200,"operation":"read_document","decision":{"path":"ROLE_ALLOW","role":"reader","policyId":"rec_d0x0","reasonUser":"a role allows it"},"requestId":"00000000-0"}"#;

/// What introspection says of a token that is alive.
const INTROSPECTED: &str = r#"{"active":true,"scope":"bench:read","client_id":"bench-service","token_type":"Bearer","exp":1795392000,"iat":1795388400,"sub":"bench-service","aud":"http://127.0.0.1:40000/oauth2/userinfo","iss":"http://127.0.0.1:40000","jti":"AAAAAAAAAAAAAAAAAAAAAA"}"#;

/// Serves until it is ended; prints where, as the server does.
pub fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let answer = || async { ([(CONTENT_TYPE, "application/json")], "{}") };
        // As long as the guard's answer, after a body that is read whole.
        let guarded = |body: axum::body::Bytes| async move {
            std::hint::black_box(body);
            ([(CONTENT_TYPE, "application/json")], GUARDED)
        };
        let introspected = |body: axum::body::Bytes| async move {
            std::hint::black_box(body);
            ([(CONTENT_TYPE, "application/json")], INTROSPECTED)
        };
        let router = Router::new()
            .route("/v1/users/{user}/resources/{resource}/permissions/{permission}", get(answer))
            .route("/v1/guard", post(guarded))
            .route("/oauth2/introspect", post(introspected));
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        println!("listening on http://{}", listener.local_addr()?);
        axum::serve(listener, router).await?;
        Ok(())
    })
}
