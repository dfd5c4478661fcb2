use portcullis_types::authress::UserIdentity;

use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists users' profiles; at most 100 a page.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Authress:Users`; [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<UserIdentity>> {
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    let rights = portcullis.rights(cx).await?;
    if !rights.holds("READ", "Authress:Users/*") {
        rights.require("READ", "Authress:Users")?;
    }
    let users = portcullis.read().await?.queries().list_users(&page).await?;
    Ok(Listing::cut(users, limit, |user| &user.user_id).map(|user| user.wire()))
}
