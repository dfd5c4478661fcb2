use std::borrow::Cow;
use std::sync::Arc;

use portcullis_domain::{Covered, StoredOverride, StoredPolicy, conditions_hold};
use portcullis_types::policy::{Condition, Effect};
use portcullis_types::{Caller, Timestamp};
use serde_json::{Value, json};

use super::stage::DecisionQuestion;
use crate::Result;

/// A policy, ready to be asked.
pub(crate) struct CompiledPolicy {
    pub(super) policy_id: Arc<str>,
    effect: Effect,
    covered: Covered,
    tenant: Option<String>,
    conditions: Vec<Condition>,
}

/// An override, ready to be asked.
#[derive(Debug)]
pub(super) struct CompiledOverride {
    override_id: Arc<str>,
    effect: Effect,
    covered: Covered,
    until: Option<Timestamp>,
}

impl CompiledPolicy {
    pub(super) fn new(stored: StoredPolicy) -> Result<Self> {
        Ok(Self {
            policy_id: stored.policy_id.into(),
            effect: stored.body.effect,
            covered: Covered::parse(&stored.body.permission, &stored.body.resource)?,
            tenant: stored.body.tenant_id,
            conditions: stored.body.conditions,
        })
    }
}

impl CompiledOverride {
    pub(super) fn new(stored: &StoredOverride) -> Result<Self> {
        Ok(Self {
            override_id: stored.override_id.as_str().into(),
            effect: stored.body.effect,
            covered: Covered::parse(&stored.body.permission, &stored.body.resource)?,
            until: stored.body.expires_at,
        })
    }
}

/// The first policy that says `effect` about this question.
pub(super) fn policy(
    policies: &[Arc<CompiledPolicy>],
    effect: Effect,
    question: &DecisionQuestion<'_>,
    uri: &str,
) -> Option<Arc<str>> {
    let tenant = question.context.in_force.tenant.as_deref();
    let applies = |policy: &&Arc<CompiledPolicy>| {
        policy.effect == effect
            && policy.tenant.as_deref().is_none_or(|of| Some(of) == tenant)
            && policy.covered.covers(&question.operation.action, uri)
            && conditions_hold(effect, &policy.conditions, |name| attribute(question, name))
    };
    policies.iter().find(applies).map(|policy| Arc::clone(&policy.policy_id))
}

/// The first override of this user that says `effect` about this question.
pub(super) fn user_override(effect: Effect, question: &DecisionQuestion<'_>, uri: &str) -> Option<Arc<str>> {
    let applies = |one: &&CompiledOverride| {
        one.effect == effect
            && one.until.is_none_or(|until| question.now < until)
            && one.covered.covers(&question.operation.action, uri)
    };
    question.context.overrides.iter().find(applies).map(|one| Arc::clone(&one.override_id))
}

/// An attribute of the question, by its name in conditions.
fn attribute<'a>(question: &DecisionQuestion<'a>, name: &str) -> Option<Cow<'a, Value>> {
    if let Some(name) = name.strip_prefix("metadata.") {
        return question.metadata?.get(name).map(Cow::Borrowed);
    }
    if let Some(name) = name.strip_prefix("resource.attributes.") {
        return question.resource?.attributes.get(name).map(Cow::Borrowed);
    }
    if let Some(name) = name.strip_prefix("subject.claims.") {
        return question.bearer.facts.claims.get(name).map(Cow::Borrowed);
    }
    let of_resource = |part: fn(&portcullis_types::guard::GuardResource) -> &Option<String>| {
        question.resource.and_then(|resource| part(resource).as_deref())
    };
    let (context, in_force) = (&question.context.context, &question.context.in_force);
    let text: Option<&str> = match name {
        "subject.id" => Some(question.bearer.caller.principal()),
        "subject.type" => Some(match question.bearer.caller {
            Caller::User { .. } => "user",
            Caller::Client { .. } => "service",
            Caller::Application { .. } => "app",
        }),
        "subject.organization" => in_force.organization.as_deref(),
        "subject.tenant" => in_force.tenant.as_deref(),
        "subject.plan" => question.context.plan.as_deref(),
        "context.product" => in_force.product.as_deref(),
        "context.operation" => Some(&question.operation.name),
        "resource.type" => {
            of_resource(|resource| &resource.kind).or(question.operation.body.resource_type.as_deref())
        }
        "resource.id" => of_resource(|resource| &resource.id),
        "resource.tenant" => of_resource(|resource| &resource.tenant),
        "resource.organization" => of_resource(|resource| &resource.organization),
        "resource.owner" => of_resource(|resource| &resource.owner),
        "subject.roles" => return context.user.as_ref().map(|user| Cow::Owned(json!(user.roles))),
        "subject.amr" => return context.session.as_ref().map(|session| Cow::Owned(json!(session.amr))),
        "context.time" => return Some(Cow::Owned(json!(question.now.secs()))),
        _ => None,
    };
    text.map(|text| Cow::Owned(Value::from(text)))
}
