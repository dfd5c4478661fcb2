use std::fmt;

use portcullis_types::FieldError;

/// What an action (a permission's name) must look like (spec `authress-api.md` §1.5).
const EXPECTED: &str = "1 to 64 characters: parts of a-z A-Z 0-9 - _ or *, joined by ':'";

/// One part of an action.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// `*`: any one part.
    Any,
    /// A name, lower-cased.
    Name(Box<str>),
}

/// An action in its one normal form: lower-cased, without trailing `*` parts.
///
/// `documents:*` is the same as `documents`, and `*` is the empty action that covers everything (spec `authress-api.md`
/// §4.1). The same form is used for what a role holds and for what is asked: a role's action covers the asked one when
/// its parts are a prefix of the asked parts, where `*` stands for any one part.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ActionPattern {
    parts: Vec<Part>,
}

impl ActionPattern {
    /// Reads an action.
    ///
    /// # Errors
    /// [`FieldError`] for `field` when it is empty, longer than 64 characters, or has an empty part or another character.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        if text.len() > 64 {
            return Err(FieldError::new(field, EXPECTED));
        }
        let mut parts = Vec::new();
        for part in text.split(':') {
            parts.push(match part {
                "*" => Part::Any,
                name if is_name(name) => Part::Name(name.to_ascii_lowercase().into()),
                _ => return Err(FieldError::new(field, EXPECTED)),
            });
        }
        while parts.last() == Some(&Part::Any) {
            parts.pop();
        }
        Ok(Self { parts })
    }

    /// The parts; none means every action.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether this action, held, covers `asked`.
    pub fn covers(&self, asked: &Self) -> bool {
        self.parts.len() <= asked.parts.len()
            && self.parts.iter().zip(&asked.parts).all(|(held, asked)| *held == Part::Any || held == asked)
    }
}

impl fmt::Display for ActionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.parts.is_empty() {
            return f.write_str("*");
        }
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str(":")?;
            }
            f.write_str(match part {
                Part::Any => "*",
                Part::Name(name) => name,
            })?;
        }
        Ok(())
    }
}

fn is_name(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(text: &str) -> ActionPattern {
        ActionPattern::parse("permission", text).unwrap()
    }

    #[test]
    fn a_parent_covers_its_children_and_never_the_other_way() {
        for held in ["documents", "documents:*", "*", "DOCUMENTS", "documents:*:*"] {
            for asked in ["documents:read", "documents:a:read", "Documents:Read", "documents", "documents:*"]
            {
                assert!(action(held).covers(&action(asked)), "{held} covers {asked}");
            }
        }
        for (held, asked) in [
            ("documents:read", "documents"),
            ("documents:read", "documents:*"),
            ("documents:read", "*"),
            ("documents", "*"),
            ("doc", "documents"),
            ("documents:read", "documents:reader"),
        ] {
            assert!(!action(held).covers(&action(asked)), "{held} does not cover {asked}");
        }
    }

    #[test]
    fn an_interior_star_stands_for_exactly_one_part() {
        assert!(action("a:*:read").covers(&action("a:b:read")));
        assert!(action("a:*:read").covers(&action("a:*:read:x")));
        assert!(!action("a:*:read").covers(&action("a:read")));
        assert!(!action("a:*:read").covers(&action("a:b:c:read")));
        assert!(!action("a:b:read").covers(&action("a:*:read")));
    }

    #[test]
    fn malformed_actions_are_refused() {
        for text in ["", ":", "a::b", "a:", ":a", "a.b", "a b", "a*", "é", &"a".repeat(65)] {
            assert!(ActionPattern::parse("permission", text).is_err(), "{text}");
        }
    }
}
