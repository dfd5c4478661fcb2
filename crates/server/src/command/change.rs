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

/// Who reads a body that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    ThisProcess,
    Server,
}

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

    /// The body as the API reads it. Checked here also for a server, so that a typing error is told by its path. What a person wrote must
    /// be known: a file wholly, with `--set` the members that are set. What a newer server has in a thing and this program does not know
    /// is no typing error: it is passed over here, and goes back as it came, for the server is sent `body`. In this process it would be
    /// lost, so there all must be known.
    fn check<B: DeserializeOwned>(&self, noun: &str, body: &Value, reader: Reader) -> Result<B> {
        let all = self.from.file.is_some() || reader == Reader::ThisProcess;
        let counts = |name: &str| all || self.set.iter().any(|member| member.name == name);
        document::strict_in(noun, body.clone(), counts)
    }
}

/// Replaces a thing and gives what it is now. With `--set` it is read before, and nothing is written if it changed meanwhile.
/// `noun` and `path` are what it is called, and where the API has it. Members that only a newer server knows go back to it as they came;
/// those that a person names must be known ([`Change::check`]).
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
        match &backend {
            Backend::Local(local) => {
                let body = change.check(noun, &body, Reader::ThisProcess)?;
                to_json(&write(local, body, expected(since.as_deref())).await?)
            }
            Backend::Remote(remote) => {
                let _known: B = change.check(noun, &body, Reader::Server)?;
                remote.put_unchanged(&path, &body, since).await
            }
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
    fn what_a_newer_server_sent_goes_back_and_what_a_person_misspelt_is_refused() {
        use portcullis_types::authress::RoleBody;
        let present = json!({"roleId": "ro_a", "name": "A", "color": {"hue": 3}, "permissions": [
            {"action": "read", "allow": true, "grant": false, "delegate": false, "until": "x"},
        ]});
        let set = |text: &str| Change { from: FromFile { file: None }, set: vec![text.parse().unwrap()] };
        let change = set("name=B");
        let (body, _since) = read(&change, present.clone());
        assert_eq!(change.check::<RoleBody>("role", &body, Reader::Server).unwrap().name, "B");
        let mut sent = present.clone();
        sent["name"] = json!("B");
        assert_eq!(body, sent);
        let here = change.check::<RoleBody>("role", &body, Reader::ThisProcess).unwrap_err().to_string();
        assert!(here.contains("color") && here.contains("permissions[0].until"), "{here}");
        let refused = |change: Change| {
            let body = change.of(present.clone());
            change.check::<RoleBody>("role", &body, Reader::Server).unwrap_err().to_string()
        };
        assert_eq!(refused(set("nmae=B")), "role: unknown key nmae");
        assert_eq!(refused(set("a.b=B")), "role: unknown key a.b");
        assert_eq!(refused(set("color=red")), "role: unknown key color");
        let inner =
            r#"permissions=[{"action":"read","allow":true,"grant":false,"delegate":false,"alow":true}]"#;
        assert_eq!(refused(set(inner)), "role: unknown key permissions[0].alow");
        let file = Change { from: FromFile { file: Some("role.json".into()) }, set: Vec::new() };
        assert!(refused(file).contains("color"));
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
