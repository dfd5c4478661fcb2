//! The environment variables `PORTCULLIS_*`.

use std::ffi::OsString;

use super::layer::{Layer, Source};
use super::{ConfigError, keys};

/// What all of ours begin with.
pub(crate) const PREFIX: &str = "PORTCULLIS_";

/// Read elsewhere: by the commands, and by the development tools that run this program.
const OTHERS: [&str; 8] = ["CONFIG", "SERVER", "KEY", "KEY_FILE", "BIN", "SEED", "KILLS", "WORLDS"];

/// Reads the settings. A variable with our prefix that is no setting is refused: it would be a typing error that nobody
/// notices.
pub(crate) fn read(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Layer, ConfigError> {
    let mut layer = Layer::new(Source::Environment);
    for (variable, value) in variables {
        let Some(name) = variable.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        let lower = name.to_ascii_lowercase();
        match keys::find(&lower).filter(|_| !name.bytes().any(|byte| byte.is_ascii_lowercase())) {
            Some(key) => layer.put(key, value.to_str().and_then(|text| key.kind.read_text(text)))?,
            None if is_not_ours(name) => {}
            None => {
                return Err(ConfigError::Unknown {
                    what: "environment variable",
                    name: format!("{PREFIX}{name}"),
                });
            }
        }
    }
    Ok(layer)
}

/// Kubernetes gives every container `<SERVICE>_PORT`, `<SERVICE>_SERVICE_HOST` and so on for each service of its namespace,
/// and a service called `portcullis` is likely.
fn is_not_ours(name: &str) -> bool {
    let of_kubernetes = name == "PORT"
        || name == "SERVICE_HOST"
        || name.starts_with("SERVICE_PORT")
        || name.strip_prefix("PORT_").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    of_kubernetes || OTHERS.contains(&name) || name.starts_with("TEST_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(name: &str, value: &str) -> Result<Layer, ConfigError> {
        read([(OsString::from(name), OsString::from(value))])
    }

    #[test]
    fn unknown_variables_are_refused_by_name() {
        let error = read_one("PORTCULLIS_LISTNE", "127.0.0.1:1").unwrap_err().to_string();
        assert!(error.contains("PORTCULLIS_LISTNE"), "{error}");
        assert!(read_one("PORTCULLIS_listen", "127.0.0.1:1").is_err());
        assert!(read_one("PATH", "/bin").is_ok());
    }

    #[test]
    fn what_kubernetes_adds_is_let_through() {
        for name in ["PORT", "PORT_8080_TCP", "PORT_8080_TCP_ADDR", "SERVICE_HOST", "SERVICE_PORT_HTTP"] {
            assert!(read_one(&format!("PORTCULLIS_{name}"), "tcp://10.0.0.1:8080").is_ok(), "{name}");
        }
    }

    #[test]
    fn a_value_that_does_not_read_is_refused_without_being_shown() {
        let error = read_one("PORTCULLIS_LISTEN", "localhost").unwrap_err().to_string();
        assert_eq!(error, "PORTCULLIS_LISTEN: expected IP:PORT, such as 127.0.0.1:8080");
        assert!(read_one("PORTCULLIS_MASTER_KEY", "").is_err());
    }
}
