use serde::{Deserialize, Serialize};

use crate::oauth::OAuthError;

/// What the person is to be shown (`prompt`, OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Prompts {
    /// Nothing at all.
    pub(super) none: bool,
    /// A sign-in, whoever is signed in: `login`. Also `select_account`: a browser has one account here, so that whoever signs in has
    /// chosen one.
    pub(super) sign_in: bool,
    /// What the application asks for, whether or not it was allowed before.
    pub(super) consent: bool,
}

impl Prompts {
    pub(super) fn parse(text: &str) -> Result<Self, OAuthError> {
        let mut prompts = Self::default();
        for prompt in text.split(' ').filter(|prompt| !prompt.is_empty()) {
            match prompt {
                "none" => prompts.none = true,
                "login" | "select_account" => prompts.sign_in = true,
                "consent" => prompts.consent = true,
                _ => {
                    let expected = "prompt: expected none, or some of login, consent and select_account";
                    return Err(OAuthError::invalid_request(expected));
                }
            }
        }
        if prompts.none && (prompts.sign_in || prompts.consent) {
            return Err(OAuthError::invalid_request("prompt: none goes with no other"));
        }
        Ok(prompts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_16_none_goes_alone_and_others_together() {
        let read = |text: &str| Prompts::parse(text).map(|p| (p.none, p.sign_in, p.consent)).ok();
        assert_eq!(read("none"), Some((true, false, false)));
        assert_eq!(read("login consent"), Some((false, true, true)));
        assert_eq!(read("select_account"), Some((false, true, false)));
        assert_eq!(read("  "), Some((false, false, false)));
        for refused in ["none login", "consent none", "Login", "create", "login,consent"] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }
}
