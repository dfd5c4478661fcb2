use portcullis_store::ChangeKind;

use super::{COLLECTION, of_organization};
use crate::access::checked;
use crate::change::Unit;
use crate::organization::Inside;
use crate::{Cx, Portcullis, Result};

/// Deletes a subscription for good, with its seats and its usage. To end one, set its status.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound); [`Error::Forbidden`](crate::Error::Forbidden) without UPDATE on
/// `Portcullis:Subscriptions/{id}`.
pub async fn delete(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    subscription_id: &str,
) -> Result<()> {
    checked(portcullis_types::id::plain_id, "subscriptionId", subscription_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (organization_id, id) = (organization_id.to_owned(), subscription_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        Inside::change(&mut unit, &rights, &cx, &organization_id).await?;
        of_organization(unit.queries().subscription_for_update(&id).await?, &organization_id)?;
        rights.require("UPDATE", &format!("{COLLECTION}/{id}"))?;
        unit.queries().delete_subscription(&id).await?;
        unit.changed(ChangeKind::Organization, &organization_id);
        unit.audit("subscription.delete", &id, Some(organization_id));
        unit.commit().await
    })
    .await
}
