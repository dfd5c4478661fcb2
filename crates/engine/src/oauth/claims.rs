//! What is said about a person: the standard claims by scope, those of the `claims` parameter, and the application's own.

use std::collections::BTreeMap;

use portcullis_domain::UserProfile;
use portcullis_types::application::{Application, ClaimSource, ClaimTarget, CustomClaim};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{OAuthError, ScopeSet};

/// The longest `claims` parameter, in bytes.
const MAX_LEN: usize = 4 * 1024;

/// A standard claim (OpenID Connect Core §5.1): its name, the scope that asks for it (§5.4), and where its value comes from.
struct StandardClaim {
    name: &'static str,
    scope: &'static str,
    value: fn(&UserProfile) -> Option<Value>,
}

/// What is known of people. Discovery lists these.
const STANDARD: &[StandardClaim] = &[
    StandardClaim { name: "name", scope: "profile", value: |user| user.name.clone().map(Value::from) },
    StandardClaim { name: "email", scope: "email", value: |user| user.email.clone().map(Value::from) },
    StandardClaim {
        name: "email_verified",
        scope: "email",
        value: |user| user.email.as_ref().map(|_| user.email_verified.into()),
    },
];

/// The names of the standard claims.
pub(super) fn standard_names() -> impl Iterator<Item = &'static str> {
    STANDARD.iter().map(|claim| claim.name)
}

/// How one claim is asked for (OpenID Connect Core §5.5.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimWish {
    /// Whether it is needed for what the person wants to do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The value that it should have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// One of the values that it should have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl ClaimWish {
    /// Whether a value is what is asked for; any is, if none is named.
    fn takes(&self, value: &Value) -> bool {
        let named = self.value.iter().chain(&self.values);
        let mut named = named.peekable();
        named.peek().is_none() || named.any(|wanted| wanted == value)
    }
}

type Wishes = BTreeMap<String, Option<ClaimWish>>;

/// The parameter `claims` of an authorization request (OpenID Connect Core §5.5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    id_token: Wishes,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    userinfo: Wishes,
}

impl ClaimsRequest {
    /// Reads the parameter: JSON of up to 4,096 bytes. Members and claims that are not known are ignored.
    ///
    /// # Errors
    /// `invalid_request` for what is no such JSON.
    pub fn parse(text: &str) -> Result<Self, OAuthError> {
        let malformed = || {
            OAuthError::invalid_request("the parameter claims is not a claims request of up to 4,096 bytes")
        };
        // The parser would take a list for an object whose members come in order.
        if text.len() > MAX_LEN || !text.trim_ascii_start().starts_with('{') {
            return Err(malformed());
        }
        // The parser's error would quote what was sent.
        serde_json::from_str(text).ok().ok_or_else(malformed)
    }

    /// The text that [`ClaimsRequest::parse`] reads back.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The scopes that would give the same claims.
    pub fn scopes(&self) -> impl Iterator<Item = &'static str> {
        let wished = |claim: &&StandardClaim| {
            self.id_token.contains_key(claim.name) || self.userinfo.contains_key(claim.name)
        };
        STANDARD.iter().filter(wished).map(|claim| claim.scope)
    }

    /// Whether this person and this way of signing in are what is asked for. An `acr` counts only if it is essential (§5.5.1.1),
    /// a `sub` always.
    pub fn is_met_by(&self, user_id: &str, acr: &str) -> bool {
        let met = |name: &str, value: &str, always: bool| {
            let wish = self.id_token.get(name).and_then(Option::as_ref);
            wish.is_none_or(|wish| !(always || wish.essential) || wish.takes(&value.into()))
        };
        met("sub", user_id, true) && met("acr", acr, false)
    }
}

/// Where claims are put.
#[derive(Clone, Copy)]
pub(super) enum Place {
    IdToken,
    AccessToken,
    UserInfo,
}

/// What decides which claims are told.
pub(super) struct Telling<'a> {
    /// None of a person's own token.
    pub(super) application: Option<&'a Application>,
    /// Nobody, of a token that an application has for itself.
    pub(super) user: Option<&'a UserProfile>,
    pub(super) scope: &'a ScopeSet,
    pub(super) request: Option<&'a ClaimsRequest>,
}

