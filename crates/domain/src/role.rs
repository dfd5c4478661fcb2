use portcullis_types::authress::{PermissionObject, Role, RoleBody};
use portcullis_types::{FieldError, Timestamp, id};
use serde::{Deserialize, Serialize};

use crate::{
    ActionPattern, ORGANIZATION_ADMIN, ORGANIZATION_MEMBER, ORGANIZATION_OWNER, ORGANIZATION_VIEWER, limits,
};

/// Every action, with allow, grant and delegate.
pub const OWNER: &str = "Authress:Owner";
/// `READ`, allow only.
pub const READ_RESOURCE: &str = "Authress:ReadResource";
/// The roles that exist without being stored, and cannot be changed: those of spec `authress-api.md` §4.3, and the default roles
/// of organizations (spec `guard-request.md` §3.2).
pub const BUILT_IN_ROLES: [&str; 7] = [
    "Authress:AuthenticateUser",
    OWNER,
    READ_RESOURCE,
    ORGANIZATION_ADMIN,
    ORGANIZATION_MEMBER,
    ORGANIZATION_OWNER,
    ORGANIZATION_VIEWER,
];

/// What a permission is held for: three independent bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bit {
    /// To do it.
    Allow,
    /// To hand out `allow`.
    Grant,
    /// To hand out all three.
    Delegate,
}

/// A role as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRole {
    /// See [`id::role_id`].
    pub role_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 1024 characters.
    pub description: Option<String>,
    /// Up to 100.
    pub permissions: Vec<PermissionObject>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl StoredRole {
    /// Makes a role of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(body: RoleBody, role_id: String, now: Timestamp) -> Result<Self, FieldError> {
        id::role_id(&role_id).map_err(|error| FieldError::new("roleId", error.expected))?;
        limits::text("name", &body.name, 1, 128)?;
        limits::optional_text("description", body.description.as_deref(), 1024)?;
        limits::count("permissions", body.permissions.len(), 0, 100)?;
        for (index, permission) in body.permissions.iter().enumerate() {
            ActionPattern::parse(&format!("permissions[{index}].action"), &permission.action)?;
        }
        Ok(Self {
            role_id,
            name: body.name,
            description: body.description,
            permissions: body.permissions,
            updated_at: now,
        })
    }

    /// The role as the API shows it.
    pub fn wire(&self) -> Role {
        Role {
            role_id: self.role_id.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            permissions: self.permissions.clone(),
        }
    }
}

/// Whether `role_id` is one of [`BUILT_IN_ROLES`].
pub fn is_built_in(role_id: &str) -> bool {
    BUILT_IN_ROLES.contains(&role_id)
}

/// The built-in roles, in the order of their ids.
pub fn built_in_roles() -> Vec<StoredRole> {
    let role =
        |role_id: &str, name: &str, description: &str, permissions: Vec<PermissionObject>| StoredRole {
            role_id: role_id.to_owned(),
            name: name.to_owned(),
            description: Some(description.to_owned()),
            permissions,
            updated_at: Timestamp::from_secs(0),
        };
    let permission = |action: &str, all: bool| PermissionObject {
        action: action.to_owned(),
        allow: true,
        grant: all,
        delegate: all,
    };
    vec![
        role(
            "Authress:AuthenticateUser",
            "AuthenticateUser",
            "May sign users in with the password grant.",
            vec![permission("Authress:AuthenticateUser", false)],
        ),
        role(OWNER, "Owner", "May do everything, and hand it out.", vec![permission("*", true)]),
        role(READ_RESOURCE, "ReadResource", "May read.", vec![permission("READ", false)]),
        role(ORGANIZATION_ADMIN, "ADMIN", "May do and hand out what a MEMBER may, and more.", admin()),
        role(
            ORGANIZATION_MEMBER,
            "MEMBER",
            "May read, create, update and execute.",
            allows(&[READS, WRITES]),
        ),
        role(ORGANIZATION_OWNER, "OWNER", "May do everything, and hand it out.", vec![permission("*", true)]),
        role(ORGANIZATION_VIEWER, "VIEWER", "May read.", allows(&[READS])),
    ]
}

/// What a VIEWER may: each verb alone, and of every type of resource.
const READS: &[&str] = &["read", "list", "*:read", "*:list"];
/// What a MEMBER may besides.
const WRITES: &[&str] = &["create", "update", "execute", "*:create", "*:update", "*:execute"];
/// What an ADMIN may besides: delete, and run the organization. None of the last two is covered by a verb above.
const ADMINISTERS: &[&str] = &["delete", "*:delete", "organization:manage", "organization:members"];

fn allows(sets: &[&[&str]]) -> Vec<PermissionObject> {
    let object = |action: &&str| PermissionObject {
        action: (*action).to_owned(),
        allow: true,
        grant: false,
        delegate: false,
    };
    sets.iter().copied().flatten().map(object).collect()
}

/// An ADMIN hands out VIEWER and MEMBER, but neither ADMIN (which takes `delegate`) nor OWNER: nobody promotes themselves.
fn admin() -> Vec<PermissionObject> {
    let mut permissions = allows(&[READS, WRITES]);
    permissions.iter_mut().for_each(|permission| permission.grant = true);
    permissions.extend(allows(&[ADMINISTERS]));
    permissions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_action_is_refused_with_the_json_path() {
        let body: RoleBody = serde_json::from_value(serde_json::json!({
            "name": "r", "permissions": [{"action": "a::b", "allow": true, "grant": false, "delegate": false}]
        }))
        .unwrap();
        let error = StoredRole::from_body(body, "r".into(), Timestamp::from_secs(0)).unwrap_err();
        assert_eq!(error.field, "permissions[0].action");
    }

    #[test]
    fn built_in_roles_are_valid_and_in_the_order_of_their_ids() {
        let ids: Vec<_> = built_in_roles().into_iter().map(|role| role.role_id).collect();
        assert_eq!(ids, BUILT_IN_ROLES);
        assert!(ids.is_sorted() && is_built_in(OWNER) && !is_built_in("ro_x"));
        for permission in built_in_roles().iter().flat_map(|role| &role.permissions) {
            ActionPattern::parse("action", &permission.action).unwrap();
        }
    }
}
