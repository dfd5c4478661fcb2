use portcullis_domain::UserGroup;
use portcullis_store::{Page, Queries};
use portcullis_types::authress::Group;

use super::{management_resource, wire};
use crate::access::Rights;
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists groups: all with READ on `Authress:Groups`, else those that the caller is an admin of. At most 20 a page.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<Group>> {
    let limit = request.limit(20)?;
    let page = request.store_page(20, 64)?;
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let groups = if rights.holds("READ", "Authress:Groups/*") {
        snapshot.queries().list_groups(&page).await?
    } else {
        own(snapshot.queries(), cx, &rights, page).await?
    };
    Ok(Listing::cut(groups, limit, |group| &group.group_id).map(|group| wire(portcullis, &group)))
}

/// The groups that the caller is an admin of, as far as the caller's token reaches.
async fn own(queries: &mut dyn Queries, cx: &Cx, rights: &Rights, mut page: Page) -> Result<Vec<UserGroup>> {
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut kept: Vec<UserGroup> = Vec::new();
    loop {
        let batch = queries.groups_by_admin(cx.name(), &page).await?;
        let full = batch.len() == wanted;
        page.after = batch.last().map(|group| group.group_id.clone());
        kept.extend(
            batch
                .into_iter()
                .filter(|group| rights.token_covers("READ", &management_resource(&group.group_id))),
        );
        if !full || kept.len() >= wanted {
            kept.truncate(wanted);
            return Ok(kept);
        }
    }
}
