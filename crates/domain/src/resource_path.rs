use std::fmt;
use std::ops::Range;

/// Why a text is not a resource URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceError;

impl ResourceError {
    /// What would have been accepted, for people.
    pub const EXPECTED: &'static str = "a resource URI of 1 to 512 characters: '*', or up to 16 segments separated by '/', each \
        of parts joined by ':'; a part is 1 to 128 of a-z A-Z 0-9 - _ . + = ~ | @, or '*'";
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", Self::EXPECTED)
    }
}

impl std::error::Error for ResourceError {}

/// A resource URI in its one normal form: without a leading and a trailing `/` (spec `authress-api.md` §1.5, §4.2).
///
/// Nothing else is normalised: `..` is an ordinary name, case matters, and `%` is refused, because whoever hands a URI in
/// has decoded it exactly once. The root (`/`) is the empty text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourcePath {
    text: String,
}

impl ResourcePath {
    /// The most segments a URI may have.
    pub const MAX_SEGMENTS: usize = 16;

    /// Reads a URI as it is in a grant or in a question.
    ///
    /// # Errors
    /// [`ResourceError`] when it is empty, too long or too deep, has an empty segment (`//`), or another character.
    pub fn parse(uri: &str) -> Result<Self, ResourceError> {
        let normal = Self::normal(uri)?;
        Ok(Self { text: normal.to_owned() })
    }

    /// Checks a URI and gives its normal form as a part of it, without copying.
    ///
    /// # Errors
    /// As [`ResourcePath::parse`].
    pub fn normal(uri: &str) -> Result<&str, ResourceError> {
        Self::normal_by_segments(uri, |_, _| ())
    }

    /// As [`ResourcePath::normal`]; on the way `segment` is called with the normal form and the place of each segment in
    /// it, in order. When the result is an error these calls mean nothing.
    ///
    /// # Errors
    /// As [`ResourcePath::parse`].
    #[inline]
    pub fn normal_by_segments<'a>(
        uri: &'a str,
        segment: impl FnMut(&'a str, Range<usize>),
    ) -> Result<&'a str, ResourceError> {
        if uri.is_empty() || uri.len() > 512 {
            return Err(ResourceError);
        }
        let inner = uri.strip_prefix('/').unwrap_or(uri);
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        // `//` would otherwise read as the root.
        let well_formed = if inner.is_empty() { uri.len() == 1 } else { are_segments(inner, segment) };
        if well_formed { Ok(inner) } else { Err(ResourceError) }
    }

    /// The normal form; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The segments, outermost first; none for the root.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.text.split('/').filter(|segment| !segment.is_empty())
    }

    /// How many segments.
    pub fn depth(&self) -> usize {
        self.segments().count()
    }

    /// Whether the URI lies in a tree that only records naming it reach (`Authress:…`, `Portcullis:…`), so that `*` does
    /// not.
    pub fn is_reserved(&self) -> bool {
        is_reserved(&self.text)
    }
}

impl fmt::Display for ResourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text.is_empty() { "/" } else { &self.text })
    }
}

/// See [`ResourcePath::is_reserved`]; takes a normal form.
fn is_reserved(normal: &str) -> bool {
    normal.starts_with("Authress:") || normal.starts_with("Portcullis:")
}

/// Whether `text` is segments joined by `/`, of parts joined by `:`. Every check comes through here: one pass over the bytes.
#[inline]
fn are_segments<'a>(text: &'a str, mut segment: impl FnMut(&'a str, Range<usize>)) -> bool {
    let mut rest = text.as_bytes();
    let (mut segments, mut start) = (0, 0);
    // Only the first part must not be empty: SDKs accept `a:` and `a::b`, as ordinary names.
    let mut first = true;
    loop {
        let name = rest.iter().position(|byte| !is_of_name(*byte)).unwrap_or(rest.len());
        let (part, after) = match rest.split_at_checked(name) {
            Some(([], [b'*', after @ ..])) => (1, after),
            Some((part, after)) => (part.len(), after),
            None => return false,
        };
        if part > 128 || (part == 0 && first) {
            return false;
        }
        let (separator, after) =
            after.split_first().map_or((None, after), |(byte, after)| (Some(*byte), after));
        first = separator != Some(b':');
        rest = after;
        if first {
            let end = text.len() - after.len() - usize::from(separator.is_some());
            segments += 1;
            if segments > ResourcePath::MAX_SEGMENTS || !matches!(separator, None | Some(b'/')) {
                return false;
            }
            segment(text, start..end);
            start = end + 1;
        }
        if separator.is_none() {
            return true;
        }
    }
}

/// Whether a byte may be in a part.
#[inline]
fn is_of_name(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "checked when it is compiled")]
    const NAMES: [bool; 256] = {
        let mut names = [false; 256];
        let mut rest: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+=~|@";
        while let [name, others @ ..] = rest {
            names[*name as usize] = true;
            rest = others;
        }
        names
    };
    NAMES.get(usize::from(byte)) == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_leading_and_one_trailing_slash_are_insignificant() {
        for uri in ["documents/1", "/documents/1", "documents/1/", "/documents/1/"] {
            assert_eq!(ResourcePath::normal(uri), Ok("documents/1"), "{uri}");
        }
        assert_eq!(ResourcePath::normal("/"), Ok(""));
        assert_eq!(ResourcePath::normal("/*"), Ok("*"));
    }

    #[test]
    fn az_07_nothing_is_normalised_and_dot_segments_are_ordinary_names() {
        assert_eq!(ResourcePath::normal("a/../b/./c"), Ok("a/../b/./c"));
        assert_ne!(ResourcePath::parse("A"), ResourcePath::parse("a"));
    }

    #[test]
    fn malformed_uris_are_refused() {
        let deep = ["a"; 17].join("/");
        let long_part = "a".repeat(129);
        for uri in [
            "", "//", "a//b", "//a", "a//", "a b", "a%2Fb", "a*", "*a", ":a", "a\0", "é", "a?b", "a#b",
            &deep, &long_part,
        ] {
            assert_eq!(ResourcePath::normal(uri), Err(ResourceError), "{uri}");
        }
    }

    #[test]
    fn wildcards_are_whole_parts_anywhere() {
        for uri in ["*", "a/*/b", "ns:*/r/low:*/n", "Authress:*", "*:a", "a/*", "*/*", "a:", "a::b"] {
            assert!(ResourcePath::parse(uri).is_ok(), "{uri}");
        }
    }
}
