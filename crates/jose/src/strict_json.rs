//! JSON objects read so that two readers cannot see two different things in one text: no member twice, no deep nesting.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// How many objects and arrays may lie in one another, the outermost included.
pub(crate) const MAX_DEPTH: usize = 16;

/// Why a text was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonFault {
    NotAnObject,
    TooDeep,
    DuplicateMember,
}

/// Reads one JSON object. The caller bounds the length of `text`; the work is linear in it.
///
/// It is gone through twice: an application that turns on serde_json's `arbitrary_precision` changes what a visitor sees
/// of numbers, so the strict pass only looks at the shape and leaves the values to serde_json.
pub(crate) fn read_object(text: &[u8]) -> Result<Map<String, Value>, JsonFault> {
    let fault = Cell::new(JsonFault::NotAnObject);
    let shape = Shape { depth: 0, fault: &fault };
    if shape.deserialize(&mut serde_json::Deserializer::from_slice(text)).is_err() {
        return Err(fault.get());
    }
    serde_json::from_slice(text).ok().ok_or(JsonFault::NotAnObject)
}

/// Accepts any value that keeps the rules below `depth` containers; says in `fault` which one was broken.
#[derive(Clone, Copy)]
struct Shape<'f> {
    depth: usize,
    fault: &'f Cell<JsonFault>,
}

impl Shape<'_> {
    fn refuse<E: Error>(self, fault: JsonFault) -> E {
        self.fault.set(fault);
        E::custom("refused")
    }

    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.depth < MAX_DEPTH {
            Ok(Self { depth: self.depth + 1, ..self })
        } else {
            Err(self.refuse(JsonFault::TooDeep))
        }
    }
}

impl<'de> DeserializeSeed<'de> for Shape<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Shape<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
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

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(self.refuse(JsonFault::DuplicateMember));
            }
            members.next_value_seed(inside)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> String {
        format!("{}{}{}", r#"{"a":"#.repeat(depth), 1, "}".repeat(depth))
    }

    #[test]
    fn tk_17_nesting_deeper_than_16_is_refused() {
        assert!(read_object(nested(16).as_bytes()).is_ok());
        assert_eq!(read_object(nested(17).as_bytes()), Err(JsonFault::TooDeep));
        assert_eq!(read_object(nested(100_000).as_bytes()), Err(JsonFault::TooDeep));
        let arrays = format!(r#"{{"a":{}{}}}"#, "[".repeat(16), "]".repeat(16));
        assert_eq!(read_object(arrays.as_bytes()), Err(JsonFault::TooDeep));
    }

    #[test]
    fn a_member_that_comes_twice_is_refused_at_any_depth_and_in_any_spelling() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, r#"{"b":[{"a":1,"a":2}]}"#] {
            assert_eq!(read_object(text.as_bytes()), Err(JsonFault::DuplicateMember), "{text}");
        }
        assert!(read_object(br#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#).is_ok());
    }

    #[test]
    fn only_one_whole_object_is_read() {
        for text in [
            "",
            "[]",
            "1",
            "null",
            "\"a\"",
            "{} {}",
            "{}x",
            "{\"a\":NaN}",
            "{\"a\":1e999}",
            "{'a':1}",
            "{\"a\":1,}",
        ] {
            assert_eq!(read_object(text.as_bytes()), Err(JsonFault::NotAnObject), "{text}");
        }
        assert!(read_object(b"{\"a\":\"\xff\"}").is_err());
    }
}
