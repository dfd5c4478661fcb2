//! The parameters of paths and queries: their names, once, and how the OpenAPI document describes them.

use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, Required, SchemaFormat};

/// A parameter of a path, by the name that it has in route templates.
pub(crate) trait PathParam {
    /// The name in the template, without braces.
    const NAME: &'static str;
}

macro_rules! path_params {
    ($($(#[doc = $doc:literal])+ $param:ident: $name:literal, $max:literal, $pattern:expr;)*) => { $(
        $(#[doc = $doc])+
        pub(crate) struct $param;

        impl PathParam for $param {
            const NAME: &'static str = $name;
        }

        impl IntoParams for $param {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                let schema = text().min_length(Some(1)).max_length(Some($max)).pattern(Some($pattern));
                vec![
                    ParameterBuilder::new()
                        .name($name)
                        .parameter_in(ParameterIn::Path)
                        .required(Required::True)
                        .description(Some([$($doc),+].concat().trim()))
                        .schema(Some(schema))
                        .build(),
                ]
            }
        }
    )* };
}

/// What a resource URI is made of; the engine knows the rest of its grammar (no empty segments, up to 16 of them).
const RESOURCE_URI: &str = r"^[a-zA-Z0-9_.+=~|@:*/-]+$";

path_params! {
    /// A user, or a service client in the place of one.
    UserId: "userId", 128, r"^[a-zA-Z0-9+._|/~:@-]+$";
    /// A resource URI; each `/` in it is written `%2F`.
    ResourceUri: "resourceUri", 512, RESOURCE_URI;
    /// A permission: `documents:read`, `documents:*` or `*`.
    Permission: "permission", 64, r"^([*]|[a-zA-Z0-9_-]+)(:([*]|[a-zA-Z0-9_-]+))*$";
    /// A token's id (`jti`).
    TokenId: "tokenId", 256, r"^[a-zA-Z0-9._:|~-]+$";
    /// A session.
    SessionId: "sessionId", 256, r"^[a-zA-Z0-9._:|~-]+$";
    /// An access record.
    RecordId: "recordId", 100, r"^[a-zA-Z0-9_:|~-]+$";
    /// An access request.
    RequestIdParam: "requestId", 100, r"^[a-zA-Z0-9_:|~-]+$";
    /// An invite.
    InviteId: "inviteId", 256, r"^[a-zA-Z0-9._:|~-]+$";
    /// A role.
    RoleId: "roleId", 64, r"^[a-zA-Z0-9._:@-]+$";
    /// A group.
    GroupId: "groupId", 64, r"^[a-zA-Z0-9_-]+$";
    /// An operation: its name, and for a tenant's own also `@` and the tenant's id.
    OperationId: "operationId", 257, r"^[a-z][a-z0-9_.:-]{0,127}(@[a-zA-Z0-9_.:-]+)?$";
    /// An attribute policy.
    PolicyId: "policyId", 64, r"^pol_[a-zA-Z0-9_-]+$";
    /// An override.
    OverrideId: "overrideId", 64, r"^ovr_[a-zA-Z0-9_-]+$";
    /// A wallet: an organization's id, or a user's.
    AccountId: "accountId", 128, r"^[a-zA-Z0-9+._|/~:@-]+$";
    /// A grant of credits.
    GrantId: "grantId", 64, r"^[a-zA-Z0-9_-]+$";
    /// A reservation of credits.
    ReservationId: "reservationId", 64, r"^[a-zA-Z0-9_-]+$";
    /// A user pool.
    PoolId: "poolId", 64, r"^[a-zA-Z0-9_-]+$";
    /// A service client.
    ClientId: "clientId", 64, r"^[a-zA-Z0-9_-]+$";
    /// An organization.
    OrganizationId: "organizationId", 64, r"^[a-zA-Z0-9_-]+$";
    /// A tenant of an organization.
    OrganizationTenantId: "tenantId", 64, r"^[a-zA-Z0-9_-]+$";
    /// A product.
    ProductId: "productId", 64, r"^[a-zA-Z0-9_-]+$";
    /// A plan.
    PlanId: "planId", 64, r"^[a-zA-Z0-9_-]+$";
    /// A subscription.
    SubscriptionId: "subscriptionId", 64, r"^[a-zA-Z0-9_-]+$";
    /// An application: `client_id` of OAuth requests.
    ApplicationId: "applicationId", 64, r"^[a-zA-Z0-9._~-]+$";
    /// A secret of an application.
    SecretId: "secretId", 64, r"^[a-zA-Z0-9_-]+$";
    /// An access key.
    KeyId: "keyId", 64, r"^[a-zA-Z0-9_-]+$";
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A parameter of a query that may be absent.
pub(crate) fn query(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// `limit` and `cursor` of a list whose pages have at most `MAX` entries (spec `authress-api.md` §1.7).
pub(crate) struct Paged<const MAX: usize>;
pub(crate) type Paged20 = Paged<20>;
pub(crate) type Paged100 = Paged<100>;

impl<const MAX: usize> IntoParams for Paged<MAX> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = integer().minimum(Some(1)).maximum(Some(MAX));
        let cursor = text().pattern(Some("^[A-Za-z0-9_-]*$"));
        vec![
            query("limit", "The most entries of this page.", limit),
            query("cursor", "Where to go on: `pagination.next.cursor` of the page before.", cursor),
        ]
    }
}

/// `filter`: a substring of up to `MAX` characters.
pub(crate) struct Filter<const MAX: usize>;
pub(crate) type Filter64 = Filter<64>;
pub(crate) type Filter128 = Filter<128>;

impl<const MAX: usize> IntoParams for Filter<MAX> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "Only entries that hold this text, compared without case.";
        vec![query("filter", description, text().max_length(Some(MAX)))]
    }
}

