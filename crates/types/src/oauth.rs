//! Bodies of `/oauth2/*`: OAuth 2.1 and OpenID Connect. In `snake_case`, as the RFCs have them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::Sensitive;

/// The answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenResponse {
    /// A JWT (RFC 9068).
    pub access_token: Sensitive,
    /// `Bearer`.
    pub token_type: String,
    /// For how many seconds the access token is good.
    pub expires_in: i64,
    /// Good for one refresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Sensitive>,
    /// Who signed in, as a JWT; with scope `openid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Sensitive>,
    /// What the access token is good for, separated by spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// The codes that a device begins with (RFC 8628 §3.2). All members are always there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceAuthorization {
    /// What the device polls the token endpoint with.
    pub device_code: Sensitive,
    /// What it shows to its user: `XXXX-XXXX`. Case, dashes and spaces do not matter where it is entered.
    pub user_code: Sensitive,
    /// Where its user enters that.
    pub verification_uri: String,
    /// The same with the code in it, for a link or a QR code. The user still has to compare the code, and to allow it.
    pub verification_uri_complete: Sensitive,
    /// For how many seconds both codes are good.
    pub expires_in: i64,
    /// How many seconds to wait between two polls.
    pub interval: i64,
}

/// A refusal (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OAuthErrorBody {
    /// One of the registered codes.
    pub error: String,
    /// For people. Holds nothing that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}

/// What a token is worth to whoever asks (RFC 7662 §2.2). Of a token that is worth nothing to them, nothing but that is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Introspection {
    /// Whether it is good now.
    pub active: bool,
    /// What it is good for, separated by spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The application that it was issued to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `Bearer` for an access token, `refresh_token` for a refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Until when, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Since when, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Whose it is: a user's id, or an application's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// For whom it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// Any other claim of an access token: `sid`, `auth_time`, `acr`, `amr`, and the application's own.
    #[serde(flatten)]
    #[schema(additional_properties)]
    pub more: Map<String, Value>,
}

/// Claims about a person (OpenID Connect Core §5.1): `sub` always, the others by scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserInfo {
    /// The user's id.
    pub sub: String,
    /// `name` with scope `profile`, `email` and `email_verified` with scope `email`, and the application's own claims.
    #[serde(flatten)]
    #[schema(additional_properties)]
    pub claims: Map<String, Value>,
}

/// What this authorization server offers (RFC 8414 §2, OpenID Connect Discovery §3). Only what works is named, and what is not named
/// is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerMetadata {
    /// What `iss` of its tokens says.
    pub issuer: String,
    /// Its public keys.
    pub jwks_uri: String,
    /// Where people sign in and grant access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// Where applications get tokens.
    pub token_endpoint: String,
    /// Where devices without a browser begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_authorization_endpoint: Option<String>,
    /// Where it is asked what is known of a person.
    pub userinfo_endpoint: String,
    /// Where it is asked what a token is worth.
    pub introspection_endpoint: String,
    /// Where a token is given up.
    pub revocation_endpoint: String,
    /// Where people sign out.
    pub end_session_endpoint: String,
    /// What `response_type` may be.
    pub response_types_supported: Vec<String>,
    /// What `response_mode` may be.
    pub response_modes_supported: Vec<String>,
    /// What `grant_type` may be.
    pub grant_types_supported: Vec<String>,
    /// The scopes that mean something to the server itself.
    pub scopes_supported: Vec<String>,
    /// How clients prove to be themselves at the token endpoint.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// What client assertions are signed with.
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// How clients prove to be themselves to introspect.
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// What client assertions are signed with there.
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// How clients prove to be themselves to revoke.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// What client assertions are signed with there.
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// How a code's challenge is made (RFC 7636).
    pub code_challenge_methods_supported: Vec<String>,
    /// Whether answers of the authorization endpoint name the issuer (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
    /// What ID tokens are signed with, by the application's choice.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// `public`: everybody is told the same `sub` of a person.
    pub subject_types_supported: Vec<String>,
    /// The claims that tokens and userinfo may hold.
    pub claims_supported: Vec<String>,
    /// Whether the parameter `claims` is understood.
    pub claims_parameter_supported: bool,
    /// The classes that `acr` may say.
    pub acr_values_supported: Vec<String>,
    /// Whether the parameter `request` is understood.
    pub request_parameter_supported: bool,
    /// Whether the parameter `request_uri` is understood.
    pub request_uri_parameter_supported: bool,
}
