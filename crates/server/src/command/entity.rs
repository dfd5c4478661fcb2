//! What roles, groups, products and all else that is managed have in common: create, list, show, update, delete, here or on a
//! server. A new one is an [`entity!`], the flags of its `create` ([`New`]), and its line among the commands.

use std::path::PathBuf;

use clap::Subcommand;
use portcullis::{Listing, PageRequest, UnmodifiedSince};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::backend::{Backend, Local};
use super::change::{self, Change};
use super::document;
use super::remote::path;
use super::target::Target;
use crate::{Error, Result, output};

/// One kind of thing that is managed.
pub(crate) trait Entity {
    /// What one is called.
    const NOUN: &'static str;
    /// Where the API has them, below `/v1`; also the list's name in the answer.
    const COLLECTION: &'static str;
    /// Where in a thing's JSON each column of a list is; the first one is its id.
    const COLUMNS: &'static [&'static str];
    /// The body that creates one.
    type Body: DeserializeOwned;
    /// What the API answers.
    type Item: Serialize;

    async fn create(local: &Local, body: Self::Body) -> portcullis::Result<Self::Item>;
    async fn list(local: &Local, page: PageRequest) -> portcullis::Result<Listing<Self::Item>>;
    async fn show(local: &Local, id: &str) -> portcullis::Result<Self::Item>;
    async fn delete(local: &Local, id: &str) -> portcullis::Result<()>;
}

/// One that is replaced as a whole.
pub(crate) trait Replace: Entity {
    /// Replaces one, unless it changed after `expected`.
    async fn update(
        local: &Local,
        id: &str,
        body: Self::Body,
        expected: Option<UnmodifiedSince>,
    ) -> portcullis::Result<Self::Item>;
}

/// Declares an [`Entity`] and [`Replace`] whose use cases are the functions of an area of the engine. The columns are those of
/// [`Entity::COLUMNS`]. `update since` is for use cases that take when it was last changed, `update` for those that do not.
macro_rules! entity {
    (
        $name:ident: $noun:literal in $collection:literal, $columns:expr,
        $area:ident($body:ty) -> $item:ty, $($update:ident)+
    ) => {
        pub(crate) struct $name;

        impl $crate::command::entity::Entity for $name {
            const NOUN: &'static str = $noun;
            const COLLECTION: &'static str = $collection;
            const COLUMNS: &'static [&'static str] = &$columns;
            type Body = $body;
            type Item = $item;

            async fn create(local: &Local, body: $body) -> portcullis::Result<$item> {
                portcullis::$area::create(&local.portcullis, &local.cx, body).await
            }

            async fn list(
                local: &Local,
                page: portcullis::PageRequest,
            ) -> portcullis::Result<portcullis::Listing<$item>> {
                portcullis::$area::list(&local.portcullis, &local.cx, page).await
            }

            async fn show(local: &Local, id: &str) -> portcullis::Result<$item> {
                portcullis::$area::show(&local.portcullis, &local.cx, id).await
            }

            async fn delete(local: &Local, id: &str) -> portcullis::Result<()> {
                portcullis::$area::delete(&local.portcullis, &local.cx, id).await
            }
        }

        $crate::command::entity::entity!(@$($update)+: $name, $area);
    };
    (@update since: $name:ident, $area:ident) => {
        impl $crate::command::entity::Replace for $name {
            async fn update(
                local: &Local,
                id: &str,
                body: Self::Body,
                expected: Option<portcullis::UnmodifiedSince>,
            ) -> portcullis::Result<Self::Item> {
                portcullis::$area::update(&local.portcullis, &local.cx, id, body, expected).await
            }
        }
    };
    (@update: $name:ident, $area:ident) => {
        impl $crate::command::entity::Replace for $name {
            async fn update(
                local: &Local,
                id: &str,
                body: Self::Body,
                _expected: Option<portcullis::UnmodifiedSince>,
            ) -> portcullis::Result<Self::Item> {
                portcullis::$area::update(&local.portcullis, &local.cx, id, body).await
            }
        }
    };
}
pub(crate) use entity;

