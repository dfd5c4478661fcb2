//! Proof key for code exchange (RFC 7636), with S256 alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_jose::Digest;

use crate::oauth::{OAuthError, Parameters};

/// Reads the challenge of a request: 43 characters of base64url (RFC 7636 §4.2). `plain`, which is what no method means, is refused:
/// whoever sees the request could redeem the code (AS-04).
pub(super) fn challenge(parameters: &Parameters, required: bool) -> Result<Option<String>, OAuthError> {
    let method = parameters.find("code_challenge_method");
    let Some(challenge) = parameters.find("code_challenge") else {
        return if method.is_some() || required {
            Err(OAuthError::invalid_request("code_challenge is missing"))
        } else {
            Ok(None)
        };
    };
    if method != Some("S256") {
        return Err(OAuthError::invalid_request("code_challenge_method: expected S256"));
    }
    if digest(challenge).is_none() {
        return Err(OAuthError::invalid_request(
            "code_challenge: expected a SHA-256 in 43 characters of base64url",
        ));
    }
    Ok(Some(challenge.to_owned()))
}

/// Whether a verifier is the one of the challenge. With a challenge there must be one, without a challenge there must be none (AS-05):
/// a code that was put into the place of another is recognised by that.
pub(crate) fn verify(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), OAuthError> {
    let refused = |description| Err(OAuthError::invalid_grant(description));
    match (challenge.map(digest), verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => refused("code_verifier: the code was asked for without a challenge"),
        (Some(_), None) => refused("code_verifier is missing"),
        (Some(Some(digest)), Some(verifier))
            if is_verifier(verifier) && digest.matches(verifier.as_bytes()) =>
        {
            Ok(())
        }
        (Some(_), Some(_)) => refused("code_verifier is not the one of the challenge"),
    }
}

fn digest(challenge: &str) -> Option<Digest> {
    let mut bytes = [0; 32];
    let decoded = URL_SAFE_NO_PAD.decode_slice(challenge, &mut bytes);
    (challenge.len() == 43 && decoded == Ok(32)).then_some(Digest::from_bytes(bytes))
}

/// RFC 7636 §4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn asked(form: &str, required: bool) -> Result<Option<String>, OAuthError> {
        challenge(&Parameters::parse(form.as_bytes()).unwrap(), required)
    }

    #[test]
    fn as_04_s256_is_required_and_plain_refused() {
        let s256 = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
        assert_eq!(asked(&s256, true).unwrap().as_deref(), Some(CHALLENGE));
        assert_eq!(asked("", false).unwrap(), None);
        for required in [true, false] {
            for refused in [
                "code_challenge_method=S256".to_owned(),
                format!("code_challenge={CHALLENGE}"),
                format!("code_challenge={CHALLENGE}&code_challenge_method=plain"),
                format!("code_challenge={CHALLENGE}&code_challenge_method=s256"),
                format!("code_challenge={}&code_challenge_method=S256", &CHALLENGE[1..]),
                format!("code_challenge={CHALLENGE}A&code_challenge_method=S256"),
                format!("code_challenge={CHALLENGE}=&code_challenge_method=S256"),
                // The last character stands for bits that are not there.
                format!("code_challenge={}N&code_challenge_method=S256", &CHALLENGE[..42]),
                format!("code_challenge={}&code_challenge_method=S256", CHALLENGE.replace('-', "+")),
            ] {
                assert_eq!(
                    asked(&refused, required).unwrap_err().code.as_str(),
                    "invalid_request",
                    "{refused}"
                );
            }
        }
        assert!(asked("", true).is_err());
    }

    #[test]
    fn as_05_a_verifier_is_there_exactly_when_a_challenge_is_and_matches_it() {
        assert!(verify(Some(CHALLENGE), Some(VERIFIER)).is_ok());
        assert!(verify(None, None).is_ok());
        let short = "a".repeat(42);
        for (challenge, verifier) in [
            (Some(CHALLENGE), None),
            (None, Some(VERIFIER)),
            (Some(CHALLENGE), Some(CHALLENGE)),
            (Some(CHALLENGE), Some(&VERIFIER[1..])),
            (Some(CHALLENGE), Some(&*VERIFIER.to_lowercase())),
            (Some(CHALLENGE), Some("")),
            (Some("unreadable"), Some(VERIFIER)),
            (Some("unreadable"), None),
        ] {
            assert_eq!(verify(challenge, verifier).unwrap_err().code.as_str(), "invalid_grant");
        }
        // Too short for a verifier, although it has the digest.
        let of_short = URL_SAFE_NO_PAD.encode(Digest::of(short.as_bytes()).as_bytes());
        assert!(verify(Some(&of_short), Some(&short)).is_err());
    }
}
