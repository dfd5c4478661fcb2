//! The configuration file's JSON Schema, for editors and for reviews of what changed.

use serde_json::{Map, Value, json};

use super::key::{Key, Kind};
use super::keys::KEYS;

/// The schema, as text. Keys are in alphabetical order, whatever `serde_json` is built with.
pub fn schema() -> String {
    let mut keys: Vec<&Key> = KEYS.iter().collect();
    keys.sort_by_key(|key| key.name);
    let properties: Map<String, Value> =
        keys.into_iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "additionalProperties": false,
        "description": "Each setting is also the environment variable PORTCULLIS_<NAME>, which wins over the file.",
        "properties": properties,
        "title": "Portcullis configuration file (TOML)",
        "type": "object",
    });
    format!("{schema:#}\n")
}

fn property(key: &Key) -> Value {
    let mut property = Map::new();
    if let Some(default) = key.default {
        property.insert("default".to_owned(), default_of(key, default));
    }
    property.insert("description".to_owned(), key.about.into());
    let kind = match &key.kind {
        Kind::Choice(words) => {
            property.insert("enum".to_owned(), json!(words));
            "string"
        }
        Kind::Integer { min, max } => {
            property.insert("maximum".to_owned(), json!(max));
            property.insert("minimum".to_owned(), json!(min));
            "integer"
        }
        Kind::Origins | Kind::Words => {
            property.insert("items".to_owned(), json!({"type": "string"}));
            "array"
        }
        Kind::Text | Kind::Secret | Kind::Path | Kind::Address | Kind::Origin | Kind::MailAddress => {
            property.insert("minLength".to_owned(), json!(1));
            "string"
        }
    };
    property.insert("type".to_owned(), kind.into());
    Value::Object(property)
}

fn default_of(key: &Key, text: &str) -> Value {
    match key.kind {
        Kind::Integer { .. } => text.parse::<i64>().map_or(Value::Null, Value::from),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_in_the_schema_with_its_default() {
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        for key in KEYS {
            let property = &schema["properties"][key.name];
            assert_eq!(property["description"], key.about, "{}", key.name);
            assert!(property["default"].is_null() == key.default.is_none(), "{}", key.name);
        }
        assert_eq!(schema["additionalProperties"], false);
    }
}
