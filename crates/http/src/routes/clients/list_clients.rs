use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::client;
use portcullis_types::authress::ClientCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::Paged20;

const PATH: &str = "/v1/clients";

/// Lists the service clients.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getClients",
    tag = "Service clients",
    params(Paged20),
    responses(
        (status = 200, description = "A page.", body = ClientCollection),
    ),
)]
pub(super) async fn list_clients(call: Call, query: Query) -> Result<Response, Failure> {
    let work = client::list(call.portcullis(), &call.cx, query.page()?);
    let listing = call.managed("client.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(ClientCollection { clients: listing.items, pagination, links }).into_response())
}
