//! Where values come from, and which of them wins.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::key::{Key, Value};
use super::{ConfigError, keys};

/// Who said it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// The command line.
    Flags,
    /// `PORTCULLIS_*`.
    Environment,
    /// The configuration file.
    File(PathBuf),
    /// Nobody.
    Default,
}

impl Source {
    /// How a setting is written there.
    pub(crate) fn name(&self, key: &str) -> String {
        match self {
            Self::Flags => format!("--{}", key.replace('_', "-")),
            Self::Environment => variable(key),
            Self::File(path) => format!("{key} in {}", path.display()),
            Self::Default => format!("the default of {key}"),
        }
    }
}

/// The environment variable of a setting.
pub(crate) fn variable(key: &str) -> String {
    format!("{}{}", super::environment::PREFIX, key.to_ascii_uppercase())
}

/// The values of one source.
#[derive(Debug)]
pub(crate) struct Layer {
    source: Source,
    values: BTreeMap<&'static str, Value>,
}

impl Layer {
    /// Nothing yet.
    pub(crate) fn new(source: Source) -> Self {
        Self { source, values: BTreeMap::new() }
    }

    /// What the settings are when nobody says anything.
    pub(crate) fn defaults() -> Result<Self, ConfigError> {
        let mut layer = Self::new(Source::Default);
        for key in keys::KEYS {
            if let Some(text) = key.default {
                layer.put(key, key.kind.read_text(text))?;
            }
        }
        Ok(layer)
    }

    /// Adds a value as a source gave it; `None` is one that could not be read.
    pub(crate) fn put(&mut self, key: &'static Key, value: Option<Value>) -> Result<(), ConfigError> {
        let value = value.ok_or_else(|| ConfigError::Value {
            name: self.source.name(key.name),
            expected: key.kind.expected(),
        })?;
        self.values.insert(key.name, value);
        Ok(())
    }
}

/// All sources, the one that wins first.
#[derive(Debug)]
pub(crate) struct Layers(pub(crate) Vec<Layer>);

impl Layers {
    fn find(&self, name: &str) -> Option<&Value> {
        self.0.iter().find_map(|layer| layer.values.get(name))
    }

    /// A setting that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.find(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A setting that is a list; empty when nobody says anything.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        match self.find(name) {
            Some(Value::List(items)) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// A number. Its bounds were checked when it was read, so it fits whatever the setting is used as.
    pub(crate) fn number<T: TryFrom<i64>>(&self, name: &'static str) -> Result<T, ConfigError> {
        let number = match self.find(name) {
            Some(Value::Integer(number)) => T::try_from(*number).ok(),
            _ => None,
        };
        number.ok_or(ConfigError::Missing { name })
    }

    /// A number without a default; `None` when nobody says anything.
    pub(crate) fn optional_number<T: TryFrom<i64>>(
        &self,
        name: &'static str,
    ) -> Result<Option<T>, ConfigError> {
        self.find(name).map(|_said| self.number(name)).transpose()
    }

    /// A text that somebody, or the defaults, must have given.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, ConfigError> {
        self.text(name).ok_or(ConfigError::Missing { name })
    }

    /// A secret, and where it came from: given as it is, or as a file (`<name>_file`). The first source that says either
    /// wins; a source that says both is refused.
    pub(crate) fn secret(&self, name: &str) -> Result<Option<(String, String)>, ConfigError> {
        let file = format!("{name}_file");
        for layer in &self.0 {
            let origin = |key: &str| layer.source.name(key);
            match (layer.values.get(name), layer.values.get(file.as_str())) {
                (Some(_), Some(_)) => {
                    return Err(ConfigError::Both { one: origin(name), other: origin(&file) });
                }
                (Some(Value::Text(value)), None) => return Ok(Some((value.clone(), origin(name)))),
                (None, Some(Value::Text(path))) => {
                    let value = super::file::read(path.as_ref())?.trim().to_owned();
                    return Ok(Some((value, path.clone())));
                }
                _ => {}
            }
        }
        Ok(None)
    }
}
