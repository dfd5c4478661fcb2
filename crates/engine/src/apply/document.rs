use portcullis_types::application::ApplicationBody;
use portcullis_types::authress::{
    AccessRecordBody, ClientOptions, ClientRateLimit, GroupBody, ResourcePermission, RoleBody, Tags,
};
use portcullis_types::credits::CreditGrantBody;
use portcullis_types::operation::OperationBody;
use portcullis_types::organization::{MemberBody, TenantBody};
use portcullis_types::plan::{PlanBody, ProductBody};
use portcullis_types::policy::{OverrideBody, PolicyBody};
use portcullis_types::sign_in::Registration;
use portcullis_types::subscription::SubscriptionBody;
use serde::Deserialize;

use crate::user::NewUser;

/// What is to be there. Each item is the API's body, with its id required. Readers must refuse unknown keys.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct ApplyDocument {
    /// User pools.
    #[serde(default, rename = "userPools")]
    pub user_pools: Vec<ApplyUserPool>,
    /// Users.
    #[serde(default)]
    pub users: Vec<NewUser>,
    /// Service clients with the public halves of their keys.
    #[serde(default)]
    pub clients: Vec<ApplyClient>,
    /// Applications, with fixed secrets if they have some.
    #[serde(default)]
    pub applications: Vec<ApplicationBody>,
    /// Roles.
    #[serde(default)]
    pub roles: Vec<RoleBody>,
    /// Groups.
    #[serde(default)]
    pub groups: Vec<GroupBody>,
    /// Access records.
    #[serde(default)]
    pub records: Vec<AccessRecordBody>,
    /// Configurations of resources.
    #[serde(default)]
    pub resources: Vec<ApplyResource>,
    /// Grants of credits, with `grantId` and `accountId`: each is given once.
    #[serde(default)]
    pub credits: Vec<CreditGrantBody>,
    /// Products.
    #[serde(default)]
    pub products: Vec<ProductBody>,
    /// Plans; each names its product.
    #[serde(default)]
    pub plans: Vec<PlanBody>,
    /// Organizations with their tenants and members.
    #[serde(default)]
    pub organizations: Vec<ApplyOrganization>,
    /// Subscriptions; each names its organization.
    #[serde(default)]
    pub subscriptions: Vec<SubscriptionBody>,
    /// Operations, for all tenants or for one.
    #[serde(default)]
    pub operations: Vec<OperationBody>,
    /// Attribute policies.
    #[serde(default)]
    pub policies: Vec<PolicyBody>,
    /// Overrides of single users.
    #[serde(default)]
    pub overrides: Vec<OverrideBody>,
}

/// An organization.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyOrganization {
    /// 1 to 64 of `a-z A-Z 0-9 - _`.
    pub organization_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Free labels.
    #[serde(default)]
    pub tags: Option<Tags>,
    /// Tenants that it must have, each with its id; others that it has are left alone.
    #[serde(default)]
    pub tenants: Vec<TenantBody>,
    /// Members that it must have, each with its `userId`; others that it has are left alone.
    #[serde(default)]
    pub members: Vec<MemberBody>,
}

/// A user pool.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyUserPool {
    /// 1 to 64 of `a-z A-Z 0-9 - _`.
    pub pool_id: String,
    /// Up to 128 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// `open` or `closed`. Absent: as the settings say for the pool `main`, closed for others.
    #[serde(default)]
    pub registration: Option<Registration>,
    /// Whether only a proven address may sign in. Absent: as the settings say.
    #[serde(default)]
    pub require_verified_email: Option<bool>,
}

/// A service client.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyClient {
    /// 1 to 64 of `a-z A-Z 0-9 - _`.
    pub client_id: String,
    /// Up to 128 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// Its options.
    #[serde(default)]
    pub options: Option<ClientOptions>,
    /// At most one.
    #[serde(default)]
    pub rate_limits: Option<Vec<ClientRateLimit>>,
    /// Free labels.
    #[serde(default)]
    pub tags: Option<Tags>,
    /// Keys that it must have; others that it has are left alone.
    #[serde(default)]
    pub public_keys: Vec<ApplyKey>,
}

/// The public half of an access key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyKey {
    /// The `kid` of the tokens it signs.
    pub key_id: String,
    /// Base64 of the DER SubjectPublicKeyInfo (Ed25519).
    pub public_key: String,
}

/// A resource's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplyResource {
    /// Which resource.
    pub resource_uri: String,
    /// 1 to 100.
    pub permissions: Vec<ResourcePermission>,
}
