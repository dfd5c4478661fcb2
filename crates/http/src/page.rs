use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use portcullis_types::authress::{CollectionLinks, Link, Pagination, PaginationNext};

use crate::api::Api;
use crate::input::Query;

/// What a cursor keeps as it is: the alphabet of base64url.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// The `links` and `pagination` of a page (spec `authress-api.md` §1.7): absolute URLs under the public address, the next one
/// with the same parameters and the next cursor in `cursor`.
pub(crate) fn page(api: &Api, query: &Query, next: Option<String>) -> (CollectionLinks, Option<Pagination>) {
    page_by(api, query, "cursor", next)
}

/// The same, where another parameter says how to go on.
pub(crate) fn page_by(
    api: &Api,
    query: &Query,
    parameter: &str,
    next: Option<String>,
) -> (CollectionLinks, Option<Pagination>) {
    let base = api.portcullis().public_url();
    let href = |cursor: Option<&str>| Link { href: href(base, query, parameter, cursor), rel: None };
    let links =
        CollectionLinks { this: Some(href(None)), next: next.as_deref().map(|next| href(Some(next))) };
    (links, next.map(|cursor| Pagination { next: Some(PaginationNext { cursor }) }))
}

fn href(base: &str, query: &Query, parameter: &str, next: Option<&str>) -> String {
    let mut href = format!("{base}{}", query.path());
    let mut separator = '?';
    for pair in query.given_pairs() {
        if next.is_some() && pair.split('=').next() == Some(parameter) {
            continue;
        }
        href.push(separator);
        href.push_str(pair);
        separator = '&';
    }
    if let Some(next) = next {
        href.push(separator);
        href.push_str(parameter);
        href.push('=');
        href.extend(utf8_percent_encode(next, KEPT));
    }
    href
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_keeps_the_parameters_and_replaces_the_cursor() {
        let query =
            Query::new("/v1/records?limit=2&cursor=old&status=ACTIVE&filter=a%2Bb&x=1".parse().unwrap());
        let next = href("https://a.test", &query, "cursor", Some("n=w"));
        assert_eq!(next, "https://a.test/v1/records?limit=2&status=ACTIVE&filter=a%2Bb&cursor=n%3Dw");
        let this = href("https://a.test", &query, "cursor", None);
        assert_eq!(this, "https://a.test/v1/records?limit=2&cursor=old&status=ACTIVE&filter=a%2Bb");
    }
}
