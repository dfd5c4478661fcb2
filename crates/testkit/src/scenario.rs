//! Scenarios: facts and the answers that every way of using Portcullis must give for them.
//!
//! A scenario is one YAML file in `scenarios/`, named after the rule that it shows. The same files run through the pure
//! decision engine, the library, the server and the client; each runner brings the facts in its own way and asks the
//! same questions.
//!
//! ```yaml
//! rule: A parent covers everything below it.      # one sentence
//! proves: [AZ-08]                                 # requirements, if any
//! facts:
//!   roles:                                        # role id → its permissions
//!     reader: [{action: read, allow: true}]       # allow, grant and delegate are false when absent
//!   groups:                                       # bodies of `POST /v1/groups`
//!     - {groupId: grp_staff, name: Staff, users: [{userId: bob}]}
//!   records:                                      # bodies of `POST /v1/records`
//!     - recordId: rec_docs
//!       name: Docs
//!       users: [{userId: alice}]
//!       groups: [{groupId: grp_staff}]
//!       statements:
//!         - {roles: [reader], resources: [{resourceUri: docs}]}
//!   deleted: []                                   # ids of the records above that are deleted after they were created
//!   resources:                                    # resource URI → permissions of the body of `PUT /v1/resources/{uri}`
//!     docs/open: [{action: PUBLIC, allow: true}]
//! checks:                                         # may this user do this here?
//!   - {user: alice, permission: read, resource: docs/1, answer: allow,
//!      because: {record: rec_docs, statement: 0, role: reader, resource: docs, via: user}}
//!   - {user: bob, permission: write, resource: docs/1, answer: deny, because: {missing: permission}}
//! permissions:                                    # everything the user may do on the resource; `[]` is a 404
//!   - {user: alice, resource: docs/1, expect: [{action: read, allow: true}]}
//! roles:                                          # role ids given on exactly this resource; `[]` is a 404
//!   - {user: alice, resource: docs, expect: [reader]}
//! resources:                                      # what the user has access to, in this order
//!   - {user: alice, query: docs, collection: INCLUDE_NESTED, permission: read, expect: ['docs/*']}
//! users:                                          # who was given a role on exactly this resource
//!   - {resource: docs, expect: {alice: [reader]}}
//! ```
//!
//! Every list may be left out. Unknown keys are refused. Built-in roles exist without being named. In a record, `admins`
//! is absent, so that whoever brings the facts is the admin: no scenario asks about that principal.
//!
//! What a runner compares:
//!
//! - `checks`: the decision; where the runner can explain, every field that `because` has. On `allow` they are the fields
//!   of `allowedBy`, and `resource` is the normal form of the URI. On `deny` they are the fields of the first of
//!   `nearest`; `missing: nothing` says that `nearest` is empty. Records that are not among the facts (a server has its
//!   owner's) are passed over.
//! - `permissions`: as a set; an action is compared without regard to case.
//! - `roles` and `users`: as sets, also of the roles of one user. These two are about explicit grants and are looked up in
//!   the stored rows; the pure engine has no such question, so its runner leaves them to the other runners.
//! - `resources`: exactly; a pattern that is the query itself is echoed as the query was written. A runner that pages puts the
//!   pages together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portcullis_types::{Explanation, ViaKind};
use serde::{Deserialize, Serialize};

/// Facts and the answers for them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The rule that it shows, in one sentence.
    pub rule: String,
    /// The requirements that it proves (`AZ-07`).
    #[serde(default)]
    pub proves: Vec<String>,
    /// What is stored.
    pub facts: Facts,
    /// Questions with yes or no.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// What may a user do on a resource?
    #[serde(default)]
    pub permissions: Vec<PermissionsOf>,
    /// Which roles was a user given on exactly one resource?
    #[serde(default)]
    pub roles: Vec<RolesOf>,
    /// Which resources does a user have access to?
    #[serde(default)]
    pub resources: Vec<ResourcesOf>,
    /// Who was given a role on exactly one resource?
    #[serde(default)]
    pub users: Vec<UsersOf>,
}

