//! The engine of this project, loaded as the server does.

use portcullis_authz::{AskedPath, Bits, Decider, Decision, HashKey, Holder, StatementGrants};
use portcullis_types::authress::PermissionObject;
use portcullis_types::{Rng, RngError};

use crate::Result;
use crate::world::{Chance, Grant, Question, World};

struct Repeatable;

impl Rng for Repeatable {
    fn fill(&self, dest: &mut [u8]) -> std::result::Result<(), RngError> {
        let mut chance = Chance(0x5eed);
        dest.iter_mut().for_each(|byte| *byte = chance.next().to_le_bytes()[0]);
        Ok(())
    }
}

pub struct Ours<'a> {
    pub decider: Decider,
    world: &'a World,
}

impl<'a> Ours<'a> {
    pub fn load(world: &'a World, max_bytes: usize) -> Result<Self> {
        let key = HashKey::generate(&Repeatable)?;
        let ours = Self { decider: Decider::new(key, max_bytes), world };
        for role in &world.roles {
            let permission = |action: &String| PermissionObject {
                action: action.clone(),
                allow: true,
                grant: false,
                delegate: false,
            };
            let permissions: Vec<_> = role.actions.iter().map(permission).collect();
            ours.decider.roles().put(&role.id, &permissions)?;
        }
        for group in &world.groups {
            ours.reload(Holder::Group(&group.id), &group.grants, &[]);
        }
        (0..world.users.len()).for_each(|user| ours.reload_user(user));
        Ok(ours)
    }

    /// What a write of this user's grants makes the engine do.
    pub fn rewrite_user(&self, user: usize) {
        self.decider.forget(Holder::User(&self.world.users[user].id));
        self.reload_user(user);
    }

    fn reload_user(&self, place: usize) {
        let user = &self.world.users[place];
        let groups = user.groups.map(|group| self.world.groups[group].id.clone());
        self.reload(Holder::User(&user.id), &user.grants, &groups);
    }

    fn reload(&self, holder: Holder<'_>, grants: &[Grant], groups: &[String]) {
        let statement = |grant: &Grant| StatementGrants {
            record_id: String::new(),
            statement: 0,
            resources: vec![grant.path.clone()],
            roles: vec![self.world.roles[grant.role].id.clone()],
        };
        let statements: Vec<_> = grants.iter().map(statement).collect();
        let ticket = self.decider.begin_load(holder);
        self.decider.finish_load(ticket, &statements, groups);
    }

    /// The whole warm path: the texts are read, the answer is found.
    pub fn decide(&self, question: &Question) -> Decision {
        if portcullis_authz::check_action(&question.action).is_err() {
            return Decision::Deny;
        }
        let Ok(path) = AskedPath::parse(self.decider.key(), &question.path) else { return Decision::Deny };
        self.decider.decide(Holder::User(&question.user), &path, &question.action, Bits::ALLOW)
    }

    pub fn allows(&self, question: &Question) -> bool {
        self.decide(question) == Decision::Allow
    }
}
