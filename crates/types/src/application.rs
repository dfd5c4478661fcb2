//! Applications: the OAuth clients of this installation with their settings (RFC 6749 §2, RFC 7591 §2).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::authress::{CollectionLinks, Pagination, ReadOnly};
use crate::operation::yes;
use crate::{Sensitive, Timestamp};

/// What kind of program an application is: whether it can keep a secret, and which redirect URIs it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationKind {
    /// Runs on a server, which can keep a secret.
    Web,
    /// Runs in a browser: can keep no secret (`authenticationMethod` is `none`).
    Browser,
    /// Is installed on people's machines and phones (RFC 8252).
    Native,
    /// Acts for itself alone: nobody signs in with it.
    Service,
}

/// Declares an enum whose variants have one text each, in JSON and in code.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:tt,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The text on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What the text on the wire means; compared exactly.
            pub fn of_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// How an application proves to be itself (RFC 7591 §2, `token_endpoint_auth_method`).
    ClientAuthenticationMethod {
        /// Not at all: a public client.
        None = "none",
        /// With a secret in the `Authorization` header (RFC 6749 §2.3.1).
        ClientSecretBasic = "client_secret_basic",
        /// With a secret in the body (RFC 6749 §2.3.1).
        ClientSecretPost = "client_secret_post",
        /// With a token that it signed itself (RFC 7523 §2.2).
        PrivateKeyJwt = "private_key_jwt",
    }
}

impl ClientAuthenticationMethod {
    /// Whether it proves to be itself with a secret that it shares with us.
    pub const fn takes_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

words! {
    /// What an application may exchange for tokens (`grant_type`).
    GrantTypeName {
        /// A code that its user's browser brought (RFC 6749 §4.1).
        AuthorizationCode = "authorization_code",
        /// A refresh token (RFC 6749 §6).
        RefreshToken = "refresh_token",
        /// Nothing but its own authentication (RFC 6749 §4.4).
        ClientCredentials = "client_credentials",
        /// A device code that somebody approved elsewhere (RFC 8628 §3.4).
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
    }
}

words! {
    /// How the answer of the authorization endpoint comes to the redirect URI.
    ResponseMode {
        /// In its query.
        Query = "query",
        /// As a form that the browser posts (OAuth 2.0 Form Post Response Mode).
        FormPost = "form_post",
    }
}

words! {
    /// What an application's tokens are signed with (RFC 7518 §3.1, RFC 8037 §3.1).
    #[derive(Default)]
    SigningAlgorithm {
        /// Ed25519.
        #[default]
        EdDsa = "EdDSA",
        /// RSASSA-PKCS1-v1_5 with SHA-256; twenty-five times the work of EdDSA.
        Rs256 = "RS256",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
    }
}

words! {
    /// Where the value of a claim comes from.
    ClaimSource {
        /// The user's id.
        UserId = "user.id",
        /// The user's e-mail address; the claim is absent when there is none.
        UserEmail = "user.email",
        /// Whether the address was proven: `true` or `false`.
        UserEmailVerified = "user.emailVerified",
        /// The user's name; the claim is absent when there is none.
        UserName = "user.name",
        /// The user pool that the user signs in to.
        UserPool = "user.pool",
    }
}

words! {
    /// Where a claim is put.
    ClaimTarget {
        /// Into ID tokens.
        IdToken = "id_token",
        /// Into access tokens.
        AccessToken = "access_token",
        /// Into the answer of the userinfo endpoint.
        UserInfo = "userinfo",
    }
}

/// A claim that an application's tokens carry besides the standard ones. Exactly one of `value` and `source` is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomClaim {
    /// Its name, usually a URL: 1 to 128 characters. Never a claim that protocols define (`sub`, `aud`, `scope`, …).
    pub name: String,
    /// The value itself: up to 1,024 bytes of JSON, not null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub value: Option<Value>,
    /// Where the value comes from. Of a token without a user, such a claim is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<ClaimSource>,
    /// Where it is put: at least one.
    pub tokens: Vec<ClaimTarget>,
}