/// The flags of a `create`, besides `--file`. Each `conflicts_with = "file"`.
pub(crate) trait New: clap::Args {
    /// What they create.
    type Entity: Replace;

    /// The body that they make.
    fn body(&self) -> Value;
}

/// The command of a kind of thing that nothing else can be done with.
#[derive(Debug, clap::Args)]
pub(crate) struct Args<C: New> {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb<C>,
}

impl<C: New> Args<C> {
    /// Does it.
    pub(crate) async fn run(self) -> Result {
        run(&self.target, &self.verb).await
    }
}

/// What can be done with things of one kind.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb<C: New> {
    /// Create one
    Create(Creation<C>),
    /// List all
    List(ListArgs),
    /// Show one
    Show(One),
    /// Replace one by what a file says, or set some of its members
    Update(Update),
    /// Delete one
    Delete(One),
}

/// What is created: what a file says, or what flags say.
#[derive(Debug, clap::Args)]
pub(crate) struct Creation<C: New> {
    #[command(flatten)]
    from: FromFile,
    #[command(flatten)]
    flags: C,
}

/// Which one, and what of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Update {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    change: Change,
}

/// Does it.
pub(crate) async fn run<C: New>(target: &Target, verb: &Verb<C>) -> Result {
    match verb {
        Verb::Create(new) => create::<C::Entity>(target, &new.from, new.flags.body()).await,
        Verb::List(args) => list::<C::Entity>(target, args).await,
        Verb::Show(one) => show::<C::Entity>(target, &one.id).await,
        Verb::Update(Update { one, change }) => update::<C::Entity>(target, &one.id, change).await,
        Verb::Delete(one) => delete::<C::Entity>(target, &one.id).await,
    }
}

/// Where the body of a `create` comes from, besides flags.
#[derive(Debug, clap::Args)]
pub(crate) struct FromFile {
    /// The body as the API takes it, in JSON, YAML or TOML; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// Which entries of a list.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Only entries whose id or name contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
}

/// Which one.
#[derive(Debug, clap::Args)]
pub(crate) struct One {
    /// Its id
    pub(crate) id: String,
}

/// Creates one, from a file or from what flags made.
async fn create<E: Entity>(target: &Target, from: &FromFile, flags: Value) -> Result {
    let body = match &from.file {
        Some(path) => document::read(path)?,
        None => flags,
    };
    // Checked here also for a server, so that a typing error is told by its path.
    let checked: E::Body = document::strict(E::NOUN, body.clone())?;
    let backend = Backend::open(target).await?;
    let created = match &backend {
        Backend::Local(local) => to_json(&E::create(local, checked).await?),
        Backend::Remote(remote) => remote.post(&path(&["v1", E::COLLECTION]), &body).await,
    };
    backend.close().await;
    let created = created?;
    if target.json {
        output::json(&created)
    } else {
        output::line(&format!("created {}", cell(&created, first::<E>())))
    }
}

/// Lists all: pages are put together.
pub(crate) async fn list<E: Entity>(target: &Target, args: &ListArgs) -> Result {
    let backend = Backend::open(target).await?;
    let listed = match &backend {
        Backend::Local(local) => list_here(args, async |page| E::list(local, page).await).await,
        Backend::Remote(remote) => {
            list_there(remote, &path(&["v1", E::COLLECTION]), E::COLLECTION, args).await
        }
    };
    backend.close().await;
    print_list(target, E::COLLECTION, E::COLUMNS, &listed?)
}

/// Prints a list: a table with a column for each place in an item's JSON, or the list under its name.
pub(crate) fn print_list(target: &Target, name: &str, columns: &[&str], items: &[Value]) -> Result {
    if target.json {
        return output::json(&json!({ name: items }));
    }
    let row = |item: &Value| columns.iter().map(|column| cell(item, column)).collect();
    output::table(&items.iter().map(row).collect::<Vec<Vec<String>>>())
}

