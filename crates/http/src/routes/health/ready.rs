use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis_tower::ProblemResponse;
use portcullis_types::Problem;

use super::{Health, OK};
use crate::api::Api;
use crate::failure::Failure;

const PATH: &str = "/health/ready";

/// Answers 200 when requests can be answered well: the database answers, its schema is right, and the changes of other nodes
/// are heard. A node that does not should get no requests.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getReadiness",
    tag = "Health",
    responses(
        (status = 200, description = "It is ready.", body = Health),
        (status = 503, description = "It is not; the log says why.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn ready(State(api): State<Api>) -> Result<Response, Failure> {
    match api.portcullis().ready().await {
        Ok(()) => Ok(Json(OK).into_response()),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            let problem = ProblemResponse::new(StatusCode::SERVICE_UNAVAILABLE, "Not ready", "NotReady");
            Err(problem.with_detail("the log says why").into())
        }
    }
}
