use std::sync::Arc;

use portcullis_store::Queries;
use portcullis_types::Timestamp;
use portcullis_types::guard::{OrganizationContext, ProductContext, SubscriptionContext, TenantContext};
use portcullis_types::organization::OrganizationStatus;
use serde_json::{Map, Value};

use super::context::{InForce, NotInForce, Subscribed, Wanted};
use crate::Result;
use crate::subscription::{InForce as Usable, Standing as Subscribing, entitlements, subscriptions_in_force};

/// Where a user belongs.
#[derive(Default)]
pub(super) struct Standing {
    memberships: Vec<MemberOf>,
}

/// One organization that a user is a member of.
pub(super) struct MemberOf {
    pub(super) organization_id: String,
    pub(super) name: String,
    pub(super) suspended: bool,
    /// Those in which the user works.
    pub(super) tenants: Vec<TenantOf>,
}

/// One tenant.
pub(super) struct TenantOf {
    pub(super) tenant_id: String,
    pub(super) name: String,
    pub(super) region: Option<String>,
    pub(super) suspended: bool,
}

/// The organization and the tenant in force, out of a user's.
#[derive(Default)]
pub(super) struct Chosen<'a> {
    pub(super) organization: Option<&'a MemberOf>,
    pub(super) tenant: Option<&'a TenantOf>,
    problem: Option<NotInForce>,
}

impl Standing {
    /// Reads a user's memberships.
    pub(super) async fn of(queries: &mut dyn Queries, user_id: &str) -> Result<Self> {
        let found = crate::organization::memberships(queries, user_id).await?;
        let is_suspended = |status| status == OrganizationStatus::Suspended;
        let memberships = found.into_iter().map(|of| MemberOf {
            suspended: is_suspended(of.status),
            tenants: of
                .tenants
                .into_iter()
                .map(|tenant| TenantOf {
                    suspended: is_suspended(tenant.status),
                    tenant_id: tenant.tenant_id,
                    name: tenant.name,
                    region: tenant.region,
                })
                .collect(),
            organization_id: of.organization_id,
            name: of.name,
        });
        Ok(Self { memberships: memberships.collect() })
    }

