use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::user_override;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::OverrideId;

const PATH: &str = "/v1/overrides/{overrideId}";

/// Deletes an override for good.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteOverride",
    tag = "Guard",
    params(OverrideId),
    responses(
        (status = 204, description = "Deleted."),
        (status = 404, description = "There is no such override, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_override(call: Call, path: RawPath) -> Result<Response, Failure> {
    let id = path.get::<OverrideId>()?;
    call.managed("override.delete", &id, user_override::delete(call.portcullis(), &call.cx, &id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
