//! Access records (spec `authress-api.md` §3.3).

mod create_record;
mod delete_record;
mod list_records;
mod show_record;
mod update_record;
mod update_record_by_post;

use axum::http::{HeaderMap, header};
use portcullis_types::Timestamp;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::failure::last_modified;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(create_record::create_record, list_records::list_records)).routes(
        routes!(
            show_record::show_record,
            update_record::update_record,
            update_record_by_post::update_record_by_post,
            delete_record::delete_record
        ),
    )
}

/// `Last-Modified` with the instant of `lastUpdated` (spec `authress-api.md` §1.6).
fn last_modified_header(at: Option<Timestamp>) -> HeaderMap {
    at.map(|at| (header::LAST_MODIFIED, last_modified(at))).into_iter().collect()
}
