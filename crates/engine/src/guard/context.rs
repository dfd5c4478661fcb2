use std::sync::{Arc, OnceLock};

use portcullis_authz::{AskedPath, Holder, LoadedGrants, RoleIndex};
use portcullis_store::Queries;
use portcullis_types::guard::{ClientContext, SubscriptionContext, UserInContext};
use portcullis_types::{BoxFuture, Caller, UserContext};
use serde_json::{Map, Value};

use super::policy::CompiledOverride;
use super::stage::ContextProvider;
use super::standing::{Chosen, Standing};
use crate::bearer::Bearer;
use crate::{Error, Portcullis, Result};

/// The most overrides that one user may have.
pub(crate) const MAX_OVERRIDES: u32 = 500;

/// Who is asking, and where; what stages 4 to 6 decide by.
#[derive(Debug, Default)]
pub struct GuardContext {
    /// What the application is told.
    pub context: Arc<UserContext>,
    /// Where it takes place.
    pub in_force: InForce,
    pub(super) overrides: Vec<CompiledOverride>,
    pub(super) plan: Option<String>,
    pub(super) written: OnceLock<Option<Box<str>>>,
}

impl GuardContext {
    /// A context without overrides and plan, for providers of one's own.
    pub fn new(context: UserContext, in_force: InForce) -> Self {
        Self { context: Arc::new(context), in_force, ..Self::default() }
    }

    /// What the application is told, in JSON.
    pub(super) fn json(&self) -> Option<&str> {
        let write = || serde_json::to_string(&*self.context).ok().map(String::into_boxed_str);
        self.written.get_or_init(write).as_deref()
    }
}

/// The organization, tenant and product in force (spec `guard-request.md` §1.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InForce {
    /// The organization's id.
    pub organization: Option<Arc<str>>,
    /// The tenant's id.
    pub tenant: Option<Arc<str>>,
    /// The product's id.
    pub product: Option<Arc<str>>,
    /// Why nothing may be done there.
    pub problem: Option<NotInForce>,
}

/// Why nothing may be done in an organization or tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotInForce {
    /// The request names one that the user does not belong to, or another than the token does.
    NotAMember,
    /// The user belongs to several organizations, and the request names none.
    WhichOrganization,
    /// The user works in several tenants of the organization, and the request names none.
    WhichTenant,
    /// The organization or the tenant is suspended.
    Suspended,
}

/// What a request says about its context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// `metadata.organization_id`.
    pub organization: Option<&'a str>,
    /// `metadata.tenant_id`.
    pub tenant: Option<&'a str>,
    /// The product of the application that the token was issued to, else `metadata.product_id`.
    pub product: Option<&'a str>,
    /// What is not to be told.
    pub left_out: LeftOut,
}

/// Parts of a context: `fetch_user_info: false` and its like leave some out, `fetch_entitlements: true` takes one in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "five independent switches of the specification")]
pub struct LeftOut {
    /// Name and address of the user.
    pub user: bool,
    /// The organization.
    pub organization: bool,
    /// The tenant.
    pub tenant: bool,
    /// The product.
    pub product: bool,
    /// Taken in: what the subscriptions allow.
    pub entitlements: bool,
}

/// [`Wanted`], kept.
#[derive(Default)]
pub(super) struct WantedOwned {
    organization: Option<Box<str>>,
    tenant: Option<Box<str>>,
    product: Option<Box<str>>,
    left_out: LeftOut,
}

impl<'a> Wanted<'a> {
    /// What a request's metadata say, and which product the token was issued for. Hints that are not text are none.
    pub(super) fn of(metadata: Option<&'a Map<String, Value>>, product: Option<&'a str>) -> Self {
        let Some(metadata) = metadata else { return Self { product, ..Self::default() } };
        let text = |name: &str| metadata.get(name).and_then(Value::as_str);
        let is = |name: &str, value: bool| metadata.get(name).and_then(Value::as_bool) == Some(value);
        Self {
            organization: text("organization_id"),
            tenant: text("tenant_id"),
            product: product.or_else(|| text("product_id")),
            left_out: LeftOut {
                user: is("fetch_user_info", false),
                organization: is("fetch_organization_info", false),
                tenant: is("fetch_tenant_info", false),
                product: is("fetch_product_info", false),
                entitlements: is("fetch_entitlements", true),
            },
        }
    }

    pub(super) fn to_owned(self) -> WantedOwned {
        WantedOwned {
            organization: self.organization.map(Into::into),
            tenant: self.tenant.map(Into::into),
            product: self.product.map(Into::into),
            left_out: self.left_out,
        }
    }
}

impl WantedOwned {
    pub(super) fn is(&self, other: Wanted<'_>) -> bool {
        self.organization.as_deref() == other.organization
            && self.tenant.as_deref() == other.tenant
            && self.product.as_deref() == other.product
            && self.left_out == other.left_out
    }
}

/// The context as this installation knows it.
pub(super) struct OwnContext;

