use futures_util::Stream;
use portcullis_types::plan::{Plan, PlanBody, PlanCollection, Product, ProductBody, ProductCollection};

use super::area;
use crate::Result;
use crate::page::{ListQuery, Page, items, page};

area! {
    /// What is sold: products and their plans (`/v1/products`). Portcullis only.
    Products
}

impl<'c> Products<'c> {
    /// Creates a product.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the id is in use.
    pub async fn create(&self, product: &ProductBody) -> Result<Product> {
        self.client.post(&["v1", "products"]).body(product).json().await
    }

    /// The products.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Product>> + Send + use<'c> {
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
    pub async fn list_page(&self, query: &ListQuery, cursor: Option<&str>) -> Result<Page<Product>> {
        page::<ProductCollection>(query.on(self.client.get(&["v1", "products"])), cursor).await
    }

    /// Reads a product.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn show(&self, product_id: &str) -> Result<Product> {
        self.client.get(&["v1", "products", product_id]).json().await
    }

    /// Replaces a product.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update(&self, product_id: &str, product: &ProductBody) -> Result<Product> {
        self.client.put(&["v1", "products", product_id]).body(product).json().await
    }

    /// Deletes a product.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete(&self, product_id: &str) -> Result<()> {
        self.client.delete(&["v1", "products", product_id]).done().await
    }

    /// Creates a plan of a product.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 when the id is in use.
    pub async fn create_plan(&self, product_id: &str, plan: &PlanBody) -> Result<Plan> {
        self.client.post(&["v1", "products", product_id, "plans"]).body(plan).json().await
    }

    /// The plans of a product.
    pub fn plans(
        &self,
        product_id: &str,
        query: ListQuery,
    ) -> impl Stream<Item = Result<Plan>> + Send + use<'c> {
        let (this, product_id) = (*self, product_id.to_owned());
        items(move |cursor| {
            let (product_id, query) = (product_id.clone(), query.clone());
            async move { this.plans_page(&product_id, &query, cursor.as_deref()).await }
        })
    }

    /// One page of the same list, from `cursor` on.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn plans_page(
        &self,
        product_id: &str,
        query: &ListQuery,
        cursor: Option<&str>,
    ) -> Result<Page<Plan>> {
        page::<PlanCollection>(query.on(self.client.get(&["v1", "products", product_id, "plans"])), cursor)
            .await
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn plan(&self, product_id: &str, plan_id: &str) -> Result<Plan> {
        self.client.get(&["v1", "products", product_id, "plans", plan_id]).json().await
    }

    /// Replaces a plan.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn update_plan(&self, product_id: &str, plan_id: &str, plan: &PlanBody) -> Result<Plan> {
        self.client.put(&["v1", "products", product_id, "plans", plan_id]).body(plan).json().await
    }

    /// Deletes a plan.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn delete_plan(&self, product_id: &str, plan_id: &str) -> Result<()> {
        self.client.delete(&["v1", "products", product_id, "plans", plan_id]).done().await
    }
}
