use std::collections::{BTreeMap, BTreeSet};

use portcullis_authz::{AskedPath, Bits, Decider, Decision, Holder, LoadedGrants, Unwatched};
use portcullis_domain::{CompiledStatement, FieldError, is_built_in};
use portcullis_store::Queries;
use portcullis_types::Caller;
use portcullis_types::authress::PermissionObject;

use crate::cx::{Actor, is_local};
use crate::{Cx, Error, Portcullis, Result};

/// What the actor of a use case may do, at one moment. Taken before a transaction begins, so that nothing is read beside it.
pub(crate) struct Rights {
    portcullis: Portcullis,
    held: Held,
    /// What roles hold as it is stored, where that was looked up; nothing for those that do not exist.
    stored_roles: BTreeMap<String, Vec<PermissionObject>>,
}

enum Held {
    Everything,
    Nothing,
    Grants { own: LoadedGrants, token: Option<LoadedGrants> },
}

impl Portcullis {
    /// The rights of whoever asks.
    pub(crate) async fn rights(&self, cx: &Cx) -> Result<Rights> {
        let held = match &cx.actor {
            Actor::Local(_) => Held::Everything,
            Actor::Nobody => Held::Nothing,
            Actor::Caller(caller) => {
                let token = match caller {
                    Caller::User { limited_by: Some(token), .. } => {
                        Some(self.grants(Holder::Token(token)).await?)
                    }
                    _ => None,
                };
                Held::Grants { own: self.grants(Holder::User(caller.principal())).await?, token }
            }
        };
        Ok(Rights::new(self, held))
    }

    /// The rights of somebody who is not asking now: whoever made an invite.
    pub(crate) async fn rights_of(&self, principal: &str) -> Result<Rights> {
        if is_local(principal) {
            return Ok(Rights::new(self, Held::Everything));
        }
        let own = self.grants(Holder::User(principal)).await?;
        Ok(Rights::new(self, Held::Grants { own, token: None }))
    }
}

impl Rights {
    fn new(portcullis: &Portcullis, held: Held) -> Self {
        Self { portcullis: portcullis.clone(), held, stored_roles: BTreeMap::new() }
    }

    /// Looks up what `roles` hold, in the transaction that hands them out: memory may be a second behind another node's
    /// change.
    pub(crate) async fn look_up_roles(
        &mut self,
        queries: &mut dyn Queries,
        roles: impl IntoIterator<Item = &String> + Send,
    ) -> Result<()> {
        let roles: BTreeSet<&String> = roles.into_iter().filter(|role| !is_built_in(role)).collect();
        for role_id in roles {
            if !matches!(self.held, Held::Everything) && !self.stored_roles.contains_key(role_id) {
                let stored = queries.role(role_id).await?;
                let permissions = stored.map(|role| role.permissions).unwrap_or_default();
                self.stored_roles.insert(role_id.clone(), permissions);
            }
        }
        Ok(())
    }

    /// Whether the actor may do `action` to a management resource.
    pub(crate) fn holds(&self, action: &str, resource: &str) -> bool {
        self.holds_bits(Bits::ALLOW, action, resource)
    }

    fn holds_bits(&self, bits: Bits, action: &str, resource: &str) -> bool {
        let (own, token) = match &self.held {
            Held::Everything => return true,
            Held::Nothing => return false,
            Held::Grants { own, token } => (own, token),
        };
        let allows = |grants: &LoadedGrants| self.decides(grants, bits, action, resource);
        allows(own) && token.as_ref().is_none_or(allows)
    }

    /// Whether the token that the actor came with covers `action`: of what its bearer may do without a grant (as the admin
    /// of a thing, or because everybody may), a limited token keeps only this.
    pub(crate) fn token_covers(&self, action: &str, resource: &str) -> bool {
        self.token_covers_bits(Bits::ALLOW, action, resource)
    }

    /// Whether that token covers making somebody an owner of `resource`.
    pub(crate) fn token_covers_owning(&self, resource: &str) -> bool {
        self.token_covers_bits(Bits::HAND_OUT_ALL, "*", resource)
    }

    fn token_covers_bits(&self, bits: Bits, action: &str, resource: &str) -> bool {
        match &self.held {
            Held::Grants { token: Some(token), .. } => self.decides(token, bits, action, resource),
            Held::Grants { token: None, .. } | Held::Everything => true,
            Held::Nothing => false,
        }
    }

    fn decides(&self, grants: &LoadedGrants, bits: Bits, action: &str, resource: &str) -> bool {
        let decider: &Decider = self.portcullis.decider();
        // A resource that cannot be asked about is held by nobody.
        let Ok(path) = AskedPath::parse(decider.key(), resource) else { return false };
        decider.decide_loaded(grants, &path, action, bits, &mut Unwatched) == Decision::Allow
    }

    /// Refuses unless the actor's token covers `action`, which its bearer may do without a grant.
    pub(crate) fn require_token(&self, action: &str, resource: &str) -> Result<()> {
        if self.token_covers(action, resource) { Ok(()) } else { Err(forbidden(action, resource)) }
    }

