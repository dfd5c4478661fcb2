use portcullis_authz::{Holder, LoadedGrants};
use portcullis_domain::ResourcePath;
use portcullis_types::authress::{UserRole, UserRoleCollection};

use super::ask::{bad_resource, parse_resource, parse_user};
use crate::{Cx, Error, Portcullis, Result};

/// The roles that records give a user on exactly this resource, once a statement that gives them (spec `authress-api.md`
/// §3.1 `getUserRolesForResource`, §4.6).
///
/// # Errors
/// As [`check`](super::check()); [`Error::NotFound`] when there are none.
pub async fn roles(
    portcullis: &Portcullis,
    cx: &Cx,
    user_id: &str,
    resource: &str,
) -> Result<UserRoleCollection> {
    let normal = ResourcePath::normal(resource).map_err(|error| bad_resource("resourceUri", error))?;
    let user = parse_user(user_id)?;
    let limited_by = portcullis.may_ask(cx, user).await?;
    let mut roles = portcullis.read().await?.queries().roles_on(user, normal).await?;
    if let Some(token) = limited_by {
        let token = portcullis.grants(Holder::Token(token)).await?;
        let reached = reached(portcullis, &token, resource)?;
        let indexes = portcullis.decider().roles().intern(roles.iter().map(String::as_str));
        let mut indexes = indexes.into_iter();
        roles.retain(|_| indexes.next().is_some_and(|index| reached.contains(&index)));
    }
    if roles.is_empty() {
        return Err(Error::NotFound("roles"));
    }
    let roles = roles.into_iter().map(|role_id| UserRole { role_id }).collect();
    Ok(UserRoleCollection { user_id: user_id.to_owned(), roles })
}

fn reached(
    portcullis: &Portcullis,
    grants: &LoadedGrants,
    resource: &str,
) -> Result<Vec<portcullis_authz::RoleIndex>> {
    let path = parse_resource(portcullis, resource)?;
    let mut reached = Vec::new();
    portcullis.decider().reach(grants, &path, |role| reached.push(role));
    Ok(reached)
}
