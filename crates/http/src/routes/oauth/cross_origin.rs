//! Which answers scripts of other origins may read (AS-15): those to requests that carry their own proof, or need none. No cookie is
//! looked at there, and `Access-Control-Allow-Credentials` is never sent.

use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, options};
use utoipa_axum::router::OpenApiRouter;

use crate::api::Api;

const ANY: HeaderValue = HeaderValue::from_static("*");

/// Lets every origin read the answers of these routes.
pub(crate) fn open_to_every_origin(routes: OpenApiRouter<Api>) -> OpenApiRouter<Api> {
    routes.layer(map_response(allow))
}

async fn allow(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    // What a script needs to know of a refusal.
    let exposed = HeaderValue::from_static("WWW-Authenticate, Retry-After");
    response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    response
}

/// Answers what browsers ask before a request of another origin (Fetch §3.2).
pub(crate) fn preflight() -> MethodRouter<Api> {
    options(async || {
        let headers = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST")),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization, Content-Type")),
            (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200")),
        ];
        (StatusCode::NO_CONTENT, headers).into_response()
    })
}
