//! What a token keeps of what its bearer may: its scopes, and how strong and how fresh the sign-in was.

use portcullis_types::guard::SessionContext;
use portcullis_types::{GuardCode, Timestamp};
use serde_json::{Map, Value};

use super::registry::RegisteredOperation;
use super::stage::DecisionQuestion;

/// Ways of signing in that prove more than a password (RFC 8176).
const STRONG: [&str; 9] = ["mfa", "otp", "hwk", "swk", "sc", "fpt", "face", "iris", "pop"];
/// How long ago a strong sign-in may be for break-glass.
const RECENT_SECS: i64 = 15 * 60;

/// Why a token does not reach as far as its bearer.
pub(super) struct Capped {
    pub(super) code: GuardCode,
    pub(super) reason: &'static str,
    pub(super) details: Map<String, Value>,
}

/// Refuses what the token does not reach.
pub(super) fn check(question: &DecisionQuestion<'_>) -> Result<(), Capped> {
    let (operation, facts) = (question.operation, &question.bearer.facts);
    if let Some(scopes) = &facts.scopes
        && !reaches(scopes, operation)
    {
        let needed = match operation.body.required_scopes.as_slice() {
            [] => operation.body.permission.clone(),
            required => required.join(" "),
        };
        return Err(Capped {
            code: GuardCode::InsufficientScope,
            reason: "the token's scopes do not include this",
            details: Map::from_iter([("scope".to_owned(), Value::from(needed))]),
        });
    }
    step_up(question)
}

/// RFC 9470: the operation asks for more than this sign-in.
fn step_up(question: &DecisionQuestion<'_>) -> Result<(), Capped> {
    let body = &question.operation.body;
    if !body.mfa && body.min_acr.is_none() && body.max_auth_age.is_none() {
        return Ok(());
    }
    let facts = &question.bearer.facts;
    let session = facts.session.as_ref();
    let strong = !body.mfa || session.is_some_and(is_strong);
    let acr = facts.claims.get("acr").and_then(Value::as_str);
    let classed = body.min_acr.is_none() || acr == body.min_acr.as_deref();
    let age =
        |max: u32| session.is_some_and(|session| is_within(session.auth_time, question.now, i64::from(max)));
    if strong && classed && body.max_auth_age.is_none_or(age) {
        return Ok(());
    }
    let mut details = Map::new();
    if let Some(acr) = &body.min_acr {
        details.insert("acrValues".to_owned(), Value::from(acr.as_str()));
    } else if body.mfa {
        details.insert("acrValues".to_owned(), Value::from("mfa"));
    }
    if let Some(max) = body.max_auth_age {
        details.insert("maxAge".to_owned(), Value::from(max));
    }
    let reason = "this needs a stronger or more recent sign-in";
    Err(Capped { code: GuardCode::MfaRequired, reason, details })
}

/// Whether a session was begun with a strong sign-in a short while ago: what break-glass takes.
pub(super) fn is_recent_and_strong(session: Option<&SessionContext>, now: Timestamp) -> bool {
    session.is_some_and(|session| is_strong(session) && is_within(session.auth_time, now, RECENT_SECS))
}

fn is_strong(session: &SessionContext) -> bool {
    session.amr.iter().any(|method| STRONG.contains(&method.as_str()))
}

/// Whether `since` is not longer ago than `secs`. What lies in the future proves nothing.
fn is_within(since: Timestamp, now: Timestamp, secs: i64) -> bool {
    since <= now && since.plus_secs(secs) >= now
}

/// Whether scopes reach an operation: all that it requires, or else one that covers its permission as a role's would.
fn reaches(scopes: &[String], operation: &RegisteredOperation) -> bool {
    let required = &operation.body.required_scopes;
    if !required.is_empty() {
        return required.iter().all(|scope| scopes.contains(scope));
    }
    scopes.iter().any(|scope| covers(scope, &operation.body.permission))
}

/// `document` covers `document:read`; nothing covers half a part.
fn covers(scope: &str, permission: &str) -> bool {
    match permission.get(..scope.len()) {
        Some(head) if !scope.is_empty() && head.eq_ignore_ascii_case(scope) => {
            permission.len() == scope.len() || permission.as_bytes().get(scope.len()) == Some(&b':')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_a_permission_and_those_below_it() {
        for (scope, permission, expected) in [
            ("document:read", "document:read", true),
            ("document", "document:read", true),
            ("Document", "document:READ", true),
            ("doc", "document:read", false),
            ("document:read", "document", false),
            ("document:", "document:read", false),
            ("", "document:read", false),
            ("openid", "document:read", false),
        ] {
            assert_eq!(covers(scope, permission), expected, "{scope} {permission}");
        }
    }

    #[test]
    fn only_a_strong_and_recent_sign_in_breaks_the_glass() {
        let now = Timestamp::from_secs(10_000);
        let session = |secs: i64, amr: &str| SessionContext {
            id: "s".to_owned(),
            auth_time: now.plus_secs(secs),
            amr: vec!["pwd".to_owned(), amr.to_owned()],
        };
        assert!(is_recent_and_strong(Some(&session(-900, "otp")), now));
        for weak in [session(-901, "otp"), session(0, "pwd"), session(1, "mfa")] {
            assert!(!is_recent_and_strong(Some(&weak), now), "{weak:?}");
        }
        assert!(!is_recent_and_strong(None, now));
    }
}
