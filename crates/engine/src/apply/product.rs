use portcullis_domain::{StoredPlan, StoredProduct};
use portcullis_store::ChangeKind;
use portcullis_types::plan::{PlanBody, ProductBody};
use portcullis_types::{FieldError, id};

use super::{Applying, Verb, required, under};
use crate::Result;

impl Applying {
    /// Products, and then plans, which name them.
    pub(super) async fn sold(&mut self, products: Vec<ProductBody>, plans: Vec<PlanBody>) -> Result<()> {
        for (index, product) in products.into_iter().enumerate() {
            self.product(product).await.map_err(|error| under(error, "products", index))?;
        }
        for (index, plan) in plans.into_iter().enumerate() {
            self.plan(plan).await.map_err(|error| under(error, "plans", index))?;
        }
        Ok(())
    }

    async fn product(&mut self, body: ProductBody) -> Result<()> {
        let product_id = required("productId", body.product_id.clone(), id::plain_id)?;
        let stored = self.unit.queries().product_for_update(&product_id).await?;
        let at = self.portcullis.change_time(stored.as_ref().map(|stored| stored.updated_at));
        let product = StoredProduct::from_body(body, product_id, at)?;
        let verb = match &stored {
            None => Verb::Create,
            Some(stored)
                if *stored == (StoredProduct { updated_at: stored.updated_at, ..product.clone() }) =>
            {
                Verb::Unchanged
            }
            Some(_) => Verb::Update,
        };
        match verb {
            Verb::Unchanged => {}
            Verb::Create => drop(self.unit.queries().insert_product(&product).await?),
            Verb::Update => drop(self.unit.queries().update_product(&product).await?),
        }
        if verb != Verb::Unchanged {
            self.unit.changed(ChangeKind::Product, &product.product_id);
        }
        self.did(verb, "product", &product.product_id);
        Ok(())
    }

    async fn plan(&mut self, body: PlanBody) -> Result<()> {
        let plan_id = required("planId", body.plan_id.clone(), id::plain_id)?;
        let product_id = required("productId", body.product_id.clone(), id::plain_id)?;
        let product = self.unit.queries().product_for_update(&product_id).await?;
        let product = product.ok_or_else(|| FieldError::new("productId", "a product that exists"))?;
        let stored = self.unit.queries().plan_for_update(&plan_id).await?;
        if stored.as_ref().is_some_and(|stored| stored.product_id != product_id) {
            return Err(FieldError::new("productId", "the product of the plan, which never changes").into());
        }
        let at = self.portcullis.change_time(stored.as_ref().map(|stored| stored.updated_at));
        let plan = StoredPlan::from_body(body, plan_id, &product, at)?;
        crate::plan::check_size(&plan)?;
        let verb = match &stored {
            None => Verb::Create,
            Some(stored) if *stored == (StoredPlan { updated_at: stored.updated_at, ..plan.clone() }) => {
                Verb::Unchanged
            }
            Some(_) => Verb::Update,
        };
        match verb {
            Verb::Unchanged => {}
            Verb::Create => drop(self.unit.queries().insert_plan(&plan).await?),
            Verb::Update => drop(self.unit.queries().update_plan(&plan).await?),
        }
        if verb != Verb::Unchanged {
            self.unit.changed(ChangeKind::Product, product_id);
        }
        self.did(verb, "plan", &plan.plan_id);
        Ok(())
    }
}
