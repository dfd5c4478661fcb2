use futures_util::Stream;
use portcullis_types::operation::{Operation, OperationBody, OperationCollection};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// Operations: the names by which applications ask their guard, and what each takes (`/v1/operations`). Portcullis only.
    Operations
}

impl<'c> Operations<'c> {
    /// Registers an operation.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the name is in use.
    pub async fn create(&self, operation: &OperationBody) -> Result<Operation> {
        self.client.post(&["v1", "operations"]).body(operation).json().await
    }

    /// The operations.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Operation>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<Operation>> {
        let request = self.client.get(&["v1", "operations"]);
        page::<OperationCollection>(query.on(request), cursor).await
    }

    /// Reads an operation, by its name, or by `name@tenant` for what a tenant has in its place.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, operation_id: &str) -> Result<Operation> {
        self.client.get(&["v1", "operations", operation_id]).json().await
    }

    /// Replaces an operation; the next guarded request sees it.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update(&self, operation_id: &str, operation: &OperationBody) -> Result<Operation> {
        self.client.put(&["v1", "operations", operation_id]).body(operation).json().await
    }

    /// Deletes an operation: nobody may do it from now on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, operation_id: &str) -> Result<()> {
        self.client.delete(&["v1", "operations", operation_id]).done().await
    }
}
