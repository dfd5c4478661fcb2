use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;

use crate::asked::AskedPath;
use crate::cache::{GrantCache, LoadTicket};
use crate::compile::{self, StatementGrants};
use crate::grant_set::{GrantSet, Place};
use crate::hash::{HashKey, NameHash, NameKind};
use crate::roles::{AskedAction, Bits, RoleIndex, RoleTable, Roles};

/// Whose grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder<'a> {
    /// A user or a service client.
    User(&'a str),
    /// The members of a group.
    Group(&'a str),
    /// The statements that a token is limited to.
    Token(&'a str),
}

/// The answer to a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Allow,
    /// No.
    Deny,
    /// The holder's grants (or those of a group it is in) are not in memory: load them ([`Decider::begin_load`]) and ask
    /// again.
    NotLoaded,
}

/// Watches a check. [`Unwatched`] compiles to nothing; explain passes one that remembers.
pub trait Recorder {
    /// A role that reaches the resource was compared with the permission.
    fn compared(&mut self, set: SetOf, place: Place, role: RoleIndex, holds: bool);
}

/// Which of a principal's sets a [`Place`] is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOf {
    /// The principal's own.
    Own,
    /// The set of its n-th group.
    Group(usize),
    /// What is public.
    Public,
}

/// Nobody watches.
pub struct Unwatched;

impl Recorder for Unwatched {
    #[inline]
    fn compared(&mut self, _set: SetOf, _place: Place, _role: RoleIndex, _holds: bool) {}
}

/// The decision engine: grant sets and roles in memory. Does no I/O; whoever has the facts loads them.
pub struct Decider {
    key: HashKey,
    roles: Roles,
    cache: GrantCache,
    public: ArcSwap<GrantSet>,
    // Most installations have nothing that is public, and need not look.
    has_public: AtomicBool,
}

/// Everything about one principal that a decision needs, outside the cache: freshly loaded, or made for explain.
#[derive(Clone, Debug)]
pub struct LoadedGrants {
    /// The principal's own set.
    pub own: Arc<GrantSet>,
    /// The sets of its groups.
    pub groups: Vec<Arc<GrantSet>>,
}

impl Decider {
    /// An engine without facts, whose grant sets take at most `max_bytes`.
    pub fn new(key: HashKey, max_bytes: usize) -> Self {
        Self {
            roles: Roles::new(key.clone()),
            cache: GrantCache::new(max_bytes),
            public: ArcSwap::default(),
            has_public: AtomicBool::new(false),
            key,
        }
    }

    /// The secret that names are hashed with.
    pub fn key(&self) -> &HashKey {
        &self.key
    }

    /// What the roles hold.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// The bounded store of grant sets.
    pub fn cache(&self) -> &GrantCache {
        &self.cache
    }

    /// Whether `holder` holds `action` (well-formed, see [`crate::check_action`]) in one of `bits` on `path`, from memory.
    /// Allocates nothing and waits for nobody.
    #[inline]
    pub fn decide(&self, holder: Holder<'_>, path: &AskedPath<'_>, action: &str, bits: Bits) -> Decision {
        self.decide_watched(holder, path, action, bits, &mut Unwatched)
    }

    /// The same, watched by `recorder`; what it saw last before [`Decision::Allow`] is what allowed.
    #[inline]
    pub fn decide_watched(
        &self,
        holder: Holder<'_>,
        path: &AskedPath<'_>,
        action: &str,
        bits: Bits,
        recorder: &mut impl Recorder,
    ) -> Decision {
        let name = self.name(holder);
        // A role table that is older than a set may lack a role of it; then a newer one is taken.
        for _ in 0..3 {
            let decided =
                self.cache.with(name, |own| self.decide_cached(own, path, (action, bits), recorder));
            match decided {
                None => return Decision::NotLoaded,
                Some(Some(decision)) => return decision,
                Some(None) => {}
            }
        }
        Decision::NotLoaded
    }

    fn decide_cached(
        &self,
        own: &GrantSet,
        path: &AskedPath<'_>,
        (action, bits): (&str, Bits),
        recorder: &mut impl Recorder,
    ) -> Option<Decision> {
        let roles = self.roles.current();
        let asked = roles.ask(&self.key, action, bits);
        let ask = Ask { key: &self.key, roles: &roles, path, action: &asked };
        if ask.of(own, SetOf::Own, recorder)? {
            return Some(Decision::Allow);
        }
        for (index, group) in own.groups().iter().enumerate() {
            let held = self.cache.with(*group, |set| ask.of(set, SetOf::Group(index), recorder));
            let Some(held) = held else { return Some(Decision::NotLoaded) };
            if held? {
                return Some(Decision::Allow);
            }
        }
        let public = self.has_public.load(Ordering::Acquire)
            && ask.of(&self.public.load(), SetOf::Public, recorder)?;
        Some(if public { Decision::Allow } else { Decision::Deny })
    }

