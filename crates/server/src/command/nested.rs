//! What is below another thing: members of an organization, plans of a product. One call, here or on a server.

use portcullis::{Listing, PageRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::backend::{Backend, Local};
use super::document;
use super::entity::{FromFile, ListArgs, list_here, list_there, print_list, to_json};
use super::target::Target;
use crate::{Error, Result, output};

/// The same call of the API.
pub(super) enum There<'a> {
    Get,
    Post(&'a Value),
    Put(Option<&'a Value>),
    Delete,
}

/// Makes one call and gives what it answered.
pub(super) async fn call<T: Serialize>(
    target: &Target,
    (path, there): (String, There<'_>),
    here: impl AsyncFnOnce(&Local) -> portcullis::Result<T>,
) -> Result<Value> {
    let backend = Backend::open(target).await?;
    let answer = match &backend {
        Backend::Local(local) => match here(local).await {
            Ok(answer) => to_json(&answer),
            Err(error) => Err(error.into()),
        },
        Backend::Remote(remote) => match there {
            There::Get => remote.get(&path, &[]).await,
            There::Post(body) => remote.post(&path, body).await,
            There::Put(body) => remote.put(&path, body).await,
            There::Delete => remote.delete(&path).await.map(|()| Value::Null),
        },
    };
    backend.close().await;
    answer
}

/// Makes one call and prints what it answered as JSON; a thing that is not there is a no.
pub(super) async fn show<T: Serialize>(
    target: &Target,
    path: String,
    here: impl AsyncFnOnce(&Local) -> portcullis::Result<T>,
) -> Result {
    match call(target, (path, There::Get), here).await {
        Err(Error::Engine(portcullis::Error::NotFound(what))) => {
            Err(Error::No(format!("no {what} of that id")))
        }
        shown => output::json(&shown?),
    }
}

/// Prints all pages of a list.
pub(super) async fn list<T: Serialize>(
    target: &Target,
    (path, name, columns): (String, &str, &[&str]),
    args: &ListArgs,
    here: impl AsyncFn(&Local, PageRequest) -> portcullis::Result<Listing<T>>,
) -> Result {
    let backend = Backend::open(target).await?;
    let listed = match &backend {
        Backend::Local(local) => list_here(args, async |page| here(local, page).await).await,
        Backend::Remote(remote) => list_there(remote, &path, name, args).await,
    };
    backend.close().await;
    print_list(target, name, columns, &listed?)
}

/// Prints what was made, changed or ended: the answer as JSON if that is asked for, else one line.
pub(super) fn said(target: &Target, what: &str, id: &str, answer: &Value) -> Result {
    if target.json && !answer.is_null() {
        output::json(answer)
    } else {
        super::entity::done(target, what, id)
    }
}

/// The body of a call, from a file or from what flags made, as it was written and as the API reads it.
pub(super) fn body<B: DeserializeOwned>(noun: &str, from: &FromFile, flags: Value) -> Result<(Value, B)> {
    let mut given = match &from.file {
        Some(path) => document::read(path)?,
        None => flags,
    };
    // A flag that was not given is absent, not null.
    if let Value::Object(members) = &mut given {
        members.retain(|_, value| !value.is_null());
    }
    let checked = document::strict(noun, given.clone())?;
    Ok((given, checked))
}

/// A value's text at a place, for the line that is printed.
pub(super) fn text(answer: &Value, name: &str) -> String {
    answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
