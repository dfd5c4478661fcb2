use portcullis_types::authress::Group;

use super::wire;
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists groups: all with READ on `Authress:Groups`, else those that the caller is an admin of. At most 20 a page.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<Group>> {
    let limit = request.limit(20)?;
    let page = request.store_page(20, 64)?;
    let all = portcullis.rights(cx).await?.holds("READ", "Authress:Groups/*");
    let mut snapshot = portcullis.read().await?;
    let groups = if all {
        snapshot.queries().list_groups(&page).await?
    } else {
        snapshot.queries().groups_by_admin(cx.name(), &page).await?
    };
    Ok(Listing::cut(groups, limit, |group| &group.group_id).map(|group| wire(portcullis, &group)))
}
