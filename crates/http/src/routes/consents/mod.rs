//! What people allowed applications, for themselves and for whoever manages them.

mod list_user_consents;
mod withdraw_user_consent;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_user_consents::list_user_consents))
        .routes(routes!(withdraw_user_consent::withdraw_user_consent))
}
