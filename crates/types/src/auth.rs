//! Bodies of `/v1/auth/*`: registration, login, tokens, sessions and passwords of the people of a user pool.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Sensitive, Timestamp};

/// `POST /v1/auth/register`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RegisterBody {
    /// The address to sign in with, up to 254 bytes.
    pub email: String,
    // AU-01 to AU-03.
    /// 15 to 256 characters, at most 1,024 bytes.
    pub password: Sensitive,
    /// Up to 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The user pool; `main` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
}

/// `POST /v1/auth/login`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LoginBody {
    /// The address that was registered.
    pub email: String,
    /// The password.
    pub password: Sensitive,
    /// The user pool; `main` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// What the user calls this device, up to 128 characters; shown in the list of sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
}

/// The answer to a login, a registration without verification, and a refresh (RFC 6749 §5.1, with the user).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenBody {
    /// A JWT (RFC 9068).
    pub access_token: Sensitive,
    /// `Bearer`.
    pub token_type: String,
    /// For how many seconds the access token is good.
    pub expires_in: i64,
    /// Good for one refresh; absent when the current access token itself was refreshed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Sensitive>,
    /// Who signed in.
    pub user: AuthUser,
}

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuthUser {
    /// The user's id (`sub`).
    pub id: String,
    /// The user's address.
    pub email: Option<String>,
    /// The user's name.
    pub name: Option<String>,
    /// Whether the address was proven.
    pub email_verified: bool,
}

/// `POST /v1/auth/refresh`, and `POST /v1/auth/logout`: the refresh token, unless the current access token is sent as bearer.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct RefreshBody {
    /// The refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Sensitive>,
}

/// `POST /v1/auth/verify`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VerifyBody {
    /// An access token.
    pub token: Sensitive,
}

/// Whether a token is good (RFC 7662 §2.2). Of a token that is not, nothing else is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifyAnswer {
    /// Whether it is good now.
    pub active: bool,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Until when, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
}

/// A session, as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionBody {
    /// Its id (`sid` of its tokens).
    pub id: String,
    /// When the user signed in.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last refreshed or used, to the minute.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    /// When it ends if nothing happens.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// What the user called the device.
    pub device_name: Option<String>,
    /// What the device said about itself, up to 256 characters.
    pub user_agent: Option<String>,
    /// Where it signed in from.
    pub ip: Option<String>,
    /// The application that has it; none of a sign-in of the user themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<String>,
    /// The name of that application; its id if it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_name: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `GET /v1/auth/sessions`: those that are alive, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionCollection {
    /// The sessions.
    pub sessions: Vec<SessionBody>,
}

/// `PUT /v1/auth/password`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChangePasswordBody {
    /// The present password.
    pub current_password: Sensitive,
    /// The new one.
    pub new_password: Sensitive,
}

/// `POST /v1/auth/password/forgot`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ForgotPasswordBody {
    /// The address to send a link to, if somebody registered it.
    pub email: String,
    /// The user pool; `main` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
}

/// `POST /v1/auth/password/reset`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ResetPasswordBody {
    /// What the link in the mail held.
    pub token: Sensitive,
    /// The new password.
    pub new_password: Sensitive,
}

/// `POST /v1/auth/email/verify`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VerifyEmailBody {
    /// What the link in the mail held.
    pub token: Sensitive,
}

/// The answer where it must not be told whether anybody is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MailBoundAnswer {
    /// Always the same words.
    pub message: String,
}
