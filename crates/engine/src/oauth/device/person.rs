use portcullis_domain::{MAIN_POOL, UserProfile};
use portcullis_types::application::Application;

/// Whether a person may be signed in to an application: they are active, and in the user pool whose people sign in with it (DV-06).
pub(crate) fn may_use(application: &Application, user: &UserProfile) -> bool {
    let pool = application.user_pool.as_deref().unwrap_or(MAIN_POOL);
    user.disabled_at.is_none() && user.pool == pool
}
