//! What a membership is as an access record: the one source of truth about members' roles.

use std::collections::BTreeSet;

use portcullis_types::authress::{AccessRecordBody, Resource, Statement, User};
use portcullis_types::organization::{MemberBody, TenantRoles};
use portcullis_types::{FieldError, Timestamp, id};

use crate::organization::check_id;
use crate::{Record, limits, principal_id};

/// What the ids of the records begin with that belong to memberships. Nobody else may write such a record.
pub const MEMBERSHIP_RECORDS: &str = "Portcullis:Membership:";
/// What the ids of the default roles of organizations begin with.
const DEFAULT_ROLES: &str = "organization:";
/// Everything in an organization, and handing it out.
pub const ORGANIZATION_OWNER: &str = "organization:OWNER";
/// Members, tenants, and all of [`ORGANIZATION_MEMBER`], which it may hand out.
pub const ORGANIZATION_ADMIN: &str = "organization:ADMIN";
/// Reads, creates, updates and executes.
pub const ORGANIZATION_MEMBER: &str = "organization:MEMBER";
/// Reads.
pub const ORGANIZATION_VIEWER: &str = "organization:VIEWER";

/// The resource that members hold roles on.
pub fn organization_resource(organization_id: &str) -> String {
    format!("organizations/{organization_id}")
}

/// The resource that members hold roles on in one tenant.
pub fn tenant_resource(organization_id: &str, tenant_id: &str) -> String {
    format!("organizations/{organization_id}/tenants/{tenant_id}")
}

/// Whether a record is a membership's.
pub fn is_membership_record(record_id: &str) -> bool {
    record_id.starts_with(MEMBERSHIP_RECORDS)
}

/// The short name of a default role (`OWNER`), or the id of any other.
pub fn role_name(role_id: &str) -> &str {
    let short = role_id.strip_prefix(DEFAULT_ROLES);
    short.filter(|name| default_role(name)).unwrap_or(role_id)
}

fn default_role(name: &str) -> bool {
    matches!(name, "OWNER" | "ADMIN" | "MEMBER" | "VIEWER")
}

fn role_id(name: &str) -> String {
    if default_role(name) { format!("{DEFAULT_ROLES}{name}") } else { name.to_owned() }
}

/// Roles of a member, in the organization and in single tenants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberRoles {
    /// Ids of roles in the whole organization.
    pub organization: Vec<String>,
    /// Ids of roles by tenant.
    pub tenants: Vec<(String, Vec<String>)>,
}

impl MemberRoles {
    /// Only an owner of the organization.
    pub fn owner() -> Self {
        Self { organization: vec![ORGANIZATION_OWNER.to_owned()], tenants: Vec::new() }
    }

    /// Reads a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds: at least one role, each tenant at most once.
    pub fn from_body(body: &MemberBody) -> Result<Self, FieldError> {
        limits::count("tenants", body.tenants.len(), 0, 99)?;
        if body.roles.is_empty() && body.tenants.is_empty() {
            return Err(FieldError::new("roles", "at least one role, in the organization or in a tenant"));
        }
        let mut seen = BTreeSet::new();
        let mut tenants = Vec::with_capacity(body.tenants.len());
        for (index, TenantRoles { tenant_id, roles }) in body.tenants.iter().enumerate() {
            let at = format!("tenants[{index}]");
            check_id(&format!("{at}.tenantId"), tenant_id)?;
            if !seen.insert(tenant_id) {
                return Err(FieldError::new(format!("{at}.tenantId"), "each tenant once"));
            }
            let field = format!("{at}.roles");
            limits::count(&field, roles.len(), 1, 20)?;
            tenants.push((tenant_id.clone(), role_ids(&field, roles)?));
        }
        Ok(Self { organization: role_ids("roles", &body.roles)?, tenants })
    }

    /// Whether the whole organization is owned.
    pub fn is_owner(&self) -> bool {
        self.organization.iter().any(|role| role == ORGANIZATION_OWNER)
    }

