use portcullis_domain::StoredOperation;
use portcullis_store::ChangeKind;
use portcullis_types::operation::{Operation, OperationBody};

use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Creates an operation. It counts at once.
///
/// # Errors
/// [`Error::Forbidden`] without CREATE on `Portcullis:Operations`; [`Error::Conflict`] when the id is in use;
/// [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: OperationBody) -> Result<Operation> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let operation = StoredOperation::from_body(body, 1, portcullis.change_time(None))?;
        let rights = portcullis.rights(&cx).await?;
        rights.require_create(super::COLLECTION)?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().insert_operation(&operation).await? {
            return Err(Error::Conflict("an operation of this id exists"));
        }
        unit.changed(ChangeKind::Operation, &operation.operation_id);
        unit.audit("operation.create", &operation.operation_id, None);
        unit.commit().await?;
        Ok(operation.wire())
    })
    .await
}
