//! The things that Portcullis stores, what is valid in them, and what a grant is.
//!
//! One file an entity: its stored form, how it is made from a request body (and which [`FieldError`] a bad body gets), and
//! how it looks on the wire. Matching and deciding live in `portcullis-authz`; SQL lives in `portcullis-store`.
//!
//! To add an entity: a file here with the struct, `from_body` and `wire`; then its table and queries in the store.

mod action;
mod application;
mod authorization_code;
mod client;
mod consent;
pub mod credits;
mod device_code;
mod group;
mod identifier;
mod invite;
mod limits;
mod membership;
mod metering;
mod operation;
mod organization;
mod policy;
mod product;
mod record;
mod redirect_uri;
mod request;
mod resource_config;
mod resource_path;
mod resource_pattern;
mod resource_template;
mod role;
mod session;
mod sign_in;
mod subscription;
mod token;
mod user;
mod user_code;
mod user_pool;

pub use action::{ActionPattern, Part};
pub use application::{
    FIXED_SECRET, MAX_APPLICATION_SECRETS, StoredApplicationSecret, application_from_body, application_id,
    check_fixed_secret, may_redirect_to,
};
pub use authorization_code::{AuthorizationCode, CodeGrant};
pub use client::{AccessKeyRecord, ServiceClient};
pub use consent::Consent;
pub use device_code::{DeviceAnswer, DeviceCode, DeviceCodeState, DeviceOwner, DevicePace};
pub use group::UserGroup;
pub use identifier::Identifier;
pub use invite::StoredInvite;
pub use limits::{MAX_DOCUMENT_BYTES, TooLarge};
pub use membership::{
    MEMBERSHIP_RECORDS, MemberRoles, ORGANIZATION_ADMIN, ORGANIZATION_MEMBER, ORGANIZATION_OWNER,
    ORGANIZATION_VIEWER, is_membership_record, organization_resource, role_name, tenant_resource,
};
pub use metering::{Counter, Period, period_at};
pub use operation::{StoredOperation, is_operation_name, operation_id, operation_name};
pub use organization::{StoredMember, StoredOrganization, StoredTenant};
pub use policy::{Covered, StoredOverride, StoredPolicy, conditions_hold, override_id, policy_id};
pub use portcullis_types::FieldError;
pub use product::{MAX_UNITS, StoredPlan, StoredProduct};
pub use record::{
    CompiledStatement, Principal, PrincipalKind, Record, compile_statements, principal_id,
    validate_statements,
};
pub use redirect_uri::{AnyPort, check_redirect_uri, redirect_uri_matches};
pub use request::StoredRequest;
pub use resource_config::ResourceConfig;
pub use resource_path::{ResourceError, ResourcePath};
pub use resource_pattern::ResourcePattern;
pub use resource_template::{ResourceTemplate, Slot, TemplateError};
pub use role::{BUILT_IN_ROLES, Bit, OWNER, READ_RESOURCE, StoredRole, built_in_roles, is_built_in};
pub use session::{
    ApplicationPart, EndReason, RefreshToken, SESSIONS_PER_APPLICATION, Session, SessionPolicy, SessionState,
};
pub use sign_in::{Admission, Attempts, LockPolicy};
pub use subscription::{StoredSubscription, SubscriptionAccess};
pub use token::StoredToken;
pub use user::UserProfile;
pub use user_code::UserCode;
pub use user_pool::{MAIN_POOL, PoolDefaults, UserPool};