    /// Refuses unless the actor may do `action`.
    pub(crate) fn require(&self, action: &str, resource: &str) -> Result<()> {
        if self.holds(action, resource) { Ok(()) } else { Err(forbidden(action, resource)) }
    }

    /// Refuses unless the actor may create something in a collection: by a right on it, or on everything in it.
    pub(crate) fn require_create(&self, collection: &str) -> Result<()> {
        if self.holds("CREATE", &format!("{collection}/*")) {
            Ok(())
        } else {
            self.require("CREATE", collection)
        }
    }

    /// Refuses unless the actor may do `action` to a thing at `resource`, or `exempt` (an admin of it). Whoever may not even
    /// read it learns only that it was not found.
    pub(crate) fn require_on(
        &self,
        action: &str,
        resource: &str,
        exempt: bool,
        thing: &'static str,
    ) -> Result<()> {
        if (exempt && self.token_covers(action, resource)) || self.holds(action, resource) {
            Ok(())
        } else if self.holds("READ", resource) {
            Err(forbidden(action, resource))
        } else {
            Err(Error::NotFound(thing))
        }
    }

    /// Refuses unless the actor holds `*` with grant or delegate on `resource`.
    pub(crate) fn require_grant_of_all(&self, resource: &str) -> Result<()> {
        if self.holds_bits(Bits::HAND_OUT_ALLOW, "*", resource) {
            Ok(())
        } else {
            Err(forbidden("GRANT *", resource))
        }
    }

    /// Refuses unless the actor may make others owners of `resource`.
    pub(crate) fn require_delegate_of_all(&self, resource: &str) -> Result<()> {
        if self.holds_bits(Bits::HAND_OUT_ALL, "*", resource) {
            Ok(())
        } else {
            Err(forbidden("DELEGATE *", resource))
        }
    }

    /// Nobody grants more than they hold: refuses unless the actor may hand out everything that `statement` grants. A role
    /// that does not exist, or gives nothing yet, could become anything, so it takes the right to hand out everything.
    pub(crate) fn require_hand_out(&self, statement: &CompiledStatement) -> Result<()> {
        statement.roles.iter().try_for_each(|role| {
            statement.resources.iter().try_for_each(|resource| self.require_hand_out_role(role, resource))
        })
    }

    /// The same for one role on one resource.
    pub(crate) fn require_hand_out_role(&self, role_id: &str, resource: &str) -> Result<()> {
        if matches!(self.held, Held::Everything) {
            return Ok(());
        }
        let resource = if resource.is_empty() { "/" } else { resource };
        let roles = self.portcullis.decider().roles().current();
        let gives = |permissions: &&[PermissionObject]| {
            permissions.iter().any(|one| one.allow || one.grant || one.delegate)
        };
        let stored = self.stored_roles.get(role_id).map(Vec::as_slice);
        let Some(permissions) = stored.or_else(|| roles.permissions_of(role_id)).filter(gives) else {
            return self.require_delegate_of_all(resource);
        };
        for permission in permissions {
            let needs_all = permission.grant || permission.delegate;
            let bits = if needs_all { Bits::HAND_OUT_ALL } else { Bits::HAND_OUT_ALLOW };
            if (permission.allow || needs_all) && !self.holds_bits(bits, &permission.action, resource) {
                let bit = if needs_all { "DELEGATE" } else { "GRANT" };
                return Err(forbidden(&format!("{bit} {}", permission.action), resource));
            }
        }
        Ok(())
    }

    /// As [`Rights::require_hand_out_role`] for permissions that are not a role's yet.
    pub(crate) fn require_hand_out_permission(
        &self,
        permission: &PermissionObject,
        resource: &str,
    ) -> Result<()> {
        let resource = if resource.is_empty() { "/" } else { resource };
        let needs_all = permission.grant || permission.delegate;
        let bits = if needs_all { Bits::HAND_OUT_ALL } else { Bits::HAND_OUT_ALLOW };
        if !(permission.allow || needs_all) || self.holds_bits(bits, &permission.action, resource) {
            return Ok(());
        }
        Err(forbidden(&format!("GRANT {}", permission.action), resource))
    }

    /// As [`Rights::require_hand_out_permission`] for `allow` alone.
    pub(crate) fn require_hand_out_allow(&self, action: &str, resource: &str) -> Result<()> {
        let permission =
            PermissionObject { action: action.to_owned(), allow: true, grant: false, delegate: false };
        self.require_hand_out_permission(&permission, resource)
    }
}

pub(crate) fn forbidden(action: &str, resource: &str) -> Error {
    Error::Forbidden { action: action.to_owned(), resource: resource.to_owned() }
}

/// Refuses an id that is not one, so that no id can name another management resource.
pub(crate) fn checked(
    check: fn(&str) -> Result<(), portcullis_types::IdError>,
    field: &str,
    id: &str,
) -> Result<()> {
    check(id).map_err(|error| FieldError::new(field, error.expected).into())
}

/// Refuses a body that names another id than the path does.
pub(crate) fn same(field: &str, given: Option<&str>, path: &str) -> Result<()> {
    match given {
        Some(given) if given != path => Err(FieldError::new(field, "the id in the path, or none").into()),
        _ => Ok(()),
    }
}
