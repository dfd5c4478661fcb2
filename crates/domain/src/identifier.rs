use std::fmt;

use portcullis_types::FieldError;
use unicode_normalization::UnicodeNormalization as _;

/// What an address is matched by: two addresses name the same person of a pool exactly when these texts are the same bytes.
/// Made here, stored, and compared bytewise by both databases, which know nothing of Unicode.
///
/// # The rule
///
/// 1. The address is brought to NFKC (Unicode Standard Annex #15), so that full-width letters, ligatures and the Kelvin sign
///    become the letters that they stand for, and U+3002 (which IDNA reads as a dot) becomes a dot.
/// 2. Every character becomes lower case by the full mapping of the Unicode Character Database, without regard to its
///    neighbours or to a language; both small sigmas are one. The whole address is folded: no provider in use tells `A@` from `a@`.
/// 3. The result is brought to NFKC again, because lower case may undo it.
/// 4. It must be a mailbox without quotes and comments: one `@`; before it dot-separated atoms (RFC 5322 §3.2.3, RFC 6531 beyond
///    ASCII); after it dot-separated labels. No spaces, control characters or invisible ones. Up to 254 bytes before and after.
///
/// So `İ@b.c` and `i̇@b.c` (an i and a combining dot) are one, `K@b.c` with the Kelvin sign is `k@b.c`; but `ß` is not `ss`, `ı` is not `i`, a
/// Cyrillic `а` is not a Latin `a`, and `xn--` labels are not decoded: those are different letters to a mail server too. Mail
/// is sent to the address that was stored, never to the one that was typed, so a look-alike gains nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Identifier(String);

/// The most bytes of an address (RFC 5321 §4.5.3.1.3, without the angle brackets).
const MAX_BYTES: usize = 254;
const EXPECTED: &str = "an e-mail address of up to 254 bytes, such as alice@example.org";

impl Identifier {
    /// What `email` is matched by.
    ///
    /// # Errors
    /// [`FieldError`] on `email` when it is no address by the rule above.
    pub fn of_email(email: &str) -> Result<Self, FieldError> {
        fold(email).map(Self).ok_or_else(|| FieldError::new("email", EXPECTED))
    }

    /// The text to store and compare.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Says nothing of whom it identifies: addresses do not belong in logs.
impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identifier(..)")
    }
}

fn fold(email: &str) -> Option<String> {
    if email.len() > MAX_BYTES || email.chars().any(is_unseen) {
        return None;
    }
    let lower: String = email.nfkc().flat_map(char::to_lowercase).collect();
    let folded: String = lower
        .nfkc()
        .map(|c| match c {
            'ς' => 'σ',
            '\u{3002}' => '.',
            c => c,
        })
        .collect();
    (folded.len() <= MAX_BYTES && is_mailbox(&folded)).then_some(folded)
}

fn is_mailbox(folded: &str) -> bool {
    let Some((local, domain)) = folded.split_once('@') else { return false };
    local.split('.').all(|atom| is_made_of(atom, "!#$%&'*+-/=?^_`{|}~"))
        && domain.split('.').all(|label| {
            is_made_of(label, "-") && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
        })
}

/// Whether a part has letters and digits, characters beyond ASCII that can be seen, and `extra` ones, and at least one of them.
fn is_made_of(part: &str, extra: &str) -> bool {
    let allowed = |c: char| {
        if c.is_ascii() { c.is_ascii_alphanumeric() || extra.contains(c) } else { !is_unseen(c) }
    };
    !part.is_empty() && part.chars().all(allowed)
}

/// Control characters, spaces, and the characters that format without being seen (general categories Cc, Zs, Zl, Zp, and the
/// default-ignorable ones): two addresses that look the same must not differ by them.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(email: &str) -> Option<String> {
        Identifier::of_email(email).ok().map(|identifier| identifier.0)
    }

    #[test]
    fn w_14_what_looks_alike_has_a_defined_answer() {
        let same = [
            ("Alice@Example.ORG", "alice@example.org"),
            ("ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", "alice@example.org"),
            ("alice@example。org", "alice@example.org"),
            ("\u{212a}ate@b.c", "kate@b.c"),
            ("\u{212b}sa@b.c", "åsa@b.c"),
            ("A\u{30a}sa@b.c", "åsa@b.c"),
            ("İ@b.c", "i\u{307}@b.c"),
            ("i\u{307}@b.c", "i\u{307}@b.c"),
            ("STRAẞE@b.c", "straße@b.c"),
            ("ﬁona@b.c", "fiona@b.c"),
            ("ΟΔΟΣ@b.c", "οδοσ@b.c"),
            ("οδος@b.c", "οδοσ@b.c"),
            ("ǅ@b.c", "dž@b.c"),
        ];
        for (email, expected) in same {
            assert_eq!(key(email).as_deref(), Some(expected), "{email}");
            assert_eq!(key(expected).as_deref(), Some(expected), "{expected} is its own key");
        }
        let different = [
            ("straße@b.c", "strasse@b.c"),
            ("ı@b.c", "i@b.c"),
            ("İ@b.c", "i@b.c"),
            ("\u{430}@b.c", "a@b.c"),
            ("a@bücher.de", "a@xn--bcher-kva.de"),
            ("a.b@c.d", "ab@c.d"),
            ("a+x@b.c", "a@b.c"),
        ];
        for (one, other) in different {
            assert!(key(one).is_some() && key(other).is_some(), "{one} {other}");
            assert_ne!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let refused = [
            "",
            "a",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a＠b@c",
            "a b@c.d",
            "a@b c",
            " a@b.c",
            "a@b.c ",
            "a\u{a0}b@c.d",
            "a\0@b.c",
            "a\n@b.c",
            "a\r\nBcc: x@y.z",
            "a\u{200b}b@c.d",
            "a\u{ad}b@c.d",
            "a\u{202e}b@c.d",
            "a\u{7f}@b.c",
            "\u{a8}@b.c",
            "a@b..c",
            "a@.b",
            "a@b.",
            ".a@b.c",
            "a.@b.c",
            "a..b@c.d",
            "a@-b.c",
            "a@b-.c",
            "a@[127.0.0.1]",
            "\"a b\"@c.d",
            "<a@b.c>",
            "a,b@c.d",
            "a@b/c",
            "a@b_c",
        ];
        for email in refused {
            assert_eq!(key(email), None, "{email:?}");
        }
        assert_eq!(Identifier::of_email("x").unwrap_err().field, "email");
    }

    #[test]
    fn the_bound_counts_bytes_before_and_after() {
        let of = |len: usize| format!("{}@b.c", "a".repeat(len - 4));
        assert!(key(&of(254)).is_some() && key(&of(255)).is_none());
        assert_eq!(key(&of(1_000_000)), None);
        // One character of three bytes that becomes eighteen characters.
        assert_eq!(key(&format!("{}@b.c", "\u{fdfa}".repeat(80))), None);
    }

    #[test]
    fn folding_twice_changes_nothing() {
        let mut seen = 0;
        for c in (1..=0x1_ffff).filter_map(char::from_u32) {
            if let Some(once) = key(&format!("x{c}@b.c")) {
                assert_eq!(key(&once).as_deref(), Some(once.as_str()), "U+{:04X}", u32::from(c));
                seen += 1;
            }
        }
        assert!(seen > 50_000, "{seen}");
    }

    #[test]
    fn an_address_is_not_printed() {
        assert_eq!(format!("{:?}", Identifier::of_email("a@b.c").unwrap()), "Identifier(..)");
    }
}