    /// Reads the record that [`MemberRoles::record`] made.
    pub fn of_record(record: &Record, organization_id: &str) -> Self {
        let whole = organization_resource(organization_id);
        let below = format!("{whole}/tenants/");
        let mut roles = Self::default();
        for statement in record.compile() {
            for resource in &statement.resources {
                if *resource == whole {
                    roles.organization.extend(statement.roles.iter().cloned());
                } else if let Some(tenant) = resource.strip_prefix(&below) {
                    roles.tenants.push((tenant.to_owned(), statement.roles.clone()));
                }
            }
        }
        roles
    }

    /// The access record that gives these roles.
    ///
    /// # Errors
    /// [`FieldError`] when a user id or a role id is none.
    pub fn record(
        &self,
        record_id: String,
        organization_id: &str,
        user_id: &str,
        now: Timestamp,
    ) -> Result<Record, FieldError> {
        let whole = (!self.organization.is_empty())
            .then(|| statement(&self.organization, organization_resource(organization_id)));
        let tenants = self
            .tenants
            .iter()
            .map(|(tenant_id, roles)| statement(roles, tenant_resource(organization_id, tenant_id)));
        let body = AccessRecordBody {
            name: format!("Membership in {organization_id}"),
            users: Some(vec![User { user_id: principal_id(user_id).to_owned() }]),
            admins: Some(Vec::new()),
            statements: whole.into_iter().chain(tenants).collect(),
            ..AccessRecordBody::default()
        };
        Record::from_body(body, record_id, "", now)
    }

    /// As the API shows them.
    pub fn wire(&self) -> (Vec<String>, Vec<TenantRoles>) {
        let names = |roles: &[String]| roles.iter().map(|role| role_name(role).to_owned()).collect();
        let tenants = self
            .tenants
            .iter()
            .map(|(tenant_id, roles)| TenantRoles { tenant_id: tenant_id.clone(), roles: names(roles) })
            .collect();
        (names(&self.organization), tenants)
    }
}

fn role_ids(field: &str, names: &[String]) -> Result<Vec<String>, FieldError> {
    limits::count(field, names.len(), 0, 20)?;
    let mut ids = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        id::role_id(name).map_err(|error| FieldError::new(format!("{field}[{index}]"), error.expected))?;
        ids.push(role_id(name));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn statement(roles: &[String], uri: String) -> Statement {
    Statement {
        roles: roles.to_vec(),
        resources: vec![Resource { resource_uri: uri }],
        ..Statement::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(json: serde_json::Value) -> MemberBody {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn roles_survive_the_way_through_their_record() {
        let body = body(
            serde_json::json!({"roles": ["OWNER", "custom"], "tenants": [{"tenantId": "t1", "roles": ["VIEWER"]}]}),
        );
        let roles = MemberRoles::from_body(&body).unwrap();
        let record =
            roles.record("Portcullis:Membership:1".into(), "o", "alice", Timestamp::from_secs(1)).unwrap();
        assert!(is_membership_record(&record.record_id) && record.admins.is_empty());
        let read = MemberRoles::of_record(&record, "o");
        assert_eq!(read, roles);
        assert!(read.is_owner());
        assert_eq!(read.wire().0, ["custom", "OWNER"]);
        assert_eq!(MemberRoles::of_record(&record, "other"), MemberRoles::default());
    }

    #[test]
    fn a_member_without_any_role_is_refused_with_the_json_path() {
        for (json, field) in [
            (serde_json::json!({}), "roles"),
            (serde_json::json!({"roles": ["a b"]}), "roles[0]"),
            (serde_json::json!({"tenants": [{"tenantId": "t", "roles": []}]}), "tenants[0].roles"),
            (serde_json::json!({"tenants": [{"tenantId": "*", "roles": ["OWNER"]}]}), "tenants[0].tenantId"),
        ] {
            assert_eq!(MemberRoles::from_body(&body(json)).unwrap_err().field, field);
        }
    }
}
