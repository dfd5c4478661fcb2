//! People who sign in with an address and a password (spec `app-auth.md` §7 W-14, W-15, W-25, W-28, W-32, W-41; `security-requirements.md`
//! AU-05 to AU-09, AU-12, AU-14, AU-15, AU-20).
//!
//! | file | its question |
//! |---|---|
//! | `authenticate.rs` | who is this, by address and password? |
//! | `attempt.rs` | may one try, and how is it counted? |
//! | `register.rs` | how does one get an account? |
//! | `change_password.rs`, `forgot_password.rs`, `reset_password.rs` | how does one get another password? |
//! | `set_password.rs` | what does a new password end? |
//! | `verify_email.rs` | is the address theirs? |
//! | `offer.rs` | what can somebody who is not signed in do here? |
//! | `mail_link.rs` | what is a link in a mail, and when is it dead? |
//!
//! Nothing here says whether somebody is registered: not by its answer, and not by the work that it does.
//!
//! Locks are taken in one order: the user, the session, the password, the attempts.

mod attempt;
mod authenticate;
mod change_password;
mod forgot_password;
mod mail_link;
mod offer;
mod register;
mod reset_password;
mod set_password;
mod settings;
mod verify_email;

pub(crate) use attempt::{Subject, Turns};
pub use authenticate::Credentials;
pub(crate) use authenticate::{Authenticated, authenticate, confirm};
pub(crate) use change_password::PasswordChange;
pub use change_password::change_password;
pub use forgot_password::forgot_password;
pub(crate) use mail_link::issue as issue_mail_link;
pub use offer::{Offer, offer};
pub use portcullis_domain::{LockPolicy, PoolDefaults};
pub use register::{Registered, register};
pub use reset_password::reset_password;
pub(crate) use set_password::tell_of_change;
pub use settings::SignInSettings;
pub use verify_email::verify_email;
