use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth::consent;
use portcullis_types::Problem;
use portcullis_types::consent::ConsentCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}/consents";

/// Lists the applications that a user allowed something, or that hold tokens of theirs. Takes READ on `Portcullis:Consents/{userId}`;
/// everybody may list their own.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listUserConsents",
    tag = "Applications",
    params(UserId),
    responses(
        (status = 200, description = "The applications.", body = ConsentCollection),
        (status = 404, description = "The caller may not know of what this user allowed.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_user_consents(call: Call, path: RawPath) -> Result<Response, Failure> {
    let user_id = path.get::<UserId>()?;
    let work = consent::list(call.portcullis(), &call.cx, &user_id);
    let consents = call.managed("consent.list", &user_id, work).await?;
    Ok(Json(ConsentCollection { consents }).into_response())
}
