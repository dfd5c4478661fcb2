use std::borrow::Cow;

use portcullis_types::policy::{Condition, Effect, Operator, Override, OverrideBody, Policy, PolicyBody};
use portcullis_types::{FieldError, Timestamp, id};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::operation::place_id;
use crate::{ActionPattern, ResourceError, ResourcePattern, limits};

/// An attribute policy as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredPolicy {
    /// `pol_…`.
    pub policy_id: String,
    /// What it says, without its id.
    pub body: PolicyBody,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl StoredPolicy {
    /// Makes a policy of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(mut body: PolicyBody, policy_id: String, now: Timestamp) -> Result<Self, FieldError> {
        own_id("policyId", "pol_", &policy_id)?;
        limits::text("name", &body.name, 1, 128)?;
        limits::optional_text("description", body.description.as_deref(), 1024)?;
        covered(&body.permission, &body.resource)?;
        if let Some(tenant) = &body.tenant_id {
            place_id("tenantId", tenant)?;
        }
        limits::count("conditions", body.conditions.len(), 0, 20)?;
        for (index, condition) in body.conditions.iter().enumerate() {
            check_condition(condition).map_err(|error| error.under(&format!("conditions[{index}]")))?;
        }
        body.policy_id = None;
        Ok(Self { policy_id, body, updated_at: now })
    }

    /// The policy as the API shows it.
    pub fn wire(&self) -> Policy {
        let body = PolicyBody { policy_id: Some(self.policy_id.clone()), ..self.body.clone() };
        Policy { last_updated: self.updated_at, body }
    }
}

/// An override of one user as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOverride {
    /// `ovr_…`.
    pub override_id: String,
    /// What it says, without its id.
    pub body: OverrideBody,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl StoredOverride {
    /// Makes an override of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(
        mut body: OverrideBody,
        override_id: String,
        now: Timestamp,
    ) -> Result<Self, FieldError> {
        own_id("overrideId", "ovr_", &override_id)?;
        id::user_id(&body.user_id).map_err(|error| FieldError::new("userId", error.expected))?;
        covered(&body.permission, &body.resource)?;
        limits::optional_text("reason", body.reason.as_deref(), 1024)?;
        body.override_id = None;
        Ok(Self { override_id, body, updated_at: now })
    }

    /// The override as the API shows it.
    pub fn wire(&self) -> Override {
        let body = OverrideBody { override_id: Some(self.override_id.clone()), ..self.body.clone() };
        Override { last_updated: self.updated_at, body }
    }
}

/// Permissions and resources that something applies to, ready to be compared with what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    action: ActionPattern,
    resource: ResourcePattern,
}

impl Covered {
    /// Reads a permission and a resource, as roles and records have them.
    ///
    /// # Errors
    /// [`FieldError`] for `permission` or `resource`.
    pub fn parse(permission: &str, resource: &str) -> Result<Self, FieldError> {
        let refused = |_error: ResourceError| FieldError::new("resource", ResourceError::EXPECTED);
        Ok(Self {
            action: ActionPattern::parse("permission", permission)?,
            resource: ResourcePattern::parse(resource).map_err(refused)?,
        })
    }

    /// Whether it covers this permission on this resource, which is in normal form.
    pub fn covers(&self, action: &ActionPattern, resource: &str) -> bool {
        self.action.covers(action) && self.resource.covers(resource)
    }
}

fn covered(permission: &str, resource: &str) -> Result<(), FieldError> {
    Covered::parse(permission, resource).map(|_| ())
}

fn own_id(field: &str, prefix: &str, text: &str) -> Result<(), FieldError> {
    if text.starts_with(prefix) && text.len() > prefix.len() && id::group_id(text).is_ok() {
        Ok(())
    } else {
        Err(FieldError::new(field, format!("{prefix} and 1 to 60 of a-z A-Z 0-9 - _")))
    }
}

/// Checks a policy's id.
///
/// # Errors
/// [`FieldError`] for `policyId`.
pub fn policy_id(text: &str) -> Result<(), FieldError> {
    own_id("policyId", "pol_", text)
}

/// Checks an override's id.
///
/// # Errors
/// [`FieldError`] for `overrideId`.
pub fn override_id(text: &str) -> Result<(), FieldError> {
    own_id("overrideId", "ovr_", text)
}

const ATTRIBUTES: [&str; 15] = [
    "subject.id",
    "subject.type",
    "subject.roles",
    "subject.organization",
    "subject.tenant",
    "subject.plan",
    "subject.amr",
    "resource.type",
    "resource.id",
    "resource.tenant",
    "resource.organization",
    "resource.owner",
    "context.time",
    "context.product",
    "context.operation",
];
const NAMESPACES: [&str; 3] = ["subject.claims.", "resource.attributes.", "metadata."];

