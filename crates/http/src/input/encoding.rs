use std::borrow::Cow;

/// What a percent-encoded text must be.
pub(super) const EXPECTED: &str = "percent-encoded UTF-8 without NUL";

/// Decodes exactly once. `None` for a `%` without two hexadecimal digits, for what is not UTF-8, and for NUL (which
/// PostgreSQL cannot store, and which ends strings elsewhere).
pub(super) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'\0')) {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = if byte == b'%' { digit(rest.next()?)? << 4 | digit(rest.next()?)? } else { byte };
        if byte == b'\0' {
            return None;
        }
        decoded.push(byte);
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
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
