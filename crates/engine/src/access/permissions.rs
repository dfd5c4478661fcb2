use std::collections::BTreeMap;

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
        // What both give is the narrower of the two, whichever holds it.
        let narrower = union_of_permissions(portcullis.decider(), &token, &path);
        let by_token = permissions.into_iter().map(|one| limited(portcullis, &token, &path, one));
        let by_user = narrower.into_iter().map(|one| limited(portcullis, &grants, &path, one));
        permissions = merged(by_token.chain(by_user));
    }
    if permissions.is_empty() {
        return Err(Error::NotFound("permissions"));
    }
    let account = Some(AccountRef { account_id: portcullis.account().account_id.clone() });
    Ok(PermissionCollection { account, user_id: user_id.to_owned(), permissions })
}

/// One line an action, without those that give nothing, in the order of the actions.
fn merged(permissions: impl Iterator<Item = PermissionObject>) -> Vec<PermissionObject> {
    let mut merged: BTreeMap<String, PermissionObject> = BTreeMap::new();
    for one in permissions.filter(|one| one.allow || one.grant || one.delegate) {
        let known = merged.entry(one.action.to_ascii_lowercase()).or_insert_with(|| one.clone());
        known.allow |= one.allow;
        known.grant |= one.grant;
        known.delegate |= one.delegate;
    }
    merged.into_values().collect()
}

/// What other grants leave of a permission.
fn limited(
    portcullis: &Portcullis,
    grants: &LoadedGrants,
    path: &AskedPath<'_>,
    permission: PermissionObject,
) -> PermissionObject {
    let holds = |bits| {
        let decided =
            portcullis.decider().decide_loaded(grants, path, &permission.action, bits, &mut Unwatched);
        decided == Decision::Allow
    };
    PermissionObject {
        allow: permission.allow && holds(Bits::ALLOW),
        grant: permission.grant && holds(Bits::HAND_OUT_ALLOW),
        delegate: permission.delegate && holds(Bits::HAND_OUT_ALL),
        action: permission.action,
    }
}
