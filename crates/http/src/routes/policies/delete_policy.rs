use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::policy;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::PolicyId;

const PATH: &str = "/v1/policies/{policyId}";

/// Deletes an attribute policy for good.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deletePolicy",
    tag = "Guard",
    params(PolicyId),
    responses(
        (status = 204, description = "Deleted."),
        (status = 404, description = "There is no such policy, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_policy(call: Call, path: RawPath) -> Result<Response, Failure> {
    let id = path.get::<PolicyId>()?;
    call.managed("policy.delete", &id, policy::delete(call.portcullis(), &call.cx, &id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
