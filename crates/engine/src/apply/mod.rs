//! Bringing an installation to a described state: `portcullis apply FILE`.
//!
//! One transaction; what the document does not name is left alone; nothing is deleted. To add a kind: its list in
//! [`ApplyDocument`], and a file with its `apply`.

mod application;
mod client;
mod credit;
mod document;
mod group;
mod guard;
mod organization;
mod product;
mod record;
mod resource;
mod role;
mod subscription;
mod user;
mod user_pool;

pub use document::{ApplyClient, ApplyDocument, ApplyKey, ApplyOrganization, ApplyResource, ApplyUserPool};
use portcullis_types::{FieldError, IdError};
use serde::Serialize;

use crate::access::checked;
use crate::change::Unit;
use crate::mail::Mail;
use crate::{Cx, Error, Portcullis, Result};

/// What was (or, in a dry run, would be) done to one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// What was done.
    pub verb: Verb,
    /// `user pool`, `credit`, `user`, `client`, `application`, `role`, `group`, `record`, `resource`, `product`, `plan`, `organization`, `tenant`, `member` or
    /// `subscription`.
    pub kind: &'static str,
    /// The thing's id, or a resource's URI.
    pub id: String,
}

/// See [`Applied`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// It did not exist.
    Create,
    /// It existed and differed.
    Update,
    /// It was as described.
    Unchanged,
}

impl std::fmt::Display for Applied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = match self.verb {
            Verb::Create => "create",
            Verb::Update => "update",
            Verb::Unchanged => "unchanged",
        };
        write!(f, "{verb} {} {}", self.kind, self.id)
    }
}

/// Applies a document, all of it or nothing; in a dry run only says what would be done. The first signing key of an algorithm that an
/// application needs is made before, and stays when the document is refused.
///
/// # Errors
/// [`Error::Invalid`] with the path of what is out of bounds (`records[3].name`); [`Error::Forbidden`] unless the caller may hand
/// out everything there is.
pub async fn apply(
    portcullis: &Portcullis,
    cx: &Cx,
    document: ApplyDocument,
    dry_run: bool,
) -> Result<Vec<Applied>> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        for tree in ["*", "Authress:*", "Portcullis:*"] {
            rights.require_delegate_of_all(tree)?;
        }
        if !dry_run {
            for application in &document.applications {
                let algorithm = application.signing_algorithm.unwrap_or_default();
                crate::oauth::ready(&portcullis, &cx, algorithm).await?;
            }
        }
        let mut applying = Applying {
            unit: Unit::begin(&portcullis, &cx).await?,
            portcullis: portcullis.clone(),
            actor: cx.name().to_owned(),
            applied: Vec::new(),
            mails: Vec::new(),
        };
        applying.all(document).await?;
        if !dry_run {
            let counts = |verb| applying.applied.iter().filter(|one| one.verb == verb).count();
            let detail = format!("{} created, {} updated", counts(Verb::Create), counts(Verb::Update));
            applying.unit.audit("apply", &portcullis.account().account_id, Some(detail));
            applying.unit.commit().await?;
            for mail in applying.mails {
                portcullis.post().send(mail);
            }
        }
        Ok(applying.applied)
    })
    .await
}

/// A document on its way.
struct Applying {
    unit: Unit,
    portcullis: Portcullis,
    actor: String,
    applied: Vec<Applied>,
    /// What people are told once it is committed.
    mails: Vec<Mail>,
}

impl Applying {
    async fn all(&mut self, document: ApplyDocument) -> Result<()> {
        for (index, role) in document.roles.into_iter().enumerate() {
            self.role(role).await.map_err(|error| under(error, "roles", index))?;
        }
        for (index, pool) in document.user_pools.into_iter().enumerate() {
            self.user_pool(pool).await.map_err(|error| under(error, "userPools", index))?;
        }
        for (index, user) in document.users.into_iter().enumerate() {
            self.user(user).await.map_err(|error| under(error, "users", index))?;
        }
        for (index, client) in document.clients.into_iter().enumerate() {
            self.client(client).await.map_err(|error| under(error, "clients", index))?;
        }
        for (index, group) in document.groups.into_iter().enumerate() {
            self.group(group).await.map_err(|error| under(error, "groups", index))?;
        }
        for (index, resource) in document.resources.into_iter().enumerate() {
            self.resource(resource).await.map_err(|error| under(error, "resources", index))?;
        }
        for (index, record) in document.records.into_iter().enumerate() {
            self.record(record).await.map_err(|error| under(error, "records", index))?;
        }
        for (index, grant) in document.credits.into_iter().enumerate() {
            self.credit(grant).await.map_err(|error| under(error, "credits", index))?;
        }
        self.sold(document.products, document.plans).await?;
        for (index, organization) in document.organizations.into_iter().enumerate() {
            self.organization(organization).await.map_err(|error| under(error, "organizations", index))?;
        }
        for (index, subscription) in document.subscriptions.into_iter().enumerate() {
            self.subscription(subscription).await.map_err(|error| under(error, "subscriptions", index))?;
        }
        // After the products, which they may name.
        for (index, application) in document.applications.into_iter().enumerate() {
            self.application(application).await.map_err(|error| under(error, "applications", index))?;
        }
        for (index, operation) in document.operations.into_iter().enumerate() {
            self.operation(operation).await.map_err(|error| under(error, "operations", index))?;
        }
        for (index, policy) in document.policies.into_iter().enumerate() {
            self.policy(policy).await.map_err(|error| under(error, "policies", index))?;
        }
        for (index, one) in document.overrides.into_iter().enumerate() {
            self.user_override(one).await.map_err(|error| under(error, "overrides", index))?;
        }
        Ok(())
    }

    fn did(&mut self, verb: Verb, kind: &'static str, id: &str) {
        self.applied.push(Applied { verb, kind, id: id.to_owned() });
    }
}

fn under(error: Error, list: &str, index: usize) -> Error {
    match error {
        Error::Invalid(field) => field.under(&format!("{list}[{index}]")).into(),
        other => other,
    }
}

/// The id that an item must have, checked before anything is looked up by it.
fn required(
    field: &str,
    id: Option<String>,
    check: fn(&str) -> std::result::Result<(), IdError>,
) -> Result<String> {
    let id = id.ok_or_else(|| FieldError::new(field, "an id: what is applied must be named"))?;
    checked(check, field, &id)?;
    Ok(id)
}
