use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::product;
use portcullis_types::Problem;
use portcullis_types::plan::{Product, ProductBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/products";

/// Creates a product.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createProduct",
    tag = "Products",
    request_body = ProductBody,
    responses(
        (status = 201, description = "What was made.", body = Product),
        (status = 409, description = "The id is in use.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_product(
    call: Call,
    JsonBody(body): JsonBody<ProductBody>,
) -> Result<Response, Failure> {
    let work = product::create(call.portcullis(), &call.cx, body);
    let made = call.managed("product.create", "", work).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
