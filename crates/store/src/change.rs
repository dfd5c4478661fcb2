use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_types::Timestamp;

use crate::dialect::{Dialect, per_backend};
use crate::{Result, body};

/// What kind of thing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// What a user or service client is granted; the key is its id.
    User,
    /// What a group is granted, or its members; the key is its id.
    Group,
    /// A role; the key is its id.
    Role,
    /// A resource's configuration; the key is its URI.
    ResourceConfig,
    /// A service client; the key is its id.
    Client,
    /// An application or one of its secrets; the key is the application's id.
    Application,
    /// An access key; the key is the client's id.
    AccessKey,
    /// A token was disabled; the key is its id.
    Token,
    /// The signing keys; the key is a `kid`.
    SigningKey,
    /// A session ended; the key is its id.
    Session,
    /// A person: disabled, deleted, signed out everywhere, or with another profile; the key is the user's id.
    Subject,
    /// An organization: its state, tenants, members, subscriptions or seats; the key is its id.
    Organization,
    /// A product or one of its plans; the key is the product's id.
    Product,
    /// An operation, a policy, an override or a price; the key is the operation's name or the other's id.
    Operation,
    /// Something that a newer node knows: forget everything that may depend on it.
    Unknown,
}

/// One line of the change log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Grows; lines become visible in its order.
    pub id: i64,
    /// What kind of thing changed.
    pub kind: ChangeKind,
    /// Which one.
    pub key: String,
    /// The node that changed it.
    pub node: String,
}

/// The log by which nodes tell each other what to forget (table `pc_change`).
#[async_trait]
pub trait Changes: Send {
    /// Adds lines and gives the last one's id (of the log's newest line when there is nothing to add). Wakes
    /// [`ChangeListener`](crate::ChangeListener)s when the transaction commits.
    ///
    /// Call it last in a transaction: until the end of it every other node's `append_changes` waits. That wait is what
    /// makes lines visible in the order of their ids, so that whoever asks for more than the last id it saw misses none.
    async fn append_changes(
        &mut self,
        changes: &[(ChangeKind, String)],
        at: Timestamp,
        node: &str,
    ) -> Result<i64>;

    /// The first lines after `id`, in order.
    async fn changes_after(&mut self, id: i64, limit: u32) -> Result<Vec<Change>>;

    /// The newest line's id; 0 when nothing was ever added. Never goes back.
    async fn newest_change(&mut self) -> Result<i64>;

    /// The oldest kept line's id; 0 when there is none. Who last saw a line before the one before it has missed some and
    /// must forget everything.
    async fn oldest_change(&mut self) -> Result<i64>;

    /// Deletes, of the `limit` oldest lines, those from before `before_micros`; never the newest line of all, which keeps
    /// [`Changes::newest_change`] from going back. Says how many.
    async fn prune_changes(&mut self, before_micros: i64, limit: u32) -> Result<u64>;
}

/// The channel on which PostgreSQL says that the log has grown.
pub(crate) const CHANNEL: &str = "pc_change";

impl ChangeKind {
    fn code(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::ResourceConfig => "resource_config",
            Self::Client => "client",
            Self::Application => "application",
            Self::AccessKey => "access_key",
            Self::Token => "token",
            Self::SigningKey => "signing_key",
            Self::Session => "session",
            Self::Subject => "subject",
            Self::Organization => "organization",
            Self::Product => "product",
            Self::Operation => "operation",
            Self::Unknown => "unknown",
        }
    }

    fn of_code(code: &str) -> Self {
        match code {
            "user" => Self::User,
            "group" => Self::Group,
            "role" => Self::Role,
            "resource_config" => Self::ResourceConfig,
            "client" => Self::Client,
            "application" => Self::Application,
            "access_key" => Self::AccessKey,
            "token" => Self::Token,
            "signing_key" => Self::SigningKey,
            "session" => Self::Session,
            "subject" => Self::Subject,
            "organization" => Self::Organization,
            "product" => Self::Product,
            "operation" => Self::Operation,
            _ => Self::Unknown,
        }
    }
}

fn read((id, kind, key, node): (i64, String, String, String)) -> Change {
    Change { id, kind: ChangeKind::of_code(&kind), key, node }
}

#[apply(per_backend!)]
#[async_trait]
impl Changes for Conn {
    async fn append_changes(
        &mut self,
        changes: &[(ChangeKind, String)],
        at: Timestamp,
        node: &str,
    ) -> Result<i64> {
        if changes.is_empty() {
            return self.newest_change().await;
        }
        // One lock a database (the number means nothing else), before any id is taken: without it a transaction could
        // commit a smaller id after another one committed a larger, and whoever polls would never see it.
        if let Some(lock) = Self::on_postgres("SELECT pg_advisory_xact_lock(8097879375001)") {
            sqlx::query::<Db>(lock).execute(&mut *self).await?;
        }
        let sql = Self::pick(
            "INSERT INTO pc_change (kind, key, at, node) \
             SELECT e.value ->> 0, e.value ->> 1, $2, $3 FROM json_each($1) AS e ORDER BY e.key",
            "INSERT INTO pc_change (kind, key, at, node) SELECT e.v ->> 0, e.v ->> 1, $2::bigint, $3::text \
             FROM json_array_elements($1::json) WITH ORDINALITY AS e (v, n) ORDER BY e.n",
        );
        let rows: Vec<_> = changes.iter().map(|(kind, key)| (kind.code(), key)).collect();
        let rows = body::encode("change", &rows)?;
        sqlx::query::<Db>(sql).bind(rows).bind(at.micros()).bind(node).execute(&mut *self).await?;
        if let Some(notify) = Self::on_postgres("SELECT pg_notify($1, '')") {
            sqlx::query::<Db>(notify).bind(CHANNEL).execute(&mut *self).await?;
        }
        self.newest_change().await
    }

    async fn changes_after(&mut self, id: i64, limit: u32) -> Result<Vec<Change>> {
        let rows = sqlx::query_as::<Db, _>(
            "SELECT id, kind, key, node FROM pc_change WHERE id > $1 ORDER BY id LIMIT $2",
        )
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&mut *self)
        .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    async fn newest_change(&mut self) -> Result<i64> {
        let id = sqlx::query_scalar::<Db, i64>("SELECT id FROM pc_change ORDER BY id DESC LIMIT 1");
        Ok(id.fetch_optional(&mut *self).await?.unwrap_or(0))
    }

    async fn oldest_change(&mut self) -> Result<i64> {
        let id = sqlx::query_scalar::<Db, i64>("SELECT id FROM pc_change ORDER BY id LIMIT 1");
        Ok(id.fetch_optional(&mut *self).await?.unwrap_or(0))
    }

    async fn prune_changes(&mut self, before_micros: i64, limit: u32) -> Result<u64> {
        let newest = self.newest_change().await?;
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_change WHERE id IN (SELECT id FROM \
             (SELECT id, at FROM pc_change WHERE id < $3 ORDER BY id LIMIT $2) AS oldest WHERE at < $1)",
        )
        .bind(before_micros)
        .bind(i64::from(limit))
        .bind(newest)
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected())
    }
}
