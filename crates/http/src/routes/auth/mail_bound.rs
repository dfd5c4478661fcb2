use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis_types::auth::MailBoundAnswer;

/// The one answer to everything that a mail tells the rest of: it must not say whether anybody is registered (AU-09).
pub(super) fn mail_bound() -> Response {
    let message = "If this address can be used here, a mail to it says how to go on.".to_owned();
    (StatusCode::ACCEPTED, Json(MailBoundAnswer { message })).into_response()
}
