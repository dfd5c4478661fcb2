use std::sync::Arc;

use portcullis_types::Caller;

/// Who asks for a use case, and in which request.
#[derive(Clone, Debug)]
pub struct Cx {
    /// Whose rights count.
    pub actor: Actor,
    /// The request, for the audit trail; none for local commands.
    pub request_id: Option<Arc<str>>,
}

/// Whose rights count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody with a bearer.
    Caller(Caller),
    /// Somebody who can open the database: a local command. Holds every right.
    Local(Arc<str>),
    /// Somebody who has not said who they are, as everybody who signs in. Holds no right.
    Nobody,
}

/// What the names of local commands begin with, and no user id may.
const LOCAL: &str = "cli:";

/// The name of somebody without one: no user's id can have parentheses.
const NOBODY: &str = "(nobody)";

/// Whether `name` is that of a local command.
pub(crate) fn is_local(name: &str) -> bool {
    name.starts_with(LOCAL)
}

impl Cx {
    /// A request by a verified caller.
    pub fn of(caller: Caller, request_id: Arc<str>) -> Self {
        Self { actor: Actor::Caller(caller), request_id: Some(request_id) }
    }

    /// A request without a bearer.
    pub fn nobody(request_id: Option<Arc<str>>) -> Self {
        Self { actor: Actor::Nobody, request_id }
    }

    /// A local command, run by the named operating-system user.
    ///
    /// What cannot be in a user id becomes `_`, because the name is stored where user ids are.
    pub fn local(user: &str) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "+._@-".contains(c) { c } else { '_' };
        let name: String = LOCAL.chars().chain(user.chars().take(100).map(plain)).collect();
        Self { actor: Actor::Local(name.into()), request_id: None }
    }

    /// The actor's name in records and in the audit trail.
    pub fn name(&self) -> &str {
        match &self.actor {
            Actor::Caller(caller) => caller.principal(),
            Actor::Local(name) => name,
            Actor::Nobody => NOBODY,
        }
    }
}
