use futures_util::Stream;
use portcullis_types::authress::{AccessKeyBody, Client, ClientAccessKey, ClientBody, ClientCollection};

use super::area;
use crate::page::{Page, items, page};
use crate::{ListQuery, Result};

area! {
    /// Service clients and their access keys (spec `authress-api.md` §3.7).
    Clients
}

impl<'c> Clients<'c> {
    /// Creates a service client. It has no access key yet.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn create(&self, client: &ClientBody) -> Result<Client> {
        self.client.post(&["v1", "clients"]).body(client).json().await
    }

    /// All service clients; the query's filter is not used.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Client>> + Send + use<'c> {
        let this = *self;
        items(move |cursor| {
            let query = query.clone();
            async move { this.list_page(&query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<Client>> {
        let request = self.client.get(&["v1", "clients"]).maybe_query("limit", query.limit);
        page::<ClientCollection>(request, cursor).await
    }

    /// Reads a service client, with the public halves of its keys.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, client_id: &str) -> Result<Client> {
        self.client.get(&["v1", "clients", client_id]).json().await
    }

    /// Replaces a service client's name, options, limits and tags.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update(&self, client_id: &str, client: &ClientBody) -> Result<Client> {
        self.client.put(&["v1", "clients", client_id]).body(client).json().await
    }

    /// Deletes a service client; its keys and tokens count no longer.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, client_id: &str) -> Result<()> {
        self.client.delete(&["v1", "clients", client_id]).done().await
    }

    /// Makes an access key. The answer holds it, and nothing else ever will.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the client has as many keys as it may have (5).
    pub async fn create_access_key(&self, client_id: &str) -> Result<ClientAccessKey> {
        self.client.post(&["v1", "clients", client_id, "access-keys"]).json().await
    }

    /// Registers a key that the caller made: base64 of the DER SubjectPublicKeyInfo of an Ed25519 key, up to 256 characters.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the client has as many keys as it may have (5).
    pub async fn register_access_key(&self, client_id: &str, public_key: &str) -> Result<ClientAccessKey> {
        let body = AccessKeyBody { public_key: Some(public_key.to_owned()), ..AccessKeyBody::default() };
        self.client.post(&["v1", "clients", client_id, "access-keys"]).body(&body).json().await
    }

    /// Deletes an access key; what it signed counts no longer.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete_access_key(&self, client_id: &str, key_id: &str) -> Result<()> {
        self.client.delete(&["v1", "clients", client_id, "access-keys", key_id]).done().await
    }
}
