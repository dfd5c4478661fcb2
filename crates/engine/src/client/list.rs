use portcullis_types::authress::Client;

use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists service clients; at most 20 a page.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Authress:ServiceClients`;
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<Client>> {
    let limit = request.limit(20)?;
    let page = request.store_page(20, 64)?;
    let rights = portcullis.rights(cx).await?;
    if !rights.holds("READ", "Authress:ServiceClients/*") {
        rights.require("READ", "Authress:ServiceClients")?;
    }
    let mut snapshot = portcullis.read().await?;
    let clients = snapshot.queries().list_clients(&page).await?;
    let listing = Listing::cut(clients, limit, |client| &client.client_id);
    let mut items = Vec::with_capacity(listing.items.len());
    for client in listing.items {
        items.push(client.wire(&snapshot.queries().access_keys(&client.client_id).await?));
    }
    Ok(Listing { items, next: listing.next })
}
