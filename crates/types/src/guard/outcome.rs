use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{GuardCode, GuardStage, UserContext};
use crate::{MicroCredits, Timestamp};

/// What a guard answers (spec `guard-request.md` §1.2, §2): the five keys that clients know, and what came after them.
///
/// `None` of a yes-or-no key means that its stage was not reached or does not apply, never that it could not be asked: an
/// outage is `false` with an `errorCode`. Decide by [`allowed`](Self::is_allowed), which is true only if nothing said no and nothing failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GuardOutcome {
    /// Whether the token names somebody and the context could be put together.
    pub is_authenticated: bool,
    /// Who it is; `null` if not authenticated.
    #[schema(value_type = Option<UserContext>)]
    pub context: Option<Arc<UserContext>>,
    /// Whether they may.
    pub is_authorized: Option<bool>,
    /// Whether they can pay.
    pub has_sufficient_credits: Option<bool>,
    /// A short sentence, without secrets; `null` if nothing went wrong.
    #[schema(value_type = Option<String>)]
    pub error: Option<Cow<'static, str>>,
    /// What to decide by.
    pub allowed: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<GuardCode>,
    /// The HTTP status for the end user.
    pub status_code: u16,
    /// The operation that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub operation: Option<Arc<str>>,
    /// How it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<GuardDecision>,
    /// What it costs, and what is held for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing: Option<GuardBilling>,
    /// More for programs, by the kind of refusal: `scope`, `feature`, `currentPlan`, `acrValues`, `maxAge`, `retryAfter`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
    /// Whether a refusal for want of permission must look like a thing that does not exist (404).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hide_existence: bool,
    /// The id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub request_id: Option<Arc<str>>,
}

impl GuardOutcome {
    /// Says no, with the keys that the code's stage sets: what was passed before it is true, it itself false, the rest `None`.
    pub fn refused(code: GuardCode, error: impl Into<Cow<'static, str>>) -> Self {
        let stage = code.stage();
        let (is_authorized, has_sufficient_credits) = match stage {
            GuardStage::Authentication => (None, None),
            GuardStage::Authorization => (Some(false), None),
            GuardStage::Billing => (Some(true), Some(false)),
        };
        Self {
            is_authenticated: stage != GuardStage::Authentication,
            context: None,
            is_authorized,
            has_sufficient_credits,
            error: Some(error.into()),
            allowed: false,
            error_code: Some(code),
            status_code: code.status(),
            operation: None,
            decision: None,
            billing: None,
            details: Map::new(),
            hide_existence: false,
            request_id: None,
        }
    }

    /// Says who it is; nothing else was asked, or the operation has no rule about payment.
    pub fn passed(context: Arc<UserContext>, is_authorized: Option<bool>) -> Self {
        Self {
            is_authenticated: true,
            context: Some(context),
            is_authorized,
            has_sufficient_credits: None,
            error: None,
            allowed: is_authorized != Some(false),
            error_code: None,
            status_code: 200,
            operation: None,
            decision: None,
            billing: None,
            details: Map::new(),
            hide_existence: false,
            request_id: None,
        }
    }

    /// Whether the operation may go on. Reads every key again, so that an answer which contradicts itself refuses.
    pub fn is_allowed(&self) -> bool {
        self.allowed
            && self.is_authenticated
            && self.context.is_some()
            && self.is_authorized != Some(false)
            && self.has_sufficient_credits != Some(false)
            && self.error_code.is_none()
    }

    /// Whether the refusal means that something could not be asked.
    pub fn is_outage(&self) -> bool {
        self.error_code.is_some_and(GuardCode::is_outage)
    }
}

/// Which rule decided, in the order in which they are asked (spec `guard-request.md` §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DecisionPath {
    /// The resource is another tenant's, and not shared: no.
    TenantMismatch,
    /// Tenant or organization is suspended: no.
    Suspended,
    /// A deny policy or an override of the user: no.
    ExplicitDeny,
    /// Break-glass: yes, and always in the audit trail.
    SuperAdmin,
    /// A grant to the user that ends by itself: yes.
    OverrideAllow,
    /// One's own thing: yes.
    Owner,
    /// A role that was given to the user at the place or above it: yes.
    RoleAllow,
    /// A role that came through a group: yes.
    RelationAllow,
    /// An attribute policy: yes.
    PolicyAllow,
    /// None of them: no.
    NoMatch,
}

/// How it was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GuardDecision {
    /// The rule that decided.
    pub path: DecisionPath,
    /// The role, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub role: Option<Arc<str>>,
    /// The policy, override or access record, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub policy_id: Option<Arc<str>>,
    /// A sentence for the end user.
    #[schema(value_type = String)]
    pub reason_user: Cow<'static, str>,
    /// A sentence for administrators: only for callers with `guard:explain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_admin: Option<String>,
}

/// What is done about the price (spec `guard-request.md` §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BillingMode {
    /// Nothing is written: whether there is enough at this moment.
    Check,
    /// The price is held until it is committed or released.
    Reserve,
    /// The price is taken.
    Charge,
    /// Nothing: somebody who may says so.
    Skip,
}

/// What it costs, and what is held for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GuardBilling {
    /// What was done.
    pub mode: BillingMode,
    /// The price, in micro-credits.
    pub required: MicroCredits,
    /// What the wallet holds free: only for members who may read billing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<MicroCredits>,
    /// The currency.
    pub currency: String,
    /// The wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing_account_id: Option<String>,
    /// What is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation: Option<HeldCredits>,
    /// Whether this goes beyond what is paid for, under a rule that allows it.
    pub overage: bool,
}

/// Credits that are held for a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeldCredits {
    /// The reservation's id.
    pub id: String,
    /// How much, in micro-credits.
    pub amount: MicroCredits,
    /// When it is given back by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_five_keys_are_always_there() {
        let refused = GuardOutcome::refused(GuardCode::TokenInvalid, "not a valid token");
        let value = serde_json::to_value(&refused).unwrap();
        for key in ["isAuthenticated", "context", "isAuthorized", "hasSufficientCredits", "error"] {
            assert!(value.get(key).is_some(), "{key}");
        }
        assert_eq!(value["isAuthenticated"], json!(false));
        assert!(value["context"].is_null() && value["isAuthorized"].is_null());
    }

    #[test]
    fn az_05_no_code_allows_and_every_outage_is_false() {
        for code in GuardCode::ALL {
            let refused = GuardOutcome::refused(*code, "no");
            assert!(!refused.allowed && !refused.is_allowed(), "{code}");
            let said_no =
                [Some(refused.is_authenticated), refused.is_authorized, refused.has_sufficient_credits];
            assert!(said_no.contains(&Some(false)), "{code}: one stage says no");
        }
    }

    #[test]
    fn az_05_an_answer_that_contradicts_itself_refuses() {
        let mut outcome = GuardOutcome::passed(Arc::default(), Some(true));
        assert!(outcome.is_allowed());
        outcome.has_sufficient_credits = Some(false);
        assert!(!outcome.is_allowed());
    }
}
