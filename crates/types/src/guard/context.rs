use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::Timestamp;

/// Keys of a context that come from our data and never from a token (spec `guard-request.md` §1.3).
pub const RESERVED_CONTEXT_KEYS: &[&str] = &[
    "user",
    "client",
    "organization",
    "tenant",
    "product",
    "workspace",
    "session",
    "subscription",
    "entitlements",
    "claims",
    "_fake",
];

/// Claims that say something about the token and not about its bearer.
const DROPPED_CLAIMS: &[&str] = &[
    "exp",
    "iat",
    "nbf",
    "jti",
    "iss",
    "aud",
    "azp",
    "nonce",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "auth_time",
    "acr",
    "amr",
    "typ",
    "token_use",
];

/// Who is asking, for the application's own use (spec `guard-request.md` §1.3). A key without data is there and `null`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UserContext {
    /// The person; `null` for a machine.
    pub user: Option<UserInContext>,
    /// The machine, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientContext>,
    /// The organization in force.
    pub organization: Option<OrganizationContext>,
    /// The tenant in force.
    pub tenant: Option<TenantContext>,
    /// The product in force.
    pub product: Option<ProductContext>,
    /// The session that the token belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionContext>,
    /// The subscription with the highest plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionContext>,
    /// What the subscriptions allow, by feature: only on request (`fetch_entitlements`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitlements: Option<BTreeMap<String, Entitlement>>,
    /// True in the guard's development mode only: nothing here is known of anybody (`guard_fake_context`).
    #[serde(rename = "_fake", default, skip_serializing_if = "std::ops::Not::not")]
    pub fake: bool,
    /// Claims of the token whose names are reserved.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub claims: Map<String, Value>,
    /// The token's other claims, `sub` among them, at the top level.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub token_claims: Map<String, Value>,
}

impl UserContext {
    /// Takes a token's claims over: those about the token itself are dropped, those with reserved names go below `claims`.
    #[must_use]
    pub fn with_token_claims(mut self, claims: impl IntoIterator<Item = (String, Value)>) -> Self {
        for (name, value) in claims {
            if RESERVED_CONTEXT_KEYS.contains(&name.as_str()) {
                self.claims.insert(name, value);
            } else if !DROPPED_CLAIMS.contains(&name.as_str()) {
                self.token_claims.insert(name, value);
            }
        }
        self
    }

    /// The id under which access records name whoever is asking.
    pub fn subject(&self) -> Option<&str> {
        let user = self.user.as_ref().map(|user| &*user.id);
        user.or_else(|| self.client.as_ref().map(|client| &*client.id))
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserInContext {
    /// The user's id.
    #[schema(value_type = String)]
    pub id: Arc<str>,
    /// The user's name.
    pub name: Option<String>,
    /// The user's address.
    pub email: Option<String>,
    /// Names of the roles in the tenant and organization in force, sorted, as they are stored now.
    pub roles: Vec<String>,
    /// False is never seen: who is not active is not authenticated.
    pub is_active: bool,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientContext {
    /// The service client's id.
    #[schema(value_type = String)]
    pub id: Arc<str>,
    /// Its name.
    pub name: Option<String>,
}

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrganizationContext {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name of its highest plan; `null` without a usable subscription.
    pub plan: Option<String>,
}

/// A tenant: an organization's isolated environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TenantContext {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: Option<String>,
}

/// A product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductContext {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The version that the subscription names, or `latest`.
    pub version_subscribed: String,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionContext {
    /// Its id.
    pub id: String,
    /// When the user last proved who they are.
    #[schema(value_type = String, format = DateTime)]
    pub auth_time: Timestamp,
    /// How (RFC 8176).
    pub amr: Vec<String>,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionContext {
    /// Its id.
    pub id: String,
    /// Its status.
    pub status: String,
    /// Its plan.
    pub plan_id: String,
    /// How many seats it has; `null` if they are not counted.
    pub seats: Option<i64>,
    /// When the present period ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub period_end: Option<Timestamp>,
}

/// What the plans in force say about one feature (spec `guard-request.md` §4).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Entitlement {
    /// Whether it may be used now.
    pub has_access: bool,
    /// Of a metered feature: what is left in this period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<i64>,
    /// Of a metered feature: what was used in this period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<i64>,
    /// Of a metered feature with a soft limit: what was used beyond the allowance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overage: Option<i64>,
    /// Of a static feature: its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub config: Option<Value>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_cannot_set_what_comes_from_our_data() {
        let claims = json!({
            "sub": "alice", "exp": 1, "jti": "t", "user": {"id": "root"}, "tenant": "other", "roles": ["admin"],
            "custom_claim_from_jwt": 7, "_fake": false, "claims": {"user": 1},
        });
        let Value::Object(claims) = claims else { unreachable!() };
        let context = serde_json::to_value(UserContext::default().with_token_claims(claims)).unwrap();
        assert!(context["user"].is_null() && context["tenant"].is_null());
        assert_eq!(context["claims"]["user"], json!({"id": "root"}));
        assert_eq!(context["custom_claim_from_jwt"], json!(7));
        assert_eq!(context["sub"], json!("alice"));
        assert!(context.get("_fake").is_none(), "only the guard says so");
        assert!(context.get("exp").is_none() && context.get("jti").is_none());
    }
}
