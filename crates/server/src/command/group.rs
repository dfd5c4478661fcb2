use portcullis_types::authress::{Group, GroupBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{New, entity};

/// What a new one is like.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Its id, beginning with grp_; minted when absent
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// Its name [default: the id]
    #[arg(long, conflicts_with = "file", required_unless_present_any = ["id", "file"])]
    name: Option<String>,
    /// A member; may be repeated
    #[arg(long = "user", value_name = "USER", conflicts_with = "file")]
    users: Vec<String>,
    /// Who may edit it; may be repeated [default: you]
    #[arg(long = "admin", value_name = "USER", conflicts_with = "file")]
    admins: Vec<String>,
}

impl New for Create {
    type Entity = Groups;

    fn body(&self) -> Value {
        json!({
            "groupId": self.id,
            "name": self.name.as_ref().or(self.id.as_ref()),
            "users": users(&self.users),
            "admins": if self.admins.is_empty() { Value::Null } else { users(&self.admins) },
        })
    }
}

/// User ids as the API lists them.
pub(super) fn users(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({"userId": id})).collect()
}

entity! {
    Groups: "group" in "groups", ["/groupId", "/name", "/users"],
    group(GroupBody) -> Group, update since
}
