//! Whom an application expects: by an ID token that it was given before, or by a claim.

use portcullis_types::application::Application;
use serde_json::{Map, Value};

use crate::Portcullis;
use crate::oauth::OAuthError;

/// Whom an `id_token_hint` names (OpenID Connect Core §3.1.2.1): an ID token of ours for this very application. It may have expired,
/// since it opens nothing.
pub(super) fn hinted_subject(
    portcullis: &Portcullis,
    application: &Application,
    hint: &str,
) -> Result<String, OAuthError> {
    let claims = portcullis.id_token_claims(hint)?;
    if !claims.has_audience(&application.application_id) {
        return Err(OAuthError::invalid_request("id_token_hint is not an ID token of this application"));
    }
    Ok(claims.subject().to_owned())
}

/// Whom `claims` names (OpenID Connect Core §5.5.1: a value of `sub`), after a look at its form.
pub(super) fn claimed_subject(claims: &str) -> Result<Option<String>, OAuthError> {
    let malformed =
        || OAuthError::invalid_request("claims: expected a JSON object of OpenID Connect Core, section 5.5");
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
