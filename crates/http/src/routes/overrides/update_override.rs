use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user_override;
use portcullis_types::Problem;
use portcullis_types::policy::{Override, OverrideBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{OverrideId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/overrides/{overrideId}";

/// Replaces an override. It counts at once.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateOverride",
    tag = "Guard",
    params(OverrideId, UnmodifiedSinceHeader),
    request_body = OverrideBody,
    responses(
        (status = 200, description = "The override as it is now.", body = Override),
        (status = 404, description = "There is no such override, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It cannot be so.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_override(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<OverrideBody>,
) -> Result<Response, Failure> {
    let id = path.get::<OverrideId>()?;
    let work = user_override::update(call.portcullis(), &call.cx, &id, body, since.0);
    Ok(Json(call.managed("override.update", &id, work).await?).into_response())
}
