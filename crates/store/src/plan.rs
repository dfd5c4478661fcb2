use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::StoredPlan;
use portcullis_types::Timestamp;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::{fold_all, tag_texts};
use crate::{Page, Result, body};

/// Plans of products (table `pc_plan`).
#[async_trait]
pub trait Plans: Send {
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

fn folded(plan: &StoredPlan) -> String {
    let own = [plan.plan_id.as_str(), &plan.name];
    fold_all(own.into_iter().chain(tag_texts(plan.tags.as_ref())))
}

type Row = (String, String, String, i64);

pub(crate) fn read((plan_id, product_id, text, updated_at): Row) -> Result<StoredPlan> {
    let plan = body::decode("plan", &plan_id, &text)?;
    Ok(StoredPlan { plan_id, product_id, updated_at: Timestamp::from_micros(updated_at), ..plan })
}

#[apply(per_backend!)]
#[async_trait]
impl Plans for Conn {
    async fn insert_plan(&mut self, plan: &StoredPlan) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_plan (plan_id, product_id, body, folded, updated_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&plan.plan_id)
        .bind(&plan.product_id)
        .bind(body::encode("plan", plan)?)
        .bind(folded(plan))
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
        .bind(folded(plan))
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
        let row = sqlx::query_as::<Db, Row>(sql).bind(plan_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn plan_for_update(&mut self, plan_id: &str) -> Result<Option<StoredPlan>> {
        let sql = for_update!("SELECT plan_id, product_id, body, updated_at FROM pc_plan WHERE plan_id = $1");
        let row = sqlx::query_as::<Db, Row>(sql).bind(plan_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_plans(&mut self, product_id: &str, page: &Page) -> Result<Vec<StoredPlan>> {
        let sql = filtered!(
            "SELECT plan_id, product_id, body, updated_at FROM pc_plan WHERE product_id = $4 AND plan_id >= $1",
            "ORDER BY plan_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, Row>(sql).bind(page.start()).bind(page.needle());
        let rows = rows.bind(page.limit()).bind(product_id).fetch_all(&mut *self).await?;
        rows.into_iter().map(read).collect()
    }
}
