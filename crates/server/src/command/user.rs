use clap::Subcommand;
use portcullis::user::{self, NewUser};
use portcullis::{Listing, PageRequest};
use portcullis_types::authress::UserIdentity;
use serde_json::json;

use super::backend::Local;
use super::entity::{self, Entity, FromFile, ListArgs, One};
use super::target::Target;
use crate::{Error, Result};

/// Users' profiles. Records may name users who have none
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a user's profile
    Create(Create),
    /// List all users
    List(ListArgs),
    /// Show one user
    Show(One),
    /// Delete a user's profile
    Delete(One),
}

#[derive(Debug, clap::Args)]
struct Create {
    /// The user's id
    user: String,
    /// The user's name
    #[arg(long)]
    name: Option<String>,
    /// The user's address
    #[arg(long)]
    email: Option<String>,
}

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    match &args.verb {
        Verb::Create(_) if target.server()?.is_some() => Err(Error::Usage(
            "the API has no call that creates users: run this where the database is, without --server"
                .to_owned(),
        )),
        Verb::Create(create) => {
            let body = json!({"userId": create.user, "name": create.name, "email": create.email});
            entity::create::<Users>(target, &FromFile { file: None }, body).await
        }
        Verb::List(list) => entity::list::<Users>(target, list).await,
        Verb::Show(one) => entity::show::<Users>(target, &one.id).await,
        Verb::Delete(one) => entity::delete::<Users>(target, &one.id).await,
    }
}

struct Users;

impl Entity for Users {
    const NOUN: &'static str = "user";
    const COLLECTION: &'static str = "users";
    const COLUMNS: &'static [&'static str] = &["/userId", "/name", "/email"];
    type Body = NewUser;
    type Item = UserIdentity;

    async fn create(local: &Local, body: NewUser) -> portcullis::Result<UserIdentity> {
        user::create(&local.portcullis, &local.cx, body).await
    }

    async fn list(local: &Local, page: PageRequest) -> portcullis::Result<Listing<UserIdentity>> {
        user::list(&local.portcullis, &local.cx, page).await
    }

    async fn show(local: &Local, id: &str) -> portcullis::Result<UserIdentity> {
        user::show(&local.portcullis, &local.cx, id).await
    }

    async fn delete(local: &Local, id: &str) -> portcullis::Result<()> {
        user::delete(&local.portcullis, &local.cx, id).await
    }
}
