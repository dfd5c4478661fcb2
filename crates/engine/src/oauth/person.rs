use portcullis_domain::{MAIN_POOL, UserProfile};
use portcullis_types::application::Application;

use crate::session::may_sign_in;

/// The user pool whose people sign in to an application.
pub(crate) fn pool_of(application: &Application) -> &str {
    application.user_pool.as_deref().unwrap_or(MAIN_POOL)
}

/// Whether a person may be signed in to an application: they may sign in at all, and are of the user pool whose people do (DV-06).
pub(crate) fn may_use(application: &Application, user: &UserProfile) -> bool {
    may_sign_in(user) && user.pool == pool_of(application)
}
