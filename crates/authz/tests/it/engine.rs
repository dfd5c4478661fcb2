//! The engine, brought its facts the real way: API bodies → stored records → three row sets a statement → grouped by
//! principal → grant sets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use portcullis_authz::explain::{Facts as Known, Question, explain};
use portcullis_authz::listing::{Collection, ResourceQuery};
use portcullis_authz::{
    AskedPath, Bits, Decider, Decision, HashKey, Holder, LoadedGrants, StatementGrants, Unwatched,
    union_of_permissions,
};
use portcullis_domain::{
    Bit, Principal, PrincipalKind, Record, ResourceConfig, ResourcePath, StoredRole, UserGroup,
    built_in_roles, principal_id,
};
use portcullis_types::authress::{PermissionObject, ResourceAction};
use portcullis_types::{Explanation, Rng, RngError, Timestamp};

use crate::oracle;
use crate::scenario::Facts;
use crate::world::Random;

type ByPrincipal = BTreeMap<Principal, Vec<StatementGrants>>;

pub struct Engine {
    pub decider: Decider,
    live: ByPrincipal,
    deleted: ByPrincipal,
    all: Vec<StatementGrants>,
    memberships: BTreeMap<String, Vec<String>>,
    public: Vec<String>,
}

/// Bytes from a seed; others at every call.
struct Seeded(Mutex<Random>);

impl Rng for Seeded {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
        let mut random = self.0.lock().unwrap();
        dest.fill_with(|| random.next() as u8);
        Ok(())
    }
}

pub fn decider(max_bytes: usize) -> Decider {
    Decider::new(HashKey::generate(&Seeded(Mutex::new(Random::new(7)))).unwrap(), max_bytes)
}

pub fn bits(bit: oracle::Bit) -> Bits {
    Bits::from(match bit {
        oracle::Bit::Allow => Bit::Allow,
        oracle::Bit::Grant => Bit::Grant,
        oracle::Bit::Delegate => Bit::Delegate,
    })
}

impl Engine {
    /// An engine over `facts`, whose cache holds at most `max_bytes`.
    pub fn of(facts: &Facts, max_bytes: usize) -> Self {
        let mut engine = Self {
            decider: decider(max_bytes),
            live: ByPrincipal::new(),
            deleted: ByPrincipal::new(),
            all: Vec::new(),
            memberships: BTreeMap::new(),
            public: Vec::new(),
        };
        engine.bring_roles(facts);
        engine.bring_groups(facts);
        engine.bring_records(facts);
        engine.bring_resources(facts);
        engine
    }

    fn bring_roles(&self, facts: &Facts) {
        let now = Timestamp::from_secs(1);
        let mut roles = built_in_roles();
        for (body, id) in facts.role_bodies().into_iter().zip(facts.roles.keys()) {
            let body = serde_json::from_value(body).unwrap();
            roles.push(StoredRole::from_body(body, id.clone(), now).unwrap());
        }
        let of_roles = roles.iter().map(|role| (role.role_id.as_str(), role.permissions.as_slice()));
        self.decider.roles().put_all(of_roles).unwrap();
    }

    fn bring_groups(&mut self, facts: &Facts) {
        for group in &facts.groups {
            let body = serde_json::from_value(serde_json::to_value(group).unwrap()).unwrap();
            let id = group.group_id.clone();
            let group = UserGroup::from_body(body, id, "admin", Timestamp::from_secs(1)).unwrap();
            for member in group.members() {
                self.memberships.entry(member.to_owned()).or_default().push(group.group_id.clone());
            }
        }
    }

    fn bring_records(&mut self, facts: &Facts) {
        for record in &facts.records {
            let body = serde_json::from_value(serde_json::to_value(record).unwrap()).unwrap();
            let id = record.record_id.clone();
            let record = Record::from_body(body, id, "admin", Timestamp::from_secs(1)).unwrap();
            let live = !facts.deleted.contains(&record.record_id);
            for compiled in record.compile() {
                let grants = StatementGrants {
                    record_id: record.record_id.clone(),
                    statement: compiled.statement,
                    resources: compiled.resources,
                    roles: compiled.roles,
                };
                let of_state = if live { &mut self.live } else { &mut self.deleted };
                for principal in compiled.principals {
                    of_state.entry(principal).or_default().push(grants.clone());
                }
                if live {
                    self.all.push(grants);
                }
            }
        }
    }

