//! Reading from `cargo metadata` which crate of the workspace depends on which.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// A crate of the workspace and what it needs of the others, by short names.
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) dependencies: BTreeSet<(String, Kind)>,
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Normal,
    Build,
    Dev,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Normal => "normal",
            Self::Build => "build",
            Self::Dev => "dev",
        })
    }
}

/// Reads the JSON of `cargo metadata --no-deps`; dependencies from outside the workspace are left out.
pub(super) fn parse(json: &str) -> Result<Vec<Crate>, String> {
    let document: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let packages = list(&document, "packages")?;
    let members = packages.iter().map(|package| text(package, "name")).collect::<Result<BTreeSet<_>, _>>()?;
    let bound = packages.iter().filter(|package| !is_example(package));
    bound.map(|package| parse_package(package, &members)).collect()
}

/// An example is written like our users' programs: it may depend on anything, and nothing depends on it.
fn is_example(package: &Value) -> bool {
    let manifest = package.get("manifest_path").and_then(Value::as_str).unwrap_or_default();
    std::path::Path::new(manifest).iter().any(|part| part == "examples")
}

fn parse_package(package: &Value, members: &BTreeSet<&str>) -> Result<Crate, String> {
    let mut dependencies = BTreeSet::new();
    for dependency in list(package, "dependencies")? {
        let name = text(dependency, "name")?;
        if members.contains(name) {
            dependencies.insert((short(name), kind(dependency)?));
        }
    }
    Ok(Crate { name: short(text(package, "name")?), dependencies })
}

fn kind(dependency: &Value) -> Result<Kind, String> {
    match dependency.get("kind").and_then(Value::as_str) {
        None => Ok(Kind::Normal),
        Some("build") => Ok(Kind::Build),
        Some("dev") => Ok(Kind::Dev),
        Some(other) => Err(format!("unknown kind of dependency {other}")),
    }
}

/// The name in the table: the engine is published under the name of the product.
fn short(package: &str) -> String {
    match package {
        "portcullis" => "engine".to_owned(),
        other => other.strip_prefix("portcullis-").unwrap_or(other).to_owned(),
    }
}

fn list<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>, String> {
    value.get(key).and_then(Value::as_array).ok_or_else(|| format!("no list `{key}`"))
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| format!("no text `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_crates_by_short_names() {
        let json = r#"{"packages": [
            {"name": "portcullis", "dependencies": [
                {"name": "portcullis-types", "kind": null},
                {"name": "portcullis-testkit", "kind": "dev"},
                {"name": "serde", "kind": null}]},
            {"name": "portcullis-types", "dependencies": []},
            {"name": "portcullis-testkit", "dependencies": [{"name": "portcullis-types", "kind": "build"}]}]}"#;
        let crates = parse(json).unwrap();
        let names: Vec<_> = crates.iter().map(|krate| krate.name.as_str()).collect();
        assert_eq!(names, ["engine", "types", "testkit"]);
        let engine = [("testkit".to_owned(), Kind::Dev), ("types".to_owned(), Kind::Normal)];
        assert_eq!(crates[0].dependencies, BTreeSet::from(engine));
        assert_eq!(crates[2].dependencies, BTreeSet::from([("types".to_owned(), Kind::Build)]));
    }

    #[test]
    fn examples_are_not_bound() {
        let json = r#"{"packages": [
            {"name": "documents-api", "manifest_path": "/a/examples/documents-api/Cargo.toml", "dependencies": [
                {"name": "portcullis", "kind": null}]},
            {"name": "portcullis", "manifest_path": "/a/crates/engine/Cargo.toml", "dependencies": []}]}"#;
        let names: Vec<_> = parse(json).unwrap().into_iter().map(|krate| krate.name).collect();
        assert_eq!(names, ["engine"]);
    }

    #[test]
    fn refuses_what_is_not_metadata() {
        assert!(parse("{").is_err());
        assert!(parse("{}").is_err_and(|error| error.contains("packages")));
    }
}
