use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::policy;
use portcullis_types::Problem;
use portcullis_types::policy::{Policy, PolicyBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{PolicyId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/policies/{policyId}";

/// Replaces an attribute policy. It counts at once.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updatePolicy",
    tag = "Guard",
    params(PolicyId, UnmodifiedSinceHeader),
    request_body = PolicyBody,
    responses(
        (status = 200, description = "The policy as it is now.", body = Policy),
        (status = 404, description = "There is no such policy, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It cannot be so.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_policy(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<PolicyBody>,
) -> Result<Response, Failure> {
    let id = path.get::<PolicyId>()?;
    let work = policy::update(call.portcullis(), &call.cx, &id, body, since.0);
    Ok(Json(call.managed("policy.update", &id, work).await?).into_response())
}
