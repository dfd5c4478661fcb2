use std::io::Read as _;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use portcullis::user::{self, NewUser};
use portcullis::{Listing, PageRequest};
use portcullis_types::Sensitive;
use portcullis_types::authress::UserIdentity;
use portcullis_types::sign_in::UserState;
use serde_json::Value;

use super::backend::{Backend, Local};
use super::entity::{self, Entity, ListArgs, One};
use super::remote::path;
use super::target::Target;
use crate::{Error, Result, output};

/// Users: their profiles, and whether they may sign in. Records may name users who have no profile
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a user
    Create(Create),
    /// List users: all, or those of a pool
    List(List),
    /// Show one user, and how they stand with signing in
    Show(One),
    /// Disable a user: every session and token of theirs ends
    Disable(One),
    /// Let a disabled user sign in again
    Enable(One),
    /// Mail a user a link to choose another password
    ResetPassword(One),
    /// Delete a user: every session and token of theirs ends
    Delete(One),
}

#[derive(Debug, clap::Args)]
struct Create {
    /// The user's id
    user: String,
    /// The user's name
    #[arg(long)]
    name: Option<String>,
    /// The user's address, to sign in with
    #[arg(long)]
    email: Option<String>,
    /// The address is known to be theirs
    #[arg(long)]
    email_verified: bool,
    /// The user pool [default: main]
    #[arg(long)]
    pool: Option<String>,
    /// Read a first password from stdin: one line
    #[arg(long, conflicts_with = "password_file")]
    password_stdin: bool,
    /// Read a first password from a file: its first line
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    all: ListArgs,
    /// Only users of this pool
    #[arg(long)]
    pool: Option<String>,
    /// Only users in this state [default pool: main]
    #[arg(long)]
    state: Option<State>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    Active,
    Disabled,
}

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    match &args.verb {
        Verb::Create(new) => create(target, new).await,
        Verb::List(list) if list.pool.is_some() || list.state.is_some() => list_in_pool(target, list).await,
        Verb::List(list) => entity::list::<Users>(target, &list.all).await,
        Verb::Show(one) => show(target, &one.id).await,
        Verb::Disable(one) => act(target, &one.id, Act::Disable).await,
        Verb::Enable(one) => act(target, &one.id, Act::Enable).await,
        Verb::ResetPassword(one) => act(target, &one.id, Act::ResetPassword).await,
        Verb::Delete(one) => entity::delete::<Users>(target, &one.id).await,
    }
}

async fn create(target: &Target, new: &Create) -> Result {
    if target.server()?.is_some() {
        let message =
            "the API has no call that creates users: run this where the database is, without --server";
        return Err(Error::Usage(message.to_owned()));
    }
    let body = NewUser {
        user_id: new.user.clone(),
        name: new.name.clone(),
        email: new.email.clone(),
        email_verified: Some(new.email_verified),
        pool: new.pool.clone(),
        ..NewUser::default()
    };
    let password = password(new)?;
    let local = Local::open(&target.storage.load()?).await?;
    let created = match &password {
        Some(password) => user::create_with_password(&local.portcullis, &local.cx, body, password).await,
        None => user::create(&local.portcullis, &local.cx, body).await,
    };
    local.close().await;
    let created = created?;
    if target.json {
        output::json(&entity::to_json(&created)?)
    } else {
        output::line(&format!("created {}", created.user_id))
    }
}

/// A first password is never an argument: the list of processes is everybody's to read.
fn password(new: &Create) -> Result<Option<Sensitive>> {
    // More than any password has: what is longer is refused for its length.
    const MOST: u64 = 8 * 1024;
    let mut text = String::new();
    match &new.password_file {
        Some(path) => {
            let file = std::fs::File::open(path).map_err(|error| Error::file("read", path, error))?;
            file.take(MOST).read_to_string(&mut text).map_err(|error| Error::file("read", path, error))?;
        }
        None if new.password_stdin => {
            std::io::stdin().take(MOST).read_to_string(&mut text).map_err(Error::Stdio)?;
        }
        None => return Ok(None),
    }
    Ok(Some(Sensitive::new(text.lines().next().unwrap_or_default())))
}

