use std::borrow::Cow;
use std::sync::Arc;

use portcullis_authz::{AskedPath, Bits, Decision, Holder, LoadedGrants, Place, Recorder, RoleIndex, SetOf};
use portcullis_domain::{Slot, TemplateError};
use portcullis_types::guard::{DecisionPath, GuardResource};
use portcullis_types::operation::ScopeLevel;
use portcullis_types::policy::Effect;
use portcullis_types::{BoxFuture, Caller, GuardCode};
use serde_json::{Map, Value};

use super::context::{InForce, NotInForce};
use super::stage::{Decided, DecisionQuestion, PolicyDecision};
use super::{caps, policy};
use crate::access::Question;
use crate::{Portcullis, Result};

/// What break-glass takes, and where.
const BREAK_GLASS: (&str, &str) = ("portcullis:break-glass", "Portcullis:BreakGlass");

/// The decision over our own access records, policies and overrides.
pub(super) struct OwnDecision;

impl PolicyDecision for OwnDecision {
    fn decide<'a>(
        &'a self,
        portcullis: &'a Portcullis,
        question: DecisionQuestion<'a>,
    ) -> BoxFuture<'a, Result<Decided>> {
        let warm = Deciding { portcullis, question: &question, loaded: Loaded::default() }.decide();
        match warm {
            Ok(decided) if !question.explain => Box::pin(std::future::ready(Ok(decided))),
            warm => Box::pin(async move { cold(portcullis, question, warm).await }),
        }
    }
}

/// Loads what was missing, one after the other, and explains if that is wanted.
async fn cold(
    portcullis: &Portcullis,
    question: DecisionQuestion<'_>,
    warm: Result<Decided, Missing>,
) -> Result<Decided> {
    let mut deciding = Deciding { portcullis, question: &question, loaded: Loaded::default() };
    let mut decided = warm;
    loop {
        match decided {
            Ok(decided) if question.explain => return explained(portcullis, &question, decided).await,
            Ok(decided) => return Ok(decided),
            Err(Missing::User) => {
                let user = Holder::User(question.bearer.caller.principal());
                deciding.loaded.user = Some(portcullis.load(user).await?);
            }
            Err(Missing::Token(token)) => {
                deciding.loaded.token = Some(portcullis.load(Holder::Token(&token)).await?);
            }
        }
        decided = deciding.decide();
    }
}

/// Adds the record and the reason to what is told; both only for administrators.
async fn explained(
    portcullis: &Portcullis,
    question: &DecisionQuestion<'_>,
    mut decided: Decided,
) -> Result<Decided> {
    let Ok(uri) = resource_uri(question) else { return Ok(decided) };
    let user_id = question.bearer.caller.principal();
    let asked = Question { user_id, resource: &uri, permission: &question.operation.body.permission };
    let reason = match portcullis.remembered_reason(asked) {
        Some(reason) => reason,
        None => Box::pin(portcullis.reason(asked)).await?,
    };
    if decided.policy_id.is_none()
        && matches!(decided.path, DecisionPath::RoleAllow | DecisionPath::RelationAllow)
    {
        decided.policy_id = reason.record_id;
    }
    decided.reason_admin = Some(format!("{} on {uri}: {}", asked.permission, reason.sentence));
    Ok(decided)
}

/// Grants that are not (or could not stay) in memory.
#[derive(Default)]
struct Loaded {
    user: Option<LoadedGrants>,
    token: Option<LoadedGrants>,
}

/// What must be loaded first.
enum Missing {
    User,
    Token(Arc<str>),
}

/// Remembers which role held what was asked for, and whether through a group.
#[derive(Default)]
struct Held(Option<(SetOf, RoleIndex)>);

impl Recorder for Held {
    fn compared(&mut self, set: SetOf, _place: Place, role: RoleIndex, holds: bool) {
        if holds {
            self.0 = Some((set, role));
        }
    }
}

struct Deciding<'a> {
    portcullis: &'a Portcullis,
    question: &'a DecisionQuestion<'a>,
    loaded: Loaded,
}

