use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::key;
use portcullis_types::key::KeyCollection;

use crate::call::Call;
use crate::failure::Failure;

const PATH: &str = "/v1/keys";

/// Lists the signing keys: a handful, so there are no pages.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listSigningKeys",
    tag = "Keys",
    responses(
        (status = 200, description = "All of them, the oldest first.", body = KeyCollection),
    ),
)]
pub(super) async fn list_signing_keys(call: Call) -> Result<Response, Failure> {
    let keys = call.managed("key.list", "", key::list(call.portcullis(), &call.cx)).await?;
    Ok(Json(KeyCollection { keys }).into_response())
}
