use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::policy;
use portcullis_types::Problem;
use portcullis_types::policy::Policy;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::PolicyId;

const PATH: &str = "/v1/policies/{policyId}";

/// Reads an attribute policy.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getPolicy",
    tag = "Guard",
    params(PolicyId),
    responses(
        (status = 200, description = "The policy.", body = Policy),
        (status = 404, description = "There is no such policy, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_policy(call: Call, path: RawPath) -> Result<Response, Failure> {
    let id = path.get::<PolicyId>()?;
    let work = policy::show(call.portcullis(), &call.cx, &id);
    Ok(Json(call.managed("policy.read", &id, work).await?).into_response())
}
