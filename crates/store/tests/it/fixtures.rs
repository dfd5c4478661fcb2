//! Entities to store. Instants have microseconds on purpose: what is read back must be what was written.

use std::collections::BTreeMap;

use portcullis_domain::credits::{StoredGrant, StoredReservation, Terms};
use portcullis_domain::{
    AccessKeyRecord, AuthorizationCode, CodeGrant, Consent, DeviceCode, DeviceCodeState, DeviceOwner, Record,
    RefreshToken, ResourceConfig, ServiceClient, Session, StoredApplicationSecret, StoredInvite,
    StoredMember, StoredOperation, StoredOrganization, StoredOverride, StoredPlan, StoredPolicy,
    StoredProduct, StoredRequest, StoredRole, StoredSubscription, StoredTenant, StoredToken, UserGroup,
    UserProfile, application_from_body,
};
use portcullis_store::{BrowserCookie, DeferredCharge, DeviceGuess, SigningKeyRow, SigningKeyState};
use portcullis_types::application::Application;
use portcullis_types::authress::{
    AccessTemplate, ClientOptions, ConflictResolution, InviteStatement, LinkedGroup, PermissionObject,
    RecordStatus, RequestStatus, Resource, ResourceAction, ResourcePermission, Statement, User,
};
use portcullis_types::credits::{CreditGrantBody, ReservationState};
use portcullis_types::organization::OrganizationStatus;
use portcullis_types::plan::{Feature, Recurrence};
use portcullis_types::subscription::{Seat, SubscriptionStatus};
use portcullis_types::{MicroCredits, Timestamp};
use serde_json::json;

pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_123_457);

pub(crate) fn user_ref(id: &str) -> User {
    User { user_id: id.to_owned() }
}

pub(crate) fn role(id: &str, name: &str) -> StoredRole {
    StoredRole {
        role_id: id.to_owned(),
        name: name.to_owned(),
        description: None,
        permissions: vec![PermissionObject {
            action: "docs:read".to_owned(),
            allow: true,
            grant: false,
            delegate: false,
        }],
        updated_at: NOW,
    }
}

pub(crate) fn group(id: &str, users: &[&str]) -> UserGroup {
    UserGroup {
        group_id: id.to_owned(),
        name: format!("Group {id}"),
        users: users.iter().map(|id| user_ref(id)).collect(),
        admins: vec![user_ref("boss")],
        tags: Some(BTreeMap::from([("team".to_owned(), "Blue".to_owned())])),
        updated_at: NOW,
    }
}

pub(crate) fn statement(roles: &[&str], resources: &[&str]) -> Statement {
    Statement {
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        resources: resources.iter().map(|&uri| Resource { resource_uri: uri.to_owned() }).collect(),
        users: None,
        groups: None,
    }
}

pub(crate) fn record(id: &str, users: &[&str], groups: &[&str], statements: Vec<Statement>) -> Record {
    Record {
        record_id: id.to_owned(),
        name: format!("Record {id}"),
        description: Some("for tests".to_owned()),
        users: users.iter().map(|id| user_ref(id)).collect(),
        admins: vec![user_ref("boss")],
        groups: groups.iter().map(|&id| LinkedGroup { group_id: id.to_owned() }).collect(),
        statements,
        tags: None,
        status: RecordStatus::Active,
        updated_at: NOW,
    }
}

/// A record with one statement: `users` as `role` on `uri`.
pub(crate) fn simple(id: &str, users: &[&str], role: &str, uri: &str) -> Record {
    record(id, users, &[], vec![statement(&[role], &[uri])])
}

pub(crate) fn config(uri: &str, action: ResourceAction, allow: bool) -> ResourceConfig {
    ResourceConfig { resource: uri.to_owned(), permissions: vec![ResourcePermission { action, allow }] }
}

