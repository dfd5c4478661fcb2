use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use portcullis::oauth::authorize::{self, Step};

use super::destination::Destination;
use super::layout::Layout;
use super::render::{page, render};
use super::respond;
use super::submission::{PageQuery, Submission};
use super::words::{acts_at, scope_words};
use super::{Browser, login};

pub(super) const PATH: &str = "/consent";

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage {
    layout: Layout,
    destination: Destination,
    redirect_host: String,
    /// Whom its token is for; empty if it only tells who somebody is.
    audience: String,
    /// What the application asks for, in words.
    wishes: Vec<String>,
    user: String,
    switch: String,
}

page!(ConsentPage);

/// Asks whoever is signed in. The request that comes with the page is sealed anew, for them.
pub(super) async fn show(browser: Browser, PageQuery(query): PageQuery) -> Response {
    let request = query.text("request");
    let session = browser.session.as_ref();
    match authorize::resume(browser.portcullis(), request, &browser.binding, session).await {
        Step::Consent { request, question } => {
            let destination = Destination::waiting(request);
            let title = format!("Allow {}?", question.application_name);
            let page = ConsentPage {
                layout: Layout::new(&browser, title).leading_to(&destination.redirect_uri),
                redirect_host: question.redirect_host,
                audience: acts_at(question.audience, browser.portcullis().public_url()),
                wishes: question.scopes.iter().map(|scope| scope_words(scope)).collect(),
                user: question.user,
                switch: destination.path(login::PATH, "switch=1"),
                destination,
            };
            render(&browser, StatusCode::OK, &page)
        }
        step => respond(step, &browser),
    }
}

/// Takes the answer: only `approve` is yes.
pub(super) async fn answer(Submission { browser, form }: Submission) -> Response {
    let request = form.text("request");
    let Some(session) = &browser.session else {
        return respond(
            authorize::resume(browser.portcullis(), request, &browser.binding, None).await,
            &browser,
        );
    };
    let approved = form.text("decision") == "approve";
    let step = authorize::decide(browser.portcullis(), request, &browser.binding, session, approved).await;
    respond(step, &browser)
}
