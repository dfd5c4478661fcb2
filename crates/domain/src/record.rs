use portcullis_types::authress::{
    AccessRecord, AccessRecordBody, AccountRef, LinkedGroup, Links, RecordStatus, Statement, Tags, User,
};
use portcullis_types::{FieldError, Timestamp, id};
use serde::{Deserialize, Serialize};

use crate::{MAX_DOCUMENT_BYTES, ResourceError, ResourcePath, limits};

/// An access record as it is stored: every list in the order and the spelling in which it was written, because clients
/// compare them (spec `authress-api.md` §4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// See [`id::record_id`].
    pub record_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 1024 characters.
    pub description: Option<String>,
    /// Principals of every statement without its own.
    pub users: Vec<User>,
    /// Who may edit the record.
    pub admins: Vec<User>,
    /// Principals of every statement without its own.
    pub groups: Vec<LinkedGroup>,
    /// 1 to 100.
    pub statements: Vec<Statement>,
    /// Free labels.
    pub tags: Option<Tags>,
    /// Deleted records are kept and grant nothing.
    pub status: RecordStatus,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Whom a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// A user or a service client.
    User,
    /// Every member of a group.
    Group,
}

/// A principal of a statement, by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal {
    /// User (or service client) or group.
    pub kind: PrincipalKind,
    /// The id; a service client's is always its own, never the alias of §4.4.
    pub id: String,
}

/// What a statement grants, as three sets: every principal has every role on every resource. Sums of rows, never products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledStatement {
    /// Which statement of the record, from 0.
    pub statement: u32,
    /// Sorted, without duplicates.
    pub principals: Vec<Principal>,
    /// Normal forms of the resource URIs, sorted, without duplicates.
    pub resources: Vec<String>,
    /// Sorted, without duplicates.
    pub roles: Vec<String>,
}

impl Record {
    /// Makes a record of a request's body. `record_id` is the one to use; without `admins` the `creator` becomes admin.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(
        body: AccessRecordBody,
        record_id: String,
        creator: &str,
        now: Timestamp,
    ) -> Result<Self, FieldError> {
        let record = Self {
            record_id,
            name: body.name,
            description: body.description,
            users: body.users.unwrap_or_default(),
            admins: body.admins.unwrap_or_else(|| vec![User { user_id: creator.to_owned() }]),
            groups: body.groups.unwrap_or_default(),
            statements: body.statements,
            tags: body.tags,
            status: RecordStatus::Active,
            updated_at: now,
        };
        record.validate()?;
        Ok(record)
    }

    fn validate(&self) -> Result<(), FieldError> {
        id::record_id(&self.record_id).map_err(|error| FieldError::new("recordId", error.expected))?;
        limits::text("name", &self.name, 1, 128)?;
        limits::optional_text("description", self.description.as_deref(), 1024)?;
        limits::users("users", &self.users, 1000)?;
        limits::users("admins", &self.admins, 100)?;
        limits::groups("groups", &self.groups, 100)?;
        limits::tags(self.tags.as_ref())?;
        validate_statements(&self.statements, 1)
    }

    /// Whether `principal` is one of the record's admins.
    pub fn is_admin(&self, principal: &str) -> bool {
        self.admins.iter().any(|admin| principal_id(&admin.user_id) == principal)
    }

    /// The three row sets of every statement.
    pub fn compile(&self) -> Vec<CompiledStatement> {
        compile_statements(&self.statements, &self.users, &self.groups)
    }

    /// The record as the API shows it. `bytes` is the size of its stored form.
    pub fn wire(&self, account_id: &str, links: Links, bytes: usize) -> AccessRecord {
        AccessRecord {
            record_id: self.record_id.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            capacity: Some(capacity(bytes)),
            last_updated: Some(self.updated_at),
            status: Some(self.status),
            account: AccountRef { account_id: account_id.to_owned() },
            users: self.users.clone(),
            admins: self.admins.clone(),
            groups: self.groups.clone(),
            statements: self.statements.clone(),
            links,
            tags: self.tags.clone(),
        }
    }
}

/// How full a record of `bytes` is, 0 to 1, with three digits.
fn capacity(bytes: usize) -> f64 {
    let thousandths = bytes.saturating_mul(1000).checked_div(MAX_DOCUMENT_BYTES).unwrap_or(1000).min(1000);
    f64::from(u32::try_from(thousandths).unwrap_or(1000)) / 1000.0
}

/// The id of a principal: a service client may be written as `Authress:ServiceClients/{id}` (spec `authress-api.md` §4.4).
pub fn principal_id(user_id: &str) -> &str {
    user_id.strip_prefix("Authress:ServiceClients/").unwrap_or(user_id)
}

