use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::application;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::ApplicationId;

const PATH: &str = "/v1/applications/{applicationId}";

/// Deletes an application for good.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteApplication",
    tag = "Applications",
    params(ApplicationId),
    responses(
        (status = 204, description = "Deleted."),
        (status = 404, description = "There is no such application, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_application(call: Call, path: RawPath) -> Result<Response, Failure> {
    let id = path.get::<ApplicationId>()?;
    call.managed("application.delete", &id, application::delete(call.portcullis(), &call.cx, &id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
