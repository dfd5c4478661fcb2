//! Who is in front of which browser: in memory, by a cookie that nobody can guess.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use portcullis_client::PendingAuthorization;
use portcullis_client::types::Sensitive;

/// How many browsers are remembered; whoever comes then makes room for itself.
const MOST: usize = 10_000;

/// What is known of a browser.
#[derive(Clone)]
pub(crate) enum Visit {
    /// It was sent to sign in.
    Away(PendingAuthorization),
    /// Somebody signed in with it.
    SignedIn {
        /// What they are called.
        name: String,
        /// Says at sign-out whose session ends.
        id_token: Sensitive,
    },
}

/// All browsers.
#[derive(Default)]
pub(crate) struct Visits(Mutex<HashMap<String, Visit>>);

impl Visits {
    /// Remembers a visit under a new cookie.
    pub(crate) fn begin(&self, cookie: String, visit: Visit) {
        let mut visits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if visits.len() >= MOST
            && let Some(one) = visits.keys().next().cloned()
        {
            visits.remove(&one);
        }
        visits.insert(cookie, visit);
    }

    pub(crate) fn find(&self, cookie: &str) -> Option<Visit> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(cookie).cloned()
    }

    /// Forgets a visit, so that it counts once.
    pub(crate) fn end(&self, cookie: &str) -> Option<Visit> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(cookie)
    }
}
