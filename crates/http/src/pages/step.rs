use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth::authorize::{AuthorizationResponse, Refusal, Step};
use portcullis_types::application::ResponseMode;

use super::hand_on::HandOnPage;
use super::layout::Layout;
use super::refusal::Refused;
use super::render::render;
use super::{Browser, consent, login};

/// What a browser gets for the next step of an application's request: a 303 to one of our pages or to the application's registered
/// redirect URI, a page that hands the answer on (`form_post`), or a page that refuses.
pub(crate) fn respond(step: Step, browser: &Browser) -> Response {
    match step {
        Step::SignIn(waiting) => browser.see_other(&format!("{}?request={}", login::PATH, waiting.request)),
        Step::Consent { request, .. } => {
            browser.see_other(&format!("{}?request={}", consent::PATH, request.request))
        }
        Step::Respond(response) => match response.mode {
            ResponseMode::Query => browser.redirect(&response.location()),
            ResponseMode::FormPost => hand_on(response, browser),
        },
        Step::Refuse(refusal) => browser.finish(refused(refusal, browser).into_response()),
    }
}

/// A form that goes to the application (OAuth 2.0 Form Post Response Mode).
fn hand_on(response: AuthorizationResponse, browser: &Browser) -> Response {
    let page = HandOnPage {
        layout: Layout::new(browser, "One moment").leading_to(&response.redirect_uri),
        lead: "We hand you on to the application.",
        action: response.redirect_uri,
        parameters: response.parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    };
    render(browser, StatusCode::OK, &page)
}

/// AS-02: a page, whatever the request said about where to go.
fn refused(refusal: Refusal, browser: &Browser) -> Refused {
    let page = |title: &str, text: &str| Refused::new(StatusCode::BAD_REQUEST, title, text);
    match refusal {
        Refusal::UnknownApplication => page(
            "This application is not known here",
            "The link that brought you here names an application that is not registered. Tell whoever runs the application.",
        ),
        Refusal::UnknownRedirectUri => page(
            "This application sent a wrong address",
            "It asks us to send you to an address that is not registered for it, so that we stop here, for your safety. Tell whoever \
             runs the application.",
        ),
        Refusal::Malformed(error) => page(
            "This request cannot be read",
            &format!("The application sent something that we do not understand: {}.", error.description),
        ),
        Refusal::Expired => page(
            "This took too long",
            "Signing in must be done within 30 minutes. Go back to the application, and begin again.",
        ),
        Refusal::NotOfThisBrowser => page(
            "This sign-in was begun elsewhere",
            "It can only be finished in the browser in which it was begun. Go back to the application, and begin again.",
        ),
        Refusal::Failed(error) => Refused::of(error, browser.request_id()),
        _ => page("This request cannot be read", "Go back to the application, and begin again."),
    }
}