/// What is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Role id → its permissions.
    #[serde(default)]
    pub roles: BTreeMap<String, Vec<Permission>>,
    /// Groups, in the order in which they are created.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Access records, in the order in which they are created.
    #[serde(default)]
    pub records: Vec<Record>,
    /// Ids of records that are deleted after all were created.
    #[serde(default)]
    pub deleted: Vec<String>,
    /// Resource URI → its configuration.
    #[serde(default)]
    pub resources: BTreeMap<String, Vec<ResourcePermission>>,
}

impl Facts {
    /// The bodies of `POST /v1/roles` that create the roles.
    pub fn role_bodies(&self) -> Vec<serde_json::Value> {
        let body = |(role_id, permissions)| serde_json::json!({"roleId": role_id, "name": role_id, "permissions": permissions});
        self.roles.iter().map(body).collect()
    }

    /// The bodies of `PUT /v1/resources/{uri}`, each with its URI.
    pub fn resource_bodies(&self) -> Vec<(&str, serde_json::Value)> {
        let body = |permissions| serde_json::json!({"permissions": permissions});
        self.resources.iter().map(|(uri, permissions)| (uri.as_str(), body(permissions))).collect()
    }
}

/// One line of a role, as the API writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// `documents:read`, `documents:*` or `*`.
    pub action: String,
    /// The holder may do it.
    #[serde(default)]
    pub allow: bool,
    /// The holder may hand out `allow`.
    #[serde(default)]
    pub grant: bool,
    /// The holder may hand out all three.
    #[serde(default)]
    pub delegate: bool,
}

/// A user or a service client, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct User {
    /// Its id.
    pub user_id: String,
}

/// A group, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LinkedGroup {
    /// Its id.
    pub group_id: String,
}

/// A resource, by URI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Resource {
    /// Its URI.
    pub resource_uri: String,
}

/// The body of `POST /v1/groups`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Group {
    /// Begins with `grp_`.
    pub group_id: String,
    /// For people.
    pub name: String,
    /// Its members.
    pub users: Vec<User>,
}

/// A statement of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Role ids, known or not.
    pub roles: Vec<String>,
    /// What they are given on.
    pub resources: Vec<Resource>,
    /// Who gets them, instead of the record's principals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// Whose members get them, instead of the record's principals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<LinkedGroup>>,
}

/// The body of `POST /v1/records`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Record {
    /// Its id.
    pub record_id: String,
    /// For people.
    pub name: String,
    /// Who gets every statement without principals of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// Whose members get every statement without principals of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<LinkedGroup>>,
    /// What is given.
    pub statements: Vec<Statement>,
}

/// What a resource's configuration can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ResourceAction {
    /// Anybody may claim a resource in this collection.
    Claim,
    /// Everybody may do everything here and below.
    Public,
}

/// One line of a resource's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourcePermission {
    /// What.
    pub action: ResourceAction,
    /// Whether.
    pub allow: bool,
}

/// May `user` do `permission` on `resource`?
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Who.
    pub user: String,
    /// What.
    pub permission: String,
    /// Where.
    pub resource: String,
    /// The decision.
    pub answer: Answer,
    /// What an explanation must say.
    #[serde(default)]
    pub because: Option<Because>,
}

/// The decision of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// 200.
    Allow,
    /// 404.
    Deny,
}

/// What an explanation must say; what is absent is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Because {
    /// The record's id.
    #[serde(default)]
    pub record: Option<String>,
    /// Which of its statements, from 0.
    #[serde(default)]
    pub statement: Option<u32>,
    /// The role's id.
    #[serde(default)]
    pub role: Option<String>,
    /// The normal form of the granting resource URI.
    #[serde(default)]
    pub resource: Option<String>,
    /// How the user comes to it.
    #[serde(default)]
    pub via: Option<Via>,
    /// The group, when through one.
    #[serde(default)]
    pub group: Option<String>,
    /// On `deny`: what the closest miss lacks.
    #[serde(default)]
    pub missing: Option<Missing>,
}

