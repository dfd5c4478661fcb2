//! What an application asks for: each part of it must be one that it may ask for.

use std::collections::BTreeSet;

use portcullis_types::application::Application;
use serde_json::{Map, Value};

use crate::Portcullis;
use crate::oauth::{OAuthError, OAuthErrorCode, Parameters, ScopeSet};

/// The scopes of a request (RFC 6749 §3.3, TK-09).
pub(super) fn scope(application: &Application, parameters: &Parameters) -> Result<ScopeSet, OAuthError> {
    let scope = ScopeSet::read(parameters.find("scope").unwrap_or_default())?;
    if scope.iter().any(|one| !application.scopes.iter().any(|may| may == one)) {
        let description = "scope: expected what is registered for the application";
        return Err(OAuthError::new(OAuthErrorCode::InvalidScope, description));
    }
    Ok(scope)
}

/// The one audience of a request (RFC 8707 §2, TK-08).
pub(super) fn audience(
    portcullis: &Portcullis,
    application: &Application,
    parameters: &Parameters,
) -> Result<String, OAuthError> {
    let asked: BTreeSet<&str> = parameters.all("resource").chain(parameters.all("audience")).collect();
    let default = || match &application.default_audience {
        Some(audience) => audience.clone(),
        None => format!("{}/oauth2/userinfo", portcullis.public_url()),
    };
    let refused =
        |description: &'static str| Err(OAuthError::new(OAuthErrorCode::InvalidTarget, description));
    match asked.iter().copied().collect::<Vec<_>>().as_slice() {
        [] => Ok(default()),
        [one] if application.audiences.iter().any(|may| may == one) || *one == default() => {
            Ok((*one).to_owned())
        }
        [_] => refused("resource: expected one that is registered for the application"),
        _ => refused("resource: expected one, since a token is for one"),
    }
}

/// Whom `claims` names (OpenID Connect Core §5.5.1: a value of `sub`), after a look at its form.
pub(super) fn claimed_subject(claims: &str) -> Result<Option<String>, OAuthError> {
    let malformed =
        || OAuthError::invalid_request("claims: expected a JSON object of OpenID Connect Core §5.5");
    let read: Map<String, Value> = serde_json::from_str(claims).map_err(|_error| malformed())?;
    let of = |place: &str| match read.get(place) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(members)) => Ok(members.get("sub").and_then(|sub| sub.get("value"))),
        Some(_) => Err(malformed()),
    };
    let (of_id_token, of_user_info) = (of("id_token")?, of("userinfo")?);
    match of_id_token.or(of_user_info) {
        None => Ok(None),
        Some(Value::String(subject)) => Ok(Some(subject.clone())),
        Some(_) => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_name_a_subject_by_its_value() {
        let read = |text: &str| claimed_subject(text).map_err(|error| error.code.as_str());
        assert_eq!(read("{}"), Ok(None));
        assert_eq!(
            read(r#"{"id_token":{"sub":{"value":"alice"}},"userinfo":null}"#),
            Ok(Some("alice".to_owned()))
        );
        assert_eq!(read(r#"{"userinfo":{"sub":{"value":"bob"}}}"#), Ok(Some("bob".to_owned())));
        assert_eq!(read(r#"{"id_token":{"sub":null,"email":{"essential":true}}}"#), Ok(None));
        for bad in ["", "[]", "x", r#"{"id_token":1}"#, r#"{"id_token":{"sub":{"value":1}}}"#] {
            assert_eq!(read(bad), Err("invalid_request"), "{bad}");
        }
    }
}
