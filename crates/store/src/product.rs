use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::StoredProduct;
use portcullis_types::Timestamp;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::{fold_all, tag_texts};
use crate::{Page, Result, body};

/// Products (table `pc_product`). Their plans are in [`Plans`](crate::Plans).
#[async_trait]
pub trait Products: Send {
    /// Adds a product. False: the id exists.
    async fn insert_product(&mut self, product: &StoredProduct) -> Result<bool>;

    /// Replaces a product. False: there is none of that id.
    async fn update_product(&mut self, product: &StoredProduct) -> Result<bool>;

    /// Deletes a product. False: there is none of that id.
    async fn delete_product(&mut self, product_id: &str) -> Result<bool>;

    /// The product of that id.
    async fn product(&mut self, product_id: &str) -> Result<Option<StoredProduct>>;

    /// The product of that id, which nobody else changes before this transaction ends.
    async fn product_for_update(&mut self, product_id: &str) -> Result<Option<StoredProduct>>;

    /// Products in the order of their ids; the filter looks into id, name and tags.
    async fn list_products(&mut self, page: &Page) -> Result<Vec<StoredProduct>>;
}

fn folded(product: &StoredProduct) -> String {
    let own = [product.product_id.as_str(), &product.name];
    fold_all(own.into_iter().chain(tag_texts(product.tags.as_ref())))
}

fn read((product_id, text, updated_at): (String, String, i64)) -> Result<StoredProduct> {
    let product = body::decode("product", &product_id, &text)?;
    Ok(StoredProduct { product_id, updated_at: Timestamp::from_micros(updated_at), ..product })
}

#[apply(per_backend!)]
#[async_trait]
impl Products for Conn {
    async fn insert_product(&mut self, product: &StoredProduct) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_product (product_id, body, folded, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&product.product_id)
        .bind(body::encode("product", product)?)
        .bind(folded(product))
        .bind(product.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn update_product(&mut self, product: &StoredProduct) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_product SET body = $2, folded = $3, updated_at = $4 WHERE product_id = $1",
        )
        .bind(&product.product_id)
        .bind(body::encode("product", product)?)
        .bind(folded(product))
        .bind(product.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_product(&mut self, product_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_product WHERE product_id = $1").bind(product_id);
        Ok(done.execute(&mut *self).await?.rows_affected() > 0)
    }

    async fn product(&mut self, product_id: &str) -> Result<Option<StoredProduct>> {
        let sql = "SELECT product_id, body, updated_at FROM pc_product WHERE product_id = $1";
        let row = sqlx::query_as::<Db, _>(sql).bind(product_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn product_for_update(&mut self, product_id: &str) -> Result<Option<StoredProduct>> {
        let sql = for_update!("SELECT product_id, body, updated_at FROM pc_product WHERE product_id = $1");
        let row = sqlx::query_as::<Db, _>(sql).bind(product_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_products(&mut self, page: &Page) -> Result<Vec<StoredProduct>> {
        let sql = filtered!(
            "SELECT product_id, body, updated_at FROM pc_product WHERE product_id >= $1",
            "ORDER BY product_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }
}
