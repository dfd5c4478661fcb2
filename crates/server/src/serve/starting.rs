//! What is answered while the schema is migrated and keys are loaded.

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

pub(super) fn router() -> Router {
    Router::new().route("/health/live", get(|| async { StatusCode::OK })).fallback(|| async { not_ready() })
}

fn not_ready() -> Response {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": "Not ready",
        "status": 503,
        "detail": "The server is starting.",
        "errorCode": "NotReady",
        "errorId": "starting",
    });
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn alive_at_once_and_not_ready_yet() {
        let ask = async |path: &str| {
            router().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
        };
        assert_eq!(ask("/health/live").await.status(), 200);
        for path in ["/health/ready", "/v1/roles", "/"] {
            let answer = ask(path).await;
            assert_eq!(answer.status(), 503, "{path}");
            assert_eq!(answer.headers()["retry-after"], "1");
        }
    }
}
