//! What every test stands on: a running server, a caller with all rights, and short forms of the crate's models.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU32, Ordering};

use authress::apis::Error;
use authress::models::{AccessRecord, Pagination, PermissionObject, Resource, Role, Statement, User};
use authress::{AuthressClient, AuthressSettings};

use crate::server::Server;

/// What the crate sends as the caller's credential.
#[derive(Clone, Copy)]
pub enum Bearer {
    /// The owner's access key, as it is.
    AccessKey,
    /// A token of a user who holds every right.
    UserToken,
}

pub struct Bed {
    pub server: Server,
    /// The caller, who holds every right.
    pub client: AuthressClient,
}

/// The role that [`run`] creates: it allows `documents:read`.
pub const READER: &str = "ro_reader";

/// Runs a test on a server of its own.
pub async fn run(bearer: Bearer, test: impl AsyncFnOnce(&Bed)) {
    let server = Server::start();
    let owner = connect(&server.url, server.bootstrap("access_key"));
    owner.roles.create_role(role(READER, "documents:read")).await.unwrap();
    let client = match bearer {
        Bearer::AccessKey => owner,
        Bearer::UserToken => {
            let rights = Statement::new(
                vec!["Authress:Owner".into()],
                ["*", "Authress:*"].map(|uri| Resource::new(uri.into())).into(),
            );
            let mut record = AccessRecord::new("the operator's rights".into(), vec![rights]);
            record.users = Some(Some(vec![User::new("operator".into())]));
            owner.access_records.create_record(record).await.unwrap();
            connect(&server.url, server.user_token("operator"))
        }
    };
    let bed = Bed { server, client };
    test(&bed).await;
    bed.server.stop();
}

impl Bed {
    /// Connects as a user without any right.
    pub fn as_user(&self, user_id: &str) -> AuthressClient {
        connect(&self.server.url, self.server.user_token(user_id))
    }

    /// Connects with an access key, or any other text, as the bearer.
    pub fn with_bearer(&self, bearer: &str) -> AuthressClient {
        connect(&self.server.url, bearer.into())
    }

    /// Gives a user the reader's role on a resource; returns the record's id.
    pub async fn let_read(&self, user_id: &str, resource: &str) -> String {
        let created =
            self.client.access_records.create_record(record(user_id, READER, resource)).await.unwrap();
        created.record_id.unwrap()
    }

    /// Whether a user may read documents at a resource.
    pub async fn may_read(&self, user_id: &str, resource: &str) -> bool {
        let asked = self.client.user_permissions.authorize_user(
            user_id.into(),
            resource.into(),
            "documents:read".into(),
        );
        match asked.await {
            Ok(()) => true,
            Err(Error::ResponseError(answer)) if answer.status == 404 => false,
            Err(error) => panic!("{error}"),
        }
    }
}

fn connect(url: &str, bearer: String) -> AuthressClient {
    AuthressClient::new(&AuthressSettings::new(url.to_owned(), bearer))
}

/// An id that no other test uses.
pub fn fresh(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub fn role(role_id: &str, action: &str) -> Role {
    Role::new(role_id.into(), role_id.into(), vec![PermissionObject::new(action.into(), true, false, false)])
}

pub fn statement(role_id: &str, resource: &str) -> Statement {
    Statement::new(vec![role_id.into()], vec![Resource::new(resource.into())])
}

/// A record with a fresh id that gives one user one role on one resource.
pub fn record(user_id: &str, role_id: &str, resource: &str) -> AccessRecord {
    let mut record = AccessRecord::new("a record".into(), vec![statement(role_id, resource)]);
    record.record_id = Some(fresh("rec"));
    record.users = Some(Some(vec![User::new(user_id.into())]));
    record
}

/// The status of a refusal. Anything else is a failure, above all an answer that the crate cannot read.
pub fn refusal<T: Debug, E: Debug>(result: Result<T, Error<E>>) -> u16 {
    match result {
        Err(Error::ResponseError(answer)) => answer.status.as_u16(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// The cursor of the next page, if there is one.
pub fn next_cursor(pagination: Option<Box<Pagination>>) -> Option<String> {
    pagination?.next.flatten().map(|next| next.cursor)
}

pub fn set<const N: usize>(values: [&str; N]) -> BTreeSet<String> {
    values.map(str::to_owned).into()
}
