use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::application;
use portcullis_types::Problem;
use portcullis_types::application::Application;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::ApplicationId;

const PATH: &str = "/v1/applications/{applicationId}";

/// Reads an application.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getApplication",
    tag = "Applications",
    params(ApplicationId),
    responses(
        (status = 200, description = "The application.", body = Application),
        (status = 404, description = "There is no such application, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_application(call: Call, path: RawPath) -> Result<Response, Failure> {
    let id = path.get::<ApplicationId>()?;
    let work = application::show(call.portcullis(), &call.cx, &id);
    Ok(Json(call.managed("application.read", &id, work).await?).into_response())
}
