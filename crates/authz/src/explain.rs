//! Why a check was answered as it was: the same code as the check, with a [`Recorder`] that remembers.

use portcullis_domain::ResourcePath;
use portcullis_types::{Allowed, Explanation, Missing, NearMiss, Via, ViaKind};

use crate::asked::AskedPath;
use crate::compile::{self, Origins, StatementGrants};
use crate::decider::{Ask, Decider, Decision, LoadedGrants, Recorder, SetOf};
use crate::grant_set::Place;
use crate::roles::{Bits, RoleIndex};

/// The most near misses that are told.
const NEAREST: usize = 10;

/// A principal's facts, as they are stored.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Statements that name the principal.
    pub own: Vec<StatementGrants>,
    /// The groups that it is in, each with the statements that name it.
    pub groups: Vec<(String, Vec<StatementGrants>)>,
    /// Statements of deleted records that name the principal or one of its groups.
    pub deleted: Vec<StatementGrants>,
    /// Statements on the asked resource or above it, whomever they name.
    pub of_others: Vec<StatementGrants>,
    /// What is public: normal forms of resource URIs.
    pub public: Vec<String>,
}

/// The question.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who.
    pub principal: &'a str,
    /// Which permission; well-formed.
    pub permission: &'a str,
    /// The resource, as it was asked.
    pub resource: &'a str,
}

struct Remember {
    compared: Vec<(SetOf, Place, RoleIndex, bool)>,
}

impl Recorder for Remember {
    fn compared(&mut self, set: SetOf, place: Place, role: RoleIndex, holds: bool) {
        self.compared.push((set, place, role, holds));
    }
}

/// Decides over `facts` and says why. The decision is that of [`Decider::decide_loaded`] on the same facts.
pub fn explain(
    decider: &Decider,
    facts: &Facts,
    question: Question<'_>,
    path: &AskedPath<'_>,
) -> Explanation {
    let (own, own_origins) = compile::compile(decider.key(), decider.roles(), &facts.own, &[]);
    let groups: Vec<_> = facts
        .groups
        .iter()
        .map(|(_, statements)| compile::compile(decider.key(), decider.roles(), statements, &[]))
        .collect();
    let (group_sets, group_origins): (Vec<_>, Vec<_>) = groups.into_iter().unzip();
    let grants =
        LoadedGrants { own: own.into(), groups: group_sets.into_iter().map(std::sync::Arc::new).collect() };
    let mut remembered = Remember { compared: Vec::new() };
    let decision = decider.decide_loaded(&grants, path, question.permission, Bits::ALLOW, &mut remembered);
    let told = Told { facts, own: &own_origins, groups: &group_origins };
    let allowed_by = match decision {
        Decision::Allow => remembered
            .compared
            .iter()
            .find(|(.., holds)| *holds)
            .and_then(|seen| told.allowed(decider, seen, question)),
        Decision::Deny | Decision::NotLoaded => None,
    };
    let nearest = match decision {
        Decision::Allow => Vec::new(),
        Decision::Deny | Decision::NotLoaded => nearest(decider, facts, &told, &remembered, question, path),
    };
    Explanation {
        decision: if decision == Decision::Allow { "allow" } else { "deny" }.to_owned(),
        principal: question.principal.to_owned(),
        permission: question.permission.to_owned(),
        resource: question.resource.to_owned(),
        reason: reason(allowed_by.as_ref(), &nearest),
        allowed_by,
        nearest,
    }
}

struct Told<'a> {
    facts: &'a Facts,
    own: &'a Origins,
    groups: &'a [Origins],
}

impl Told<'_> {
    fn statement(&self, set: SetOf, place: Place) -> Option<(&StatementGrants, &str, Via)> {
        let (origins, statements, via) = match set {
            SetOf::Own => (self.own, &self.facts.own, Via { kind: ViaKind::User, group_id: None }),
            SetOf::Group(index) => {
                let (group_id, statements) = self.facts.groups.get(index)?;
                let via = Via { kind: ViaKind::Group, group_id: Some(group_id.clone()) };
                (self.groups.get(index)?, statements, via)
            }
            SetOf::Public => return None,
        };
        let origin = origins.at(place)?;
        let statement = statements.get(origin.statement)?;
        Some((statement, statement.resources.get(origin.resource)?, via))
    }

    fn allowed(
        &self,
        decider: &Decider,
        (set, place, role, _): &(SetOf, Place, RoleIndex, bool),
        question: Question<'_>,
    ) -> Option<Allowed> {
        if *set == SetOf::Public {
            let asked = AskedPath::parse(decider.key(), question.resource).ok()?;
            let resource = self.facts.public.iter().find(|uri| {
                let one = compile::compile_public(decider.key(), std::slice::from_ref(*uri));
                one.reach(decider.key(), &asked, |_, _| std::ops::ControlFlow::Break(())).is_break()
            })?;
            let via = Via { kind: ViaKind::Public, group_id: None };
            return Some(Allowed {
                record_id: None,
                statement: None,
                role_id: None,
                resource_uri: shown(resource),
                via,
            });
        }
        let (statement, resource, via) = self.statement(*set, *place)?;
        Some(Allowed {
            record_id: Some(statement.record_id.clone()),
            statement: Some(statement.statement),
            role_id: role_id(decider, statement, *role),
            resource_uri: shown(resource),
            via,
        })
    }
}

/// The root is stored as the empty text.
fn shown(resource: &str) -> String {
    if resource.is_empty() { "/".to_owned() } else { resource.to_owned() }
}

