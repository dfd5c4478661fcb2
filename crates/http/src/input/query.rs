use std::borrow::Cow;
use std::convert::Infallible;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use portcullis::PageRequest;

use super::encoding::{EXPECTED, decode};
use crate::failure::Failure;

/// Every parameter that some endpoint knows. Others are ignored, and do not appear in links.
const KNOWN: [&str; 13] = [
    "currency",
    "limit",
    "cursor",
    "filter",
    "status",
    "resourceUri",
    "collectionConfiguration",
    "permissions",
    "tenantId",
    "before",
    "actor",
    "target",
    "action",
];

/// The query, read parameter by parameter.
///
/// `%20` and `+` are both a space (spec `authress-api.md` §1.2). The values `undefined` and `null` are what JavaScript clients
/// write for an absent parameter, and are taken as such. A parameter that is given twice is refused: which one counts
/// would be a guess.
pub(crate) struct Query {
    uri: Uri,
}

impl Query {
    pub(crate) fn new(uri: Uri) -> Self {
        Self { uri }
    }

    /// The raw path that the query belongs to.
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    fn pairs(&self) -> impl Iterator<Item = &str> {
        self.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty())
    }

    /// The parameters that were given, raw.
    pub(crate) fn given_pairs(&self) -> impl Iterator<Item = &str> {
        self.pairs().filter(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            KNOWN.contains(&name) && !is_absent(value)
        })
    }

    /// A parameter as text.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<String>, Failure> {
        let mut found = None;
        for pair in self.pairs() {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            // Names hold nothing that needs an escape, but may be written with some.
            if key != name && decode(key).as_deref() != Some(name) {
                continue;
            }
            if found.is_some() {
                return Err(Failure::invalid(name, "at most one parameter of this name"));
            }
            let spaced =
                if value.contains('+') { Cow::Owned(value.replace('+', " ")) } else { Cow::Borrowed(value) };
            found = Some(decode(&spaced).ok_or_else(|| Failure::invalid(name, EXPECTED))?.into_owned());
        }
        Ok(found.filter(|value| !is_absent(value)))
    }

    /// A parameter as a number.
    pub(crate) fn number<T: FromStr>(
        &self,
        name: &'static str,
        expected: &str,
    ) -> Result<Option<T>, Failure> {
        let parse = |text: String| text.parse().map_err(|_not_a_number| Failure::invalid(name, expected));
        self.text(name)?.map(parse).transpose()
    }

    /// A parameter that is one of a few words.
    pub(crate) fn choice<T: Copy>(
        &self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Result<Option<T>, Failure> {
        let Some(given) = self.text(name)? else { return Ok(None) };
        let chosen = choices.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        let expected = || choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" or ");
        chosen.map(Some).ok_or_else(|| Failure::invalid(name, expected()))
    }

    /// `limit` and `cursor`. The bounds of the limit are the list's.
    pub(crate) fn page(&self) -> Result<PageRequest, Failure> {
        Ok(PageRequest {
            limit: self.number("limit", "a whole number, at least 1")?,
            cursor: self.text("cursor")?,
            filter: None,
        })
    }

    /// `limit`, `cursor` and `filter`.
    pub(crate) fn filtered_page(&self) -> Result<PageRequest, Failure> {
        Ok(PageRequest { filter: self.text("filter")?, ..self.page()? })
    }
}

fn is_absent(value: &str) -> bool {
    matches!(value, "undefined" | "null")
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::new(parts.uri.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::new(format!("/?{text}").parse().unwrap())
    }

    #[test]
    fn values_are_decoded_and_javascripts_absent_is_absent() {
        let query = query("filter=a+b%20c%2B&cursor=undefined&status=null&%6Cimit=7&unknown=%zz");
        assert_eq!(query.text("filter").unwrap().as_deref(), Some("a b c+"));
        assert_eq!(query.text("cursor").unwrap(), None);
        assert_eq!(query.text("status").unwrap(), None);
        assert_eq!(query.number::<u32>("limit", "").unwrap(), Some(7));
    }

    #[test]
    fn what_cannot_be_accepted_is_refused() {
        for text in [
            "limit=x",
            "limit=",
            "limit=-1",
            "limit=99999999999",
            "limit=1&limit=1",
            "limit=1&%6climit=1&limit=2",
        ] {
            assert!(query(text).page().is_err(), "{text}");
        }
        for text in ["cursor=%zz", "cursor=%00", "cursor=%ff", "cursor=a&cursor=undefined"] {
            assert!(query(text).page().is_err(), "{text}");
        }
        assert!(query("status=open").choice("status", &[("OPEN", 1)]).is_err());
    }
}
