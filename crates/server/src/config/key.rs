//! What a setting is: its name, what it accepts, and how its text is read.

use std::fmt;
use std::net::SocketAddr;

use axum::http::Uri;
use portcullis::mail::MailAddress;

/// One setting. The same name, in capitals and after `PORTCULLIS_`, is its environment variable.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its name in the configuration file.
    pub(crate) name: &'static str,
    /// What it accepts.
    pub(crate) kind: Kind,
    /// What holds when nobody says anything, for the schema; `None` when that depends on something else.
    pub(crate) default: Option<&'static str>,
    /// One sentence for people.
    pub(crate) about: &'static str,
}

/// What a setting accepts.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Any text but the empty one.
    Text,
    /// A text that must not be shown.
    Secret,
    /// A file or a folder.
    Path,
    /// `IP:PORT`.
    Address,
    /// `http://HOST[:PORT]` or `https://HOST[:PORT]`.
    Origin,
    /// Origins; in the environment separated by commas.
    Origins,
    /// Texts, none of them empty; in the environment separated by commas.
    Words,
    /// An e-mail address.
    MailAddress,
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// A whole number, both ends included.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
}

/// The value of a setting, after its form was checked.
#[derive(Clone, PartialEq)]
pub(crate) enum Value {
    /// Everything that is written as a text.
    Text(String),
    /// A number.
    Integer(i64),
    /// Several texts.
    List(Vec<String>),
}

/// Says only what kind of value it is: some are secret.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Integer(_) => "Integer(..)",
            Self::List(_) => "List(..)",
        })
    }
}

impl Kind {
    /// What it accepts, for people.
    pub(crate) fn expected(&self) -> String {
        match self {
            Self::Text | Self::Secret => "a text that is not empty".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Address => "IP:PORT, such as 127.0.0.1:8080".to_owned(),
            Self::Origin => "http://HOST[:PORT] or https://HOST[:PORT], without a path".to_owned(),
            Self::Origins => "origins such as https://id.example.org".to_owned(),
            Self::Words => "texts that are not empty".to_owned(),
            Self::MailAddress => "an e-mail address such as id@example.org".to_owned(),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
        }
    }

    /// Reads the text of an environment variable or a flag.
    pub(crate) fn read_text(&self, text: &str) -> Option<Value> {
        match self {
            Self::Integer { .. } => text.parse().ok().and_then(|number| self.read_integer(number)),
            Self::Origins | Self::Words => {
                self.read_list(text.split(',').map(|part| part.trim().to_owned()).collect())
            }
            Self::Origin => origin(text).map(Value::Text),
            Self::Address => text.parse::<SocketAddr>().is_ok().then(|| Value::Text(text.to_owned())),
            Self::MailAddress => text.parse::<MailAddress>().is_ok().then(|| Value::Text(text.to_owned())),
            Self::Choice(words) => words.contains(&text).then(|| Value::Text(text.to_owned())),
            Self::Text | Self::Secret | Self::Path => {
                (!text.is_empty()).then(|| Value::Text(text.to_owned()))
            }
        }
    }

    /// Reads a value of the configuration file.
    pub(crate) fn read_toml(&self, value: &toml::Value) -> Option<Value> {
        match (self, value) {
            (Self::Integer { .. }, toml::Value::Integer(number)) => self.read_integer(*number),
            (Self::Origins | Self::Words, toml::Value::Array(items)) => self
                .read_list(items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>()?),
            (Self::Integer { .. } | Self::Origins | Self::Words, _) => None,
            (kind, toml::Value::String(text)) => kind.read_text(text),
            _ => None,
        }
    }

    fn read_integer(&self, number: i64) -> Option<Value> {
        let Self::Integer { min, max } = self else { return None };
        (*min..=*max).contains(&number).then_some(Value::Integer(number))
    }

    fn read_list(&self, items: Vec<String>) -> Option<Value> {
        let read = |item: &String| match self {
            Self::Words => (!item.is_empty()).then(|| item.clone()),
            _ => origin(item),
        };
        items.iter().map(read).collect::<Option<_>>().map(Value::List)
    }
}

/// An origin in its one form: without a trailing slash.
fn origin(text: &str) -> Option<String> {
    let uri: Uri = text.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority = uri.authority()?.as_str();
    let plain = matches!(uri.path(), "" | "/") && uri.query().is_none() && !authority.contains('@');
    (plain && !text.contains('#')).then(|| format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_form() {
        assert_eq!(origin("https://id.example.org/").unwrap(), "https://id.example.org");
        assert_eq!(origin("http://[::1]:8080").unwrap(), "http://[::1]:8080");
        for wrong in
            ["id.example.org", "ftp://a", "https://a/path", "https://a?b", "https://a#b", "https://u@a", ""]
        {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_keep_their_bounds() {
        let kind = Kind::Integer { min: 1, max: 3 };
        assert_eq!(kind.read_text("3"), Some(Value::Integer(3)));
        assert_eq!(kind.read_text("4"), None);
        assert_eq!(kind.read_text("three"), None);
        assert_eq!(kind.read_toml(&toml::Value::String("3".to_owned())), None);
    }

    #[test]
    fn what_is_empty_is_no_value() {
        for kind in [
            Kind::Text,
            Kind::Secret,
            Kind::Path,
            Kind::Address,
            Kind::Origins,
            Kind::Words,
            Kind::MailAddress,
        ] {
            assert_eq!(kind.read_text(""), None, "{kind:?}");
        }
    }

    #[test]
    fn the_debug_form_tells_no_value() {
        assert!(!format!("{:?}", Value::Text("hunter2".to_owned())).contains("hunter2"));
    }
}
