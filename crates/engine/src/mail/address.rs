use std::fmt;
use std::str::FromStr;

use portcullis_types::FieldError;

/// The most bytes of an address (RFC 5321 §4.5.3.1.3, without the brackets).
const MAX_BYTES: usize = 254;
/// The most bytes before the `@` (§4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// The most bytes of a part of a domain (RFC 1035 §2.3.4).
const MAX_LABEL: usize = 63;

/// An address that mail can be sent to: a dot-atom, `@`, and a domain (RFC 5321 §4.1.2), of at most 254 bytes. Letters beyond
/// ASCII are allowed on both sides (RFC 6531 §3.3); quoted local parts and addresses of numbers are not.
///
/// It holds no space, comma, angle bracket or control character, so that in a header it is one address and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MailAddress(String);

impl MailAddress {
    /// Reads an address, exactly as it is given: nothing is trimmed, no letter's case is changed.
    ///
    /// # Errors
    /// [`FieldError`] on `field` for anything else.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        if is_address(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(FieldError::new(
                field,
                format!("an e-mail address such as alice@example.org, of at most {MAX_BYTES} bytes"),
            ))
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for MailAddress {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        Self::parse("email", text)
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let atom = |atom: &str| !atom.is_empty() && atom.chars().all(is_atom_character);
    text.len() <= MAX_BYTES
        && local.len() <= MAX_LOCAL
        && local.split('.').all(atom)
        && domain.contains('.') | (domain == "localhost")
        && domain.split('.').all(is_label)
        // A domain of numbers is an address of a machine.
        && !domain.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `atext` of RFC 5322 §3.2.3, and letters, digits and marks beyond ASCII; no space of any script, no control or format
/// character (an override of the writing direction is one).
fn is_atom_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && is_visible(c))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= MAX_LABEL
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || (!c.is_ascii() && is_visible(c)))
}

fn is_visible(c: char) -> bool {
    let format = matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}');
    !c.is_control() && !c.is_whitespace() && !format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_people_are_taken_as_they_are() {
        for good in [
            "alice@example.org",
            "Alice.O'Neil+tag@Sub.Example.ORG",
            "a@b.co",
            "alice@localhost",
            "żółw@bücher.example",
            "x/y=z@xn--bcher-kva.example",
        ] {
            assert_eq!(MailAddress::parse("email", good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn nothing_that_could_be_more_than_one_address_or_another_header_is_taken() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("a@{}", vec!["b".repeat(60); 5].join("."));
        for wrong in [
            "",
            "alice",
            "@example.org",
            "alice@",
            "alice@@example.org",
            "a@b@example.org",
            ".a@example.org",
            "a..b@example.org",
            "a.@example.org",
            "alice@example",
            "alice@.org",
            "alice@-a.org",
            "alice@127.0.0.1",
            "alice@[127.0.0.1]",
            "\"a b\"@example.org",
            "a b@example.org",
            "a,b@example.org",
            "<a@example.org>",
            "Alice <a@example.org>",
            "a@example.org\r\nBcc: b@example.org",
            "a@example.org\n",
            "a\0@example.org",
            "a\t@example.org",
            "a\u{202e}@example.org",
            "a\u{2028}@example.org",
            "a@exa\u{a0}mple.org",
            "a@b_c.org",
            &long,
            &longer,
        ] {
            let refused = MailAddress::parse("email", wrong).unwrap_err();
            assert_eq!(refused.field, "email");
        }
    }
}
