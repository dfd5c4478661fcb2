//! What must hold for every JSON body before its content is looked at: no member twice (two readers would see two different
//! things), no deep nesting, no NUL (which PostgreSQL cannot store).

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use portcullis_types::FieldError;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How many objects and arrays may lie in one another.
const MAX_DEPTH: usize = 32;
/// Up to how many names of one object are compared one by one.
const FEW: usize = 16;

/// Checks the shape of one JSON text. The work is linear in its length; what is good costs next to no memory.
pub(super) fn check(text: &str) -> Result<(), FieldError> {
    let mut fault = None;
    let mut reader = serde_json::Deserializer::from_str(text);
    let walk = Walk { depth: 0, at: Place::Body, fault: &mut fault };
    let walked = walk.deserialize(&mut reader).and_then(|()| reader.end());
    match (walked, fault) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(fault)) => Err(fault),
        (Err(syntax), None) => Err(FieldError::new(
            "body",
            format!("JSON (it is broken at line {} column {})", syntax.line(), syntax.column()),
        )),
    }
}

/// Where in the body something is; written out only to refuse it.
#[derive(Clone, Copy)]
enum Place<'a> {
    Body,
    Member(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    fn path(&self) -> String {
        match self {
            Self::Body => String::new(),
            Self::Member(of, name) => match of.path() {
                outer if outer.is_empty() => (*name).to_owned(),
                outer => format!("{outer}.{name}"),
            },
            Self::Item(of, index) => format!("{}[{index}]", of.path()),
        }
    }
}

/// A member's name, copied only if it is written with escapes.
#[derive(Deserialize, PartialEq, Eq, Hash)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The names of one object. Most objects have few.
#[derive(Default)]
struct Names<'a> {
    few: Vec<Name<'a>>,
    more: HashSet<Name<'a>>,
}

impl<'a> Names<'a> {
    fn has(&self, name: &Name<'a>) -> bool {
        self.few.contains(name) || self.more.contains(name)
    }

    fn add(&mut self, name: Name<'a>) {
        if self.few.len() < FEW {
            self.few.push(name);
        } else {
            self.more.insert(name);
        }
    }
}

struct Walk<'a> {
    depth: usize,
    at: Place<'a>,
    fault: &'a mut Option<FieldError>,
}

impl Walk<'_> {
    fn refuse<E: Error>(&mut self, at: &Place<'_>, expected: &str) -> E {
        let path = at.path();
        let field = if path.is_empty() { "body" } else { &path };
        *self.fault = Some(FieldError::new(field, expected));
        E::custom(expected)
    }

    fn check_text<E: Error>(&mut self, text: &str) -> Result<(), E> {
        let at = self.at;
        if text.contains('\0') { Err(self.refuse(&at, "text without NUL")) } else { Ok(()) }
    }

    fn deeper<E: Error>(&mut self) -> Result<usize, E> {
        if self.depth < MAX_DEPTH {
            Ok(self.depth + 1)
        } else {
            let at = self.at;
            Err(self.refuse(&at, &format!("at most {MAX_DEPTH} levels of nesting")))
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

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.check_text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        for index in 0_usize.. {
            let item = Walk { depth, at: Place::Item(&self.at, index), fault: self.fault };
            if items.next_element_seed(item)?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let outer = self.at;
        let mut names = Names::default();
        while let Some(name) = members.next_key::<Name<'de>>()? {
            self.check_text(&name.0)?;
            let at = Place::Member(&outer, &name.0);
            if names.has(&name) {
                return Err(self.refuse(&at, "at most one member of this name"));
            }
            members.next_value_seed(Walk { depth, at, fault: self.fault })?;
            names.add(name);
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
    fn a_name_that_comes_again_is_found_among_few_and_many_and_behind_escapes() {
        let many: Vec<String> = (0..100).map(|number| format!(r#""m{number}":{number}"#)).collect();
        assert!(check(&format!("{{{}}}", many.join(","))).is_ok());
        for again in [0, 15, 16, 99] {
            let text = format!(r#"{{{},"m{again}":0}}"#, many.join(","));
            assert_eq!(refused(&text), format!("m{again}"));
        }
        assert_eq!(refused(r#"{"a":1,"\u0061":2}"#), "a");
        assert_eq!(refused(r#"{"\u0061":1,"a":2}"#), "a");
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
