use portcullis_types::authress::Client;

use super::management_resource;
use crate::access::checked;
use crate::{Cx, Error, Portcullis, Result};

/// Reads a service client with the public halves of its keys.
///
/// # Errors
/// [`Error::NotFound`] also without READ on it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, client_id: &str) -> Result<Client> {
    checked(portcullis_types::id::client_id, "clientId", client_id)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &management_resource(client_id), false, "client")?;
    let mut snapshot = portcullis.read().await?;
    let client = snapshot.queries().client(client_id).await?.ok_or(Error::NotFound("client"))?;
    Ok(client.wire(&snapshot.queries().access_keys(client_id).await?))
}