/// Shows one, as JSON also for people: everything in it matters.
async fn show<E: Entity>(target: &Target, id: &str) -> Result {
    let backend = Backend::open(target).await?;
    let shown = match &backend {
        Backend::Local(local) => match E::show(local, id).await {
            Ok(item) => to_json(&item),
            Err(error) => Err(error.into()),
        },
        Backend::Remote(remote) => remote.get(&path(&["v1", E::COLLECTION, id]), &[]).await,
    };
    backend.close().await;
    match shown {
        Err(Error::Engine(portcullis::Error::NotFound(_))) => Err(Error::No(format!("no {} {id}", E::NOUN))),
        shown => output::json(&shown?),
    }
}

/// Replaces one, or sets some of its members.
async fn update<E: Replace>(target: &Target, id: &str, change: &Change) -> Result {
    let place = (E::NOUN, path(&["v1", E::COLLECTION, id]));
    let show = async |local: &Local| E::show(local, id).await;
    let write = async |local: &Local, body: E::Body, expected: Option<UnmodifiedSince>| {
        E::update(local, id, body, expected).await
    };
    match change::update(target, place, change, show, write).await {
        Err(Error::Engine(portcullis::Error::NotFound(_))) => {
            Err(Error::Usage(format!("no {} {id}", E::NOUN)))
        }
        Ok(updated) if target.json => output::json(&updated),
        updated => updated.and_then(|_updated| done(target, "updated", id)),
    }
}

/// Deletes one.
pub(crate) async fn delete<E: Entity>(target: &Target, id: &str) -> Result {
    let backend = Backend::open(target).await?;
    let deleted = match &backend {
        Backend::Local(local) => E::delete(local, id).await.map_err(Error::from),
        Backend::Remote(remote) => remote.delete(&path(&["v1", E::COLLECTION, id])).await,
    };
    backend.close().await;
    match deleted {
        Err(Error::Engine(portcullis::Error::NotFound(_))) => {
            Err(Error::Usage(format!("no {} {id}", E::NOUN)))
        }
        deleted => deleted.and_then(|()| done(target, "deleted", id)),
    }
}

/// Says that something was done to a thing.
pub(crate) fn done(target: &Target, what: &str, id: &str) -> Result {
    if target.json { output::json(&json!({ what: id })) } else { output::line(&format!("{what} {id}")) }
}

/// All pages of a list in this process.
pub(crate) async fn list_here<T: Serialize>(
    args: &ListArgs,
    list: impl AsyncFn(PageRequest) -> portcullis::Result<Listing<T>>,
) -> Result<Vec<Value>> {
    let mut items = Vec::new();
    let mut cursor = None;
    loop {
        let page = PageRequest { limit: None, cursor, filter: args.filter.clone() };
        let listing = list(page).await?;
        for item in &listing.items {
            items.push(to_json(item)?);
        }
        cursor = listing.next;
        if cursor.is_none() {
            return Ok(items);
        }
    }
}

/// All pages of a list on a server; `name` is the list's name in the answer.
pub(crate) async fn list_there(
    remote: &super::remote::Remote,
    path: &str,
    name: &str,
    args: &ListArgs,
) -> Result<Vec<Value>> {
    let mut items = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut query = Vec::new();
        query.extend(args.filter.as_deref().map(|filter| ("filter", filter)));
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let mut page = remote.get(path, &query).await?;
        if let Some(Value::Array(entries)) = page.get_mut(name).map(Value::take) {
            items.extend(entries);
        }
        cursor = page.pointer("/pagination/next/cursor").and_then(Value::as_str).map(str::to_owned);
        if cursor.is_none() {
            return Ok(items);
        }
    }
}

fn first<E: Entity>() -> &'static str {
    E::COLUMNS.first().copied().unwrap_or_default()
}

/// A value in one cell: texts as they are, lists by their length.
fn cell(item: &Value, pointer: &str) -> String {
    match item.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.len().to_string(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

/// A value as the API writes it.
pub(crate) fn to_json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::Internal(error.to_string()))
}
