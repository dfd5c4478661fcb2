//! What roles, groups, records, clients and users have in common: create, list, show, delete, here or on a server.

use std::path::PathBuf;

use portcullis::{Listing, PageRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::backend::{Backend, Local};
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
pub(crate) async fn create<E: Entity>(target: &Target, from: &FromFile, flags: Value) -> Result {
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
pub(crate) async fn show<E: Entity>(target: &Target, id: &str) -> Result {
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
