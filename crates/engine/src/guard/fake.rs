//! Stages 1 and 2 of development mode (spec `guard-request.md` §1.3): every token is somebody. Only
//! [`Stages::with_fake_context`](super::Stages::with_fake_context) makes these.

use std::sync::Arc;

use portcullis_jose::unverified_claims;
use portcullis_types::guard::{OrganizationContext, ProductContext, TenantContext, UserInContext};
use portcullis_types::{AuthError, BoxFuture, Caller, GuardCode, UserContext};
use serde_json::Value;

use super::context::{GuardContext, InForce, Wanted, overrides_of};
use super::stage::{ContextProvider, TokenVerifier};
use crate::bearer::{Bearer, TokenFacts};
use crate::token::require_person;
use crate::{Error, Portcullis, Result};

const USER_ID: &str = "test_user_001";
const USER_NAME: &str = "Test User Default";
const USER_EMAIL: &str = "testuser@example.com";
const ROLE: &str = "test_role_admin";
const ORGANIZATION: &str = "test_org_001";
const PLAN: &str = "premium_test_plan";
const TENANT: &str = "test_tenant_001";
const REGION: &str = "test_region_1";
const PRODUCT: &str = "test_product_001";
const PRODUCT_NAME: &str = "FluidGrids Workflow Engine (Test Context)";
const PRODUCT_VERSION: &str = "dev-latest";

/// How long a fake token is good, in seconds: nothing remembers it.
const GOOD_FOR: i64 = 60;

/// Takes what has the shape of a JWT for somebody's.
pub(super) struct FakeVerifier;

impl TokenVerifier for FakeVerifier {
    fn verify<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        token: &'a str,
    ) -> BoxFuture<'a, Result<Bearer, AuthError>> {
        Box::pin(async move {
            let claims = unverified_claims(token).map_err(|_reason| AuthError::Invalid {
                code: GuardCode::TokenMalformed,
                reason: "not a token",
            })?;
            let subject = claims.get("sub").and_then(Value::as_str);
            let user_id = user_id(portcullis, subject).await.map_err(|error| {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a fake token could not be checked"
                );
                AuthError::Unavailable
            })?;
            let facts = TokenFacts { claims, ..TokenFacts::bare(portcullis.now().plus_secs(GOOD_FOR)) };
            let caller = Caller::User { user_id, limited_by: None, session_id: None };
            Ok(Bearer { caller, facts: Arc::new(facts) })
        })
    }
}

/// The token's subject, if that can be a person: nobody becomes a service client or a local command by writing its name down.
async fn user_id(portcullis: &Portcullis, subject: Option<&str>) -> Result<Arc<str>> {
    let Some(subject) = subject.filter(|id| portcullis_types::id::user_id(id).is_ok()) else {
        return Ok(USER_ID.into());
    };
    let mut snapshot = portcullis.read().await?;
    match require_person(snapshot.queries(), subject).await {
        Ok(()) => Ok(subject.into()),
        Err(Error::Invalid(_)) => Ok(USER_ID.into()),
        Err(error) => Err(error),
    }
}

/// Makes the context up.
pub(super) struct FakeContext;

impl ContextProvider for FakeContext {
    fn context<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        bearer: &'a Bearer,
        wanted: Wanted<'a>,
    ) -> BoxFuture<'a, Result<Arc<GuardContext>>> {
        Box::pin(async move {
            let mut snapshot = portcullis.read().await?;
            let overrides = overrides_of(snapshot.queries(), bearer.caller.principal()).await?;
            let in_force = InForce {
                organization: Some(ORGANIZATION.into()),
                tenant: Some(TENANT.into()),
                product: Some(wanted.product.unwrap_or(PRODUCT).into()),
                problem: None,
            };
            let context = made_up(bearer, wanted).with_token_claims(bearer.facts.claims.clone());
            let context = GuardContext::new(context, in_force);
            Ok(Arc::new(GuardContext { overrides, plan: Some(PLAN.to_owned()), ..context }))
        })
    }
}

fn made_up(bearer: &Bearer, wanted: Wanted<'_>) -> UserContext {
    let email = bearer.facts.claims.get("email").and_then(Value::as_str).unwrap_or(USER_EMAIL);
    let told = !wanted.left_out.user;
    let user = UserInContext {
        id: bearer.caller.principal().into(),
        name: told.then(|| USER_NAME.to_owned()),
        email: told.then(|| email.to_owned()),
        roles: vec![ROLE.to_owned()],
        is_active: true,
    };
    let organization = OrganizationContext {
        id: ORGANIZATION.to_owned(),
        name: "Test Organization".to_owned(),
        plan: Some(PLAN.to_owned()),
    };
    let tenant = TenantContext {
        id: TENANT.to_owned(),
        name: "Test Tenant".to_owned(),
        region: Some(REGION.to_owned()),
    };
    let product = ProductContext {
        id: wanted.product.unwrap_or(PRODUCT).to_owned(),
        name: PRODUCT_NAME.to_owned(),
        version_subscribed: PRODUCT_VERSION.to_owned(),
    };
    UserContext {
        user: Some(user),
        organization: Some(organization).filter(|_| !wanted.left_out.organization),
        tenant: Some(tenant).filter(|_| !wanted.left_out.tenant),
        product: Some(product).filter(|_| !wanted.left_out.product),
        fake: true,
        ..UserContext::default()
    }
}
