use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::application;
use portcullis_types::Problem;
use portcullis_types::application::{Application, ApplicationBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{ApplicationId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/applications/{applicationId}";

/// Replaces an application: what the body does not name gets its default. Its secrets stay, unless its method takes none any more.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateApplication",
    tag = "Applications",
    params(ApplicationId, UnmodifiedSinceHeader),
    request_body = ApplicationBody,
    responses(
        (status = 200, description = "The application as it is now.", body = Application),
        (status = 404, description = "There is no such application, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_application(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<ApplicationBody>,
) -> Result<Response, Failure> {
    let id = path.get::<ApplicationId>()?;
    let work = application::update(call.portcullis(), &call.cx, &id, body, since.0);
    Ok(Json(call.managed("application.update", &id, work).await?).into_response())
}