fn role_id(decider: &Decider, statement: &StatementGrants, role: RoleIndex) -> Option<String> {
    let indexes = decider.roles().intern(statement.roles.iter().map(String::as_str));
    statement.roles.iter().zip(indexes).find(|(_, index)| *index == role).map(|(id, _)| id.clone())
}

/// What came closest: first what fits but for the permission, then deleted records, then grants elsewhere, then grants of
/// others; within each the one that shares more of the path first.
fn nearest(
    decider: &Decider,
    facts: &Facts,
    told: &Told<'_>,
    remembered: &Remember,
    question: Question<'_>,
    path: &AskedPath<'_>,
) -> Vec<NearMiss> {
    let mut found: Vec<NearMiss> = Vec::new();
    for (set, place, role, _) in &remembered.compared {
        if let Some((statement, resource, _)) = told.statement(*set, *place) {
            let role_id = role_id(decider, statement, *role);
            found.push(near(statement, role_id, Some(resource), Missing::Permission));
        }
    }
    let ask = Finder { decider, question, path };
    found.extend(facts.deleted.iter().filter_map(|statement| ask.reaching(statement, Missing::Deleted)));
    let mut elsewhere: Vec<(usize, NearMiss)> = facts
        .own
        .iter()
        .chain(facts.groups.iter().flat_map(|(_, statements)| statements))
        .filter_map(|statement| ask.elsewhere(statement))
        .collect();
    elsewhere.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    found.extend(elsewhere.into_iter().map(|(_, miss)| miss));
    found.extend(facts.of_others.iter().filter_map(|statement| ask.reaching(statement, Missing::Principal)));
    found.dedup();
    found.truncate(NEAREST);
    found
}

fn near(
    statement: &StatementGrants,
    role_id: Option<String>,
    resource: Option<&str>,
    missing: Missing,
) -> NearMiss {
    NearMiss {
        record_id: Some(statement.record_id.clone()),
        statement: Some(statement.statement),
        role_id,
        resource_uri: resource.map(shown),
        missing,
    }
}

struct Finder<'a> {
    decider: &'a Decider,
    question: Question<'a>,
    path: &'a AskedPath<'a>,
}

impl Finder<'_> {
    /// The statement, if it would allow.
    fn reaching(&self, statement: &StatementGrants, missing: Missing) -> Option<NearMiss> {
        let one = std::slice::from_ref(statement);
        let (set, origins) = compile::compile(self.decider.key(), self.decider.roles(), one, &[]);
        let mut remembered = Remember { compared: Vec::new() };
        let roles = self.decider.roles().current();
        let action = roles.ask(self.decider.key(), self.question.permission, Bits::ALLOW);
        let ask = Ask { key: self.decider.key(), roles: &roles, path: self.path, action: &action };
        ask.of(&set, SetOf::Own, &mut remembered).filter(|allowed| *allowed)?;
        let (_, place, role, _) = remembered.compared.iter().find(|(.., holds)| *holds)?;
        let resource = origins.at(*place).and_then(|origin| statement.resources.get(origin.resource));
        Some(near(statement, role_id(self.decider, statement, *role), resource.map(String::as_str), missing))
    }

    /// The statement, if one of its roles holds the permission on another resource, and how much of the path they share.
    fn elsewhere(&self, statement: &StatementGrants) -> Option<(usize, NearMiss)> {
        let roles = self.decider.roles().current();
        let action = roles.ask(self.decider.key(), self.question.permission, Bits::ALLOW);
        let indexes = self.decider.roles().intern(statement.roles.iter().map(String::as_str));
        let (id, _) = statement
            .roles
            .iter()
            .zip(indexes)
            .find(|(_, role)| roles.holds(*role, &action) == Some(true))?;
        let asked = ResourcePath::parse(self.question.resource).ok()?;
        let shared = |resource: &str| {
            resource.split('/').zip(asked.segments()).take_while(|(stored, asked)| stored == asked).count()
        };
        let closest = statement.resources.iter().max_by_key(|resource| shared(resource))?;
        Some((shared(closest), near(statement, Some(id.clone()), Some(closest), Missing::Resource)))
    }
}

fn reason(allowed_by: Option<&Allowed>, nearest: &[NearMiss]) -> String {
    if let Some(allowed) = allowed_by {
        let role = allowed.role_id.as_deref().unwrap_or("-");
        let record = allowed.record_id.as_deref().unwrap_or("-");
        let statement = allowed.statement.unwrap_or(0);
        let resource = &allowed.resource_uri;
        return match allowed.via.kind {
            ViaKind::Public => format!("{resource} is configured PUBLIC"),
            ViaKind::User => {
                format!("record {record}, statement {statement}, gives role {role} on {resource}")
            }
            ViaKind::Group => format!(
                "record {record}, statement {statement}, gives role {role} on {resource} to group {}",
                allowed.via.group_id.as_deref().unwrap_or("-")
            ),
        };
    }
    match nearest.first().map(|miss| miss.missing) {
        None => "no access record names this principal, or gives this permission here to anybody",
        Some(Missing::Permission) => {
            "access records reach the resource, but no role of theirs allows the permission"
        }
        Some(Missing::Resource) => "access records give the permission, but on other resources",
        Some(Missing::Principal) => "access records give the permission here, but to other principals",
        Some(Missing::Deleted) => "the access record that gave the permission here was deleted",
        Some(Missing::Token) => {
            "the user has the permission here, but the token is limited to other statements"
        }
    }
    .to_owned()
}
