use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user_override;
use portcullis_types::Problem;
use portcullis_types::policy::Override;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::OverrideId;

const PATH: &str = "/v1/overrides/{overrideId}";

/// Reads an override.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getOverride",
    tag = "Guard",
    params(OverrideId),
    responses(
        (status = 200, description = "The override.", body = Override),
        (status = 404, description = "There is no such override, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_override(call: Call, path: RawPath) -> Result<Response, Failure> {
    let id = path.get::<OverrideId>()?;
    let work = user_override::show(call.portcullis(), &call.cx, &id);
    Ok(Json(call.managed("override.read", &id, work).await?).into_response())
}