/// What older clients that were certified before today's rules may need. All of it is off by default, and weakens something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationExceptions {
    /// A native application's redirect URI on `localhost` may name any port, as one on a loopback address always may
    /// (RFC 8252 §8.3 advises against `localhost`).
    #[serde(default)]
    pub allow_any_localhost_port: bool,
    /// Refresh tokens are given without the scope `offline_access`.
    #[serde(default)]
    pub refresh_without_offline_access: bool,
    /// For how many seconds a used refresh token still gives the one that replaced it, instead of what the installation says: 0 to 120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_grace_secs: Option<u32>,
    /// The audience of a client assertion (`private_key_jwt`) may also be the URL of the token endpoint, as OpenID Connect
    /// Core §9 has it, alone or in a list. Without this it is the issuer, as a single string.
    #[serde(default)]
    pub allow_token_endpoint_as_assertion_audience: bool,
}

/// An application, as it is written. What is absent gets its default, also on an update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationBody {
    /// `client_id` of OAuth requests: 1 to 64 of `a-z A-Z 0-9 - . _ ~`, never a user's or a service client's id. Minted (`app_…`) when absent. On an
    /// update it must be absent or equal to the path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<String>,
    /// What people are told who is asking: 1 to 128 characters.
    pub name: String,
    /// What kind of program it is.
    pub kind: ApplicationKind,
    /// The one way in which it proves to be itself. Default: `none` for `browser` and `native`, else `client_secret_basic`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication_method: Option<ClientAuthenticationMethod>,
    /// Where a browser may be sent with an answer, compared byte for byte: up to 50 of up to 2,048 characters, without wildcard, fragment
    /// and user information; `https`, `http` on a loopback address or `localhost`, and for `native` private-use schemes in
    /// reverse-DNS form (`com.example.app:/callback`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// Where a browser may be sent after a logout; the same rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// What it may exchange for tokens. Default: `client_credentials` for `service`, else `authorization_code` and `refresh_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_types: Option<Vec<GrantTypeName>>,
    /// How answers may come to its redirect URIs. Default: `query`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_modes: Option<Vec<ResponseMode>>,
    /// The scopes that it may ask for, up to 100 of 1 to 128 characters. Default: `openid`, `profile`, `email`, `offline_access`; none
    /// for `service`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// The resources (RFC 8707) that its access tokens may be for, up to 50 of 1 to 512 characters. With the public URL of this installation
    /// among them it gets tokens that open this API with all that their users may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// Which of `audiences` an access token is for whose request names none. Default: the userinfo endpoint alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_audience: Option<String>,
    /// What its tokens are signed with. Default: `EdDSA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_algorithm: Option<SigningAlgorithm>,
    /// How long its access tokens are good: 1 second to 30 days. Default: as the installation says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_secs: Option<u32>,
    /// How long its ID tokens are good: 1 second to 30 days. Default: as long as access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_secs: Option<u32>,
    /// How long refreshing may go on: 1 second to 365 days. Default: as long as sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_secs: Option<u32>,
    /// How long a refresh token may rest: 1 second to 365 days. Default: as long as sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_idle_secs: Option<u32>,
    /// Whether a code needs a challenge (RFC 7636). Default: true; always true for public clients.
    #[serde(default = "yes")]
    pub require_pkce: bool,
    /// Whether it is our own: people are not asked for their consent. Default: false.
    #[serde(default)]
    pub first_party: bool,
    /// What it needs that today's rules refuse.
    #[serde(default)]
    pub exceptions: ApplicationExceptions,
    /// Claims besides the standard ones: up to 20, none twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<CustomClaim>,
    /// The public keys (RFC 7517 §5) that it signs client assertions with: 1 to 10, each with a `kid` of its own. Required for
    /// `private_key_jwt`, refused for other methods. Nothing is ever fetched from an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub jwks: Option<Value>,
    /// The user pool whose people sign in with it. Default: `main`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_pool: Option<String>,
    /// The product that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// For documents of `apply` alone, refused by the API: a secret that the application must have, 32 to 512 characters from `!` to
    /// `~` from a random source. Another one in its place replaces it; secrets that the server made are left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub secret: Option<Sensitive>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub created_at: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub last_updated: ReadOnly,
}

