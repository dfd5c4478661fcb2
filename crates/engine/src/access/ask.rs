use portcullis_authz::{AskedPath, Bits, Decision, Holder};
use portcullis_domain::{ResourceError, principal_id};
use portcullis_types::{Caller, FieldError};

use crate::cx::Actor;
use crate::{Cx, Error, Portcullis, Result};

/// A check: may `user_id` do `permission` to `resource`?
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// A user or a service client; need not exist.
    pub user_id: &'a str,
    /// A resource URI, decoded exactly once.
    pub resource: &'a str,
    /// An action.
    pub permission: &'a str,
}

pub(crate) fn parse_resource<'a>(portcullis: &Portcullis, resource: &'a str) -> Result<AskedPath<'a>> {
    AskedPath::parse(portcullis.decider().key(), resource)
        .map_err(|error: ResourceError| bad_resource("resourceUri", error))
}

pub(crate) fn bad_resource(field: &str, _error: ResourceError) -> Error {
    FieldError::new(field, ResourceError::EXPECTED).into()
}

pub(crate) fn parse_user(user_id: &str) -> Result<&str> {
    portcullis_types::id::user_id(user_id).map_err(|error| FieldError::new("userId", error.expected))?;
    Ok(principal_id(user_id))
}

impl Portcullis {
    /// Refuses a caller who may not ask about `user_id` (spec `authress-api.md` §4.6), and says which token limits the
    /// answer, if the caller asks about itself with a limited one.
    pub(crate) async fn may_ask<'c>(&self, cx: &'c Cx, user_id: &str) -> Result<Option<&'c str>> {
        let caller = match &cx.actor {
            Actor::Local(_) => return Ok(None),
            Actor::Nobody => return Err(Error::NotFound("user")),
            Actor::Caller(caller) => caller,
        };
        match caller {
            Caller::User { user_id: own, limited_by, .. } if **own == *user_id => {
                return Ok(limited_by.as_deref());
            }
            Caller::Client { client_id: own, .. } | Caller::Application { client_id: own }
                if **own == *user_id =>
            {
                return Ok(None);
            }
            Caller::Client { options, .. } if options.grant_user_permissions_access => return Ok(None),
            _ => {}
        }
        // Boxed, as all that is rare on the way of a check: its future is as large as its largest part, and is moved.
        Box::pin(self.rights(cx)).await?.require("READ", &format!("Authress:UserPermissions/{user_id}"))?;
        Ok(None)
    }

    /// Whether `principal` holds `action` in `bits`, from memory if it is there, else from the database.
    pub(crate) async fn decide(
        &self,
        holder: Holder<'_>,
        path: &AskedPath<'_>,
        action: &str,
        bits: Bits,
    ) -> Result<bool> {
        match self.decider().decide(holder, path, action, bits) {
            Decision::Allow => Ok(true),
            Decision::Deny => Ok(false),
            Decision::NotLoaded => {
                let grants = Box::pin(self.load(holder)).await?;
                let decided = self.decider().decide_loaded(
                    &grants,
                    path,
                    action,
                    bits,
                    &mut portcullis_authz::Unwatched,
                );
                Ok(decided == Decision::Allow)
            }
        }
    }
}
