use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::application;
use portcullis_types::Problem;
use portcullis_types::application::{ApplicationBody, CreatedApplication};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/applications";

/// Creates an application.
///
/// Its secret, if its authentication method takes one, is in this answer and nowhere else: only its digest is kept.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createApplication",
    tag = "Applications",
    request_body = ApplicationBody,
    responses(
        (status = 201, description = "The application, with its first secret if its method takes one.", body = CreatedApplication),
        (status = 409, description = "The id is in use, also by a user or a service client.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_application(
    call: Call,
    JsonBody(body): JsonBody<ApplicationBody>,
) -> Result<Response, Failure> {
    let target = body.application_id.clone().unwrap_or_default();
    let work = application::create(call.portcullis(), &call.cx, body);
    let made = call.managed("application.create", &target, work).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
