use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::key;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::KeyId;

const PATH: &str = "/v1/keys/{keyId}";

/// Drops a signing key at once, because somebody else may have it: within a second every node refuses what it signed. If it was the
/// active one, the next one takes its place without waiting, or a new one.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "revokeSigningKey",
    tag = "Keys",
    params(KeyId),
    responses(
        (status = 204, description = "Dropped."),
        (status = 404, description = "There is no such key, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The keys changed at the same moment.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn revoke_key(call: Call, path: RawPath) -> Result<Response, Failure> {
    let id = path.get::<KeyId>()?;
    call.managed("key.revoke", &id, key::revoke(call.portcullis(), &call.cx, &id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
