use portcullis_authz::{AskedPath, Bits, Decision, Holder, LoadedGrants, Unwatched, union_of_permissions};
use portcullis_types::authress::{AccountRef, PermissionCollection, PermissionObject};

use super::ask::{parse_resource, parse_user};
use crate::{Cx, Error, Portcullis, Result};

/// Everything that a user may do on a resource (spec `authress-api.md` §3.1 `getUserPermissionsForResource`, §4.6).
///
/// # Errors
/// As [`check`](super::check()); [`Error::NotFound`] when there is nothing.
pub async fn permissions(
    portcullis: &Portcullis,
    cx: &Cx,
    user_id: &str,
    resource: &str,
) -> Result<PermissionCollection> {
    let path = parse_resource(portcullis, resource)?;
    let user = parse_user(user_id)?;
    let limited_by = portcullis.may_ask(cx, user).await?;
    let grants = portcullis.grants(Holder::User(user)).await?;
    let mut permissions = union_of_permissions(portcullis.decider(), &grants, &path);
    if let Some(token) = limited_by {
        let token = portcullis.grants(Holder::Token(token)).await?;
        permissions = permissions
            .into_iter()
            .map(|permission| limited(portcullis, &token, &path, permission))
            .filter(|permission| permission.allow || permission.grant || permission.delegate)
            .collect();
    }
    if permissions.is_empty() {
        return Err(Error::NotFound("permissions"));
    }
    let account = Some(AccountRef { account_id: portcullis.account().account_id.clone() });
    Ok(PermissionCollection { account, user_id: user_id.to_owned(), permissions })
}

/// What a token that is limited to other statements leaves of a permission.
fn limited(
    portcullis: &Portcullis,
    token: &LoadedGrants,
    path: &AskedPath<'_>,
    permission: PermissionObject,
) -> PermissionObject {
    let holds = |bits| {
        let decided =
            portcullis.decider().decide_loaded(token, path, &permission.action, bits, &mut Unwatched);
        decided == Decision::Allow
    };
    PermissionObject {
        allow: permission.allow && holds(Bits::ALLOW),
        grant: permission.grant && holds(Bits::HAND_OUT_ALLOW),
        delegate: permission.delegate && holds(Bits::HAND_OUT_ALL),
        action: permission.action,
    }
}
