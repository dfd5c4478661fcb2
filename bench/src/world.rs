//! The world that all engines are asked about: made of a number, the same on every run.
//!
//! Users belong to organizations of fifty; every ten users share a group on average, and each is in two groups of its
//! organization. Every user and every group has ten grants: one on the organization, three on projects, six on documents
//! (`orgs/O/projects/P/documents/D`: two, four and six segments). Eight roles hold four of sixteen actions each.

pub const HOT: usize = 64;
const GRANTS_EACH: usize = 10;
const USERS_AN_ORG: usize = 50;
const PROJECTS: u64 = 40;
const DOCUMENTS: u64 = 500;
const ACTIONS: usize = 16;

pub struct World {
    pub roles: Vec<Role>,
    pub users: Vec<User>,
    pub groups: Vec<Group>,
}

pub struct Role {
    pub id: String,
    pub actions: Vec<String>,
}

pub struct User {
    pub id: String,
    pub grants: Vec<Grant>,
    /// Places in `World::groups`.
    pub groups: [usize; 2],
}

pub struct Group {
    pub id: String,
    pub grants: Vec<Grant>,
}

/// With its principal: one (principal, resource pattern, role) triple.
pub struct Grant {
    pub path: String,
    /// A place in `World::roles`.
    pub role: usize,
}

pub struct Question {
    pub user: String,
    pub path: String,
    pub action: String,
}

/// Chance that repeats itself (splitmix64).
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn place(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }
}

impl World {
    /// A world of about `grants` grants.
    pub fn of(grants: usize) -> Self {
        let mut chance = Chance(grants as u64);
        let roles = roles();
        let user_count = (grants * 10 / 11 / GRANTS_EACH).max(10);
        let group_count = (user_count / 10).max(2);
        let orgs = user_count.div_ceil(USERS_AN_ORG);
        let groups = (0..group_count)
            .map(|index| Group {
                id: format!("grp_{index:07}"),
                grants: grants_in(index % orgs, &mut chance, &roles),
            })
            .collect();
        let users = (0..user_count)
            .map(|index| {
                let org = index % orgs;
                let mut group = || (org + orgs * chance.place(group_count)) % group_count;
                let groups = [group(), group()];
                User { id: format!("user_{index:07}"), grants: grants_in(org, &mut chance, &roles), groups }
            })
            .collect();
        Self { roles, users, groups }
    }

    pub fn grants(&self) -> usize {
        (self.users.len() + self.groups.len()) * GRANTS_EACH
    }

    /// `count` questions, half of them answered with yes, about users of whom `pick` chooses; `answer` says what is right.
    pub fn questions(
        &self,
        count: usize,
        chance: &mut Chance,
        pick: impl Fn(&mut Chance) -> usize,
        answer: impl Fn(&Question) -> bool,
    ) -> Vec<Question> {
        let mut questions = Vec::with_capacity(count);
        while questions.len() < count {
            let user = &self.users[pick(chance)];
            let wanted = questions.len() % 2 == 0;
            let question = if wanted { self.likely(user, chance) } else { self.unlikely(user, chance) };
            if answer(&question) == wanted {
                questions.push(question);
            }
        }
        // Or a branch predictor learns that yes follows no.
        for last in (1..questions.len()).rev() {
            questions.swap(last, chance.place(last + 1));
        }
        // Texts in the order in which they are asked about: a server has them in its cache.
        let copy = |question: &Question| Question {
            user: question.user.clone(),
            path: question.path.clone(),
            action: question.action.clone(),
        };
        questions.iter().map(copy).collect()
    }

    /// Below one of the user's grants (own, or a group's), with an action that its role holds.
    fn likely(&self, user: &User, chance: &mut Chance) -> Question {
        let grants = match chance.below(4) {
            0 => &self.groups[user.groups[0]].grants,
            1 => &self.groups[user.groups[1]].grants,
            _ => &user.grants,
        };
        let grant = &grants[chance.place(grants.len())];
        let actions = &self.roles[grant.role].actions;
        let action = actions[chance.place(actions.len())].clone();
        Question { user: user.id.clone(), path: completed(&grant.path, chance), action }
    }

    /// Anywhere in the user's organization (one in four: below one of its grants), with any action.
    fn unlikely(&self, user: &User, chance: &mut Chance) -> Question {
        let grant = &user.grants[chance.place(user.grants.len())];
        let kept = if chance.below(4) == 0 { 6 } else { 2 };
        let path: Vec<&str> = grant.path.split('/').take(kept).collect();
        let action = action(chance.place(ACTIONS));
        Question { user: user.id.clone(), path: completed(&path.join("/"), chance), action }
    }
}

fn roles() -> Vec<Role> {
    let names = ["viewer", "editor", "commenter", "reviewer", "publisher", "auditor", "manager", "exporter"];
    let role = |(index, name): (usize, &&str)| Role {
        id: format!("ro_{name}"),
        actions: (0..4).map(|n| action((index * 2 + n * 3) % ACTIONS)).collect(),
    };
    names.iter().enumerate().map(role).collect()
}

fn action(index: usize) -> String {
    let verbs = ["read", "list", "update", "comment", "approve", "publish", "delete", "export"];
    let kind = if index < verbs.len() { "documents" } else { "versions" };
    format!("{kind}:{}", verbs[index % verbs.len()])
}

fn grants_in(org: usize, chance: &mut Chance, roles: &[Role]) -> Vec<Grant> {
    let mut grant = |depth: usize| {
        let mut path = format!("orgs/o{org:05}");
        if depth >= 4 {
            path += &format!("/projects/p{:03}", chance.below(PROJECTS));
        }
        if depth >= 6 {
            path += &format!("/documents/d{:05}", chance.below(DOCUMENTS));
        }
        Grant { path, role: chance.place(roles.len()) }
    };
    [2, 4, 4, 4, 6, 6, 6, 6, 6, 6].into_iter().map(&mut grant).collect()
}

/// The path, made six segments deep.
fn completed(path: &str, chance: &mut Chance) -> String {
    let mut path = path.to_owned();
    if path.split('/').count() < 4 {
        path += &format!("/projects/p{:03}", chance.below(PROJECTS));
    }
    if path.split('/').count() < 6 {
        path += &format!("/documents/d{:05}", chance.below(DOCUMENTS));
    }
    path
}
