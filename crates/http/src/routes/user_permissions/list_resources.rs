use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::Error;
use portcullis::access::{self, Collection, ResourcesQuery};
use portcullis_types::FieldError;
use portcullis_types::authress::{AccountRef, UserResourcesCollection};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, RawPath};
use crate::page::page;
use crate::params::{Paged100, ResourcesParams, UserId};

const PATH: &str = "/v1/users/{userId}/resources";

/// Lists the resources that a user has access to (spec `authress-api.md` §4.7). None is an empty list, not a 404.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUserResources",
    tag = "User permissions",
    params(UserId, ResourcesParams, Paged100),
    responses(
        (status = 200, description = "A page.", body = UserResourcesCollection),
    ),
)]
pub(super) async fn list_resources(call: Call, path: RawPath, query: Query) -> Result<Response, Failure> {
    let user = path.get::<UserId>()?;
    let depths =
        [("TOP_LEVEL_ONLY", Collection::TopLevelOnly), ("INCLUDE_NESTED", Collection::IncludeNested)];
    let question = ResourcesQuery {
        resource_uri: query.text("resourceUri")?,
        collection: query.choice("collectionConfiguration", &depths)?.unwrap_or(Collection::TopLevelOnly),
        permission: query.text("permissions")?,
    };
    let listing = access::resources(call.portcullis(), &call.cx, &user, question, query.page()?).await;
    let listing = listing.map_err(as_written)?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    let account = Some(AccountRef { account_id: call.portcullis().account().account_id.clone() });
    let user_id = user.into_owned();
    let body = UserResourcesCollection { account, user_id, resources: listing.items, pagination, links };
    Ok(Json(body).into_response())
}

/// A permission's parameter has another name here than in the question.
fn as_written(error: Error) -> Error {
    match error {
        Error::Invalid(refused) if refused.field == "permission" => {
            FieldError { field: "permissions".to_owned(), ..refused }.into()
        }
        error => error,
    }
}