impl ApplicationBody {
    /// One with nothing but defaults.
    pub fn new(name: impl Into<String>, kind: ApplicationKind) -> Self {
        Self {
            application_id: None,
            name: name.into(),
            kind,
            authentication_method: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            grant_types: None,
            response_modes: None,
            scopes: None,
            audiences: Vec::new(),
            default_audience: None,
            signing_algorithm: None,
            access_token_secs: None,
            id_token_secs: None,
            refresh_token_secs: None,
            refresh_idle_secs: None,
            require_pkce: true,
            first_party: false,
            exceptions: ApplicationExceptions::default(),
            claims: Vec::new(),
            jwks: None,
            user_pool: None,
            product_id: None,
            secret: None,
            created_at: ReadOnly,
            last_updated: ReadOnly,
        }
    }
}

/// An application with every default filled in. See [`ApplicationBody`] for what is valid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// `client_id` of OAuth requests; its principal in access records.
    pub application_id: String,
    /// What people are told who is asking.
    pub name: String,
    /// What kind of program it is.
    pub kind: ApplicationKind,
    /// The one way in which it proves to be itself.
    pub authentication_method: ClientAuthenticationMethod,
    /// Where a browser may be sent with an answer.
    pub redirect_uris: Vec<String>,
    /// Where a browser may be sent after a logout.
    pub post_logout_redirect_uris: Vec<String>,
    /// What it may exchange for tokens.
    pub grant_types: Vec<GrantTypeName>,
    /// How answers may come to its redirect URIs.
    pub response_modes: Vec<ResponseMode>,
    /// The scopes that it may ask for.
    pub scopes: Vec<String>,
    /// The resources that its access tokens may be for, besides the userinfo endpoint.
    pub audiences: Vec<String>,
    /// Which of them an access token is for whose request names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_audience: Option<String>,
    /// What its tokens are signed with.
    pub signing_algorithm: SigningAlgorithm,
    /// How long its access tokens are good, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_secs: Option<u32>,
    /// How long its ID tokens are good, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_secs: Option<u32>,
    /// How long refreshing may go on, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_secs: Option<u32>,
    /// How long a refresh token may rest, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_idle_secs: Option<u32>,
    /// Whether a code needs a challenge.
    pub require_pkce: bool,
    /// Whether people are not asked for their consent.
    pub first_party: bool,
    /// What it needs that today's rules refuse.
    pub exceptions: ApplicationExceptions,
    /// Claims besides the standard ones.
    pub claims: Vec<CustomClaim>,
    /// The public keys that it signs client assertions with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub jwks: Option<Value>,
    /// The user pool whose people sign in with it; `main` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_pool: Option<String>,
    /// The product that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed, its secrets aside.
    #[schema(value_type = String, format = DateTime)]
    pub last_updated: Timestamp,
}

impl Application {
    /// Whether it can prove to be itself (RFC 6749 §2.1).
    pub fn is_confidential(&self) -> bool {
        self.authentication_method != ClientAuthenticationMethod::None
    }

    /// Whether it may exchange this for tokens.
    pub fn has_grant_type(&self, name: GrantTypeName) -> bool {
        self.grant_types.contains(&name)
    }
}

/// An application that was just made, with its first secret if its method takes one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedApplication {
    /// The application.
    #[serde(flatten)]
    pub application: Application,
    /// Its secret, in this answer and nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<CreatedSecret>,
}

/// A secret of an application: what is known of it after it was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationSecret {
    /// Its id (`aps_…`; `fixed` for the one that `apply` sets).
    pub secret_id: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// A secret that was just made: in this answer and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedSecret {
    /// Its id.
    pub secret_id: String,
    /// The secret: `pcs_` and 256 random bits in base64url.
    pub client_secret: Sensitive,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// The secrets of an application; at most two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationSecretCollection {
    /// In the order of their ids.
    pub secrets: Vec<ApplicationSecret>,
}

/// A page of applications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationCollection {
    /// In the order of their ids.
    pub applications: Vec<Application>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page and the next are.
    pub links: CollectionLinks,
}
