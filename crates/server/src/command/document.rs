//! Documents that people write: JSON, YAML or TOML. Unknown keys are refused by their path.

use std::io::Read as _;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Error, Result};

/// Reads a document: by the file's ending JSON, YAML or TOML; `-` is stdin, in JSON or YAML.
pub(crate) fn read(path: &Path) -> Result<Value> {
    let name = path.display().to_string();
    if name == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(Error::Stdio)?;
        return parse_text("stdin", "yaml", &text);
    }
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let text = std::fs::read_to_string(path).map_err(|error| Error::file("read", path, error))?;
    parse_text(&name, &ending, &text)
}

fn parse_text(name: &str, ending: &str, text: &str) -> Result<Value> {
    let refused = |message: String| Error::Document { name: name.to_owned(), message };
    match ending {
        "json" => serde_json::from_str(text).map_err(|error| refused(error.to_string())),
        // Every JSON document is a YAML document.
        "yaml" | "yml" => serde_saphyr::from_str(text).map_err(|error| refused(error.to_string())),
        "toml" => toml::from_str(text).map_err(|error| refused(error.to_string())),
        _ => Err(refused("expected a name that ends in .json, .yaml, .yml or .toml".to_owned())),
    }
}

/// Reads a value as `T`; what `T` does not know is refused.
pub(crate) fn strict<T: DeserializeOwned>(name: &str, value: Value) -> Result<T> {
    strict_in(name, value, |_member| true)
}

/// Reads a value as `T`; what `T` does not know is refused in those of its members (by their names, on the outermost level) that `counts`
/// says, and passed over in the others.
pub(crate) fn strict_in<T: DeserializeOwned>(
    name: &str,
    value: Value,
    counts: impl Fn(&str) -> bool,
) -> Result<T> {
    let refused = |message: String| Error::Document { name: name.to_owned(), message };
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let deserializer = serde_path_to_error::Deserializer::new(value, &mut track);
    let read = serde_ignored::deserialize(deserializer, |path| {
        if outermost(&path).is_none_or(&counts) {
            unknown.push(readable(&path));
        }
    });
    match read {
        Err(error) => Err(refused(format!("{}: {error}", track.path()))),
        Ok(_) if !unknown.is_empty() => {
            let plural = if unknown.len() == 1 { "" } else { "s" };
            Err(refused(format!("unknown key{plural} {}", unknown.join(", "))))
        }
        Ok(value) => Ok(value),
    }
}

/// The member of the whole value that a path leads into.
fn outermost<'a>(path: &'a serde_ignored::Path<'_>) -> Option<&'a str> {
    use serde_ignored::Path;
    match path {
        Path::Root => None,
        Path::Map { parent, key } => outermost(parent).or(Some(key)),
        Path::Seq { parent, .. }
        | Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => outermost(parent),
    }
}

/// `roles[0].permissions[1].alow`
fn readable(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}[{index}]", readable(parent)),
        Path::Map { parent, key } => match readable(parent) {
            outer if outer.is_empty() => key.clone(),
            outer => format!("{outer}.{key}"),
        },
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            readable(parent)
        }
    }
}

#[cfg(test)]
mod tests {
    use portcullis_types::authress::{AccessRecordBody, RoleBody};

    use super::*;

    const ROLE: &str = "roleId: ro_a\nname: A\npermissions:\n  - {action: read, allow: true, grant: false, delegate: false}\n";

    #[test]
    fn three_languages_say_the_same() {
        let yaml = parse_text("f", "yaml", ROLE).unwrap();
        let toml = "roleId = \"ro_a\"\nname = \"A\"\n\
            permissions = [{action = \"read\", allow = true, grant = false, delegate = false}]";
        assert_eq!(parse_text("f", "toml", toml).unwrap(), yaml);
        assert_eq!(parse_text("f", "json", &yaml.to_string()).unwrap(), yaml);
        assert_eq!(parse_text("stdin", "yaml", &yaml.to_string()).unwrap(), yaml);
        assert!(strict::<RoleBody>("f", yaml).is_ok());
    }

    #[test]
    fn unknown_keys_are_refused_by_their_path() {
        let yaml = ROLE.replace("delegate: false", "delegate: false, alow: true");
        let error = strict::<RoleBody>("f", parse_text("f", "yaml", &yaml).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "f: unknown key permissions[0].alow");
        let record = serde_json::json!({
            "name": "R", "users": [{"userId": "a", "mail": "x"}], "statements": [], "stetements": [],
        });
        let error = strict::<AccessRecordBody>("f", record).unwrap_err().to_string();
        assert!(error.contains("users[0].mail") && error.contains("stetements"), "{error}");
    }

    #[test]
    fn a_value_that_does_not_fit_is_refused_by_its_path() {
        let yaml = ROLE.replace("allow: true", "allow: maybe");
        let error = strict::<RoleBody>("f", parse_text("f", "yaml", &yaml).unwrap()).unwrap_err().to_string();
        assert!(error.starts_with("f: permissions[0].allow: "), "{error}");
    }

    #[test]
    fn what_the_api_ignores_is_ignored_here_too() {
        let yaml = format!("{ROLE}links: {{self: null}}\n");
        assert!(strict::<RoleBody>("f", parse_text("f", "yaml", &yaml).unwrap()).is_ok());
    }
}