pub(crate) fn request(id: &str, by: &str, status: RequestStatus) -> StoredRequest {
    StoredRequest {
        request_id: id.to_owned(),
        created_by: by.to_owned(),
        access: AccessTemplate {
            users: vec![user_ref(by)],
            statements: vec![statement(&["reader"], &["docs/1"])],
        },
        tags: None,
        status,
        updated_at: NOW,
    }
}

pub(crate) fn invite(id: &str) -> StoredInvite {
    StoredInvite {
        invite_id: id.to_owned(),
        created_by: "boss".to_owned(),
        tenant_id: None,
        default_login_tenant_id: None,
        statements: vec![InviteStatement {
            roles: vec!["reader".to_owned()],
            resources: vec![Resource { resource_uri: "docs/1".to_owned() }],
        }],
        conflict_resolution_strategy: ConflictResolution::GenerateNewRecord,
        linked_user_id: None,
        expires_at: NOW.plus_secs(60),
    }
}

pub(crate) fn client(id: &str) -> ServiceClient {
    ServiceClient {
        client_id: id.to_owned(),
        name: Some(format!("Client {id}")),
        options: ClientOptions::default(),
        rate_limits: None,
        tags: None,
        created_at: NOW,
    }
}

pub(crate) fn key(client: &str, id: &str) -> AccessKeyRecord {
    AccessKeyRecord {
        client_id: client.to_owned(),
        key_id: id.to_owned(),
        public_key: "MCowBQYDK2VwAyEA".to_owned(),
        created_at: NOW,
    }
}

pub(crate) fn user(id: &str, name: &str) -> UserProfile {
    UserProfile {
        name: Some(name.to_owned()),
        email: Some(format!("{id}@example.org")),
        ..UserProfile::new(id, NOW)
    }
}

pub(crate) fn token(id: &str, user: &str, expires_at: Timestamp) -> StoredToken {
    StoredToken {
        token_id: id.to_owned(),
        user_id: user.to_owned(),
        statements: vec![statement(&["reader"], &["docs/1"])],
        expires_at,
        revoked_at: None,
    }
}

pub(crate) fn application(id: &str) -> Application {
    let body = json!({"name": format!("Application {id}"), "kind": "web", "redirectUris": ["https://app.example/cb"],
        "claims": [{"name": "tier", "value": {"a": [1]}, "tokens": ["id_token"]}]});
    application_from_body(serde_json::from_value(body).unwrap(), id.to_owned(), NOW, NOW).unwrap()
}

pub(crate) fn secret(application_id: &str, secret_id: &str) -> StoredApplicationSecret {
    StoredApplicationSecret {
        application_id: application_id.to_owned(),
        secret_id: secret_id.to_owned(),
        digest: [7; 32],
        created_at: NOW,
    }
}

pub(crate) fn operation(name: &str, version: i64) -> StoredOperation {
    let body = json!({"operation": name, "permission": "document:read", "billing": {"base": 5}});
    StoredOperation::from_body(serde_json::from_value(body).unwrap(), version, NOW).unwrap()
}

pub(crate) fn policy(id: &str) -> StoredPolicy {
    let body = json!({"name": format!("Policy {id}"), "effect": "deny", "permission": "document", "resource": "docs",
        "conditions": [{"attribute": "subject.id", "operator": "eq", "value": "alice"}]});
    StoredPolicy::from_body(serde_json::from_value(body).unwrap(), id.to_owned(), NOW).unwrap()
}

pub(crate) fn user_override(id: &str, user: &str) -> StoredOverride {
    let body = json!({"userId": user, "effect": "allow", "permission": "document", "resource": "docs"});
    StoredOverride::from_body(serde_json::from_value(body).unwrap(), id.to_owned(), NOW).unwrap()
}

pub(crate) fn charge(id: &str, key: &str) -> DeferredCharge {
    DeferredCharge {
        charge_id: id.to_owned(),
        idempotency_key: key.to_owned(),
        body: "{}".to_owned(),
        due_at: NOW,
    }
}

