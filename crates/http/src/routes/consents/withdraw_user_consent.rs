use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth::consent;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{ApplicationId, UserId};

const PATH: &str = "/v1/users/{userId}/consents/{applicationId}";

/// Withdraws all that a user allowed an application, and ends what it was given: no token of it is good any more, here at once and
/// on other nodes within a second. It is asked about again, unless it is the installation's own. Takes UPDATE on
/// `Portcullis:Consents/{userId}`; everybody may withdraw their own.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "withdrawUserConsent",
    tag = "Applications",
    params(UserId, ApplicationId),
    responses(
        (status = 204, description = "Withdrawn."),
        (status = 404, description = "There is nothing that the caller may withdraw.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn withdraw_user_consent(call: Call, path: RawPath) -> Result<Response, Failure> {
    let (user_id, application_id) = (path.get::<UserId>()?, path.get::<ApplicationId>()?);
    let work = consent::withdraw(call.portcullis(), &call.cx, &user_id, &application_id);
    call.managed("consent.withdraw", &application_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
