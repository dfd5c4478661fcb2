use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far a request came before it was refused (spec `guard-request.md` §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardStage {
    /// Nobody could be named.
    Authentication,
    /// Somebody was named, and may not.
    Authorization,
    /// Somebody was named, may, and cannot pay.
    Billing,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $stage:ident, $status:literal;)*) => {
        /// Why a guard did not allow a request. The texts are stable; programs decide by them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum GuardCode {
            $($(#[$doc])* $name,)*
            /// A code of a newer server: refused, for a reason that this program does not know.
            #[serde(other)]
            Unknown,
        }

        impl GuardCode {
            /// Every code that this version can answer with.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The text on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* Self::Unknown => "unknown" }
            }

            /// The stage that refused.
            pub const fn stage(self) -> GuardStage {
                match self { $(Self::$name => GuardStage::$stage,)* Self::Unknown => GuardStage::Authentication }
            }

            /// The HTTP status for the end user.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* Self::Unknown => 503 }
            }
        }
    };
}

codes! {
    /// No credential was sent.
    TokenMissing = "token_missing", Authentication, 401;
    /// The credential is no token at all.
    TokenMalformed = "token_malformed", Authentication, 401;
    /// The token is past its time.
    TokenExpired = "token_expired", Authentication, 401;
    /// Its signature, issuer, audience or kind is wrong.
    TokenInvalid = "token_invalid", Authentication, 401;
    /// It was revoked, or its session ended.
    TokenRevoked = "token_revoked", Authentication, 401;
    /// The user was disabled or deleted.
    UserInactive = "user_inactive", Authentication, 401;
    /// Outage: the token could not be checked.
    VerificationUnavailable = "verification_unavailable", Authentication, 503;
    /// Outage: the context could not be put together.
    ContextUnavailable = "context_unavailable", Authentication, 503;
    /// Too many requests.
    RateLimited = "rate_limited", Authentication, 429;
    /// Nobody registered this operation, and no convention names a permission for it.
    OperationUnknown = "operation_unknown", Authorization, 403;
    /// No grant covers it, or a rule denies it.
    PermissionDenied = "permission_denied", Authorization, 403;
    /// The resource belongs to another tenant.
    TenantMismatch = "tenant_mismatch", Authorization, 403;
    /// The user belongs to several organizations or tenants and the request names none.
    TenantAmbiguous = "tenant_ambiguous", Authorization, 403;
    /// The tenant or its organization is suspended.
    TenantSuspended = "tenant_suspended", Authorization, 403;
    /// The operation needs a stronger or fresher sign-in (RFC 9470).
    MfaRequired = "mfa_required", Authorization, 401;
    /// The token's scopes do not reach this operation.
    InsufficientScope = "insufficient_scope", Authorization, 403;
    /// Outage: the decision could not be made.
    DecisionUnavailable = "decision_unavailable", Authorization, 503;
    /// No usable subscription.
    SubscriptionRequired = "subscription_required", Billing, 402;
    /// A payment is late for longer than the grace.
    SubscriptionPastDue = "subscription_past_due", Billing, 402;
    /// The plan lacks the feature.
    PlanFeatureMissing = "plan_feature_missing", Billing, 402;
    /// The user has no seat.
    SeatRequired = "seat_required", Billing, 402;
    /// The period's allowance is used up.
    QuotaExceeded = "quota_exceeded", Billing, 402;
    /// The wallet holds too little.
    CreditsInsufficient = "credits_insufficient", Billing, 402;
    /// Outage: the ledger or the plans could not be read.
    BillingUnavailable = "billing_unavailable", Billing, 503;
    /// The idempotency key was used for another request.
    IdempotencyConflict = "idempotency_conflict", Billing, 409;
    /// What was said about units, mode or account cannot be accepted.
    InvalidRequest = "invalid_request", Billing, 400;
}

impl GuardCode {
    /// Whether the refusal says "could not ask" rather than "no".
    pub const fn is_outage(self) -> bool {
        self.status() == 503
    }
}

impl fmt::Display for GuardCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_code_is_its_serialised_form() {
        for code in GuardCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn a_code_of_a_newer_server_is_read_as_a_refusal() {
        let code: GuardCode = serde_json::from_str(r#""brand_new""#).unwrap();
        assert!(code == GuardCode::Unknown && code.is_outage());
    }
}
