use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// What a percent-encoded text must be.
pub(super) const EXPECTED: &str = "percent-encoded UTF-8 without NUL";

/// Decodes exactly once. `None` for a `%` without two hexadecimal digits, for what is not UTF-8, and for NUL (which
/// PostgreSQL cannot store, and which ends strings elsewhere).
pub(super) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'\0')) {
        return Some(Cow::Borrowed(text));
    }
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let whole = |digit: Option<u8>| digit.is_some_and(|digit| digit.is_ascii_hexdigit());
        if byte == b'%' && !(whole(rest.next()) && whole(rest.next())) {
            return None;
        }
    }
    percent_decode_str(text).decode_utf8().ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_07_text_is_decoded_exactly_once() {
        for (raw, decoded) in [
            ("a%2Fb", "a/b"),
            ("a%252Fb", "a%2Fb"),
            ("auth0%7calice", "auth0|alice"),
            ("a+b%2Bc", "a+b+c"),
            ("%C3%A9", "é"),
            ("*:|@", "*:|@"),
        ] {
            assert_eq!(decode(raw).as_deref(), Some(decoded));
        }
    }

    #[test]
    fn broken_encodings_are_refused() {
        for raw in ["%", "%4", "%zz", "a%2", "%%41", "%C3", "%FF", "%00", "a%00b", "%C0%AF", "%ED%A0%80"] {
            assert_eq!(decode(raw), None, "{raw}");
        }
    }
}