impl Deciding<'_> {
    /// The paths in their order: the first that applies decides. Then what the token keeps of a yes.
    fn decide(&self) -> Result<Decided, Missing> {
        let question = self.question;
        if let Some(decided) = out_of_place(question) {
            return Ok(decided);
        }
        let uri = match resource_uri(question) {
            Ok(uri) => uri,
            Err(error) => return Ok(no_resource(&error)),
        };
        // Nothing that is not a resource URI is decided about.
        let Ok(path) = AskedPath::parse(self.portcullis.decider().key(), &uri) else {
            return Ok(no_match("the resource is not one that can be asked about"));
        };
        let decided = self.on(&path, &uri)?;
        if decided.refused.is_some() {
            return Ok(decided);
        }
        self.capped(&path, decided)
    }

    fn on(&self, path: &AskedPath<'_>, uri: &str) -> Result<Decided, Missing> {
        let question = self.question;
        let policies = self.portcullis.inner.registry.current();
        let policies = policies.policies.as_slice();
        let rule = |effect| {
            policy::user_override(effect, question, uri)
                .or_else(|| policy::policy(policies, effect, question, uri))
        };
        if let Some(id) = rule(Effect::Deny) {
            let code = GuardCode::PermissionDenied;
            return Ok(Decided {
                policy_id: Some(id),
                ..refused(DecisionPath::ExplicitDeny, code, "a rule denies this")
            });
        }
        if self.breaks_glass()? {
            return Ok(allowed(DecisionPath::SuperAdmin));
        }
        if let Some(id) = policy::user_override(Effect::Allow, question, uri) {
            return Ok(Decided { policy_id: Some(id), ..allowed(DecisionPath::OverrideAllow) });
        }
        if owns(question) {
            return Ok(allowed(DecisionPath::Owner));
        }
        if let Some(held) = self.by_role(path)? {
            return Ok(held);
        }
        if let Some(id) = policy::policy(policies, Effect::Allow, question, uri) {
            return Ok(Decided { policy_id: Some(id), ..allowed(DecisionPath::PolicyAllow) });
        }
        Ok(no_match("nothing allows this"))
    }

    /// A strong and recent sign-in, by somebody who may break the glass.
    fn breaks_glass(&self) -> Result<bool, Missing> {
        let session = self.question.context.context.session.as_ref();
        if !caps::is_recent_and_strong(session, self.question.now) {
            return Ok(false);
        }
        let (permission, resource) = BREAK_GLASS;
        let Ok(path) = AskedPath::parse(self.portcullis.decider().key(), resource) else { return Ok(false) };
        self.holds(&path, permission, &mut Held::default())
    }

    fn by_role(&self, path: &AskedPath<'_>) -> Result<Option<Decided>, Missing> {
        let mut held = Held::default();
        if !self.holds(path, &self.question.operation.body.permission, &mut held)? {
            return Ok(None);
        }
        let by = match held.0 {
            Some((SetOf::Group(_), _)) => DecisionPath::RelationAllow,
            _ => DecisionPath::RoleAllow,
        };
        let roles = self.portcullis.decider().roles().current();
        let role = held.0.and_then(|(_, role)| roles.id_of(role).cloned());
        Ok(Some(Decided { role, ..allowed(by) }))
    }

    fn holds(&self, path: &AskedPath<'_>, permission: &str, held: &mut Held) -> Result<bool, Missing> {
        let decider = self.portcullis.decider();
        let user = Holder::User(self.question.bearer.caller.principal());
        let decision = match &self.loaded.user {
            Some(grants) => decider.decide_loaded(grants, path, permission, Bits::ALLOW, held),
            None => decider.decide_watched(user, path, permission, Bits::ALLOW, held),
        };
        match decision {
            Decision::NotLoaded => Err(Missing::User),
            decision => Ok(decision == Decision::Allow),
        }
    }

    /// A yes, as far as the token reaches.
    fn capped(&self, path: &AskedPath<'_>, decided: Decided) -> Result<Decided, Missing> {
        if let Caller::User { limited_by: Some(token), .. } = &self.question.bearer.caller {
            let (decider, permission) = (self.portcullis.decider(), &self.question.operation.body.permission);
            let decision = match &self.loaded.token {
                Some(grants) => {
                    decider.decide_loaded(grants, path, permission, Bits::ALLOW, &mut Held::default())
                }
                None => decider.decide(Holder::Token(token), path, permission, Bits::ALLOW),
            };
            match decision {
                Decision::NotLoaded => return Err(Missing::Token(Arc::clone(token))),
                Decision::Deny => return Ok(no_match("the token is limited to other things")),
                Decision::Allow => {}
            }
        }
        Ok(match caps::check(self.question) {
            Ok(()) => decided,
            Err(capped) => Decided {
                details: capped.details,
                ..refused(DecisionPath::NoMatch, capped.code, capped.reason)
            },
        })
    }
}

