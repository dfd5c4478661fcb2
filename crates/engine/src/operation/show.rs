use portcullis_types::operation::Operation;

use super::management_resource;
use crate::{Cx, Error, Portcullis, Result};

/// Reads an operation.
///
/// # Errors
/// [`Error::NotFound`] also without READ on it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, operation_id: &str) -> Result<Operation> {
    portcullis_domain::operation_id(operation_id)?;
    let rights = portcullis.rights(cx).await?;
    let stored = portcullis.read().await?.queries().operation(operation_id).await?;
    let stored = stored.ok_or(Error::NotFound("operation"))?;
    rights.require_on("READ", &management_resource(operation_id), false, "operation")?;
    Ok(stored.wire())
}
