use portcullis_domain::ResourcePath;
use portcullis_types::authress::{UserRole, UserRoleCollection};

use super::ask::bad_resource;
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// The users to whom records give access to exactly this resource (spec `authress-api.md` §3.5 `getResourceUsers`): complete,
/// in the order of their ids, at most 20 a page. An empty list, not an error, when there are none.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Authress:UserPermissions` and grant of `*` on the resource's
/// configuration; [`Error::Invalid`](crate::Error::Invalid).
pub async fn users(
    portcullis: &Portcullis,
    cx: &Cx,
    resource: &str,
    page: PageRequest,
) -> Result<Listing<UserRoleCollection>> {
    let normal = ResourcePath::normal(resource).map_err(|error| bad_resource("resourceUri", error))?;
    let limit = page.limit(20)?;
    let after = page.after()?;
    let rights = portcullis.rights(cx).await?;
    rights.require("READ", "Authress:UserPermissions")?;
    rights.require_grant_of_all(&crate::resource::config_resource(normal))?;
    let mut snapshot = portcullis.read().await?;
    let queries = snapshot.queries();
    let ids = queries.users_of_resource(normal, after.as_deref(), limit.saturating_add(1)).await?;
    let mut users = Vec::with_capacity(ids.len());
    for user_id in ids {
        let roles = queries.roles_on(&user_id, normal).await?;
        let roles = roles.into_iter().map(|role_id| UserRole { role_id }).collect();
        users.push(UserRoleCollection { user_id, roles });
    }
    Ok(Listing::cut(users, limit, |user| &user.user_id))
}