/// Checks statements: 1 to 100 roles and resources each, at least `min` and at most 100 statements.
///
/// # Errors
/// [`FieldError`] with the JSON path of what is out of bounds.
pub fn validate_statements(statements: &[Statement], min: usize) -> Result<(), FieldError> {
    limits::count("statements", statements.len(), min, 100)?;
    for (index, statement) in statements.iter().enumerate() {
        validate_statement(statement).map_err(|error| error.under(&format!("statements[{index}]")))?;
    }
    Ok(())
}

fn validate_statement(statement: &Statement) -> Result<(), FieldError> {
    limits::count("roles", statement.roles.len(), 1, 100)?;
    for (index, role) in statement.roles.iter().enumerate() {
        id::role_id(role).map_err(|error| FieldError::new(format!("roles[{index}]"), error.expected))?;
    }
    limits::count("resources", statement.resources.len(), 1, 100)?;
    for (index, resource) in statement.resources.iter().enumerate() {
        if let Err(ResourceError) = ResourcePath::normal(&resource.resource_uri) {
            return Err(FieldError::new(format!("resources[{index}].resourceUri"), ResourceError::EXPECTED));
        }
    }
    limits::users("users", statement.users.as_deref().unwrap_or_default(), 100)?;
    limits::groups("groups", statement.groups.as_deref().unwrap_or_default(), 10)
}

/// Compiles statements. A statement with users or groups of its own is for those *instead of* `users` and `groups`.
pub fn compile_statements(
    statements: &[Statement],
    users: &[User],
    groups: &[LinkedGroup],
) -> Vec<CompiledStatement> {
    statements
        .iter()
        .zip(0u32..)
        .map(|(statement, index)| {
            let own_users = statement.users.as_deref().unwrap_or_default();
            let own_groups = statement.groups.as_deref().unwrap_or_default();
            let (users, groups) = if own_users.is_empty() && own_groups.is_empty() {
                (users, groups)
            } else {
                (own_users, own_groups)
            };
            let users = users.iter().map(|user| Principal {
                kind: PrincipalKind::User,
                id: principal_id(&user.user_id).to_owned(),
            });
            let groups = groups
                .iter()
                .map(|group| Principal { kind: PrincipalKind::Group, id: group.group_id.clone() });
            let resources = statement
                .resources
                .iter()
                .filter_map(|resource| ResourcePath::normal(&resource.resource_uri).ok().map(str::to_owned));
            CompiledStatement {
                statement: index,
                principals: sorted(users.chain(groups)),
                resources: sorted(resources),
                roles: sorted(statement.roles.iter().cloned()),
            }
        })
        .collect()
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.dedup();
    items
}

#[cfg(test)]
mod tests {
    use portcullis_types::authress::Resource;

    use super::*;

    fn user(id: &str) -> User {
        User { user_id: id.to_owned() }
    }

    fn statement(users: Option<Vec<User>>) -> Statement {
        Statement {
            roles: vec!["r".into()],
            resources: vec![
                Resource { resource_uri: "/docs/1/".into() },
                Resource { resource_uri: "docs/1".into() },
            ],
            users,
            groups: None,
        }
    }

    fn body(statements: Vec<Statement>) -> AccessRecordBody {
        AccessRecordBody {
            name: "n".into(),
            users: Some(vec![user("alice")]),
            statements,
            ..Default::default()
        }
    }

    fn record(body: AccessRecordBody) -> Result<Record, FieldError> {
        Record::from_body(body, "rec_1".into(), "creator", Timestamp::from_secs(1))
    }

    #[test]
    fn a_statement_with_principals_of_its_own_is_not_for_the_record_s() {
        let record =
            record(body(vec![statement(None), statement(Some(vec![user("Authress:ServiceClients/sc_1")]))]));
        let compiled = record.unwrap().compile();
        let ids: Vec<_> =
            compiled.iter().map(|s| s.principals.iter().map(|p| p.id.as_str()).collect::<Vec<_>>()).collect();
        assert_eq!(ids, [vec!["alice"], vec!["sc_1"]]);
        assert_eq!(compiled[0].resources, ["docs/1"]);
    }

    #[test]
    fn the_creator_is_admin_unless_admins_are_given() {
        assert!(record(body(vec![statement(None)])).unwrap().is_admin("creator"));
        let with = AccessRecordBody { admins: Some(vec![user("bob")]), ..body(vec![statement(None)]) };
        let with = record(with).unwrap();
        assert!(with.is_admin("bob") && !with.is_admin("creator"));
    }

    #[test]
    fn a_bad_body_is_refused_with_the_json_path() {
        let mut bad = statement(None);
        bad.resources[1].resource_uri = "a//b".into();
        let error = record(body(vec![statement(None), bad])).unwrap_err();
        assert_eq!(error.field, "statements[1].resources[1].resourceUri");
        assert_eq!(record(body(vec![])).unwrap_err().field, "statements");
        assert_eq!(record(body(vec![statement(None); 101])).unwrap_err().field, "statements");
        let mut bad = statement(None);
        bad.roles.clear();
        assert_eq!(record(body(vec![bad])).unwrap_err().field, "statements[0].roles");
    }
}
