//! Changing a thing: its whole body from a file, or the thing as it is with some members set.

use std::str::FromStr;

use portcullis::UnmodifiedSince;
use portcullis_types::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::backend::{Backend, Local};
use super::document;
use super::entity::{FromFile, to_json};
use super::target::Target;
use crate::Result;

/// What an update changes.
#[derive(Debug, clap::Args)]
pub(crate) struct Change {
    #[command(flatten)]
    from: FromFile,
    /// Set this member and leave the others as they are; VALUE is JSON, or else a text; may be repeated
    #[arg(
        long = "set",
        value_name = "NAME=VALUE",
        conflicts_with = "file",
        required_unless_present = "file"
    )]
    set: Vec<Member>,
}

/// A member of a body, by its name in the API: `name=Acme`, `rank=2`, `versions=["1", "2"]`.
#[derive(Clone, Debug, PartialEq)]
struct Member {
    name: String,
    value: Value,
}

impl FromStr for Member {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) =
            text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or("no NAME=VALUE")?;
        let value = serde_json::from_str(value).unwrap_or_else(|_no_json| Value::String(value.to_owned()));
        Ok(Self { name: name.to_owned(), value })
    }
}

impl Change {
    fn of(&self, mut present: Value) -> Value {
        if let Value::Object(members) = &mut present {
            members.extend(self.set.iter().map(|member| (member.name.clone(), member.value.clone())));
        }
        present
    }
}

/// Replaces a thing and gives what it is now. With `--set` it is read before, and nothing is written if it changed meanwhile.
/// `noun` and `path` are what it is called, and where the API has it.
pub(crate) async fn update<B: DeserializeOwned, S: Serialize, T: Serialize>(
    target: &Target,
    (noun, path): (&str, String),
    change: &Change,
    show: impl AsyncFnOnce(&Local) -> portcullis::Result<S>,
    write: impl AsyncFnOnce(&Local, B, Option<UnmodifiedSince>) -> portcullis::Result<T>,
) -> Result<Value> {
    let backend = Backend::open(target).await?;
    let updated = async {
        let (body, since) = match (&change.from.file, &backend) {
            (Some(file), _) => (document::read(file)?, None),
            (None, Backend::Local(local)) => read(change, to_json(&show(local).await?)?),
            (None, Backend::Remote(remote)) => read(change, remote.get(&path, &[]).await?),
        };
        // Checked here also for a server, so that a typing error is told by its path.
        let checked: B = document::strict(noun, body.clone())?;
        match &backend {
            Backend::Local(local) => to_json(&write(local, checked, expected(since.as_deref())).await?),
            Backend::Remote(remote) => remote.put_unchanged(&path, &body, since).await,
        }
    }
    .await;
    backend.close().await;
    updated
}

/// The body that sets what is to be set, and when the thing changed before.
fn read(change: &Change, present: Value) -> (Value, Option<String>) {
    let since = present.get("lastUpdated").and_then(Value::as_str).map(str::to_owned);
    (change.of(present), since)
}

fn expected(since: Option<&str>) -> Option<UnmodifiedSince> {
    let (at, precision) = Timestamp::parse_with_precision(since?)?;
    Some(UnmodifiedSince { at, precision })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_json_or_else_a_text() {
        let value = |text: &str| text.parse::<Member>().map(|member| member.value);
        assert_eq!(value("name=Acme = Co"), Ok(json!("Acme = Co")));
        assert_eq!(value("rank=2"), Ok(json!(2)));
        assert_eq!(value("versions=[\"1\"]"), Ok(json!(["1"])));
        assert_eq!(value("name="), Ok(json!("")));
        assert!(value("name").is_err() && value("=x").is_err());
    }

    #[test]
    fn what_is_not_set_stays() {
        let change = Change { from: FromFile { file: None }, set: vec!["name=B".parse().unwrap()] };
        let (body, since) =
            read(&change, json!({"name": "A", "rank": 1, "lastUpdated": "2026-01-02T03:04:05.678Z"}));
        assert_eq!((&body["name"], &body["rank"]), (&json!("B"), &json!(1)));
        assert_eq!(expected(since.as_deref()).unwrap().precision, 1_000);
    }
}
