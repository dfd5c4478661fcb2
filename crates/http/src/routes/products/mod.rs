//! Products: what is sold.

mod create_product;
mod delete_product;
mod list_products;
mod show_product;
mod update_product;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_product::create_product, list_products::list_products))
        .routes(routes!(
            show_product::show_product,
            update_product::update_product,
            delete_product::delete_product
        ))
}
