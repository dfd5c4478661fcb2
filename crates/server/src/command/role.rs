use std::str::FromStr;

use clap::Subcommand;
use portcullis::{Listing, PageRequest, role};
use portcullis_types::authress::{Role, RoleBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{self, Entity, FromFile, ListArgs, One};
use super::target::Target;
use crate::Result;

/// Roles: named sets of permissions
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a role
    Create(Create),
    /// List all roles, the built-in ones included
    List(ListArgs),
    /// Show one role
    Show(One),
    /// Delete a role
    Delete(One),
}

#[derive(Debug, clap::Args)]
struct Create {
    #[command(flatten)]
    from: FromFile,
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

impl Create {
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

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    match &args.verb {
        Verb::Create(create) => entity::create::<Roles>(target, &create.from, create.body()).await,
        Verb::List(list) => entity::list::<Roles>(target, list).await,
        Verb::Show(one) => entity::show::<Roles>(target, &one.id).await,
        Verb::Delete(one) => entity::delete::<Roles>(target, &one.id).await,
    }
}

struct Roles;

impl Entity for Roles {
    const NOUN: &'static str = "role";
    const COLLECTION: &'static str = "roles";
    const COLUMNS: &'static [&'static str] = &["/roleId", "/name"];
    type Body = RoleBody;
    type Item = Role;

    async fn create(local: &Local, body: RoleBody) -> portcullis::Result<Role> {
        role::create(&local.portcullis, &local.cx, body).await
    }

    async fn list(local: &Local, page: PageRequest) -> portcullis::Result<Listing<Role>> {
        role::list(&local.portcullis, &local.cx, page).await
    }

    async fn show(local: &Local, id: &str) -> portcullis::Result<Role> {
        role::show(&local.portcullis, &local.cx, id).await
    }

    async fn delete(local: &Local, id: &str) -> portcullis::Result<()> {
        role::delete(&local.portcullis, &local.cx, id).await
    }
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
