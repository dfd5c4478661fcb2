use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::client;
use portcullis_types::Problem;
use portcullis_types::authress::Client;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::ClientId;

const PATH: &str = "/v1/clients/{clientId}";

/// Reads a service client.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getClient",
    tag = "Service clients",
    params(ClientId),
    responses(
        (status = 200, description = "The service client.", body = Client),
        (status = 404, description = "There is no such service client, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_client(call: Call, path: RawPath) -> Result<Response, Failure> {
    let client_id = path.get::<ClientId>()?;
    let client = call
        .managed("client.read", &client_id, client::show(call.portcullis(), &call.cx, &client_id))
        .await?;
    Ok(Json(client).into_response())
}
