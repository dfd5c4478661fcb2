use portcullis::{Listing, PageRequest, UnmodifiedSince, record};
use portcullis_types::authress::{AccessRecord, AccessRecordBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{Entity, New, Replace};
use super::group::users;

/// What a new one is like.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Its id; minted when absent
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// Its name [default: the roles and resources]
    #[arg(long, conflicts_with = "file")]
    name: Option<String>,
    /// Who gets the roles; may be repeated
    #[arg(long = "user", value_name = "USER", conflicts_with = "file", required_unless_present_any = ["groups", "file"])]
    users: Vec<String>,
    /// Whose members get the roles; may be repeated
    #[arg(long = "group", value_name = "GROUP", conflicts_with = "file")]
    groups: Vec<String>,
    /// A role; may be repeated
    #[arg(long = "role", value_name = "ROLE", conflicts_with = "file", required_unless_present = "file")]
    roles: Vec<String>,
    /// A resource, such as documents/*; may be repeated
    #[arg(long = "resource", value_name = "URI", conflicts_with = "file", required_unless_present = "file")]
    resources: Vec<String>,
}

impl New for Create {
    type Entity = Records;

    fn body(&self) -> Value {
        let resources: Value = self.resources.iter().map(|uri| json!({"resourceUri": uri})).collect();
        let groups: Value = self.groups.iter().map(|id| json!({"groupId": id})).collect();
        let described = || format!("{} on {}", self.roles.join(", "), self.resources.join(", "));
        // The longest name that the API takes.
        let name: String = self.name.clone().unwrap_or_else(described).chars().take(128).collect();
        json!({
            "recordId": self.id,
            "name": name,
            "users": users(&self.users),
            "groups": groups,
            "statements": [{"roles": self.roles, "resources": resources}],
        })
    }
}

pub(super) struct Records;

impl Entity for Records {
    const NOUN: &'static str = "record";
    const COLLECTION: &'static str = "records";
    const COLUMNS: &'static [&'static str] = &["/recordId", "/name"];
    type Body = AccessRecordBody;
    type Item = AccessRecord;

    async fn create(local: &Local, body: AccessRecordBody) -> portcullis::Result<AccessRecord> {
        record::create(&local.portcullis, &local.cx, body).await
    }

    async fn list(local: &Local, page: PageRequest) -> portcullis::Result<Listing<AccessRecord>> {
        record::list(&local.portcullis, &local.cx, page, None).await
    }

    async fn show(local: &Local, id: &str) -> portcullis::Result<AccessRecord> {
        record::show(&local.portcullis, &local.cx, id).await
    }

    async fn delete(local: &Local, id: &str) -> portcullis::Result<()> {
        record::delete(&local.portcullis, &local.cx, id).await
    }
}

impl Replace for Records {
    async fn update(
        local: &Local,
        id: &str,
        body: AccessRecordBody,
        expected: Option<UnmodifiedSince>,
    ) -> portcullis::Result<AccessRecord> {
        record::update(&local.portcullis, &local.cx, id, body, expected).await
    }
}