/// Paths 1 and 2: the wrong place, or one where nothing may be done.
fn out_of_place(question: &DecisionQuestion<'_>) -> Option<Decided> {
    use DecisionPath as Path;
    let in_force = &question.context.in_force;
    let level = question.operation.body.scope_level;
    let in_tenant = matches!(level, ScopeLevel::Tenant | ScopeLevel::Workspace);
    if is_of_others(question, in_force) {
        let reason = "the resource belongs to another tenant";
        return Some(refused(Path::TenantMismatch, GuardCode::TenantMismatch, reason));
    }
    match in_force.problem? {
        NotInForce::NotAMember => {
            let reason = "this is not a tenant or an organization of the user's";
            Some(refused(Path::TenantMismatch, GuardCode::TenantMismatch, reason))
        }
        NotInForce::Suspended => Some(refused(
            Path::Suspended,
            GuardCode::TenantSuspended,
            "the tenant or its organization is suspended",
        )),
        NotInForce::WhichOrganization if level != ScopeLevel::Own => {
            let reason = "the user belongs to several organizations and the request names none";
            Some(refused(Path::NoMatch, GuardCode::TenantAmbiguous, reason))
        }
        NotInForce::WhichTenant if in_tenant => {
            let reason = "the user works in several tenants and the request names none";
            Some(refused(Path::NoMatch, GuardCode::TenantAmbiguous, reason))
        }
        NotInForce::WhichOrganization | NotInForce::WhichTenant => None,
    }
}

/// Whether the resource is said to be another tenant's, and not shared with the one in force. Machines belong to no tenant:
/// what they may is in their own grants.
fn is_of_others(question: &DecisionQuestion<'_>, in_force: &InForce) -> bool {
    let Some(resource) = question.resource else { return false };
    if matches!(question.bearer.caller, Caller::Client { .. } | Caller::Application { .. }) {
        return false;
    }
    let shared =
        in_force.tenant.as_deref().is_some_and(|own| resource.shared_with.iter().any(|with| with == own));
    let other = |of: &Option<String>, own: &Option<Arc<str>>| of.is_some() && of.as_deref() != own.as_deref();
    !shared
        && (other(&resource.tenant, &in_force.tenant)
            || other(&resource.organization, &in_force.organization))
}

/// Whether a self-scoped operation is on the asker's own thing.
fn owns(question: &DecisionQuestion<'_>) -> bool {
    let own = question.bearer.caller.principal();
    let is_own = |text: &Option<String>| text.as_deref() == Some(own);
    question.operation.body.scope_level == ScopeLevel::Own
        && question.resource.is_some_and(|resource| match &resource.owner {
            // Whoever owns it is said: its id says nothing then.
            Some(_) => is_own(&resource.owner),
            None => is_own(&resource.id),
        })
}

/// The URI of what the operation is done to.
fn resource_uri(question: &DecisionQuestion<'_>) -> Result<String, TemplateError> {
    let (resource, in_force) = (question.resource, &question.context.in_force);
    let of_resource =
        |part: fn(&GuardResource) -> &Option<String>| resource.and_then(|resource| part(resource).as_deref());
    let mut uri = String::with_capacity(160);
    question.operation.template.write(&mut uri, |slot| match slot {
        Slot::Organization => {
            of_resource(|resource| &resource.organization).or(in_force.organization.as_deref())
        }
        Slot::Tenant => of_resource(|resource| &resource.tenant).or(in_force.tenant.as_deref()),
        Slot::Product => in_force.product.as_deref().or(question.operation.body.product_id.as_deref()),
        Slot::Subject => Some(question.bearer.caller.principal()),
        Slot::Kind => {
            of_resource(|resource| &resource.kind).or(question.operation.body.resource_type.as_deref())
        }
        Slot::Id => of_resource(|resource| &resource.id),
        Slot::Owner => of_resource(|resource| &resource.owner),
        Slot::Metadata(name) => question.metadata?.get(&**name).and_then(Value::as_str),
    })?;
    Ok(uri)
}

fn no_resource(error: &TemplateError) -> Decided {
    no_match(match error {
        TemplateError::Missing(Slot::Organization | Slot::Tenant) => "no organization or tenant is in force",
        TemplateError::Missing(_) => "the request does not say what it is about",
        TemplateError::Malformed(_) => "the resource is not one that can be asked about",
    })
}

fn allowed(path: DecisionPath) -> Decided {
    Decided {
        path,
        refused: None,
        role: None,
        policy_id: None,
        reason_user: Cow::Borrowed("allowed"),
        reason_admin: None,
        details: Map::new(),
    }
}

fn refused(path: DecisionPath, code: GuardCode, reason: &'static str) -> Decided {
    Decided { refused: Some(code), reason_user: Cow::Borrowed(reason), ..allowed(path) }
}

fn no_match(reason: &'static str) -> Decided {
    refused(DecisionPath::NoMatch, GuardCode::PermissionDenied, reason)
}