impl Because {
    /// Whether an explanation says all of this.
    pub fn is_told_by(&self, told: &Explanation) -> bool {
        let same = |expected: &Option<String>, told: Option<&String>| {
            expected.as_ref().is_none_or(|expected| Some(expected) == told)
        };
        if let Some(by) = &told.allowed_by {
            let via = match by.via.kind {
                ViaKind::User => Via::User,
                ViaKind::Group => Via::Group,
                ViaKind::Public => Via::Public,
            };
            return self.missing.is_none()
                && same(&self.record, by.record_id.as_ref())
                && self.statement.is_none_or(|statement| by.statement == Some(statement))
                && same(&self.role, by.role_id.as_ref())
                && same(&self.resource, Some(&by.resource_uri))
                && self.via.is_none_or(|expected| expected == via)
                && same(&self.group, by.via.group_id.as_ref());
        }
        let Some(miss) = told.nearest.first() else { return self.missing == Some(Missing::Nothing) };
        let missing = match miss.missing {
            portcullis_types::Missing::Permission => Missing::Permission,
            portcullis_types::Missing::Resource => Missing::Resource,
            portcullis_types::Missing::Principal => Missing::Principal,
            portcullis_types::Missing::Deleted => Missing::Deleted,
            portcullis_types::Missing::Token => return false,
        };
        self.missing.is_none_or(|expected| expected == missing)
            && same(&self.record, miss.record_id.as_ref())
            && self.statement.is_none_or(|statement| miss.statement == Some(statement))
            && same(&self.role, miss.role_id.as_ref())
            && same(&self.resource, miss.resource_uri.as_ref())
            && self.via.is_none()
            && self.group.is_none()
    }
}

/// How a user comes to a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// The record names the user.
    User,
    /// The record names a group that the user is a member of.
    Group,
    /// The resource is configured `PUBLIC`.
    Public,
}

/// What the closest miss lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// No role of it allows the permission.
    Permission,
    /// It is about another resource.
    Resource,
    /// It is for other principals.
    Principal,
    /// Its record was deleted.
    Deleted,
    /// There is none.
    Nothing,
}

/// Everything that `user` may do on `resource`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionsOf {
    /// Who.
    pub user: String,
    /// Where.
    pub resource: String,
    /// As a set; empty for a 404.
    pub expect: Vec<Permission>,
}

/// The roles that `user` was given on exactly `resource`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolesOf {
    /// Who.
    pub user: String,
    /// Where.
    pub resource: String,
    /// Role ids, as a set; empty for a 404.
    pub expect: Vec<String>,
}

/// How deep a list goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Collection {
    /// Direct children that a record names.
    TopLevelOnly,
    /// Everything below.
    IncludeNested,
}

/// The resources that `user` has access to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourcesOf {
    /// Who.
    pub user: String,
    /// The collection, or a pattern.
    pub query: String,
    /// How deep.
    pub collection: Collection,
    /// Only where the user is allowed this; absent: anything.
    #[serde(default)]
    pub permission: Option<String>,
    /// URIs, in this order.
    pub expect: Vec<String>,
}

/// Who was given a role on exactly `resource`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsersOf {
    /// Where.
    pub resource: String,
    /// User id → role ids, as sets.
    pub expect: BTreeMap<String, Vec<String>>,
}

/// A scenario file that cannot be used.
#[derive(Debug)]
pub struct ScenarioError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub message: String,
}

impl std::fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.message)
    }
}

impl std::error::Error for ScenarioError {}

/// Reads every `.yaml` file of a folder: the file's name without its ending, and the scenario; in the order of the names.
///
/// # Errors
/// [`ScenarioError`] with the first file that cannot be read or does not have the format.
pub fn load_all(dir: &Path) -> Result<Vec<(String, Scenario)>, ScenarioError> {
    let unusable = |path: &Path, message: String| ScenarioError { path: path.to_path_buf(), message };
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(|error| unusable(dir, error.to_string()))?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).map_err(|error| unusable(&path, error.to_string()))?;
            let scenario =
                serde_saphyr::from_str(&text).map_err(|error| unusable(&path, error.to_string()))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Ok((name, scenario))
        })
        .collect()
}
