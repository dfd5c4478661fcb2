//! The hosted pages: what people see in a browser when they sign in, register, are asked, and look after their account.
//!
//! Everything is rendered here and works without script; what script there is only makes it more pleasant. Nothing is loaded from
//! elsewhere. Names and ids in the pages are stable: `docs/pages.md` lists them.
//!
//! | file | its question |
//! |---|---|
//! | `browser.rs` | which browser is it, and who is signed in with it? [`Browser`] |
//! | `submission.rs` | was this form sent by our page in this browser? [`Submission`] |
//! | `form.rs` | what is in the form? |
//! | `cookie.rs` | what are the cookies, and how are they set? |
//! | `security.rs` | which headers does every page have? |
//! | `render.rs`, `layout.rs`, `field.rs`, `hand_on.rs` | how does a page become a response? [`render`] |
//! | `again.rs` | what becomes of a form that another site posted? |
//! | `destination.rs`, `step.rs` | where does signing in lead, and what does an application's request become? [`respond`] |
//! | `refusal.rs` | what does a person read when something is refused? [`Refused`] |
//! | `fault.rs` | how does a form say what was wrong with it? |
//! | `asset.rs` | the stylesheet, the script and the mark |
//! | `words.rs` | how are devices, instants and scopes put into words? |
//! | the others | one page, or one button of the account page, a file |
//!
//! To add a page: its handlers here in a file of its own, its template in `templates/` on `base.html`, its path in [`ROUTES`].
//! A handler takes [`Browser`] to show, [`Submission`] to do. After what was done, the answer is a 303 (AS-11).

mod account;
mod again;
mod asset;
mod browser;
mod consent;
mod cookie;
mod destination;
mod device;
mod end_session;
mod fault;
mod field;
mod forgot_password;
mod form;
mod hand_on;
mod layout;
mod login;
mod notice;
mod refusal;
mod register;
mod render;
mod reset_password;
mod security;
mod signed_out;
mod start;
mod step;
mod submission;
mod verify_email;
mod words;

pub(crate) use again::again_by_get;
use axum::Router;
use axum::routing::{MethodRouter, get, post};
pub(crate) use browser::Browser;
pub(crate) use cookie::log_cookies;
pub(crate) use refusal::Refused;
pub(crate) use step::respond;

use crate::api::Api;

/// Every path, for the labels of metrics, and what answers there.
pub(crate) fn router() -> Router<Api> {
    ROUTES.iter().fold(Router::new(), |router, (path, route)| router.route(path, route()))
}

/// The paths of all pages.
pub(crate) fn templates() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|(path, _)| *path)
}

type Route = (&'static str, fn() -> MethodRouter<Api>);

static ROUTES: &[Route] = &[
    (start::PATH, || get(start::show)),
    (login::PATH, || get(login::show).post(login::sign_in)),
    (register::PATH, || get(register::show).post(register::register)),
    (forgot_password::PATH, || get(forgot_password::show).post(forgot_password::send)),
    (reset_password::PATH, || get(reset_password::show).post(reset_password::reset)),
    (verify_email::PATH, || get(verify_email::show).post(verify_email::verify)),
    (consent::PATH, || get(consent::show).post(consent::answer)),
    (end_session::PATH, || get(end_session::show).post(end_session::show_by_post)),
    (end_session::CONFIRM, || post(end_session::confirm).get(end_session::back)),
    (signed_out::PATH, || get(signed_out::show)),
    (device::PATH, || get(device::show).post(device::enter)),
    (device::DECISION, || post(device::decide).get(device::back)),
    (device::DONE, || get(device::show_done)),
    (account::PATH, || get(account::show)),
    (account::NAME, || post(account::rename).get(account::back)),
    (account::PASSWORD, || post(account::change_password).get(account::back)),
    (account::END_SESSION, || post(account::end_session).get(account::back)),
    (account::WITHDRAW, || post(account::withdraw).get(account::back)),
    (account::SIGN_OUT, || post(account::sign_out).get(account::back)),
    (account::SIGN_OUT_EVERYWHERE, || post(account::sign_out_everywhere).get(account::back)),
    (asset::PATH, || get(asset::show)),
];
