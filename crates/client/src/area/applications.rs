use futures_util::Stream;
use portcullis_types::application::{
    Application, ApplicationBody, ApplicationCollection, ApplicationSecret, ApplicationSecretCollection,
    CreatedApplication, CreatedSecret,
};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// OAuth clients and their secrets (`/v1/applications`). Portcullis only.
    Applications
}

impl<'c> Applications<'c> {
    /// Creates an application. Its secret, if its method takes one, is in the answer and nowhere else.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the id is in use, also by a user or a service client.
    pub async fn create(&self, application: &ApplicationBody) -> Result<CreatedApplication> {
        self.client.post(&["v1", "applications"]).body(application).json().await
    }

    /// The applications.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Application>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<Application>> {
        page::<ApplicationCollection>(query.on(self.client.get(&["v1", "applications"])), cursor).await
    }

    /// Reads an application.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, application_id: &str) -> Result<Application> {
        self.client.get(&["v1", "applications", application_id]).json().await
    }

    /// Replaces an application: what the body does not name gets its default. Its secrets stay, unless its method takes none
    /// any more.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update(&self, application_id: &str, application: &ApplicationBody) -> Result<Application> {
        self.client.put(&["v1", "applications", application_id]).body(application).json().await
    }

    /// Deletes an application; it gets no token any more.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, application_id: &str) -> Result<()> {
        self.client.delete(&["v1", "applications", application_id]).done().await
    }

    /// Makes another secret. The answer holds it, and nothing else ever will.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the application has two, or its method takes none.
    pub async fn create_secret(&self, application_id: &str) -> Result<CreatedSecret> {
        self.client.post(&["v1", "applications", application_id, "secrets"]).json().await
    }

    /// What is known of the secrets: their ids and when they were made.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn secrets(&self, application_id: &str) -> Result<Vec<ApplicationSecret>> {
        let request = self.client.get(&["v1", "applications", application_id, "secrets"]);
        Ok(request.json::<ApplicationSecretCollection>().await?.secrets)
    }

    /// Deletes a secret; nobody proves anything with it any more.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete_secret(&self, application_id: &str, secret_id: &str) -> Result<()> {
        self.client.delete(&["v1", "applications", application_id, "secrets", secret_id]).done().await
    }
}
