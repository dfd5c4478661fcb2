use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::client;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::ClientId;

const PATH: &str = "/v1/clients/{clientId}";

/// Deletes a service client; its keys and tokens count no longer.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteClient",
    tag = "Service clients",
    params(ClientId),
    responses(
        (status = 204, description = "Deleted."),
        (status = 404, description = "There is no such service client, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_client(call: Call, path: RawPath) -> Result<Response, Failure> {
    let client_id = path.get::<ClientId>()?;
    call.managed("client.delete", &client_id, client::delete(call.portcullis(), &call.cx, &client_id))
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
