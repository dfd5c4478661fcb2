use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{ACCESS_CONTROL_REQUEST_METHOD, CONTENT_LENGTH, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body::Body as _;
use portcullis_types::guard::GuardStage;
use portcullis_types::{GuardCode, GuardOutcome, GuardRequest, MicroCredits, Sensitive};

use super::answer::AnswerForm;
use super::credential::{Found, find};
use super::layer::{GuardLayer, Options};
use super::refusal::{GuardRefusal, invalid_token};
use super::settle::{SettledBody, Settlement, ToTheEnd};
use super::state::{Asking, Credentials, GuardState};
use super::strip::strip;
use crate::add_resource_metadata;
use crate::gate::Gate;

const CREDITS_USED: HeaderName = HeaderName::from_static("x-credits-used");

/// What the layer remembers of a request while the routes work.
pub struct Guarding {
    /// Gives back what is held, if it is dropped.
    settlement: Settlement,
    /// For whoever sent an invalid token.
    told: Option<HeaderValue>,
    /// Whether the answer to this method may have a body.
    has_body: bool,
}

impl Gate for GuardLayer {
    type Kept = Guarding;

    async fn admit(&self, parts: &mut Parts) -> Result<Guarding, Response> {
        let options = &self.options;
        strip(&mut parts.headers, &options.stripped);
        // From here on it gives back what is held, if this future is dropped.
        let settlement = Settlement::new(Arc::clone(&options.settler));
        let state = match look(options, parts, &settlement).await {
            Ok(state) => state,
            Err(refusal) => return Err(point(refusal.into_response(), options)),
        };
        let told = match &state.credentials {
            Credentials::Invalid(outcome) => Some(invalid_token(outcome)),
            _ => None,
        };
        parts.extensions.insert(state);
        Ok(Guarding { settlement, told, has_body: parts.method != Method::HEAD })
    }

    async fn finish(&self, kept: Guarding, mut response: Response) -> Response {
        let Guarding { settlement, told, has_body } = kept;
        if let Some(challenge) = told {
            response.headers_mut().entry(WWW_AUTHENTICATE).or_insert(challenge);
        }
        settle(point(response, &self.options), settlement, has_body).await
    }
}

/// Says where the metadata of the resource is, if the layer was told.
fn point(mut response: Response, options: &Options) -> Response {
    if let Some(url) = &options.metadata {
        add_resource_metadata(response.headers_mut(), url);
    }
    response
}

/// Finds out who sent a request.
async fn look(options: &Options, parts: &Parts, settlement: &Settlement) -> Result<GuardState, GuardRefusal> {
    let form = AnswerForm::of(parts, &options.ids);
    let passes = is_preflight(parts) || options.skipped.contains(parts.uri.path());
    let found = if passes { Ok(Found::Nothing) } else { find(parts, options.cookie.as_ref()) };
    let (credentials, token) = match found {
        Ok(Found::Nothing) => (Credentials::Missing, ""),
        Ok(Found::Malformed(reason)) => {
            let outcome = GuardOutcome::refused(GuardCode::TokenMalformed, reason);
            (Credentials::Invalid(Arc::new(outcome)), "")
        }
        Ok(Found::One(token)) => (who(options, token, &form).await, token),
        Err(refusal) => {
            tracing::debug!(request_id = form.request_id.as_str(), ?refusal, "refused a credential");
            return Err(GuardRefusal::credential(refusal, form));
        }
    };
    let asking = Asking {
        guard: Arc::clone(&options.guard),
        token: Sensitive::new(token),
        holds: settlement.holds(),
        keys: Arc::clone(&options.keys),
    };
    let state = GuardState { credentials, form, asking };
    if options.reject_invalid && matches!(state.credentials, Credentials::Invalid(_) | Credentials::Failed(_))
    {
        state.required()?;
    }
    Ok(state)
}

async fn who(options: &Options, token: &str, form: &AnswerForm) -> Credentials {
    let request = GuardRequest { request_id: Some(form.request_id.as_str()), ..GuardRequest::who(token) };
    let outcome = options.guard.check(request).await;
    if let (true, Some(context)) = (outcome.is_allowed(), &outcome.context) {
        return Credentials::Valid(Arc::clone(context));
    }
    let code = outcome.error_code.unwrap_or(GuardCode::Unknown);
    let outcome = Arc::new(outcome);
    // Only what says that the token is no good makes a guest: a limit or an outage says nothing about it.
    if code.stage() == GuardStage::Authentication && code.status() == 401 {
        Credentials::Invalid(outcome)
    } else {
        Credentials::Failed(outcome)
    }
}

fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Takes or gives back what is held, as the response says.
async fn settle(mut response: Response, settlement: Settlement, has_body: bool) -> Response {
    let used = credits_used(&mut response, settlement.len());
    if settlement.len() == 0 {
        return response;
    }
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        ToTheEnd::new(settlement.release()).await;
        return response;
    }
    let has_body = has_body && ![StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    if !has_body || status.is_informational() || response.body().size_hint().exact().is_some() {
        ToTheEnd::new(settlement.commit(used)).await;
        return response;
    }
    let length = response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    response.map(|body| Body::new(SettledBody::new(body, settlement, used, length)))
}

/// Takes the header out that says what the work really cost.
fn credits_used(response: &mut Response, reservations: usize) -> Option<MicroCredits> {
    let value = response.headers_mut().remove(CREDITS_USED)?;
    let amount = value.to_str().ok().and_then(|value| value.parse().ok()).map(MicroCredits);
    let amount = amount.filter(|amount| (MicroCredits::ZERO..=MicroCredits::MAX).contains(amount));
    if reservations == 1 && amount.is_some() {
        return amount;
    }
    tracing::error!(
        ?value,
        reservations,
        "X-Credits-Used is no amount of one reservation: it does not count"
    );
    None
}
