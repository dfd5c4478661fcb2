//! Bodies, as the API writes them, and the shortest way to facts.

use portcullis::{Cx, Portcullis};
use portcullis_types::authress::{
    AccessRecord, AccessRecordBody, Group, GroupBody, PermissionedResource, PermissionedResourceBody, Role,
    RoleBody,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A body of the API.
pub(crate) fn body<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// `{roles, resources}`.
pub(crate) fn statement(roles: &[&str], resources: &[&str]) -> Value {
    let resources: Vec<Value> = resources.iter().map(|uri| json!({"resourceUri": uri})).collect();
    json!({"roles": roles, "resources": resources})
}

/// A list of users.
pub(crate) fn users(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({"userId": id})).collect()
}

/// A record that gives `roles` on `resources` to `user`.
pub(crate) fn record(id: &str, user: &str, roles: &[&str], resources: &[&str]) -> AccessRecordBody {
    body(
        json!({"recordId": id, "name": id, "users": users(&[user]), "statements": [statement(roles, resources)]}),
    )
}

/// A record that gives `roles` on `resources` to the members of a group.
pub(crate) fn group_record(id: &str, group: &str, roles: &[&str], resources: &[&str]) -> AccessRecordBody {
    body(json!({
        "recordId": id, "name": id, "groups": [{"groupId": group}], "statements": [statement(roles, resources)]
    }))
}

/// A line of a role: its action, and which of `a`llow, `g`rant and `d`elegate.
pub(crate) fn line(action: &str, bits: &str) -> Value {
    let has = |bit| bits.contains(bit);
    json!({"action": action, "allow": has('a'), "grant": has('g'), "delegate": has('d')})
}

pub(crate) fn role_body(id: &str, lines: &[(&str, &str)]) -> RoleBody {
    let lines: Vec<Value> = lines.iter().map(|(action, bits)| line(action, bits)).collect();
    body(json!({"roleId": id, "name": id, "permissions": lines}))
}

pub(crate) fn group_body(id: &str, members: &[&str]) -> GroupBody {
    body(json!({"groupId": id, "name": id, "users": users(members)}))
}

pub(crate) fn config_body(action: &str, allow: bool) -> PermissionedResourceBody {
    body(json!({"permissions": [{"action": action, "allow": allow}]}))
}

/// Creates a role; it must succeed.
pub(crate) async fn role(node: &Portcullis, cx: &Cx, id: &str, lines: &[(&str, &str)]) -> Role {
    portcullis::role::create(node, cx, role_body(id, lines)).await.unwrap()
}

/// Creates a group; it must succeed.
pub(crate) async fn group(node: &Portcullis, cx: &Cx, id: &str, members: &[&str]) -> Group {
    portcullis::group::create(node, cx, group_body(id, members)).await.unwrap()
}

/// Gives `roles` on `resources` to `user`; it must succeed.
pub(crate) async fn give(
    node: &Portcullis,
    cx: &Cx,
    id: &str,
    user: &str,
    (roles, resources): (&[&str], &[&str]),
) -> AccessRecord {
    portcullis::record::create(node, cx, record(id, user, roles, resources)).await.unwrap()
}

/// Configures a resource; it must succeed.
pub(crate) async fn configure(
    node: &Portcullis,
    cx: &Cx,
    uri: &str,
    action: &str,
    allow: bool,
) -> PermissionedResource {
    portcullis::resource::update(node, cx, uri, config_body(action, allow)).await.unwrap()
}