/// `status` of the list of records.
pub(crate) struct RecordStatusParam;

impl IntoParams for RecordStatusParam {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![query("status", "`ACTIVE` when absent.", text().enum_values(Some(["ACTIVE", "DELETED"])))]
    }
}

/// `status` of the list of a pool's users.
pub(crate) struct UserStateParam;

impl IntoParams for UserStateParam {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![query("status", "Only users in this state.", text().enum_values(Some(["active", "disabled"])))]
    }
}

/// `status` of the list of access requests.
pub(crate) struct RequestStatusParam;

impl IntoParams for RequestStatusParam {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = text().enum_values(Some(["OPEN", "APPROVED", "DENIED", "DELETED"]));
        vec![query("status", "Only requests in this state.", schema)]
    }
}

/// The questions about a user's resources.
pub(crate) struct ResourcesParams;

impl IntoParams for ResourcesParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let uri = text().min_length(Some(1)).max_length(Some(512)).pattern(Some(RESOURCE_URI));
        let depth = text().enum_values(Some(["TOP_LEVEL_ONLY", "INCLUDE_NESTED"]));
        let permission = text().min_length(Some(1)).max_length(Some(64));
        vec![
            query("resourceUri", "Below which resource; `*` when absent.", uri),
            query("collectionConfiguration", "`TOP_LEVEL_ONLY` when absent.", depth),
            query("permissions", "Only where the user has this one permission.", permission),
        ]
    }
}

/// `explain` of a check.
pub(crate) struct Explain;

impl IntoParams for Explain {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::Boolean);
        vec![query("explain", "Says why. The caller then needs READ on `Authress:AccessRecords`.", schema)]
    }
}

/// The filters of the audit trail.
pub(crate) struct AuditParams;

impl IntoParams for AuditParams {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let event_id = || integer().format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
        vec![
            query("before", "Only events with a smaller `eventId`.", event_id()),
            query("cursor", "The same as `before`.", event_id()),
            query("actor", "Only events of this actor.", text()),
            query("target", "Only events about this thing.", text()),
            query("action", "Only events of this action, `area.verb`.", text()),
            query("limit", "The most events of this page.", integer().minimum(Some(1)).maximum(Some(100))),
        ]
    }
}

/// `currency` of a wallet.
pub(crate) struct CurrencyParam;

impl IntoParams for CurrencyParam {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = text().min_length(Some(1)).max_length(Some(16)).pattern(Some("^[A-Z0-9_]+$"));
        vec![query("currency", "`CREDIT` when absent.", schema)]
    }
}

/// The header that makes a repeated request one.
pub(crate) struct IdempotencyKeyHeader;

impl IntoParams for IdempotencyKeyHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "The same as `idempotencyKey` in the body.";
        let schema = text().min_length(Some(1)).max_length(Some(255)).pattern(Some("^[!-~]+$"));
        vec![
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(description))
                .schema(Some(schema))
                .build(),
        ]
    }
}

/// The concurrency header of updates.
pub(crate) struct UnmodifiedSinceHeader;

impl IntoParams for UnmodifiedSinceHeader {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let description = "Refuses with 412 when it changed after this instant: RFC 3339 or an HTTP-date.";
        vec![
            ParameterBuilder::new()
                .name("If-Unmodified-Since")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(description))
                .schema(Some(text()))
                .build(),
        ]
    }
}

fn integer() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer)
}
