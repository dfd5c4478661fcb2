//! The configuration file: TOML, one line a setting.

use std::path::Path;

use super::layer::{Layer, Source};
use super::{ConfigError, keys};

/// Reads a file whole.
pub(crate) fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_path_buf(), source })
}

/// Reads the settings of a file. Unknown ones are refused.
pub(crate) fn load(path: &Path) -> Result<Layer, ConfigError> {
    let text = read(path)?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
        path: path.to_path_buf(),
        // Only where and what: the error's own text quotes the line, which may hold a secret.
        line: error
            .span()
            .map_or(1, |span| 1 + text.bytes().take(span.start).filter(|&byte| byte == b'\n').count()),
        message: error.message().to_owned(),
    })?;
    let source = Source::File(path.to_path_buf());
    let mut layer = Layer::new(source.clone());
    for (name, value) in &table {
        let key = keys::find(name)
            .ok_or_else(|| ConfigError::Unknown { what: "setting", name: source.name(name) })?;
        layer.put(key, key.kind.read_toml(value))?;
    }
    Ok(layer)
}
