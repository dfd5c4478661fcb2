use std::fmt;

use portcullis_types::application::Application;

use super::{OAuthError, OAuthErrorCode};

/// How many scopes one request may name.
const MAX_SCOPES: usize = 64;

/// A set of scopes (RFC 6749 §3.3), in the order in which they were named first, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<String>);

impl ScopeSet {
    /// Reads the scopes that an application asks for: each must be one of its own.
    ///
    /// # Errors
    /// `invalid_scope` for any other, and as [`ScopeSet::read`].
    pub fn parse(text: &str, application: &Application) -> Result<Self, OAuthError> {
        let wanted = Self::read(text)?;
        if wanted.iter().all(|scope| application.scopes.iter().any(|own| own == scope)) {
            Ok(wanted)
        } else {
            Err(invalid("a scope is not one that this application may ask for"))
        }
    }

    /// Reads scopes that are separated by spaces, up to 64, whosever they are.
    ///
    /// # Errors
    /// `invalid_scope` for a character that no scope has.
    pub fn read(text: &str) -> Result<Self, OAuthError> {
        let mut scopes = Self::default();
        for scope in text.split(' ').filter(|scope| !scope.is_empty()) {
            let plain = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            if !scope.bytes().all(plain) || scopes.0.len() >= MAX_SCOPES {
                return Err(invalid("the scope is malformed"));
            }
            scopes.add(scope);
        }
        Ok(scopes)
    }

    /// Scopes as they were stored.
    pub(crate) fn stored(text: &str) -> Self {
        text.split(' ').filter(|scope| !scope.is_empty()).collect()
    }

    /// Scopes as they were granted, without those that the application may not ask for any more.
    pub(super) fn left(granted: &str, application: &Application) -> Self {
        Self::stored(granted).filter(|scope| application.scopes.iter().any(|own| own == scope))
    }

    /// Refuses when something was granted and nothing of it is [`left`](Self::left): an answer without a scope would say that everything
    /// was granted as it was asked for (RFC 6749 §5.1).
    pub(super) fn require_left(&self, granted: &str) -> Result<(), OAuthError> {
        if self.is_empty() && !granted.is_empty() {
            return Err(invalid("the application may not ask for anything that was granted any more"));
        }
        Ok(())
    }

    fn add(&mut self, scope: &str) {
        if !self.contains(scope) {
            self.0.push(scope.to_owned());
        }
    }

    /// Whether `scope` is one of them.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|known| known == scope)
    }

    /// As an answer tells them (RFC 6749 §5.1): nothing if there is none, since the empty text is no scope (§3.3).
    pub(super) fn told(&self) -> Option<String> {
        (!self.is_empty()).then(|| self.to_string())
    }

    /// Whether all of them are in `other`.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.0.iter().all(|scope| other.contains(scope))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Those that `keep` says yes to.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&str) -> bool) -> Self {
        self.iter().filter(|scope| keep(scope)).collect()
    }
}

impl<'a> FromIterator<&'a str> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(scopes: I) -> Self {
        let mut set = Self::default();
        scopes.into_iter().for_each(|scope| set.add(scope));
        set
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// Whether a scope is one of OpenID Connect (Core §5.4, §11), each of which says something about a person.
pub(super) fn about_people(scope: &str) -> bool {
    OPENID.contains(&scope)
}

/// The scopes that mean something to Portcullis itself. Discovery lists them.
pub(super) const OPENID: [&str; 4] = ["openid", "profile", "email", "offline_access"];

pub(super) fn invalid(description: &'static str) -> OAuthError {
    OAuthError::new(OAuthErrorCode::InvalidScope, description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_in_order_and_each_once() {
        let read = ScopeSet::read("openid  email openid a:b/c").unwrap();
        assert_eq!(read.to_string(), "openid email a:b/c");
        assert!(read.contains("email") && !read.contains("mail") && !read.is_empty());
        assert_eq!(ScopeSet::stored(&read.to_string()), read);
        assert!(ScopeSet::read("email").unwrap().is_subset_of(&read));
        assert!(!ScopeSet::read("email phone").unwrap().is_subset_of(&read));
        assert!(ScopeSet::read("").unwrap().is_empty());
    }

    #[test]
    fn what_no_scope_can_be_is_refused() {
        for text in ["a\"b", "a\\b", "a\tb", "é", "a\n"] {
            assert_eq!(ScopeSet::read(text).unwrap_err().code, OAuthErrorCode::InvalidScope, "{text}");
        }
        let many = (0..65).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert!(ScopeSet::read(&many).is_err());
    }
}
