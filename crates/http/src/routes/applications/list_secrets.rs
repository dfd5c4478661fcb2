use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::application;
use portcullis_types::Problem;
use portcullis_types::application::ApplicationSecretCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::ApplicationId;

const PATH: &str = "/v1/applications/{applicationId}/secrets";

/// Lists the secrets of an application: their ids and when they were made.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getApplicationSecrets",
    tag = "Applications",
    params(ApplicationId),
    responses(
        (status = 200, description = "All of them; at most two.", body = ApplicationSecretCollection),
        (status = 404, description = "There is no such application, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_secrets(call: Call, path: RawPath) -> Result<Response, Failure> {
    let id = path.get::<ApplicationId>()?;
    let work = application::list_secrets(call.portcullis(), &call.cx, &id);
    let secrets = call.managed("application_secret.list", &id, work).await?;
    Ok(Json(ApplicationSecretCollection { secrets }).into_response())
}
