use portcullis_types::sign_in::{PoolUser, UserState};

use crate::access::checked;
use crate::{Cx, Error, Listing, PageRequest, Portcullis, Result};

/// Lists the users of a pool, all of them or those in one state, in the order of their ids; at most 100 a page. The filter
/// looks into id, name and address.
///
/// # Errors
/// [`Error::Forbidden`] without READ on `Authress:Users`; [`Error::NotFound`] for a pool that does not exist;
/// [`Error::Invalid`].
pub async fn list_in_pool(
    portcullis: &Portcullis,
    cx: &Cx,
    pool_id: &str,
    state: Option<UserState>,
    request: PageRequest,
) -> Result<Listing<PoolUser>> {
    checked(portcullis_types::id::pool_id, "poolId", pool_id)?;
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    let rights = portcullis.rights(cx).await?;
    if !rights.holds("READ", "Authress:Users/*") {
        rights.require("READ", "Authress:Users")?;
    }
    let mut snapshot = portcullis.read().await?;
    if snapshot.queries().user_pool(pool_id).await?.is_none() {
        return Err(Error::NotFound("user pool"));
    }
    let users = snapshot.queries().list_pool_users(pool_id, state, &page).await?;
    Ok(Listing::cut(users, limit, |user| &user.user_id).map(|user| user.pool_user()))
}
