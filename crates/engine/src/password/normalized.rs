use std::fmt;

use portcullis_types::{FieldError, Sensitive};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The most code points of a password.
pub(crate) const MAX_CHARS: usize = 256;
/// The most bytes of a password in UTF-8.
pub(crate) const MAX_BYTES: usize = 1_024;

/// A password of bounded length, in the form that is hashed: NFKC (Unicode Standard Annex #15), as NIST SP 800-63B-4 §3.1.1.2
/// asks, so that one password is the same whichever keyboard and system it was typed with. NFKC also makes the many spaces one,
/// as OpaqueString does (RFC 8265 §4.2). Nothing else is changed: no letter's case, no space at either end, no NUL; every
/// byte that remains is hashed (AU-02, AU-03).
///
/// What was typed is kept beside it: other systems hash that, and so does a version of Unicode that did not know a
/// character yet.
///
/// Both are overwritten when dropped, and never printed.
#[derive(Clone)]
pub(crate) struct NormalizedPassword {
    normalized: Zeroizing<String>,
    /// What was typed, unless it is the same.
    typed: Option<Zeroizing<String>>,
}

impl NormalizedPassword {
    /// Reads a password that may be long or weak but not without bound, which is found out before anything is computed.
    ///
    /// # Errors
    /// [`FieldError`] on `field` for an empty one, and above [`MAX_CHARS`] or [`MAX_BYTES`].
    pub(crate) fn read(field: &str, presented: &Sensitive) -> Result<Self, FieldError> {
        let typed = presented.expose();
        // The cheap bound first: nobody counts the characters of a megabyte.
        if typed.is_empty() || typed.len() > MAX_BYTES || typed.chars().count() > MAX_CHARS {
            return Err(FieldError::new(
                field,
                format!("1 to {MAX_CHARS} characters of at most {MAX_BYTES} bytes"),
            ));
        }
        // One code point becomes at most 18. With room for that, no copy is left behind by growing.
        let mut normalized = Zeroizing::new(String::with_capacity(typed.len().saturating_mul(18)));
        normalized.extend(typed.nfkc());
        let typed = (*normalized != typed).then(|| Zeroizing::new(typed.to_owned()));
        Ok(Self { normalized, typed })
    }

    /// What is judged, and hashed when it is set.
    pub(crate) fn text(&self) -> &str {
        &self.normalized
    }

    /// What a stored hash may have been made of, in the order in which it is tried. How many there are depends only on what was
    /// presented, never on who is asked about.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = &[u8]> {
        let typed = self.typed.as_ref().map(|typed| typed.as_bytes());
        std::iter::once(self.normalized.as_bytes()).chain(typed)
    }

    /// Its length in code points: the smaller of what was typed and what is hashed, so that neither a ligature nor combining
    /// marks make a password seem longer than it is.
    pub(crate) fn chars(&self) -> usize {
        let normalized = self.normalized.chars().count();
        self.typed.as_ref().map_or(normalized, |typed| typed.chars().count().min(normalized))
    }
}

impl fmt::Debug for NormalizedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NormalizedPassword(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<NormalizedPassword, FieldError> {
        NormalizedPassword::read("password", &Sensitive::new(text))
    }

    #[test]
    fn au_03_one_password_is_the_same_however_it_was_typed() {
        for (one, other) in [
            ("caf\u{e9} au lait", "cafe\u{301} au lait"),
            ("\u{ff50}\u{ff41}\u{ff53}\u{ff53} word", "pass word"),
            ("a\u{a0}b\u{2003}c\u{3000}d", "a b c d"),
        ] {
            assert_eq!(read(one).unwrap().text(), read(other).unwrap().text());
        }
        for different in ["pass word", "Pass word", " pass word", "pass word ", "pass word\0"] {
            assert_eq!(read(different).unwrap().text(), different);
        }
    }

    #[test]
    fn au_03_length_is_counted_in_code_points() {
        assert_eq!(read("пароль из слов").unwrap().chars(), 14);
        assert_eq!(read("e\u{301}e\u{301}").unwrap().chars(), 2);
        assert_eq!(read("\u{fdfa}").unwrap().chars(), 1);
    }

    #[test]
    fn au_02_what_is_longer_than_documented_is_refused_and_nothing_is_cut() {
        assert!(read(&"a".repeat(256)).is_ok());
        assert!(read(&"\u{1f600}".repeat(256)).is_ok());
        for wrong in ["", &"a".repeat(257), &"a".repeat(1 << 20)] {
            let refused = read(wrong).unwrap_err();
            assert_eq!(refused.to_string(), "password: expected 1 to 256 characters of at most 1024 bytes");
        }
    }

    #[test]
    fn what_was_typed_is_tried_when_it_differs() {
        assert_eq!(read("plain").unwrap().candidates().count(), 1);
        let both: Vec<Vec<u8>> = read("cafe\u{301}").unwrap().candidates().map(<[u8]>::to_vec).collect();
        assert_eq!(both, ["caf\u{e9}".as_bytes().to_vec(), "cafe\u{301}".as_bytes().to_vec()]);
    }

    #[test]
    fn it_is_never_printed() {
        let shown = format!("{:?} {:?}", read("cafe\u{301} hunter2"), read(&"hunter2".repeat(100)));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
