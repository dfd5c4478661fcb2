//! The floor: what a good programmer would write by hand over `std`'s maps of strings.

use std::collections::{HashMap, HashSet};

use crate::world::{Question, World};

pub struct Walk {
    grants: HashMap<String, HashMap<String, Vec<String>>>,
    groups: HashMap<String, Vec<String>>,
    roles: HashMap<String, HashSet<String>>,
}

impl Walk {
    pub fn load(world: &World) -> Self {
        let roles: HashMap<_, _> = world
            .roles
            .iter()
            .map(|role| (role.id.clone(), role.actions.iter().cloned().collect()))
            .collect();
        let mut grants: HashMap<String, HashMap<String, Vec<String>>> = HashMap::new();
        let users = world.users.iter().map(|user| (&user.id, &user.grants));
        for (id, given) in users.chain(world.groups.iter().map(|group| (&group.id, &group.grants))) {
            let paths = grants.entry(id.clone()).or_default();
            for grant in given {
                paths.entry(grant.path.clone()).or_default().push(world.roles[grant.role].id.clone());
            }
        }
        let group_ids =
            |user: &crate::world::User| user.groups.map(|group| world.groups[group].id.clone()).to_vec();
        let groups = world.users.iter().map(|user| (user.id.clone(), group_ids(user))).collect();
        Self { grants, groups, roles }
    }

    pub fn allows(&self, question: &Question) -> bool {
        self.holds(&question.user, question)
            || self
                .groups
                .get(&question.user)
                .is_some_and(|groups| groups.iter().any(|group| self.holds(group, question)))
    }

    fn holds(&self, principal: &str, question: &Question) -> bool {
        let Some(paths) = self.grants.get(principal) else { return false };
        let reaches = |prefix: &str| {
            paths.get(prefix).is_some_and(|roles| {
                roles.iter().any(|role| {
                    self.roles.get(role).is_some_and(|actions| actions.contains(&question.action))
                })
            })
        };
        let path = question.path.as_str();
        path.match_indices('/').any(|(end, _)| reaches(&path[..end])) || reaches(path)
    }
}
