use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::application;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{ApplicationId, SecretId};

const PATH: &str = "/v1/applications/{applicationId}/secrets/{secretId}";

/// Deletes a secret of an application; nobody proves anything with it any more.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteApplicationSecret",
    tag = "Applications",
    params(ApplicationId, SecretId),
    responses(
        (status = 204, description = "Deleted."),
        (status = 404, description = "There is no such secret, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_secret(call: Call, path: RawPath) -> Result<Response, Failure> {
    let (id, secret_id) = (path.get::<ApplicationId>()?, path.get::<SecretId>()?);
    let work = application::delete_secret(call.portcullis(), &call.cx, &id, &secret_id);
    call.managed("application_secret.delete", &format!("{id}/{secret_id}"), work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
