use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::product;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::ProductId;

const PATH: &str = "/v1/products/{productId}";

/// Deletes a product that has no plans.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteProduct",
    tag = "Products",
    params(ProductId),
    responses(
        (status = 204, description = "Done."),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has plans.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_product(call: Call, path: RawPath) -> Result<Response, Failure> {
    let product_id = path.get::<ProductId>()?;
    let work = product::delete(call.portcullis(), &call.cx, &product_id);
    call.managed("product.delete", &product_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
