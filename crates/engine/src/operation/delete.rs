use portcullis_store::ChangeKind;

use super::management_resource;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes an operation for good.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without DELETE on it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, operation_id: &str) -> Result<()> {
    portcullis_domain::operation_id(operation_id)?;
    let (portcullis, cx, operation_id) = (portcullis.clone(), cx.clone(), operation_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().operation_for_update(&operation_id).await?;
        let _stored = stored.ok_or(Error::NotFound("operation"))?;
        rights.require_on("DELETE", &management_resource(&operation_id), false, "operation")?;

        unit.queries().delete_operation(&operation_id).await?;
        unit.changed(ChangeKind::Operation, &operation_id);
        unit.audit("operation.delete", &operation_id, None);
        unit.commit().await
    })
    .await
}
