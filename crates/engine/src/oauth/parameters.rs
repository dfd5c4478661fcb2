use std::fmt;

use super::OAuthError;

/// How many parameters one request may have.
const MAX_PARAMETERS: usize = 64;
/// Those that may come more than once (RFC 8707 §2).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

/// The parameters of one request (RFC 6749 §3.1, appendix B), each once. Values may be secrets: `Debug` shows the names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text, of a body or of a query without its `?`: UTF-8 without NUL, up to 64
    /// parameters. The caller bounds its length.
    ///
    /// # Errors
    /// `invalid_request` for what cannot be read, and for a parameter that comes twice, except `resource` and `audience`.
    pub fn parse(form_or_query: &[u8]) -> Result<Self, OAuthError> {
        let mut parameters = Self::default();
        for pair in form_or_query.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
            let unreadable = || OAuthError::invalid_request("a parameter is not form-encoded UTF-8");
            let name = decode(name).ok_or_else(unreadable)?;
            let value = decode(value).ok_or_else(unreadable)?;
            parameters.add(name, value)?;
        }
        Ok(parameters)
    }

    /// The same parameters as they were read before.
    ///
    /// # Errors
    /// As [`Parameters::parse`].
    pub fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, OAuthError> {
        let mut parameters = Self::default();
        pairs.into_iter().try_for_each(|(name, value)| parameters.add(name, value))?;
        Ok(parameters)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), OAuthError> {
        let known = self.0.iter().any(|(known, _)| *known == name);
        if known && !REPEATABLE.contains(&name.as_str()) {
            return Err(OAuthError::invalid_request("a parameter comes more than once"));
        }
        if self.0.len() >= MAX_PARAMETERS {
            return Err(OAuthError::invalid_request("too many parameters"));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// The value of a parameter. An empty one counts as absent (RFC 6749 §3.1).
    pub fn find(&self, name: &str) -> Option<&str> {
        let is_it = |(known, value): &&(String, String)| known == name && !value.is_empty();
        self.0.iter().find(is_it).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there.
    ///
    /// # Errors
    /// `invalid_request` without it.
    pub fn required(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.find(name).ok_or_else(|| OAuthError::invalid_request(format!("the parameter {name} is missing")))
    }

    /// Every value of a parameter that may come more than once, without empty ones.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_it = move |(known, value): &&'a (String, String)| known == name && !value.is_empty();
        self.0.iter().filter(is_it).map(|(_, value)| value.as_str())
    }

    /// The text that [`Parameters::parse`] reads back.
    pub fn to_form(&self) -> String {
        let pairs: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        pairs.join("&")
    }

    /// All of them, in the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A name or a value as a form or a query holds it: everything but unreserved characters is escaped (RFC 3986 §2.3).
pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            // Writing to a string cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

/// Decodes one name or value exactly once. `None` for a `%` without two hexadecimal digits, for what is not UTF-8, and for NUL.
pub(super) fn decode(text: &[u8]) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'+' => b' ',
            b'%' => digit(*rest.next()?)? << 4 | digit(*rest.next()?)?,
            other => *other,
        };
        if byte == b'\0' {
            return None;
        }
        decoded.push(byte);
    }
    String::from_utf8(decoded).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Parameters, OAuthError> {
        Parameters::parse(text.as_bytes())
    }

    #[test]
    fn names_and_values_are_decoded_once_and_empty_ones_are_absent() {
        let read = parse("a=1+2&%62=%252F&c=&d&&e=x%3Dy=z&f=%C3%A9").unwrap();
        assert_eq!(read.find("a"), Some("1 2"));
        assert_eq!(read.find("b"), Some("%2F"));
        assert_eq!((read.find("c"), read.find("d"), read.find("g")), (None, None, None));
        assert_eq!((read.find("e"), read.find("f")), (Some("x=y=z"), Some("é")));
        assert!(read.required("a").is_ok() && read.required("c").is_err());
    }

    #[test]
    fn as_19_a_parameter_that_comes_twice_is_refused() {
        for text in ["a=1&a=1", "a=1&a=2", "a=&a=1", "a&a", "a=1&%61=1", "grant_type=x&b=1&grant_type=x"] {
            let refused = parse(text).unwrap_err();
            assert_eq!(refused.code.as_str(), "invalid_request", "{text}");
        }
        let twice = parse("resource=a&resource=b&audience=c&audience=d").unwrap();
        assert_eq!(twice.all("resource").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["a=%", "a=%4", "a=%zz", "a=%+1", "%=1", "a=%00", "a=%C3", "a=%FF"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(Parameters::parse(b"a=\xff").is_err() && Parameters::parse(b"a=\0").is_err());
        let many: Vec<String> = (0..65).map(|n| format!("p{n}=1")).collect();
        assert!(parse(&many.join("&")).is_err() && parse(&many[1..].join("&")).is_ok());
    }

    #[test]
    fn what_is_written_as_a_form_is_read_back() {
        let read = parse("a=1+2&%62=%252F%26=&f=%C3%A9&resource=x&resource=y").unwrap();
        assert_eq!(parse(&read.to_form()).unwrap(), read);
    }

    #[test]
    fn only_names_are_printed() {
        let printed = format!("{:?}", parse("client_secret=hunter2").unwrap());
        assert!(printed.contains("client_secret") && !printed.contains("hunter2"));
    }
}
