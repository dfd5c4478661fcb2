use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::application;
use portcullis_types::Problem;
use portcullis_types::application::CreatedSecret;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{AnyObject, MaybeJson, RawPath};
use crate::params::ApplicationId;

const PATH: &str = "/v1/applications/{applicationId}/secrets";

/// Makes another secret for an application.
///
/// The secret is in this answer and nowhere else: only its digest is kept. An application has at most two, so that one can be
/// replaced while both are good.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createApplicationSecret",
    tag = "Applications",
    params(ApplicationId),
    request_body(content = Option<AnyObject>),
    responses(
        (status = 201, description = "The secret.", body = CreatedSecret),
        (status = 404, description = "There is no such application, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The application has two secrets, or its authentication method takes none.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_secret(
    call: Call,
    path: RawPath,
    _body: MaybeJson<AnyObject>,
) -> Result<Response, Failure> {
    let id = path.get::<ApplicationId>()?;
    let work = application::create_secret(call.portcullis(), &call.cx, &id);
    let made = call.managed("application_secret.create", &id, work).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
