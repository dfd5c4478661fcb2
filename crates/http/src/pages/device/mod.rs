//! Signing in a device that has no browser (RFC 8628 §3.3): its code is entered, then compared, then allowed or not. Nothing is ever
//! allowed by opening an address, whatever is in it (DV-03).

mod decision;
mod done;
mod entry;
mod way_back;

use axum::response::Response;
pub(super) use decision::{PATH as DECISION, decide};
pub(super) use done::{PATH as DONE, show as show_done};
pub(super) use entry::{PATH, enter, show};
use portcullis::browser::BrowserSession;
use portcullis::oauth::device::MAIN_POOL;
use portcullis_types::id::pool_id;
pub(super) use way_back::WayBack;

use super::form::Form;
use super::submission::PageQuery;
use super::{Browser, login};

/// To the form, for whoever opens the address where its answer goes.
pub(super) async fn back(browser: Browser, PageQuery(query): PageQuery) -> Response {
    browser.see_other(&asked(&query).path())
}

/// Whose code it is, as the address or the form says it: the user pool (`main` for anything that is none), and what was typed.
fn asked(form: &Form) -> WayBack {
    let pool = form.given("pool").filter(|pool| pool_id(pool).is_ok()).unwrap_or(MAIN_POOL);
    WayBack::new(pool, form.text("user_code"))
}

/// Whoever is signed in to that pool.
fn member<'a>(browser: &'a Browser, way: &WayBack) -> Option<&'a BrowserSession> {
    browser.session.as_ref().filter(|session| session.user.pool == way.pool)
}

/// To the sign-in, which leads back.
fn sign_in(browser: &Browser, way: &WayBack) -> Response {
    browser.see_other(&format!("{}?request={}", login::PATH, way.request()))
}
