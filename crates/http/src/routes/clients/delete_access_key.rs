use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::client;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{ClientId, KeyId};

const PATH: &str = "/v1/clients/{clientId}/access-keys/{keyId}";

/// Deletes an access key; what it signed counts no longer.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteAccessKey",
    tag = "Service clients",
    params(ClientId, KeyId),
    responses(
        (status = 204, description = "Deleted."),
        (status = 404, description = "There is no such key, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_access_key(call: Call, path: RawPath) -> Result<Response, Failure> {
    let (client_id, key_id) = (path.get::<ClientId>()?, path.get::<KeyId>()?);
    let work = client::delete_key(call.portcullis(), &call.cx, &client_id, &key_id);
    call.managed("access_key.delete", &format!("{client_id}/{key_id}"), work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