impl ContextProvider for OwnContext {
    fn context<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        bearer: &'a Bearer,
        wanted: Wanted<'a>,
    ) -> BoxFuture<'a, Result<Arc<GuardContext>>> {
        let (epochs, now) = (&portcullis.inner.context_epochs, portcullis.now());
        if let Some(known) = bearer.facts.contexts.find(epochs, wanted, now) {
            return Box::pin(std::future::ready(Ok(known)));
        }
        Box::pin(async move {
            let before = epochs.before();
            let context = Arc::new(match &bearer.caller {
                Caller::User { user_id, .. } => of_user(portcullis, bearer, user_id, wanted).await?,
                Caller::Client { client_id, .. } | Caller::Application { client_id } => {
                    of_machine(portcullis, bearer, client_id, wanted).await?
                }
            });
            bearer.facts.contexts.keep(&before, wanted, &context, now);
            Ok(context)
        })
    }
}

async fn of_user(
    portcullis: &Portcullis,
    bearer: &Bearer,
    user_id: &Arc<str>,
    wanted: Wanted<'_>,
) -> Result<GuardContext> {
    // Before the snapshot, since it may take one of its own: an in-memory database has a single connection.
    let grants = portcullis.grants(Holder::User(user_id)).await?;
    let mut snapshot = portcullis.read().await?;
    let queries = snapshot.queries();
    let profile = queries.user(user_id).await?;
    let standing = Standing::of(queries, user_id).await?;
    let chosen = standing.choose(&bearer.facts.claims, wanted);
    let roles = roles_in(portcullis, &grants, &chosen)?;
    let subscribed = chosen.subscribed(queries, wanted, portcullis.now()).await?;
    let shown = profile.filter(|_| !wanted.left_out.user);
    let (name, email) = shown.map(|profile| (profile.name, profile.email)).unwrap_or_default();
    let user = UserInContext { id: Arc::clone(user_id), name, email, roles, is_active: true };
    let context = UserContext {
        user: Some(user),
        organization: subscribed.organization(&chosen, wanted),
        tenant: chosen.tenant_context(wanted),
        product: subscribed.product.clone().filter(|_| !wanted.left_out.product),
        session: bearer.facts.session.clone(),
        subscription: subscribed.subscription.clone(),
        entitlements: subscribed.entitlements.clone(),
        ..UserContext::default()
    };
    let context = context.with_token_claims(bearer.facts.claims.clone());
    Ok(GuardContext {
        overrides: overrides_of(queries, user_id).await?,
        plan: subscribed.plan,
        ..GuardContext::new(context, chosen.in_force(wanted))
    })
}

async fn of_machine(
    portcullis: &Portcullis,
    bearer: &Bearer,
    client_id: &Arc<str>,
    wanted: Wanted<'_>,
) -> Result<GuardContext> {
    // Before the snapshot, since it may take one of its own.
    let application = match &bearer.caller {
        Caller::Application { client_id } => portcullis.application(client_id).await?,
        _ => None,
    };
    let mut snapshot = portcullis.read().await?;
    let queries = snapshot.queries();
    let name = match application {
        Some(application) => Some(application.name.clone()),
        None => queries.client(client_id).await?.and_then(|stored| stored.name),
    };
    let client = ClientContext { id: Arc::clone(client_id), name };
    let context = UserContext { client: Some(client), ..UserContext::default() };
    let in_force = InForce { product: wanted.product.map(Into::into), ..InForce::default() };
    let context = context.with_token_claims(bearer.facts.claims.clone());
    let overrides = overrides_of(queries, client_id).await?;
    Ok(GuardContext { overrides, ..GuardContext::new(context, in_force) })
}

/// The ids of the roles that reach the tenant or the organization in force, or everything if there is none, sorted. Ids and
/// not names: nobody can make a second role of the same id to pass for another.
fn roles_in(portcullis: &Portcullis, grants: &LoadedGrants, chosen: &Chosen<'_>) -> Result<Vec<String>> {
    let decider = portcullis.decider();
    let mut indexes: Vec<RoleIndex> = Vec::new();
    let place = chosen.resource();
    let path = AskedPath::parse(decider.key(), &place).map_err(Error::internal)?;
    decider.reach(grants, &path, |role| indexes.push(role));
    indexes.sort_unstable();
    indexes.dedup();
    let table = decider.roles().current();
    let known = indexes.into_iter().filter(|role| table.is_known(*role));
    let mut roles: Vec<String> =
        known.filter_map(|role| table.id_of(role)).map(|id| id.as_ref().to_owned()).collect();
    roles.sort_unstable();
    Ok(roles)
}

pub(super) async fn overrides_of(
    queries: &mut dyn Queries,
    principal: &str,
) -> Result<Vec<CompiledOverride>> {
    let stored = queries.overrides_of(principal, MAX_OVERRIDES.saturating_add(1)).await?;
    if stored.len() > usize::try_from(MAX_OVERRIDES).unwrap_or(usize::MAX) {
        // One that is not read could be a deny.
        return Err(Error::internal("more overrides of one user than can be read"));
    }
    stored.iter().map(CompiledOverride::new).collect()
}

/// What the subscriptions of an organization say, for the context.
#[derive(Default)]
pub(super) struct Subscribed {
    pub(super) plan: Option<String>,
    pub(super) product: Option<portcullis_types::guard::ProductContext>,
    pub(super) subscription: Option<SubscriptionContext>,
    pub(super) entitlements: Option<std::collections::BTreeMap<String, portcullis_types::guard::Entitlement>>,
}
