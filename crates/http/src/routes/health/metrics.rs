use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use portcullis_types::Problem;

use crate::api::Api;
use crate::failure::Failure;

const PATH: &str = "/metrics";

/// What this node has counted, in the text format of Prometheus.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getMetrics",
    tag = "Health",
    responses(
        (status = 200, description = "The metrics.", body = String, content_type = "text/plain"),
        (status = 404, description = "This node gives none.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn metrics(State(api): State<Api>) -> Result<Response, Failure> {
    let render =
        api.options().metrics.as_ref().ok_or_else(|| Failure::not_found("this node gives no metrics"))?;
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, text)], render()).into_response())
}