    /// Spec `guard-request.md` §1.3: what the token says, then what the request says if the user belongs there, then the only
    /// place that there is. A request that names another place than the token, or one that the user does not belong to, is
    /// about nothing of the user's.
    pub(super) fn choose(&self, claims: &Map<String, Value>, wanted: Wanted<'_>) -> Chosen<'_> {
        let claim = |name: &str| claims.get(name).and_then(Value::as_str);
        let (Ok(organization), Ok(tenant)) =
            (agreed(claim("org_id"), wanted.organization), agreed(claim("tenant_id"), wanted.tenant))
        else {
            return Chosen { problem: Some(NotInForce::NotAMember), ..Chosen::default() };
        };
        let named = organization.is_some() || tenant.is_some();
        let fits = |member: &&MemberOf| {
            organization.is_none_or(|id| id == member.organization_id)
                && tenant.is_none_or(|id| member.tenants.iter().any(|tenant| tenant.tenant_id == id))
        };
        let mut fitting = self.memberships.iter().filter(fits);
        let member = match (fitting.next(), fitting.next()) {
            (None, _) => {
                let problem = named.then_some(NotInForce::NotAMember);
                return Chosen { problem, ..Chosen::default() };
            }
            (Some(_), Some(_)) => {
                let problem = Some(NotInForce::WhichOrganization);
                return Chosen { problem, ..Chosen::default() };
            }
            (Some(member), None) => member,
        };
        let chosen = match (tenant, member.tenants.as_slice()) {
            (Some(id), tenants) => tenants.iter().find(|tenant| tenant.tenant_id == id),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let suspended = member.suspended || chosen.is_some_and(|tenant| tenant.suspended);
        let problem = match chosen {
            _ if suspended => Some(NotInForce::Suspended),
            None if member.tenants.len() > 1 => Some(NotInForce::WhichTenant),
            _ => None,
        };
        Chosen { organization: Some(member), tenant: chosen, problem }
    }
}

/// What token and request say, unless they say two things.
fn agreed<'a>(claim: Option<&'a str>, hint: Option<&'a str>) -> Result<Option<&'a str>, ()> {
    match (claim, hint) {
        (Some(claim), Some(hint)) if claim != hint => Err(()),
        (claim, hint) => Ok(claim.or(hint)),
    }
}

impl Chosen<'_> {
    /// The resource on which roles in this place are held.
    pub(super) fn resource(&self) -> String {
        match (self.organization, self.tenant) {
            (Some(of), Some(tenant)) => {
                format!("organizations/{}/tenants/{}", of.organization_id, tenant.tenant_id)
            }
            (Some(of), None) => format!("organizations/{}", of.organization_id),
            _ => "/".to_owned(),
        }
    }

    pub(super) fn in_force(&self, wanted: Wanted<'_>) -> InForce {
        InForce {
            organization: self.organization.map(|of| Arc::from(of.organization_id.as_str())),
            tenant: self.tenant.map(|tenant| Arc::from(tenant.tenant_id.as_str())),
            product: wanted.product.map(Into::into),
            problem: self.problem,
        }
    }

    pub(super) fn tenant_context(&self, wanted: Wanted<'_>) -> Option<TenantContext> {
        self.tenant.filter(|_| !wanted.left_out.tenant).map(|tenant| TenantContext {
            id: tenant.tenant_id.clone(),
            name: tenant.name.clone(),
            region: tenant.region.clone(),
        })
    }

    /// What the organization in force subscribed to.
    pub(super) async fn subscribed(
        &self,
        queries: &mut dyn Queries,
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> Result<Subscribed> {
        let standing = match self.organization {
            Some(of) => subscriptions_in_force(queries, &of.organization_id, None, now).await?,
            None => Subscribing::SubscriptionRequired,
        };
        let usable = if let Subscribing::InForce(usable) = standing { usable } else { Vec::new() };
        let product = match wanted.product {
            Some(id) => queries.product(id).await?,
            None => None,
        };
        let product = product.map(|product| {
            let of_it = usable.iter().find(|one| one.plan.product_id == product.product_id);
            let version = of_it.and_then(|one| one.plan.version.clone());
            ProductContext {
                id: product.product_id,
                name: product.name,
                version_subscribed: version.unwrap_or_else(|| "latest".to_owned()),
            }
        });
        let allowed = match wanted.left_out.entitlements {
            true => Some(entitlements(queries, &usable, now).await?),
            false => None,
        };
        Ok(Subscribed {
            plan: usable.first().map(|one| one.plan.name.clone()),
            product,
            subscription: usable.first().map(subscription_context),
            entitlements: allowed,
        })
    }
}

fn subscription_context(one: &Usable) -> SubscriptionContext {
    let subscription = &one.subscription;
    let status = serde_json::to_value(subscription.status).ok();
    let status = status.as_ref().and_then(Value::as_str).unwrap_or_default();
    SubscriptionContext {
        id: subscription.subscription_id.clone(),
        status: status.to_owned(),
        plan_id: subscription.plan_id.clone(),
        seats: subscription.seat_count,
        period_end: subscription.next_billing_date.or(subscription.end_date),
    }
}

impl Subscribed {
    pub(super) fn organization(
        &self,
        chosen: &Chosen<'_>,
        wanted: Wanted<'_>,
    ) -> Option<OrganizationContext> {
        chosen.organization.filter(|_| !wanted.left_out.organization).map(|of| OrganizationContext {
            id: of.organization_id.clone(),
            name: of.name.clone(),
            plan: self.plan.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn member(id: &str, tenants: &[&str]) -> MemberOf {
        let tenant = |id: &&str| TenantOf {
            tenant_id: (*id).to_owned(),
            name: (*id).to_owned(),
            region: None,
            suspended: id.ends_with('!'),
        };
        MemberOf {
            organization_id: id.to_owned(),
            name: id.to_owned(),
            suspended: id.ends_with('!'),
            tenants: tenants.iter().map(tenant).collect(),
        }
    }

    type Place<'a> = (Option<&'a str>, Option<&'a str>, Option<NotInForce>);

    fn choose<'a>(standing: &'a Standing, claims: &Value, wanted: Wanted<'_>) -> Place<'a> {
        let chosen = standing.choose(claims.as_object().unwrap(), wanted);
        let organization = chosen.organization.map(|of| of.organization_id.as_str());
        (organization, chosen.tenant.map(|tenant| tenant.tenant_id.as_str()), chosen.problem)
    }

    #[test]
    fn the_only_membership_is_in_force_and_none_is_no_error() {
        let none = Standing::default();
        assert_eq!(choose(&none, &json!({}), Wanted::default()), (None, None, None));
        let one = Standing { memberships: vec![member("o", &["t"])] };
        assert_eq!(choose(&one, &json!({}), Wanted::default()), (Some("o"), Some("t"), None));
    }

    #[test]
    fn with_several_the_token_says_where_then_the_request() {
        let two = Standing { memberships: vec![member("o", &["t", "u"]), member("p", &["v"])] };
        let wanted = |organization, tenant| Wanted { organization, tenant, ..Wanted::default() };
        let nowhere = Some(NotInForce::WhichOrganization);
        assert_eq!(choose(&two, &json!({}), Wanted::default()), (None, None, nowhere));
        assert_eq!(choose(&two, &json!({}), wanted(None, Some("v"))), (Some("p"), Some("v"), None));
        assert_eq!(choose(&two, &json!({"tenant_id": "u"}), Wanted::default()), (Some("o"), Some("u"), None));
        let which = Some(NotInForce::WhichTenant);
        assert_eq!(choose(&two, &json!({"org_id": "o"}), Wanted::default()), (Some("o"), None, which));
    }

    #[test]
    fn az_02_a_place_of_others_is_never_in_force() {
        let one = Standing { memberships: vec![member("o", &["t"])] };
        let wanted = |organization, tenant| Wanted { organization, tenant, ..Wanted::default() };
        let foreign = (None, None, Some(NotInForce::NotAMember));
        assert_eq!(choose(&one, &json!({}), wanted(Some("p"), None)), foreign);
        assert_eq!(choose(&one, &json!({}), wanted(Some("o"), Some("v"))), foreign);
        assert_eq!(choose(&one, &json!({"org_id": "p"}), Wanted::default()), foreign);
        assert_eq!(
            choose(&one, &json!({"org_id": "o"}), wanted(Some("p"), None)),
            foreign,
            "not the token's"
        );
        assert_eq!(choose(&Standing::default(), &json!({}), wanted(None, Some("t"))), foreign);
    }

    #[test]
    fn what_is_suspended_is_in_force_but_nothing_may_be_done() {
        let suspended = Some(NotInForce::Suspended);
        let organization = Standing { memberships: vec![member("o!", &["t"])] };
        assert_eq!(choose(&organization, &json!({}), Wanted::default()), (Some("o!"), Some("t"), suspended));
        let tenant = Standing { memberships: vec![member("o", &["t!"])] };
        assert_eq!(choose(&tenant, &json!({}), Wanted::default()), (Some("o"), Some("t!"), suspended));
    }
}
