use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{StoredPlan, StoredProduct};
use portcullis_types::Timestamp;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::fold_all;
use crate::{Page, Result, body};

/// Products and their plans (tables `pc_product`, `pc_plan`).
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

    /// Adds a plan. False: the id exists, in this product or another.
    async fn insert_plan(&mut self, plan: &StoredPlan) -> Result<bool>;

    /// Replaces a plan. False: there is none of that id in that product.
    async fn update_plan(&mut self, plan: &StoredPlan) -> Result<bool>;

    /// Deletes a plan. False: there is none of that id.
    async fn delete_plan(&mut self, plan_id: &str) -> Result<bool>;

    /// The plan of that id, whichever product's it is.
    async fn plan(&mut self, plan_id: &str) -> Result<Option<StoredPlan>>;

    /// The plan of that id, which nobody else changes before this transaction ends.
    async fn plan_for_update(&mut self, plan_id: &str) -> Result<Option<StoredPlan>>;

    /// A product's plans in the order of their ids; the filter looks into id, name and tags.
    async fn list_plans(&mut self, product_id: &str, page: &Page) -> Result<Vec<StoredPlan>>;
}

fn folded(id: &str, name: &str, tags: Option<&portcullis_types::authress::Tags>) -> String {
    let tags = tags.into_iter().flatten().flat_map(|(key, value)| [key.as_str(), value.as_str()]);
    fold_all([id, name].into_iter().chain(tags))
}

fn read_product((product_id, text, updated_at): (String, String, i64)) -> Result<StoredProduct> {
    let product = body::decode("product", &product_id, &text)?;
    Ok(StoredProduct { product_id, updated_at: Timestamp::from_micros(updated_at), ..product })
}

pub(crate) type PlanRow = (String, String, String, i64);

pub(crate) fn read_plan((plan_id, product_id, text, updated_at): PlanRow) -> Result<StoredPlan> {
    let plan = body::decode("plan", &plan_id, &text)?;
    Ok(StoredPlan { plan_id, product_id, updated_at: Timestamp::from_micros(updated_at), ..plan })
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
        .bind(folded(&product.product_id, &product.name, product.tags.as_ref()))
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
        .bind(folded(&product.product_id, &product.name, product.tags.as_ref()))
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
        row.map(read_product).transpose()
    }

    async fn product_for_update(&mut self, product_id: &str) -> Result<Option<StoredProduct>> {
        let sql = for_update!("SELECT product_id, body, updated_at FROM pc_product WHERE product_id = $1");
        let row = sqlx::query_as::<Db, _>(sql).bind(product_id).fetch_optional(&mut *self).await?;
        row.map(read_product).transpose()
    }

    async fn list_products(&mut self, page: &Page) -> Result<Vec<StoredProduct>> {
        let sql = filtered!(
            "SELECT product_id, body, updated_at FROM pc_product WHERE product_id >= $1",
            "ORDER BY product_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read_product).collect()
    }

    async fn insert_plan(&mut self, plan: &StoredPlan) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_plan (plan_id, product_id, body, folded, updated_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&plan.plan_id)
        .bind(&plan.product_id)
        .bind(body::encode("plan", plan)?)
        .bind(folded(&plan.plan_id, &plan.name, plan.tags.as_ref()))
        .bind(plan.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn update_plan(&mut self, plan: &StoredPlan) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_plan SET body = $3, folded = $4, updated_at = $5 WHERE plan_id = $1 AND product_id = $2",
        )
        .bind(&plan.plan_id)
        .bind(&plan.product_id)
        .bind(body::encode("plan", plan)?)
        .bind(folded(&plan.plan_id, &plan.name, plan.tags.as_ref()))
        .bind(plan.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_plan(&mut self, plan_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_plan WHERE plan_id = $1").bind(plan_id);
        Ok(done.execute(&mut *self).await?.rows_affected() > 0)
    }

    async fn plan(&mut self, plan_id: &str) -> Result<Option<StoredPlan>> {
        let sql = "SELECT plan_id, product_id, body, updated_at FROM pc_plan WHERE plan_id = $1";
        let row = sqlx::query_as::<Db, PlanRow>(sql).bind(plan_id).fetch_optional(&mut *self).await?;
        row.map(read_plan).transpose()
    }

    async fn plan_for_update(&mut self, plan_id: &str) -> Result<Option<StoredPlan>> {
        let sql = for_update!("SELECT plan_id, product_id, body, updated_at FROM pc_plan WHERE plan_id = $1");
        let row = sqlx::query_as::<Db, PlanRow>(sql).bind(plan_id).fetch_optional(&mut *self).await?;
        row.map(read_plan).transpose()
    }

    async fn list_plans(&mut self, product_id: &str, page: &Page) -> Result<Vec<StoredPlan>> {
        let sql = filtered!(
            "SELECT plan_id, product_id, body, updated_at FROM pc_plan WHERE product_id = $4 AND plan_id >= $1",
            "ORDER BY plan_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, PlanRow>(sql).bind(page.start()).bind(page.needle());
        let rows = rows.bind(page.limit()).bind(product_id).fetch_all(&mut *self).await?;
        rows.into_iter().map(read_plan).collect()
    }
}
