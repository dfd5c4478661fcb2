use percent_encoding::percent_decode_str;
use portcullis_types::Sensitive;

/// The most fields of a form or a query.
const MOST: usize = 32;

/// What a form or a query holds (`application/x-www-form-urlencoded`, WHATWG URL §5.1), each name once.
#[derive(Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads one. `None` for text that is not UTF-8 or holds NUL, for a name that is there twice (AS-19), and for more than 32.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut fields: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if fields.len() == MOST || fields.iter().any(|(known, _)| *known == name) {
                return None;
            }
            fields.push((name, value));
        }
        Some(Self(fields))
    }

    /// A field as it was typed; empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// A field without the spaces at both ends, which keyboards add.
    pub(crate) fn trimmed(&self, name: &str) -> &str {
        self.text(name).trim()
    }

    /// A field that must not be printed.
    pub(crate) fn secret(&self, name: &str) -> Sensitive {
        Sensitive::new(self.text(name))
    }

    /// A field, if something is in it.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|value| !value.is_empty())
    }
}

fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    (!decoded.contains('\0')).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let form = Form::parse("email=+a%40b.c&password=+x%2B%26%C3%A4+&empty=&flag".as_bytes()).unwrap();
        assert_eq!((form.text("email"), form.trimmed("email")), (" a@b.c", "a@b.c"));
        assert_eq!(form.secret("password").expose(), " x+&ä ");
        assert_eq!((form.given("empty"), form.given("flag"), form.text("none")), (None, None, ""));
        assert!(Form::parse(b"").is_some());
    }

    #[test]
    fn as_19_what_is_there_twice_or_cannot_be_text_is_refused() {
        let many = (0..33).map(|n| format!("a{n}=")).collect::<Vec<_>>().join("&");
        for bad in ["a=1&a=2", "a=1&%61=2", "a=%ff", "a=%00", many.as_str()] {
            assert!(Form::parse(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(Form::parse(b"a=\xff").is_none());
    }
}
