//! What must hold for every JSON body before its content is looked at: no member twice (two readers would see two different
//! things), no deep nesting, no NUL (which PostgreSQL cannot store).

use std::collections::HashSet;
use std::fmt;

use portcullis_types::FieldError;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How many objects and arrays may lie in one another.
const MAX_DEPTH: usize = 32;

/// Checks the shape of one JSON text. The work is linear in its length.
pub(super) fn check(text: &str) -> Result<(), FieldError> {
    let mut state = State { path: String::new(), fault: None };
    let mut reader = serde_json::Deserializer::from_str(text);
    let walked = Walk { depth: 0, state: &mut state }.deserialize(&mut reader).and_then(|()| reader.end());
    match (walked, state.fault) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(fault)) => Err(fault),
        (Err(syntax), None) => Err(FieldError::new(
            "body",
            format!("JSON (it is broken at line {} column {})", syntax.line(), syntax.column()),
        )),
    }
}

struct State {
    path: String,
    fault: Option<FieldError>,
}

impl State {
    fn refuse<E: Error>(&mut self, expected: &str) -> E {
        let field = if self.path.is_empty() { "body" } else { &self.path };
        self.fault = Some(FieldError::new(field, expected));
        E::custom(expected)
    }

    fn check_text<E: Error>(&mut self, text: &str) -> Result<(), E> {
        if text.contains('\0') { Err(self.refuse("text without NUL")) } else { Ok(()) }
    }
}

struct Walk<'a> {
    depth: usize,
    state: &'a mut State,
}

impl Walk<'_> {
    fn deeper<E: Error>(&mut self) -> Result<usize, E> {
        if self.depth < MAX_DEPTH {
            Ok(self.depth + 1)
        } else {
            Err(self.state.refuse(&format!("at most {MAX_DEPTH} levels of nesting")))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.state.check_text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let here = self.state.path.len();
        for index in 0_usize.. {
            self.state.path.push_str(&format!("[{index}]"));
            let item = items.next_element_seed(Walk { depth, state: self.state })?;
            self.state.path.truncate(here);
            if item.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let here = self.state.path.len();
        let mut seen = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            self.state.check_text(&name)?;
            if here > 0 {
                self.state.path.push('.');
            }
            self.state.path.push_str(&name);
            if !seen.insert(name) {
                return Err(self.state.refuse("at most one member of this name"));
            }
            members.next_value_seed(Walk { depth, state: self.state })?;
            self.state.path.truncate(here);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        check(text).unwrap_err().field
    }

    #[test]
    fn a_fault_is_named_by_its_path() {
        assert_eq!(refused(r#"{"a":[{"b":1},{"b":1,"b":2}]}"#), "a[1].b");
        assert_eq!(refused(r#"{"a":{"b":"x\u0000"}}"#), "a.b");
        assert_eq!(refused(r#"{"a\u0000":1}"#), "body");
        assert_eq!(refused(r#"{"a":1"#), "body");
        assert_eq!(refused("{} {}"), "body");
        assert_eq!(refused(r#""\ud800""#), "body");
        assert!(check(r#"{"a":[1,-2,3.5,null,true,"x",[],{}],"b":{"a":1}}"#).is_ok());
    }

    #[test]
    fn a_depth_bomb_is_refused() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(check(&nested(MAX_DEPTH)).is_ok());
        assert!(check(&nested(MAX_DEPTH + 1)).is_err());
        assert!(check(&"[".repeat(1_000_000)).is_err());
        assert!(check(&r#"{"a":"#.repeat(100_000)).is_err());
    }
}
