use portcullis_domain::{StoredRole, built_in_roles};
use portcullis_types::authress::Role;

use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists roles, the built-in ones among them; at most 100 a page.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Authress:Roles`; [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<Role>> {
    // Clients that know no paging expect every role, so the default is the maximum.
    let request = PageRequest { limit: request.limit.or(Some(100)), ..request };
    let limit = request.limit(100)?;
    let page = request.store_page(100, 128)?;
    portcullis.rights(cx).await?.require("READ", "Authress:Roles")?;
    let mut roles = portcullis.read().await?.queries().list_roles(&page).await?;
    let fits = |role: &StoredRole| {
        page.after.as_ref().is_none_or(|after| role.role_id > *after)
            && page.filter.as_ref().is_none_or(|filter| {
                role.role_id.to_lowercase().contains(filter) || role.name.to_lowercase().contains(filter)
            })
    };
    roles.extend(built_in_roles().into_iter().filter(fits));
    roles.sort_by(|a, b| a.role_id.cmp(&b.role_id));
    Ok(Listing::cut(roles, limit, |role| &role.role_id).map(|role| role.wire()))
}
