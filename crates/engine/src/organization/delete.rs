use portcullis_store::{ChangeKind, Page};

use super::{Inside, Need};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// How many members are read at once.
const BATCH: u32 = 500;

/// Deletes an organization for good, with its members and their access records, its tenants, subscriptions and usage. Its wallet
/// and the audit trail stay.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] unless the caller is an OWNER or holds UPDATE on it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, organization_id: &str) -> Result<()> {
    let (portcullis, cx, id) = (portcullis.clone(), cx.clone(), organization_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        Inside::change(&mut unit, &rights, &cx, &id).await?.require(&rights, Need::Own, None)?;
        let mut page = Page::first(BATCH);
        loop {
            let members = unit.queries().list_members(&id, &page).await?;
            for member in &members {
                crate::member::delete_record(&portcullis, &mut unit, &id, &member.user_id).await?;
            }
            match members.into_iter().next_back() {
                Some(last) => page.after = Some(last.user_id),
                None => break,
            }
        }
        if !unit.queries().delete_organization(&id).await? {
            return Err(Error::NotFound("organization"));
        }
        unit.changed(ChangeKind::Organization, &id);
        unit.audit("organization.delete", &id, None);
        unit.commit().await
    })
    .await
}
