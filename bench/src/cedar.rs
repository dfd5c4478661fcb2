//! cedar-policy on the same world, modelled as its users would: one policy a role (never one a grant), resources as a
//! hierarchy of entities, a user's and a group's grants as one set of resources a role, actions as members of roles.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};

use crate::Result;
use crate::world::{Grant, Question, World};

pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
}

impl Cedar {
    /// Loads the world and the resources that will be asked about: what is no entity has no place in the hierarchy.
    pub fn load<'a>(world: &'a World, questions: impl Iterator<Item = &'a Question>) -> Result<Self> {
        let policies: String = world.roles.iter().map(|role| policy(&role.id)).collect();
        let mut entities = actions(world)?;
        resources(world, questions, &mut entities)?;
        for group in &world.groups {
            let attributes = grants(world, &group.grants)?.collect();
            entities.push(Entity::new(uid("Group", &group.id)?, attributes, HashSet::new())?);
        }
        for user in &world.users {
            let mut attributes: HashMap<_, _> = grants(world, &user.grants)?.collect();
            for (name, group) in ["first", "second"].into_iter().zip(user.groups) {
                let group = uid("Group", &world.groups[group].id)?;
                attributes.insert(name.to_owned(), RestrictedExpression::new_entity_uid(group));
            }
            entities.push(Entity::new(uid("User", &user.id)?, attributes, HashSet::new())?);
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: PolicySet::from_str(&policies)?,
            entities: Entities::from_entities(entities, None)?,
        })
    }

    /// Made before the clock starts, which is to its advantage.
    pub fn request(question: &Question) -> Result<Request> {
        Ok(Request::new(
            uid("User", &question.user)?,
            uid("Action", &question.action)?,
            uid("Resource", &question.path)?,
            Context::empty(),
            None,
        )?)
    }

    pub fn allows(&self, request: &Request) -> bool {
        self.authorizer.is_authorized(request, &self.policies, &self.entities).decision() == Decision::Allow
    }
}

fn policy(role: &str) -> String {
    format!(
        r#"permit(principal, action in Action::"{role}", resource) when {{
            resource in principal.{role} || resource in principal.first.{role} || resource in principal.second.{role}
        }};
        "#
    )
}

fn uid(kind: &str, id: &str) -> Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind)?, EntityId::new(id)))
}

fn actions(world: &World) -> Result<Vec<Entity>> {
    let mut roles_of: BTreeMap<&str, HashSet<EntityUid>> = BTreeMap::new();
    let mut entities = Vec::new();
    for role in &world.roles {
        let id = uid("Action", &role.id)?;
        for action in &role.actions {
            roles_of.entry(action).or_default().insert(id.clone());
        }
        entities.push(Entity::new_no_attrs(id, HashSet::new()));
    }
    for (action, roles) in roles_of {
        entities.push(Entity::new_no_attrs(uid("Action", action)?, roles));
    }
    Ok(entities)
}

/// Every granted and asked path and all that is above it, each in its parent.
fn resources<'a>(
    world: &'a World,
    questions: impl Iterator<Item = &'a Question>,
    entities: &mut Vec<Entity>,
) -> Result<()> {
    let granted =
        world.users.iter().map(|user| &user.grants).chain(world.groups.iter().map(|group| &group.grants));
    let granted = granted.flatten().map(|grant| grant.path.as_str());
    let mut paths = BTreeSet::new();
    for path in granted.chain(questions.map(|question| question.path.as_str())) {
        paths.extend(path.match_indices('/').map(|(end, _)| &path[..end]));
        paths.insert(path);
    }
    for path in paths {
        let parent = path.rsplit_once('/').map(|(parent, _)| uid("Resource", parent)).transpose()?;
        entities.push(Entity::new_no_attrs(uid("Resource", path)?, parent.into_iter().collect()));
    }
    Ok(())
}

/// One attribute a role, empty ones too: cedar refuses to read what is not there.
fn grants(world: &World, grants: &[Grant]) -> Result<impl Iterator<Item = (String, RestrictedExpression)>> {
    let mut held: Vec<Vec<RestrictedExpression>> = vec![Vec::new(); world.roles.len()];
    for grant in grants {
        held[grant.role].push(RestrictedExpression::new_entity_uid(uid("Resource", &grant.path)?));
    }
    Ok(world
        .roles
        .iter()
        .map(|role| role.id.clone())
        .zip(held.into_iter().map(RestrictedExpression::new_set)))
}
