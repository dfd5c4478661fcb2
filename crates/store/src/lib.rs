//! Portcullis storage: one SQL text for SQLite and PostgreSQL, migrations, the conformance suite.
//!
//! [`open`] gives a [`Store`]; its [`Tx`] (writing) and [`Snapshot`] (reading) give the [`Queries`], which are the sum of one
//! trait an area: [`Roles`], [`Groups`], [`Records`], [`Grants`] and the others. One file an area: the trait, its rows, and
//! one `impl` that is stamped for both drivers.
//!
//! An entity is stored as its JSON (`body`) beside the columns that queries need. **Columns win:** instants (whole
//! microseconds), ids and states are read from their columns; the JSON holds the rest.
//!
//! Time comes in as parameters. Conflicts are answers (`false`), not errors.
//!
//! To add a query: a method in the trait of its area, one `impl`, a conformance test, a line in the query plan test. To add
//! a table: a migration pair with one number in `migrations/{sqlite,postgres}`.

mod application;
mod audit;
mod authorization_code;
mod body;
mod browser_session;
mod change;
mod client;
mod consent;
mod credit_account;
mod credit_entry;
mod credit_grant;
mod credit_reservation;
mod deferred_charge;
mod device_code;
mod device_guess;
mod dialect;
mod error;
mod grant;
mod group;
mod invite;
mod mail_token;
mod meta;
mod migrations;
mod open;
mod operation;
mod organization;
mod page;
mod password;
mod plan;
mod policy;
mod postgres;
mod product;
mod record;
mod record_rows;
mod refresh_token;
mod request;
mod resource_config;
mod revoked_token;
mod role;
mod session;
mod sign_in_attempt;
mod signing_key;
mod sqlite;
mod store;
mod subscription;
mod tenant;
mod usage;
mod user;
mod user_override;
mod user_pool;
mod user_token;

pub use application::Applications;
pub use audit::{Audit, AuditFilter, NewAudit};
pub use authorization_code::AuthorizationCodes;
pub use browser_session::{BrowserCookie, BrowserSessions};
pub use change::{Change, ChangeKind, Changes};
pub use client::{Clients, KeyInsert};
pub use consent::Consents;
pub use credit_account::CreditAccounts;
pub use credit_entry::CreditLedger;
pub use credit_grant::CreditGrants;
pub use credit_reservation::CreditReservations;
pub use deferred_charge::{DeferredCharge, DeferredCharges};
pub use device_code::DeviceCodes;
pub use device_guess::{DeviceGuess, DeviceGuessLog, DeviceGuesses};
pub use error::{Cause, Result, StoreError};
pub use grant::{GrantResource, GrantRole, Grants, PrincipalGrants, StatementOn};
pub use group::Groups;
pub use invite::Invites;
pub use mail_token::{MailPurpose, MailToken, MailTokens};
pub use meta::Meta;
pub use open::{OpenOptions, is_in_memory, open, sqlite_file};
pub use operation::Operations;
pub use organization::Organizations;
pub use page::Page;
pub use password::{Passwords, StoredPassword};
pub use plan::Plans;
pub use policy::Policies;
pub use product::Products;
pub use record::{RecordRow, Records};
pub use refresh_token::RefreshTokens;
pub use request::Requests;
pub use resource_config::ResourceConfigs;
pub use revoked_token::RevokedTokens;
pub use role::Roles;
pub use session::{SessionStanding, Sessions, UserStanding};
pub use sign_in_attempt::SignInAttempts;
pub use signing_key::{SigningKeyRow, SigningKeyState, SigningKeys};
pub use store::{ChangeListener, MigrationReport, Queries, Snapshot, Store, Tx};
pub use subscription::Subscriptions;
pub use tenant::Tenants;
pub use usage::{UsageKey, Usages};
pub use user::Users;
pub use user_override::Overrides;
pub use user_pool::UserPools;
pub use user_token::UserTokens;
