use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use super::Browser;
use super::form::Form;
use super::refusal::Refused;
use crate::api::Api;
use crate::input::collect;

/// A form that our page in this browser sent (SE-08): what every handler takes that changes something. Refused with 403 if it does
/// not hold the browser's token, or if the browser says that another site sent it.
pub(crate) struct Submission {
    pub(crate) browser: Browser,
    pub(crate) form: Form,
}

impl FromRequest<Api> for Submission {
    type Rejection = Refused;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Refused> {
        let (mut parts, body) = request.into_parts();
        let forged = |again: String| Refused::forged().way_out(again, "Open the page again");
        if comes_from_elsewhere(&parts.headers, api.portcullis().public_url()) {
            return Err(forged(parts.uri.path().to_owned()));
        }
        let browser = Browser::from_request_parts(&mut parts, api).await?;
        if !is_form(&parts.headers) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Refused::new(
                status,
                "This request cannot be read",
                "It is not what the page sends.",
            ));
        }
        let read = collect(body, api.options().body_limit).await;
        let bytes = read.map_err(|failure| Refused::failed(failure, None))?;
        let form = Form::parse(&bytes).ok_or_else(unreadable)?;
        if !browser.is_form_token(form.text("csrf_token")) {
            return Err(forged(page_of(parts.uri.path(), &form)));
        }
        Ok(Self { browser, form })
    }
}

/// The page that a form was on, with what it was opened with: the request that waits, the link of a mail, or the code of a device.
/// Nothing is done by opening it.
fn page_of(path: &str, form: &Form) -> String {
    let is_plain =
        |value: &&str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let kept = ["request", "token", "pool", "user_code"];
    let given = kept.iter().filter_map(|name| Some((name, form.given(name).filter(is_plain)?)));
    let query: Vec<String> = given.map(|(name, value)| format!("{name}={value}")).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

pub(super) fn unreadable() -> Refused {
    let text = "Open the page again, and repeat what you did.";
    Refused::new(StatusCode::BAD_REQUEST, "This request cannot be read", text)
}

/// What the browser itself says about who sent the form. Our pages ask for no referrer, so that their `Origin` is `null`: that
/// is no sign of another site, and the token decides.
fn comes_from_elsewhere(headers: &HeaderMap, public_url: &str) -> bool {
    let says = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = says("sec-fetch-site") {
        return !["same-origin", "none"].contains(&site);
    }
    match says(ORIGIN.as_str()) {
        None | Some("null") => false,
        Some(origin) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            origin != public_url && (host.is_none() || host != says(HOST.as_str()))
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A [`Submission`] that is an attempt at a credential, counted for its address together with those of the API. It is counted only once the
/// form is known to be ours: else any site could use up the attempts of whoever visits it.
pub(crate) struct PageAttempt(pub(crate) Submission);

impl FromRequest<Api> for PageAttempt {
    type Rejection = Refused;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let extensions = parts.extensions.clone();
        let submission = Submission::from_request(Request::from_parts(parts, body), api).await?;
        if let Some(limit) = api.credential_limit() {
            limit.charge_request(&extensions).map_err(Refused::limited)?;
        }
        Ok(Self(submission))
    }
}

/// The query of a page's address.
pub(crate) struct PageQuery(pub(crate) Form);

impl FromRequestParts<Api> for PageQuery {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Refused> {
        Form::parse(parts.uri.query().unwrap_or_default().as_bytes()).map(Self).ok_or_else(unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn se_08_what_another_site_sent_is_told_by_the_browser() {
        let elsewhere = |lines: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, value.parse().unwrap());
            }
            comes_from_elsewhere(&headers, "https://id.example.org")
        };
        assert!(!elsewhere(&[]));
        assert!(!elsewhere(&[("origin", "null")]));
        assert!(!elsewhere(&[("origin", "https://id.example.org")]));
        assert!(!elsewhere(&[("origin", "http://localhost:8080"), ("host", "localhost:8080")]));
        assert!(!elsewhere(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(elsewhere(&[("origin", "https://evil.example")]));
        assert!(elsewhere(&[("origin", "https://id.example.org.evil.example"), ("host", "id.example.org")]));
        for site in ["cross-site", "same-site", "", "x"] {
            assert!(elsewhere(&[("sec-fetch-site", site)]), "{site}");
        }
    }
}