pub(crate) fn organization(id: &str) -> StoredOrganization {
    StoredOrganization {
        organization_id: id.to_owned(),
        name: format!("Organization {id}"),
        status: OrganizationStatus::Active,
        tags: Some(BTreeMap::from([("tier".to_owned(), "Gold".to_owned())])),
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn member(organization_id: &str, user_id: &str) -> StoredMember {
    StoredMember { organization_id: organization_id.to_owned(), user_id: user_id.to_owned(), joined_at: NOW }
}

pub(crate) fn tenant(id: &str, organization_id: &str) -> StoredTenant {
    StoredTenant {
        tenant_id: id.to_owned(),
        organization_id: organization_id.to_owned(),
        name: format!("Tenant {id}"),
        region: Some("eu-1".to_owned()),
        status: OrganizationStatus::Active,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn product(id: &str) -> StoredProduct {
    StoredProduct {
        product_id: id.to_owned(),
        name: format!("Product {id}"),
        description: None,
        versions: vec!["1".to_owned()],
        tags: None,
        updated_at: NOW,
    }
}

pub(crate) fn plan(id: &str, product_id: &str) -> StoredPlan {
    StoredPlan {
        plan_id: id.to_owned(),
        product_id: product_id.to_owned(),
        name: format!("Plan {id}"),
        rank: 1,
        is_active: true,
        version: Some("1".to_owned()),
        price: None,
        currency: None,
        grace_days: 7,
        features: BTreeMap::from([("export".to_owned(), Feature::Boolean(true))]),
        tags: None,
        updated_at: NOW,
    }
}

pub(crate) fn subscription(id: &str, organization_id: &str, plan_id: &str) -> StoredSubscription {
    StoredSubscription {
        subscription_id: id.to_owned(),
        organization_id: organization_id.to_owned(),
        product_id: "p".to_owned(),
        plan_id: plan_id.to_owned(),
        status: SubscriptionStatus::Active,
        start_date: NOW.truncated_to(1_000),
        end_date: None,
        recurrence: Recurrence::Monthly,
        auto_renewal: true,
        seat_count: Some(2),
        next_billing_date: None,
        canceled_at: None,
        successor_id: None,
        updated_at: NOW,
    }
}

pub(crate) fn seat(user_id: &str) -> Seat {
    Seat { user_id: user_id.to_owned(), assigned_at: NOW }
}

/// A live grant of 10 credits that never expires.
pub(crate) fn credit_grant(id: &str, wallet: i64) -> StoredGrant {
    let body = CreditGrantBody { amount: MicroCredits(10_000_000), ..CreditGrantBody::default() };
    StoredGrant { wallet, ..StoredGrant::from_body(&body, id.to_owned(), NOW).unwrap() }
}

/// A pending reservation of nothing.
pub(crate) fn reservation(id: &str, wallet: i64) -> StoredReservation {
    StoredReservation {
        reservation_id: id.to_owned(),
        wallet,
        amount: MicroCredits::ZERO,
        state: ReservationState::Pending,
        allocations: Vec::new(),
        operation: Some("op".to_owned()),
        subject: None,
        terms: Terms::default(),
        created_at: NOW,
        expires_at: NOW.plus_secs(300),
        asked: None,
        committed: None,
        refunded: MicroCredits::ZERO,
    }
}

pub(crate) fn session(id: &str, user: &str) -> Session {
    Session {
        session_id: id.to_owned(),
        user_id: user.to_owned(),
        pool: "main".to_owned(),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        device_name: Some("Laptop".to_owned()),
        user_agent: Some("curl/8".to_owned()),
        ip: Some("192.0.2.1".to_owned()),
        created_at: NOW,
        auth_time: NOW.plus_secs(1),
        last_seen_at: NOW.plus_secs(2),
        idle_secs: 100,
        idle_expires_at: NOW.plus_secs(102),
        absolute_expires_at: NOW.plus_secs(250),
        ended_at: None,
        end_reason: None,
        application: None,
    }
}

pub(crate) fn browser_cookie(id: &str, session: &str) -> BrowserCookie {
    BrowserCookie {
        browser_id: id.to_owned(),
        digest: [9; 32],
        session_id: session.to_owned(),
        expires_at: NOW.plus_secs(250),
    }
}

/// A device's request, with a user code of that number.
pub(crate) fn device_code(id: &str, number: usize) -> DeviceCode {
    let mut user_code = [1; 32];
    user_code[24..].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
    DeviceCode {
        device_code_id: id.to_owned(),
        digest: [9; 32],
        user_code,
        client_id: format!("app_{}", number % 20),
        scope: "openid offline_access".to_owned(),
        audience: "https://api.example.org".to_owned(),
        user_agent: Some("tv/1".to_owned()),
        ip: Some("192.0.2.1".to_owned()),
        network: "192.0.2.1".to_owned(),
        created_at: NOW,
        expires_at: NOW.plus_secs(900 + i64::try_from(number).unwrap()),
        interval_secs: 5,
        state: DeviceCodeState::Pending,
        owner: None,
        decided_at: None,
    }
}

pub(crate) fn device_owner(browser_session: &str, user: &str) -> DeviceOwner {
    DeviceOwner {
        user_id: user.to_owned(),
        browser_session: browser_session.to_owned(),
        auth_time: NOW,
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
    }
}

pub(crate) fn device_guess(id: &str, browser_session: &str) -> DeviceGuess {
    DeviceGuess {
        guess_id: id.to_owned(),
        browser_session: browser_session.to_owned(),
        network: "192.0.2.1".to_owned(),
        exposure: 3,
        at: NOW,
    }
}

pub(crate) fn refresh_token(id: &str, session: &str) -> RefreshToken {
    RefreshToken {
        token_id: id.to_owned(),
        session_id: session.to_owned(),
        parent: Some("rt_0".to_owned()),
        digest: [9; 32],
        issued_at: NOW,
        expires_at: NOW.plus_secs(250),
        used_at: None,
        successor: None,
    }
}

/// A code for the client `shop` that is good for a minute.
pub(crate) fn code(id: &str, user: &str) -> AuthorizationCode {
    AuthorizationCode {
        code_id: id.to_owned(),
        digest: [9; 32],
        client_id: "shop".to_owned(),
        user_id: user.to_owned(),
        browser_session: "ses_1".to_owned(),
        auth_time: NOW,
        granted: CodeGrant {
            redirect_uri: "https://shop.example.org/callback".to_owned(),
            challenge: Some("c".repeat(43)),
            scope: "openid email".to_owned(),
            audience: "https://api.example.org".to_owned(),
            amr: vec!["pwd".to_owned()],
            nonce: Some("n".to_owned()),
            claims: None,
        },
        issued_at: NOW.plus_secs(1),
        expires_at: NOW.plus_secs(61),
        used_at: None,
        session_id: None,
    }
}

pub(crate) fn consent(user: &str, client: &str) -> Consent {
    Consent {
        user_id: user.to_owned(),
        client_id: client.to_owned(),
        audience: "https://api.example.org".to_owned(),
        scopes: ["email", "openid"].map(str::to_owned).into(),
        given_at: NOW,
        updated_at: NOW.plus_secs(1),
    }
}

pub(crate) fn signing_key(kid: &str, algorithm: &str, state: SigningKeyState) -> SigningKeyRow {
    SigningKeyRow {
        kid: kid.to_owned(),
        algorithm: algorithm.to_owned(),
        state,
        sealed: vec![0, 1, 255],
        public: vec![],
        created_at: NOW,
        activates_at: (state == SigningKeyState::Next).then_some(NOW.plus_secs(7)),
        retired_at: None,
        expires_at: None,
    }
}
