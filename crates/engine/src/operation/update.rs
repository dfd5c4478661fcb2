use portcullis_domain::StoredOperation;
use portcullis_store::ChangeKind;
use portcullis_types::FieldError;
use portcullis_types::operation::{Operation, OperationBody};

use super::management_resource;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result, UnmodifiedSince};

/// Replaces an operation. It counts at once.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it; [`Error::ChangedSince`]; [`Error::Invalid`].
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    operation_id: &str,
    body: OperationBody,
    expected: Option<UnmodifiedSince>,
) -> Result<Operation> {
    portcullis_domain::operation_id(operation_id)?;
    let named = StoredOperation::id_of(&body.operation, body.tenant_id.as_deref());
    if named != operation_id {
        return Err(FieldError::new("operation", "with tenantId, what the id in the path says").into());
    }
    let (portcullis, cx, operation_id) = (portcullis.clone(), cx.clone(), operation_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored =
            unit.queries().operation_for_update(&operation_id).await?.ok_or(Error::NotFound("operation"))?;
        rights.require_on("UPDATE", &management_resource(&operation_id), false, "operation")?;
        UnmodifiedSince::check(expected, stored.updated_at)?;
        let at = portcullis.change_time(Some(stored.updated_at));
        let version = stored.version.saturating_add(1);
        let operation = StoredOperation::from_body(body, version, at)?;
        unit.queries().update_operation(&operation).await?;
        unit.changed(ChangeKind::Operation, &operation.operation_id);
        unit.audit("operation.update", &operation.operation_id, None);
        unit.commit().await?;
        Ok(operation.wire())
    })
    .await
}