async fn list_in_pool(target: &Target, list: &List) -> Result {
    let pool = list.pool.as_deref().unwrap_or("main");
    let backend = Backend::open(target).await?;
    let mut users = Vec::new();
    let mut cursor: Option<String> = None;
    let listed: Result = async {
        loop {
            let (page, next) = pool_page(&backend, pool, list, cursor.take()).await?;
            users.extend(page);
            cursor = next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }
    .await;
    backend.close().await;
    listed?;
    entity::print_list(target, "users", &["/userId", "/name", "/email", "/state"], &users)
}

async fn pool_page(
    backend: &Backend,
    pool: &str,
    list: &List,
    cursor: Option<String>,
) -> Result<(Vec<Value>, Option<String>)> {
    match backend {
        Backend::Local(local) => {
            let state = list.state.map(|state| match state {
                State::Active => UserState::Active,
                State::Disabled => UserState::Disabled,
            });
            let request = PageRequest { cursor, filter: list.all.filter.clone(), ..PageRequest::first(100) };
            let page = user::list_in_pool(&local.portcullis, &local.cx, pool, state, request).await?;
            Ok((page.items.iter().map(entity::to_json).collect::<Result<_>>()?, page.next))
        }
        Backend::Remote(remote) => {
            let mut query = vec![("limit", "100")];
            query.extend(list.all.filter.as_deref().map(|filter| ("filter", filter)));
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            query.extend(list.state.map(|state| match state {
                State::Active => ("status", "active"),
                State::Disabled => ("status", "disabled"),
            }));
            let page = remote.get(&path(&["v1", "user-pools", pool, "users"]), &query).await?;
            let users = page.get("users").and_then(Value::as_array).cloned().unwrap_or_default();
            let next = page.pointer("/pagination/next/cursor").and_then(Value::as_str).map(str::to_owned);
            Ok((users, next))
        }
    }
}

/// The profile, and beside it how the user stands with signing in.
async fn show(target: &Target, id: &str) -> Result {
    let backend = Backend::open(target).await?;
    let shown = match &backend {
        Backend::Local(local) => show_here(local, id).await,
        Backend::Remote(remote) => {
            async {
                let profile = remote.get(&path(&["v1", "users", id]), &[]).await?;
                Ok((profile, remote.get(&path(&["v1", "users", id, "sign-in"]), &[]).await?))
            }
            .await
        }
    };
    backend.close().await;
    match shown {
        Err(Error::Engine(portcullis::Error::NotFound(_))) => Err(Error::No(format!("no user {id}"))),
        Err(error) => Err(error),
        Ok((mut profile, sign_in)) => {
            if let (Value::Object(profile), Value::Object(sign_in)) = (&mut profile, sign_in) {
                profile.extend(sign_in);
            }
            output::json(&profile)
        }
    }
}

async fn show_here(local: &Local, id: &str) -> Result<(Value, Value)> {
    let profile = user::show(&local.portcullis, &local.cx, id).await?;
    let sign_in = user::sign_in_status(&local.portcullis, &local.cx, id).await?;
    Ok((entity::to_json(&profile)?, entity::to_json(&sign_in)?))
}

#[derive(Clone, Copy)]
enum Act {
    Disable,
    Enable,
    ResetPassword,
}

async fn act(target: &Target, id: &str, act: Act) -> Result {
    let backend = Backend::open(target).await?;
    let word = match act {
        Act::Disable => "disabled",
        Act::Enable => "enabled",
        Act::ResetPassword => "mailed",
    };
    let acted = match &backend {
        Backend::Local(Local { portcullis, cx }) => match act {
            Act::Disable => user::disable(portcullis, cx, id).await,
            Act::Enable => user::enable(portcullis, cx, id).await,
            Act::ResetPassword => user::start_reset(portcullis, cx, id).await,
        }
        .map_err(Error::from),
        Backend::Remote(remote) => {
            let users = remote.client().users();
            match act {
                Act::Disable => users.disable(id).await,
                Act::Enable => users.enable(id).await,
                Act::ResetPassword => users.start_reset(id).await,
            }
            .map_err(Error::from)
        }
    };
    backend.close().await;
    match acted {
        Err(Error::Engine(portcullis::Error::NotFound(_))) => Err(Error::Usage(format!("no user {id}"))),
        acted => acted.and_then(|()| entity::done(target, word, id)),
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