fn check_condition(condition: &Condition) -> Result<(), FieldError> {
    let name = condition.attribute.as_str();
    let free = NAMESPACES
        .iter()
        .any(|space| name.strip_prefix(space).is_some_and(|rest| (1..=128).contains(&rest.len())));
    if !free && !ATTRIBUTES.contains(&name) {
        return Err(FieldError::new(
            "attribute",
            "an attribute of the subject, the resource, the context or the metadata",
        ));
    }
    let expected = match (condition.operator, &condition.value) {
        (Operator::In, Value::Array(list)) if (1..=100).contains(&list.len()) => None,
        (Operator::In, _) => Some("a list of 1 to 100 values"),
        (Operator::Exists, Value::Bool(_)) => None,
        (Operator::Exists, _) => Some("true or false"),
        (Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge, Value::Number(_)) => None,
        (Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge, _) => Some("a number"),
        (Operator::Eq | Operator::Ne, Value::Array(_) | Value::Object(_)) => Some("a single value"),
        (Operator::Eq | Operator::Ne, _) => None,
    };
    expected.map_or(Ok(()), |expected| Err(FieldError::new("value", expected)))
}

/// Whether a policy's conditions hold for the attributes that `attribute` finds.
///
/// An attribute that is not there holds in no condition but `exists`. One that cannot be compared counts against whoever asks:
/// in a deny policy as held, in an allow policy as not.
pub fn conditions_hold<'a>(
    effect: Effect,
    conditions: &[Condition],
    attribute: impl Fn(&str) -> Option<Cow<'a, Value>>,
) -> bool {
    conditions.iter().all(|condition| {
        let found = attribute(&condition.attribute);
        holds(condition, found.as_deref().filter(|value| !value.is_null())).unwrap_or(effect == Effect::Deny)
    })
}

/// None when the two cannot be compared.
fn holds(condition: &Condition, found: Option<&Value>) -> Option<bool> {
    let value = &condition.value;
    if condition.operator == Operator::Exists {
        return Some(value.as_bool()? == found.is_some());
    }
    let Some(found) = found else { return Some(false) };
    let any = |test: &dyn Fn(&Value) -> bool| match found {
        Value::Array(members) => members.iter().any(test),
        single => test(single),
    };
    let number = |compare: fn(&f64, &f64) -> bool| Some(compare(&found.as_f64()?, &value.as_f64()?));
    match condition.operator {
        Operator::Eq => Some(any(&|one| one == value)),
        Operator::Ne => Some(!any(&|one| one == value)),
        Operator::In => {
            let list = value.as_array()?;
            Some(any(&|one| list.contains(one)))
        }
        Operator::Lt => number(f64::lt),
        Operator::Le => number(f64::le),
        Operator::Gt => number(f64::gt),
        Operator::Ge => number(f64::ge),
        Operator::Exists => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn met(effect: Effect, operator: &str, value: Value, found: Option<Value>) -> bool {
        let condition = json!({"attribute": "metadata.x", "operator": operator, "value": value});
        let condition: Condition = serde_json::from_value(condition).unwrap();
        check_condition(&condition).unwrap();
        conditions_hold(effect, &[condition], |name| {
            assert_eq!(name, "metadata.x");
            found.clone().map(Cow::Owned)
        })
    }

    #[test]
    fn operators_compare_what_they_say() {
        for (operator, value, yes, no) in [
            ("eq", json!("a"), json!("a"), json!("b")),
            ("eq", json!("a"), json!(["b", "a"]), json!(["b"])),
            ("ne", json!("a"), json!("b"), json!(["b", "a"])),
            ("in", json!(["a", 1]), json!(1), json!("1")),
            ("lt", json!(2), json!(1.5), json!(2)),
            ("le", json!(2), json!(2), json!(3)),
            ("gt", json!(2), json!(3), json!(2)),
            ("ge", json!(2), json!(2), json!(1)),
        ] {
            assert!(met(Effect::Allow, operator, value.clone(), Some(yes)), "{operator}");
            assert!(!met(Effect::Allow, operator, value, Some(no)), "{operator}");
        }
    }

    #[test]
    fn az_05_what_is_missing_holds_nowhere_and_what_cannot_be_compared_counts_against_the_asker() {
        for effect in [Effect::Allow, Effect::Deny] {
            assert!(!met(effect, "eq", json!("a"), None) && !met(effect, "ne", json!("a"), None));
            assert!(
                met(effect, "exists", json!(false), None)
                    && met(effect, "exists", json!(true), Some(json!(1)))
            );
            assert!(!met(effect, "exists", json!(true), Some(Value::Null)));
        }
        assert!(met(Effect::Deny, "lt", json!(1), Some(json!("text"))));
        assert!(!met(Effect::Allow, "lt", json!(1), Some(json!("text"))));
    }

    #[test]
    fn a_bad_condition_is_refused_by_its_path() {
        let body = json!({"name": "p", "effect": "deny", "permission": "x", "resource": "*",
            "conditions": [{"attribute": "subject.id", "operator": "eq", "value": "a"}, {"attribute": "env.x", "operator": "eq", "value": 1}]});
        let made = StoredPolicy::from_body(
            serde_json::from_value(body).unwrap(),
            "pol_1".into(),
            Timestamp::from_secs(0),
        );
        assert_eq!(made.unwrap_err().field, "conditions[1].attribute");
    }
}