    /// The same decision over sets that are not (or not yet) in the cache, watched by `recorder`.
    pub fn decide_loaded(
        &self,
        grants: &LoadedGrants,
        path: &AskedPath<'_>,
        action: &str,
        bits: Bits,
        recorder: &mut impl Recorder,
    ) -> Decision {
        let roles = self.roles.current();
        let asked = roles.ask(&self.key, action, bits);
        let ask = Ask { key: &self.key, roles: &roles, path, action: &asked };
        let public = self.public.load();
        let sets = std::iter::once((SetOf::Own, &*grants.own))
            .chain(grants.groups.iter().enumerate().map(|(index, set)| (SetOf::Group(index), &**set)))
            .chain(std::iter::once((SetOf::Public, &**public)));
        for (of, set) in sets {
            // The sets were made before the table was taken, so no role of theirs can be missing in it.
            if ask.of(set, of, recorder) == Some(true) {
                return Decision::Allow;
            }
        }
        Decision::Deny
    }

    /// A holder's sets, if they are all in memory.
    pub fn loaded(&self, holder: Holder<'_>) -> Option<LoadedGrants> {
        let own = self.cache.with(self.name(holder), Arc::clone)?;
        let groups: Option<Vec<_>> =
            own.groups().iter().map(|group| self.cache.with(*group, Arc::clone)).collect();
        Some(LoadedGrants { own, groups: groups? })
    }

    /// Every role that reaches `path`, with what it holds; the roles of public resources included.
    pub fn reach(&self, grants: &LoadedGrants, path: &AskedPath<'_>, mut role: impl FnMut(RoleIndex)) {
        let public = self.public.load();
        let sets = std::iter::once(&*grants.own)
            .chain(grants.groups.iter().map(|set| &**set))
            .chain(std::iter::once(&**public));
        for set in sets {
            let _: ControlFlow<()> = set.reach(&self.key, path, |_, index| {
                role(index);
                ControlFlow::Continue(())
            });
        }
    }

    /// Must be called before a holder's facts are read, so that a change in between is not overwritten.
    pub fn begin_load(&self, holder: Holder<'_>) -> Option<LoadTicket> {
        self.cache.begin_load(self.name(holder))
    }

    /// Compiles a holder's facts and keeps the set if nothing changed since `ticket` was taken.
    pub fn finish_load(
        &self,
        ticket: Option<LoadTicket>,
        statements: &[StatementGrants],
        groups: &[String],
    ) -> Arc<GrantSet> {
        let (set, _) = compile::compile(&self.key, &self.roles, statements, groups);
        let set = Arc::new(set);
        if let Some(ticket) = ticket {
            self.cache.finish_load(ticket, Arc::clone(&set));
        }
        set
    }

    /// Forgets a holder's set: its facts changed.
    pub fn forget(&self, holder: Holder<'_>) {
        self.cache.forget(self.name(holder));
    }

    /// Forgets every set.
    pub fn forget_all(&self) {
        self.cache.clear();
    }

    /// Replaces what is public: normal forms of resource URIs.
    pub fn set_public(&self, resources: &[String]) {
        self.public.store(Arc::new(compile::compile_public(&self.key, resources)));
        self.has_public.store(!resources.is_empty(), Ordering::Release);
    }

    fn name(&self, holder: Holder<'_>) -> NameHash {
        match holder {
            Holder::User(id) => self.key.name(NameKind::User, id),
            Holder::Group(id) => self.key.name(NameKind::Group, id),
            Holder::Token(id) => self.key.name(NameKind::Token, id),
        }
    }
}

/// One question, ready to be put to any number of sets.
pub(crate) struct Ask<'a> {
    pub(crate) key: &'a HashKey,
    pub(crate) roles: &'a RoleTable,
    pub(crate) path: &'a AskedPath<'a>,
    pub(crate) action: &'a AskedAction<'a>,
}

impl Ask<'_> {
    /// Whether a set allows; none when it has a role that the table does not know yet.
    pub(crate) fn of(&self, set: &GrantSet, of: SetOf, recorder: &mut impl Recorder) -> Option<bool> {
        let mut answer = Some(false);
        let _: ControlFlow<()> = set.reach(self.key, self.path, |place, role| {
            match self.roles.holds(role, self.action) {
                None => answer = None,
                Some(holds) => {
                    recorder.compared(of, place, role, holds);
                    if holds {
                        answer = Some(true);
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        });
        answer
    }
}
