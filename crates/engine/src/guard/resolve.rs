use std::borrow::Cow;
use std::sync::Arc;

use portcullis_domain::{ActionPattern, is_operation_name};
use portcullis_types::operation::OperationBody;

use super::context::InForce;
use super::registry::RegisteredOperation;
use crate::{Portcullis, Result};

/// What happens to operations that nobody registered, and that no convention names a permission for (spec
/// `guard-request.md` §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownOperation {
    /// They are denied.
    #[default]
    Deny,
    /// They are allowed without being asked about, and logged: for applications on their way to a registry.
    AllowAndLog,
}

/// Finds what a name stands for: what is registered, else what the convention says, else nothing.
pub(super) fn resolve(
    portcullis: &Portcullis,
    name: &str,
    in_force: &InForce,
) -> Result<Option<Arc<RegisteredOperation>>> {
    if !is_operation_name(name) {
        return Ok(None);
    }
    let registered = portcullis.inner.registry.current();
    if let Some(found) = registered.find(name, in_force.tenant.as_deref()) {
        return Ok(Some(Arc::clone(found)));
    }
    by_convention(portcullis, name, in_force)
}

/// `verb_rest` is action `verb` on a `rest`; `a:b` is action `b` on an `a`; only if some role names that permission.
fn by_convention(
    portcullis: &Portcullis,
    name: &str,
    in_force: &InForce,
) -> Result<Option<Arc<RegisteredOperation>>> {
    let Some((kind, verb)) = parts(name) else { return Ok(None) };
    let permission = format!("{kind}:{}", normalised(verb));
    let Ok(action) = ActionPattern::parse("permission", &permission) else { return Ok(None) };
    let decider = portcullis.decider();
    if !decider.roles().current().names_action(decider.key(), &action) {
        return Ok(None);
    }
    let template = match (&in_force.organization, &in_force.tenant) {
        (Some(_), Some(_)) => "organizations/{organization}/tenants/{tenant}/{type}/{id}",
        (Some(_), None) => "organizations/{organization}/{type}/{id}",
        _ => "{type}/{id}",
    };
    let body = OperationBody {
        operation: name.to_owned(),
        permission,
        resource_type: Some(kind.to_owned()),
        ..OperationBody::default()
    };
    Ok(Some(Arc::new(RegisteredOperation::by_convention(name, body, action, template)?)))
}

/// The kind of thing, and what is done to it.
fn parts(name: &str) -> Option<(&str, &str)> {
    let found = match name.rsplit_once(':') {
        Some((kind, verb)) => (kind, verb),
        None => {
            let (verb, kind) = name.split_once('_')?;
            (kind, verb)
        }
    };
    Some(found).filter(|(kind, verb)| !kind.is_empty() && !verb.is_empty())
}

fn normalised(verb: &str) -> Cow<'_, str> {
    Cow::Borrowed(match verb {
        "get" | "list" | "view" => "read",
        "add" => "create",
        "edit" | "patch" => "update",
        "remove" => "delete",
        "run" => "execute",
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_by_convention() {
        for (name, kind, verb) in [
            ("create_document", "document", "create"),
            ("list_user_profile", "user_profile", "read"),
            ("document:edit", "document", "update"),
            ("a:b:remove", "a:b", "delete"),
            ("run_job", "job", "execute"),
        ] {
            let (found, done) = parts(name).unwrap();
            assert_eq!((found, &*normalised(done)), (kind, verb), "{name}");
        }
        for name in ["document", "create_", "document:", ":x"] {
            assert!(parts(name).is_none(), "{name}");
        }
    }
}
