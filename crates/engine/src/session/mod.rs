//! Sessions: sign-ins of people on devices, their access and refresh tokens, and how both end (design "Keys and tokens", spec
//! `app-auth.md` §3.7).
//!
//! An access token is a JWT that names its session (`sid`); nothing of it is stored. It is good while its session is alive,
//! its user is active and its own id (`jti`) was not revoked: that is looked up once ([`standing`]), remembered with the token,
//! and forgotten on every node when one of them changes.
//!
//! A refresh token is opaque and used once. All tokens of a session are one family: a second use of one of them after the
//! grace ends the session.
//!
//! What an application was given by a person (`application` part) is a session of its own, so that its tokens are refreshed, end and
//! are ended as a person's own. Only the application can refresh or revoke them (`oauth`).
//!
//! Locks are taken in one order: the user, the session, the refresh token.

mod access_token;
mod device;
mod end;
mod end_all;
mod list;
mod log_in;
mod log_out;
mod log_out_everywhere;
mod me;
mod open;
mod open_application;
mod refresh;
mod refresh_bearer;
mod refresh_token;
pub(crate) mod standing;
mod touch;
mod verify;

pub(crate) use access_token::{expiry, policy_of};
pub use device::Device;
pub use end::end;
pub(crate) use end::{close, is_own};
pub(crate) use end_all::end_all;
pub use end_all::end_every;
pub use list::list;
pub use log_in::log_in;
pub use log_out::log_out;
pub use log_out_everywhere::log_out_everywhere;
pub use me::me;
pub use open::open;
use open::open_in;
pub(crate) use open::{Opening, open_alone};
pub(crate) use open_application::{ApplicationOpening, open_application};
use portcullis_domain::UserProfile;
use portcullis_types::{GuardCode, Sensitive};
pub use refresh::refresh;
pub(crate) use refresh::{Found, Rotation, alive, end_family, find, rotate};
pub(crate) use refresh_token::is_refresh_token;
pub(crate) use touch::{Touch, Touches, keep_touching};
pub use verify::verify;

use crate::Error;
use crate::cx::is_local;

/// Whether somebody may have a session: they are not disabled, and no name of a local command.
pub(crate) fn may_sign_in(user: &UserProfile) -> bool {
    user.disabled_at.is_none() && !is_local(&user.user_id)
}

/// What a client sent to be refreshed or to log out with.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    /// The bearer of the request, whatever it is worth.
    pub bearer: Option<String>,
    /// The refresh token of the body.
    pub refresh_token: Option<Sensitive>,
}

pub(crate) fn management_resource(user_id: &str) -> String {
    format!("Portcullis:Sessions/{user_id}")
}

/// A refusal of a credential. The text is for people and holds no part of it.
fn refused(code: GuardCode, reason: &'static str) -> Error {
    Error::Unauthenticated { code, reason }
}