    fn bring_resources(&mut self, facts: &Facts) {
        for (uri, body) in facts.resource_bodies() {
            let body = serde_json::from_value(body).unwrap();
            let config = ResourceConfig::from_body(body, &ResourcePath::parse(uri).unwrap()).unwrap();
            if config.allows(ResourceAction::Public) {
                self.public.push(config.resource);
            }
        }
        self.decider.set_public(&self.public);
    }

    fn statements(&self, kind: PrincipalKind, id: &str) -> Vec<StatementGrants> {
        self.live.get(&Principal { kind, id: id.to_owned() }).cloned().unwrap_or_default()
    }

    fn groups_of(&self, user: &str) -> &[String] {
        self.memberships.get(user).map(Vec::as_slice).unwrap_or_default()
    }

    /// Everything about a user, freshly made; offered to the cache on the way.
    pub fn load(&self, user: &str) -> LoadedGrants {
        let ticket = self.decider.begin_load(Holder::User(user));
        let groups = self.groups_of(user);
        let statements = self.statements(PrincipalKind::User, user);
        let own = self.decider.finish_load(ticket, &statements, groups);
        let load_group = |group: &String| {
            let ticket = self.decider.begin_load(Holder::Group(group));
            self.decider.finish_load(ticket, &self.statements(PrincipalKind::Group, group), &[])
        };
        LoadedGrants { own, groups: groups.iter().map(load_group).collect() }
    }

    /// From the cache if it is there, else from what is loaded then.
    pub fn allows(&self, user: &str, permission: &str, resource: &str, bits: Bits) -> bool {
        let user = principal_id(user);
        let path = AskedPath::parse(self.decider.key(), resource).unwrap();
        match self.decider.decide(Holder::User(user), &path, permission, bits) {
            Decision::Allow => true,
            Decision::Deny => false,
            Decision::NotLoaded => {
                let grants = self.load(user);
                let decided = self.decider.decide_loaded(&grants, &path, permission, bits, &mut Unwatched);
                assert_ne!(decided, Decision::NotLoaded);
                decided == Decision::Allow
            }
        }
    }

    pub fn permissions_of(&self, user: &str, resource: &str) -> Vec<PermissionObject> {
        let path = AskedPath::parse(self.decider.key(), resource).unwrap();
        union_of_permissions(&self.decider, &self.load(principal_id(user)), &path)
    }

    pub fn list(&self, user: &str, query: &str, nested: bool, permission: Option<&str>) -> BTreeSet<String> {
        let user = principal_id(user);
        let collection = if nested { Collection::IncludeNested } else { Collection::TopLevelOnly };
        let query = ResourceQuery::parse(query, collection).unwrap();
        let mut statements = self.statements(PrincipalKind::User, user);
        for group in self.groups_of(user) {
            statements.extend(self.statements(PrincipalKind::Group, group));
        }
        let mut stored: Vec<&String> = statements.iter().flat_map(|grants| &grants.resources).collect();
        if nested {
            stored.extend(&self.public);
        }
        let common: BTreeSet<String> = stored.into_iter().filter_map(|uri| query.unify(uri)).collect();
        let anything = |uri: &str| self.permissions_of(user, uri).iter().any(|permission| permission.allow);
        common
            .into_iter()
            .filter(|uri| match permission {
                Some(permission) => self.allows(user, permission, uri, Bits::ALLOW),
                None => anything(uri),
            })
            .collect()
    }

    pub fn explain(&self, user: &str, permission: &str, resource: &str) -> Explanation {
        let principal = principal_id(user);
        let path = AskedPath::parse(self.decider.key(), resource).unwrap();
        let groups = self.groups_of(principal);
        let of_deleted = |kind, id: &str| {
            self.deleted.get(&Principal { kind, id: id.to_owned() }).cloned().unwrap_or_default()
        };
        let mut deleted = of_deleted(PrincipalKind::User, principal);
        deleted.extend(groups.iter().flat_map(|group| of_deleted(PrincipalKind::Group, group)));
        let of_group = |group: &String| (group.clone(), self.statements(PrincipalKind::Group, group));
        let known = Known {
            own: self.statements(PrincipalKind::User, principal),
            groups: groups.iter().map(of_group).collect(),
            deleted,
            of_others: self.all.clone(),
            public: self.public.clone(),
        };
        let question = Question { principal: user, permission, resource };
        explain(&self.decider, &known, question, &path)
    }
}
