//! Browsers that people sign in with on the hosted pages (spec `security-requirements.md` SE-01, SE-02, SE-04, SE-08).
//!
//! A sign-in in a browser is a session like any other, without tokens: what stands for it is a cookie, of which only a digest is
//! stored. The session stays the same when its user proves again who they are; the cookie never does (SE-01).
//!
//! | file | its question |
//! |---|---|
//! | `cookie.rs` | what is the cookie, and whose is it? |
//! | `current.rs` | who is signed in with this browser? |
//! | `enter.rs` | what begins when somebody has proven who they are, and what ends? |
//! | `sign_in.rs`, `register.rs`, `change_password.rs` | how do they prove it? |
//! | `sign_out.rs` | how does it end? |
//! | `form_token.rs` | was this form sent by the page that we gave to this browser? |
//!
//! Which headers, which pages: that is `portcullis-http`'s.

mod change_password;
mod cookie;
mod current;
mod enter;
mod form_token;
mod register;
mod sign_in;
mod sign_out;

use std::sync::Arc;

pub use change_password::change_password;
pub use current::current;
pub use form_token::{form_token, is_binding, is_form_token, new_binding};
use portcullis_domain::{Session, UserProfile};
use portcullis_types::{Caller, Sensitive};
pub use register::{Registered, register};
pub use sign_in::sign_in;
pub use sign_out::sign_out;

use crate::Cx;

/// Somebody who is signed in with a browser: a session that is alive, and its user, who is active.
#[derive(Clone, Debug)]
pub struct BrowserSession {
    /// The session.
    pub session: Session,
    /// Its user.
    pub user: UserProfile,
}

impl BrowserSession {
    /// The context of what they ask for with this browser.
    pub fn cx(&self, request_id: Option<Arc<str>>) -> Cx {
        let session_id = Some(self.session.session_id.as_str().into());
        let user_id = self.user.user_id.as_str().into();
        let actor = crate::Actor::Caller(Caller::User { user_id, limited_by: None, session_id });
        Cx { actor, request_id }
    }
}

/// A browser that was just signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who is signed in.
    pub browser: BrowserSession,
    /// The text of the cookie, which exists nowhere else.
    pub cookie: Sensitive,
}
