use std::collections::{BTreeMap, BTreeSet};

use portcullis_types::authress::{Links, Tags};
use portcullis_types::plan::{Feature, MeteredFeature, Plan, PlanBody, Product, ProductBody};
use portcullis_types::{FieldError, MicroCredits, Timestamp, id};
use serde::{Deserialize, Serialize};

use crate::limits;
use crate::organization::check_id;

/// The most units that an allowance, or one use of it, may be: below 2⁵³, so that every client reads it exactly.
pub const MAX_UNITS: i64 = MicroCredits::MAX.0;

/// Something that is sold, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredProduct {
    /// See [`id::plain_id`].
    pub product_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 1024 characters.
    pub description: Option<String>,
    /// Up to 100, oldest first.
    pub versions: Vec<String>,
    /// Free labels.
    pub tags: Option<Tags>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl StoredProduct {
    /// Makes a product of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(body: ProductBody, product_id: String, now: Timestamp) -> Result<Self, FieldError> {
        check_id("productId", &product_id)?;
        limits::text("name", &body.name, 1, 128)?;
        limits::optional_text("description", body.description.as_deref(), 1024)?;
        limits::count("versions", body.versions.len(), 0, 100)?;
        let mut seen = BTreeSet::new();
        for (index, version) in body.versions.iter().enumerate() {
            let field = format!("versions[{index}]");
            limits::text(&field, version, 1, 64)?;
            if !seen.insert(version) {
                return Err(FieldError::new(field, "each version once"));
            }
        }
        limits::tags(body.tags.as_ref())?;
        Ok(Self {
            product_id,
            name: body.name,
            description: body.description,
            versions: body.versions,
            tags: body.tags,
            updated_at: now,
        })
    }

    /// The product as the API shows it.
    pub fn wire(&self, links: Links) -> Product {
        Product {
            product_id: self.product_id.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            versions: self.versions.clone(),
            tags: self.tags.clone(),
            last_updated: self.updated_at,
            links,
        }
    }
}

/// What is in a product at a price, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredPlan {
    /// See [`id::plain_id`].
    pub plan_id: String,
    /// The product; never changes.
    pub product_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// The higher, the more there is in it.
    pub rank: i32,
    /// Whether new subscriptions may take it.
    pub is_active: bool,
    /// One of the product's versions.
    pub version: Option<String>,
    /// In the currency's smallest unit.
    pub price: Option<i64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// For how many days a late payment changes nothing, 0 to 90.
    pub grace_days: u16,
    /// What it allows.
    pub features: BTreeMap<String, Feature>,
    /// Free labels.
    pub tags: Option<Tags>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Days of grace of a plan that says nothing (spec `guard-request.md` §4).
const GRACE_DAYS: u16 = 7;

impl StoredPlan {
    /// Makes a plan of `product` of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(
        body: PlanBody,
        plan_id: String,
        product: &StoredProduct,
        now: Timestamp,
    ) -> Result<Self, FieldError> {
        check_id("planId", &plan_id)?;
        limits::text("name", &body.name, 1, 128)?;
        if body.version.as_ref().is_some_and(|version| !product.versions.contains(version)) {
            return Err(FieldError::new("version", "one of the product's versions"));
        }
        if let Some(price) = body.price {
            limits::amount("price", price, 0, MAX_UNITS)?;
        }
        let is_currency = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        if body.currency.as_deref().is_some_and(|text| !is_currency(text)) {
            return Err(FieldError::new("currency", "three capital letters (ISO 4217)"));
        }
        let grace_days = body.grace_days.unwrap_or(GRACE_DAYS);
        limits::amount("graceDays", i64::from(grace_days), 0, 90)?;
        limits::count("features", body.features.len(), 0, 100)?;
        for (name, feature) in &body.features {
            check_feature(name, feature)?;
        }
        limits::tags(body.tags.as_ref())?;
        Ok(Self {
            plan_id,
            product_id: product.product_id.clone(),
            name: body.name,
            rank: body.rank,
            is_active: body.is_active.unwrap_or(true),
            version: body.version,
            price: body.price,
            currency: body.currency,
            grace_days,
            features: body.features,
            tags: body.tags,
            updated_at: now,
        })
    }

    /// The metered feature of that name.
    pub fn metered(&self, feature: &str) -> Option<&MeteredFeature> {
        match self.features.get(feature) {
            Some(Feature::Metered(metered)) => Some(metered),
            _ => None,
        }
    }

    /// The plan as the API shows it.
    pub fn wire(&self, links: Links) -> Plan {
        Plan {
            plan_id: self.plan_id.clone(),
            product_id: self.product_id.clone(),
            name: self.name.clone(),
            rank: self.rank,
            is_active: self.is_active,
            version: self.version.clone(),
            price: self.price,
            currency: self.currency.clone(),
            grace_days: self.grace_days,
            features: self.features.clone(),
            tags: self.tags.clone(),
            last_updated: self.updated_at,
            links,
        }
    }
}

fn check_feature(name: &str, feature: &Feature) -> Result<(), FieldError> {
    let field = format!("features.{name}");
    id::feature_name(name).map_err(|error| FieldError::new("features", error.expected))?;
    match feature {
        Feature::Boolean(_) => Ok(()),
        // A NUL in a text is written as an escape in JSON, which PostgreSQL stores as the text that it is.
        Feature::Static(value) if value.to_string().len() > 4096 => {
            Err(FieldError::new(field, "at most 4096 bytes of JSON"))
        }
        Feature::Static(_) => Ok(()),
        Feature::Metered(metered) => {
            limits::amount(&format!("{field}.metered.allowance"), metered.allowance, 0, MAX_UNITS)?;
            let Some(rollover) = metered.rollover else { return Ok(()) };
            limits::amount(&format!("{field}.metered.rollover.max"), rollover.max, 0, MAX_UNITS)?;
            limits::amount(&format!("{field}.metered.rollover.min"), rollover.min, 0, rollover.max)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(json: serde_json::Value) -> Result<StoredPlan, FieldError> {
        let now = Timestamp::from_secs(0);
        let product: ProductBody =
            serde_json::from_value(serde_json::json!({"name": "P", "versions": ["1"]})).unwrap();
        let product = StoredProduct::from_body(product, "p".into(), now)?;
        StoredPlan::from_body(serde_json::from_value(json).unwrap(), "gold".into(), &product, now)
    }

    #[test]
    fn a_plan_out_of_bounds_is_refused_with_the_json_path() {
        for (json, field) in [
            (serde_json::json!({"name": ""}), "name"),
            (serde_json::json!({"name": "n", "version": "2"}), "version"),
            (serde_json::json!({"name": "n", "graceDays": 91}), "graceDays"),
            (serde_json::json!({"name": "n", "currency": "eur"}), "currency"),
            (serde_json::json!({"name": "n", "features": {"a b": {"boolean": true}}}), "features"),
            (
                serde_json::json!({"name": "n", "features": {"a": {"metered": {"allowance": -1}}}}),
                "features.a.metered.allowance",
            ),
            (
                serde_json::json!({"name": "n", "features": {"a": {"metered": {"allowance": 1, "rollover": {"min": 2, "max": 1}}}}}),
                "features.a.metered.rollover.min",
            ),
        ] {
            assert_eq!(plan(json).unwrap_err().field, field);
        }
    }

    #[test]
    fn a_plan_without_settings_is_active_and_has_seven_days_of_grace() {
        let plan = plan(serde_json::json!({"name": "n", "version": "1"})).unwrap();
        assert!(plan.is_active && plan.grace_days == 7 && plan.rank == 0);
    }
}
