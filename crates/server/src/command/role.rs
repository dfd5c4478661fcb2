use std::str::FromStr;

use portcullis_types::authress::{Role, RoleBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{New, entity};
use crate::Result;

/// What a new one is like.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Its id; minted when absent
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// Its name [default: the id]
    #[arg(long, conflicts_with = "file", required_unless_present_any = ["id", "file"])]
    name: Option<String>,
    /// What it is for
    #[arg(long, conflicts_with = "file")]
    description: Option<String>,
    /// What it gives: an action, and with `=` which of allow, grant, delegate [default: =allow]; may be repeated
    #[arg(long = "permission", value_name = "ACTION[=allow,grant,delegate]", conflicts_with = "file")]
    permissions: Vec<Permission>,
}

/// `documents:read`, or `documents:read=allow,grant`.
#[derive(Clone, Debug, PartialEq)]
struct Permission {
    action: String,
    allow: bool,
    grant: bool,
    delegate: bool,
}

impl FromStr for Permission {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (action, bits) = text.split_once('=').unwrap_or((text, "allow"));
        let mut permission = Self { action: action.to_owned(), allow: false, grant: false, delegate: false };
        for bit in bits.split(',') {
            match bit.trim() {
                "allow" => permission.allow = true,
                "grant" => permission.grant = true,
                "delegate" => permission.delegate = true,
                other => return Err(format!("{other:?} is none of allow, grant, delegate")),
            }
        }
        Ok(permission)
    }
}

impl New for Create {
    type Entity = Roles;

    fn body(&self) -> Value {
        let permissions: Vec<Value> = self
            .permissions
            .iter()
            .map(|p| json!({"action": p.action, "allow": p.allow, "grant": p.grant, "delegate": p.delegate}))
            .collect();
        json!({
            "roleId": self.id,
            "name": self.name.as_ref().or(self.id.as_ref()),
            "description": self.description,
            "permissions": permissions,
        })
    }
}

entity! {
    Roles: "role" in "roles", ["/roleId", "/name"],
    role(RoleBody) -> Role, update
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_an_action_and_its_bits() {
        let read: Permission = "documents:read".parse().unwrap();
        assert!(read.allow && !read.grant && !read.delegate);
        let hand_out: Permission = "*=grant,delegate".parse().unwrap();
        assert!(!hand_out.allow && hand_out.grant && hand_out.delegate && hand_out.action == "*");
        assert!("documents:read=own".parse::<Permission>().unwrap_err().contains("own"));
    }
}
