use portcullis_types::operation::{Operation, OperationBody};
use portcullis_types::{FieldError, Timestamp, id};
use serde::{Deserialize, Serialize};

use crate::credits::PricedRule;
use crate::{ActionPattern, ResourceTemplate, limits};

/// What an operation's name must look like (spec `guard-request.md` §3.1).
const NAME: &str = "a-z, then up to 127 of a-z 0-9 _ . : -";

/// An operation as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOperation {
    /// Its name; for a tenant's own `name@tenant`.
    pub operation_id: String,
    /// 1 for a new one, one more with every change.
    pub version: i64,
    /// What it takes.
    pub body: OperationBody,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl StoredOperation {
    /// Makes an operation of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(body: OperationBody, version: i64, now: Timestamp) -> Result<Self, FieldError> {
        operation_name("operation", &body.operation)?;
        let operation_id = Self::id_of(&body.operation, body.tenant_id.as_deref());
        if let Some(tenant) = &body.tenant_id {
            place_id("tenantId", tenant)?;
        }
        ActionPattern::parse("permission", &body.permission)?;
        if let Some(kind) = &body.resource_type {
            segment("resourceType", kind)?;
        }
        if let Some(template) = &body.resource {
            ResourceTemplate::parse("resource", template)?;
        }
        limits::count("requiredScopes", body.required_scopes.len(), 0, 20)?;
        for (index, scope) in body.required_scopes.iter().enumerate() {
            limits::text(&format!("requiredScopes[{index}]"), scope, 1, 128)?;
        }
        limits::optional_text("minAcr", body.min_acr.as_deref(), 128)?;
        if let Some(product) = &body.product_id {
            place_id("productId", product)?;
        }
        if let Some(feature) = &body.feature {
            limits::text("feature", feature, 1, 128)?;
        }
        if let Some(rule) = &body.billing {
            PricedRule::new(rule.clone()).map_err(|error| error.under("billing"))?;
        }
        Ok(Self { operation_id, version, body, updated_at: now })
    }

    /// The id of what is registered for all tenants, or for one.
    pub fn id_of(operation: &str, tenant: Option<&str>) -> String {
        tenant.map_or_else(|| operation.to_owned(), |tenant| format!("{operation}@{tenant}"))
    }

    /// The operation as the API shows it.
    pub fn wire(&self) -> Operation {
        Operation {
            operation_id: self.operation_id.clone(),
            version: self.version,
            last_updated: self.updated_at,
            body: self.body.clone(),
        }
    }
}

/// Checks an operation's name.
///
/// # Errors
/// [`FieldError`] that says what was expected.
pub fn operation_name(field: &str, name: &str) -> Result<(), FieldError> {
    if is_operation_name(name) { Ok(()) } else { Err(FieldError::new(field, NAME)) }
}

/// Whether a text is an operation's name. One pass, without allocation.
pub fn is_operation_name(name: &str) -> bool {
    let rest = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b':' | b'-');
    match name.as_bytes() {
        [b'a'..=b'z', after @ ..] => after.len() <= 127 && after.iter().all(rest),
        _ => false,
    }
}

/// Checks an operation's id: a name, and for a tenant's own `@` and the tenant.
///
/// # Errors
/// [`FieldError`] for `operationId`.
pub fn operation_id(text: &str) -> Result<(), FieldError> {
    let (name, tenant) = text.split_once('@').map_or((text, None), |(name, tenant)| (name, Some(tenant)));
    let tenant_is_good = tenant.is_none_or(|tenant| id::tenant_id(tenant).is_ok());
    if is_operation_name(name) && tenant_is_good {
        Ok(())
    } else {
        Err(FieldError::new("operationId", format!("{NAME}; for a tenant's own also @ and the tenant's id")))
    }
}

pub(crate) fn place_id(field: &str, value: &str) -> Result<(), FieldError> {
    id::tenant_id(value).map_err(|error| FieldError::new(field, error.expected))
}

/// One segment of a resource's path, without a wildcard.
fn segment(field: &str, text: &str) -> Result<(), FieldError> {
    if ResourceTemplate::is_segment(text) {
        Ok(())
    } else {
        Err(FieldError::new(field, "one segment of a resource URI"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(value: serde_json::Value) -> Result<StoredOperation, FieldError> {
        StoredOperation::from_body(serde_json::from_value(value).unwrap(), 1, Timestamp::from_secs(0))
    }

    #[test]
    fn a_bad_part_is_refused_by_its_path() {
        for (part, value, field) in [
            ("operation", json!("Create"), "operation"),
            ("permission", json!("a::b"), "permission"),
            ("resource", json!("a/{nobody}"), "resource"),
            ("resourceType", json!("a/b"), "resourceType"),
            ("billing", json!({"base": -1}), "billing.base"),
            ("billing", json!({"base": i64::MAX}), "billing.base"),
            ("billing", json!({"min": 5, "max": 4}), "billing.max"),
            ("tenantId", json!("a@b"), "tenantId"),
        ] {
            let mut body = json!({"operation": "create_document", "permission": "document:create"});
            body[part] = value;
            assert_eq!(made(body).unwrap_err().field, field, "{part}");
        }
    }

    #[test]
    fn the_id_of_a_tenants_own_operation_names_the_tenant() {
        let body = json!({"operation": "a.b:c-d_e", "permission": "x", "tenantId": "tnt_1"});
        let made = made(body).unwrap();
        assert_eq!(made.operation_id, "a.b:c-d_e@tnt_1");
        assert!(operation_id(&made.operation_id).is_ok() && operation_id("a@").is_err());
        assert!(!is_operation_name("") && !is_operation_name("1a") && !is_operation_name(&"a".repeat(129)));
        assert!(is_operation_name(&"a".repeat(128)));
    }
}
