use async_trait::async_trait;

use crate::{
    Applications, Audit, AuthorizationCodes, BrowserSessions, Changes, Clients, Consents, CreditAccounts,
    CreditGrants, CreditLedger, CreditReservations, DeferredCharges, DeviceCodes, DeviceGuessLog, Grants,
    Groups, Invites, MailTokens, Meta, Operations, Organizations, Overrides, Passwords, Plans, Policies,
    Products, Records, RefreshTokens, Requests, ResourceConfigs, Result, RevokedTokens, Roles, Sessions,
    SignInAttempts, SigningKeys, Subscriptions, Tenants, Usages, UserPools, UserTokens, Users,
};

/// Says once which areas there are: whoever has all of them has [`Queries`].
macro_rules! queries {
    ($(#[$meta:meta])* $first:ident $(+ $area:ident)*) => {
        $(#[$meta])*
        pub trait Queries: $first $(+ $area)* {}

        impl<T: $first $(+ $area)*> Queries for T {}
    };
}

queries! {
    /// Every query there is, over one connection or transaction. Implemented for sqlx's `SqliteConnection` and `PgConnection`,
    /// so an application may call them inside a transaction of its own: `let ours: &mut dyn Queries = &mut *their_transaction;`.
    ///
    /// Call what writes inside a transaction: many methods are several statements. Ids are taken as they are; whoever calls has
    /// checked their patterns.
    Meta
        + SigningKeys
        + Roles
        + Groups
        + Records
        + Grants
        + ResourceConfigs
        + Requests
        + Invites
        + Clients
        + Applications
        + Users
        + UserPools
        + UserTokens
        + Operations
        + Policies
        + Overrides
        + DeferredCharges
        + Passwords
        + SignInAttempts
        + MailTokens
        + AuthorizationCodes
        + Consents
        + Sessions
        + RefreshTokens
        + RevokedTokens
        + DeviceCodes
        + DeviceGuessLog
        + BrowserSessions
        + Organizations
        + Tenants
        + Products
        + Plans
        + Subscriptions
        + Usages
        + CreditAccounts
        + CreditGrants
        + CreditReservations
        + CreditLedger
        + Changes
        + Audit
}

/// A transaction that writes. Dropped without [`Tx::commit`], it leaves nothing behind. After a query has failed, drop it:
/// PostgreSQL undoes a failed transaction even if it is told to commit it.
#[async_trait]
pub trait Tx: Send {
    /// The queries of this transaction.
    fn queries(&mut self) -> &mut dyn Queries;

    /// Makes it durable. A commit whose future is dropped may land all the same: call it in a task of its own that runs
    /// to the end.
    async fn commit(self: Box<Self>) -> Result<()>;
}

/// A consistent view for reading, as of its first query: what others commit later is not seen. Drop it to end it.
pub trait Snapshot: Send {
    /// The queries of this view. Those that write fail.
    fn queries(&mut self) -> &mut dyn Queries;
}

/// Hears that other nodes committed changes.
#[async_trait]
pub trait ChangeListener: Send {
    /// Returns when something may have been committed since the last call (or since [`Store::listen`]); several changes may
    /// be one return. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`](crate::StoreError::Unavailable) when the connection is lost: changes may have been
    /// missed. Read [`Changes::changes_after`] and call [`Store::listen`] again.
    async fn wait(&mut self) -> Result<()>;
}

/// What [`Store::migrate`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationReport {
    /// The schema version before; 0 for a fresh database.
    pub from: i64,
    /// The schema version now.
    pub to: i64,
}

impl MigrationReport {
    /// Whether there was anything to do.
    pub fn changed(&self) -> bool {
        self.from != self.to
    }
}

/// A database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Begins a transaction that writes. On SQLite there is one at a time; the others wait their turn, up to
    /// [`OpenOptions::acquire_timeout`](crate::OpenOptions::acquire_timeout).
    async fn begin(&self) -> Result<Box<dyn Tx>>;

    /// Begins a consistent view for reading. It waits for no writer, except on `sqlite::memory:`, whose one connection it
    /// shares: there it waits until an open transaction ends, so do not call it while holding one.
    async fn read(&self) -> Result<Box<dyn Snapshot>>;

    /// Brings the schema to this program's version. Safe to call from many nodes at once.
    async fn migrate(&self) -> Result<MigrationReport>;

    /// Whether the schema is at this program's version.
    ///
    /// # Errors
    /// [`StoreError::Newer`](crate::StoreError::Newer) when it is beyond it.
    async fn migrated(&self) -> Result<bool>;

    /// Whether the database answers.
    async fn ping(&self) -> Result<()>;

    /// Subscribes to other nodes' changes. `None` on SQLite, which other processes can only poll.
    async fn listen(&self) -> Result<Option<Box<dyn ChangeListener>>>;

    /// Ends every connection, after the transactions that are open. A [`ChangeListener`] ends when it is dropped.
    async fn close(&self);

    /// `sqlite` or `postgres`.
    fn kind(&self) -> &'static str;
}
