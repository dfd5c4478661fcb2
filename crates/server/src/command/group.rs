use clap::Subcommand;
use portcullis::{Listing, PageRequest, group};
use portcullis_types::authress::{Group, GroupBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{self, Entity, FromFile, ListArgs, One};
use super::target::Target;
use crate::Result;

/// Groups: lists of users that records can name
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a group
    Create(Create),
    /// List all groups
    List(ListArgs),
    /// Show one group
    Show(One),
    /// Delete a group
    Delete(One),
}

#[derive(Debug, clap::Args)]
struct Create {
    #[command(flatten)]
    from: FromFile,
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

impl Create {
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

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    match &args.verb {
        Verb::Create(create) => entity::create::<Groups>(target, &create.from, create.body()).await,
        Verb::List(list) => entity::list::<Groups>(target, list).await,
        Verb::Show(one) => entity::show::<Groups>(target, &one.id).await,
        Verb::Delete(one) => entity::delete::<Groups>(target, &one.id).await,
    }
}

struct Groups;

impl Entity for Groups {
    const NOUN: &'static str = "group";
    const COLLECTION: &'static str = "groups";
    const COLUMNS: &'static [&'static str] = &["/groupId", "/name", "/users"];
    type Body = GroupBody;
    type Item = Group;

    async fn create(local: &Local, body: GroupBody) -> portcullis::Result<Group> {
        group::create(&local.portcullis, &local.cx, body).await
    }

    async fn list(local: &Local, page: PageRequest) -> portcullis::Result<Listing<Group>> {
        group::list(&local.portcullis, &local.cx, page).await
    }

    async fn show(local: &Local, id: &str) -> portcullis::Result<Group> {
        group::show(&local.portcullis, &local.cx, id).await
    }

    async fn delete(local: &Local, id: &str) -> portcullis::Result<()> {
        group::delete(&local.portcullis, &local.cx, id).await
    }
}