/// The claims about the person, and the application's own, for one place. A claim that was asked for by name and not by its scope is
/// told to our own applications only, if they may ask for the scope: to others people consent by scopes. An access token holds no standard claims: whoever it is for asks userinfo.
pub(super) fn told(telling: &Telling<'_>, place: Place) -> Map<String, Value> {
    let mut claims = Map::new();
    let Telling { application, user, scope, request } = telling;
    let (target, wishes) = match place {
        Place::IdToken => (ClaimTarget::IdToken, request.map(|request| &request.id_token)),
        Place::UserInfo => (ClaimTarget::UserInfo, request.map(|request| &request.userinfo)),
        Place::AccessToken => (ClaimTarget::AccessToken, None),
    };
    for claim in STANDARD.iter().filter(|_| !matches!(place, Place::AccessToken)) {
        let may =
            application.is_some_and(|own| own.first_party && own.scopes.iter().any(|one| one == claim.scope));
        let wished = may && wishes.is_some_and(|wishes| wishes.contains_key(claim.name));
        if (scope.contains(claim.scope) || wished)
            && let Some(value) = user.and_then(claim.value)
        {
            claims.insert(claim.name.to_owned(), value);
        }
    }
    let own = application.map(|application| application.claims.as_slice()).unwrap_or_default();
    for custom in own.iter().filter(|custom| custom.tokens.contains(&target)) {
        if let Some(value) = value_of(custom, *user) {
            claims.insert(custom.name.clone(), value);
        }
    }
    claims
}

fn value_of(claim: &CustomClaim, user: Option<&UserProfile>) -> Option<Value> {
    let Some(source) = claim.source else { return claim.value.clone() };
    let user = user?;
    match source {
        ClaimSource::UserId => Some(user.user_id.clone().into()),
        ClaimSource::UserEmail => user.email.clone().map(Value::from),
        ClaimSource::UserEmailVerified => Some(user.email_verified.into()),
        ClaimSource::UserName => user.name.clone().map(Value::from),
        ClaimSource::UserPool => Some(user.pool.clone().into()),
    }
}

/// The authentication context class (`acr`) of a way of signing in: what really happened, by the methods (`amr`, RFC 8176).
/// `1fa` for one factor, `2fa` when a second one was asked for (`mfa`).
pub(crate) fn acr_of(amr: &[String]) -> &'static str {
    if amr.iter().any(|method| method == "mfa") { "2fa" } else { "1fa" }
}

/// The classes that [`acr_of`] can give today.
pub(super) const ACR_VALUES: &[&str] = &["1fa"];

#[cfg(test)]
mod tests {
    use portcullis_types::Timestamp;
    use serde_json::json;

    use super::*;

    fn request(value: Value) -> ClaimsRequest {
        ClaimsRequest::parse(&value.to_string()).unwrap()
    }

    #[test]
    fn a_claims_request_is_read_back_and_what_is_unknown_is_ignored() {
        let read = request(json!({"id_token": {"email": null, "phone": {"essential": true}}, "other": 1}));
        assert_eq!(ClaimsRequest::parse(&read.to_json()).unwrap(), read);
        assert_eq!(read.scopes().collect::<Vec<_>>(), ["email"]);
        for bad in ["", "[]", "1", "{\"id_token\":[]}", "{\"id_token\":{\"a\":1}}"] {
            assert!(ClaimsRequest::parse(bad).is_err(), "{bad}");
        }
        assert!(ClaimsRequest::parse(&format!("{{\"x\":\"{}\"}}", "a".repeat(5_000))).is_err());
    }

    #[test]
    fn au_25_an_essential_class_must_be_met_and_a_subject_always() {
        let of = |value| request(json!({"id_token": value})).is_met_by("alice", "1fa");
        assert!(of(json!({})) && of(json!({"acr": null, "sub": null})));
        assert!(of(json!({"acr": {"values": ["2fa"]}})));
        assert!(!of(json!({"acr": {"essential": true, "values": ["2fa"]}})));
        assert!(of(json!({"acr": {"essential": true, "values": ["2fa", "1fa"]}})));
        assert!(of(json!({"sub": {"value": "alice"}})) && !of(json!({"sub": {"value": "bob"}})));
    }

    #[test]
    fn the_class_says_how_many_factors_there_were() {
        assert_eq!(acr_of(&["pwd".to_owned()]), "1fa");
        assert_eq!(acr_of(&["pwd".to_owned(), "otp".to_owned(), "mfa".to_owned()]), "2fa");
    }

    #[test]
    fn an_address_that_is_not_there_is_not_told_to_be_proven() {
        let user = UserProfile::new("alice", Timestamp::from_secs(0));
        let values: Vec<_> = STANDARD.iter().filter_map(|claim| (claim.value)(&user)).collect();
        assert!(values.is_empty());
    }
}
