use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::product;
use portcullis_types::plan::ProductCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Filter64, Paged100};

const PATH: &str = "/v1/products";

/// Lists the products.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listProducts",
    tag = "Products",
    params(Paged100, Filter64),
    responses(
        (status = 200, description = "A page.", body = ProductCollection),
    ),
)]
pub(super) async fn list_products(call: Call, query: Query) -> Result<Response, Failure> {
    let work = product::list(call.portcullis(), &call.cx, query.filtered_page()?);
    let listing = call.managed("product.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(ProductCollection { products: listing.items, pagination, links }).into_response())
}
