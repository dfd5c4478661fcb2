//! The resources that a principal has access to (spec `authress-api.md` §4.7).
//!
//! A query is a pattern. Each stored resource is *unified* with it: what both cover is listed. A stored resource below the
//! pattern is listed as it is; one that covers the whole pattern echoes the pattern; one with wildcards in other places
//! gives the part that both have in common.

use portcullis_domain::{ResourceError, ResourcePath};

/// How deep a list goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Collection {
    /// Direct children that a record names.
    #[default]
    TopLevelOnly,
    /// Everything below.
    IncludeNested,
}

/// What is asked: the resources that match a pattern.
#[derive(Clone, Debug)]
pub struct ResourceQuery {
    segments: Vec<String>,
    collection: Collection,
}

impl ResourceQuery {
    /// Reads a query: `collection` and `collection/*` both ask for what is below `collection`, `*` for everything.
    ///
    /// # Errors
    /// [`ResourceError`] when it is not a resource URI.
    pub fn parse(uri: &str, collection: Collection) -> Result<Self, ResourceError> {
        let path = ResourcePath::parse(uri)?;
        let mut segments: Vec<String> = path.segments().map(str::to_owned).collect();
        if segments.last().is_none_or(|last| last != "*") {
            segments.push("*".to_owned());
        }
        Ok(Self { segments, collection })
    }

    /// What `stored` (a normal form) and the query have in common, or none.
    pub fn unify(&self, stored: &str) -> Option<String> {
        let stored: Vec<&str> = stored.split('/').filter(|segment| !segment.is_empty()).collect();
        match self.collection {
            Collection::TopLevelOnly => {
                // Only what a record names: a wildcard in the last place is access from above.
                let named =
                    stored.len() == self.segments.len() && stored.last().is_some_and(|last| *last != "*");
                if !named {
                    return None;
                }
            }
            Collection::IncludeNested => {}
        }
        let mut common: Vec<String> = Vec::with_capacity(stored.len().max(self.segments.len()));
        // `*` alone, or the root, is a stored resource without a name: it covers everything but the reserved trees.
        let stored: &[&str] = if stored == ["*"] { &[] } else { &stored };
        let longest = stored.len().max(self.segments.len());
        for index in 0..longest {
            let first = index == 0;
            let segment = match (stored.get(index), self.segments.get(index)) {
                (Some(stored), Some(asked)) => unify_segment(stored, asked, first)?,
                (Some(stored), None) => (*stored).to_owned(),
                (None, Some(asked)) if first && is_reserved(asked) => return None,
                (None, Some(asked)) => asked.clone(),
                (None, None) => break,
            };
            common.push(segment);
        }
        (common.len() <= ResourcePath::MAX_SEGMENTS).then(|| common.join("/"))
    }
}

fn is_reserved(segment: &str) -> bool {
    segment.starts_with("Authress:") || segment.starts_with("Portcullis:")
}

/// What two segments have in common. A wildcard in the first part of the first segment does not reach the reserved trees.
fn unify_segment(stored: &str, asked: &str, first: bool) -> Option<String> {
    if stored == asked {
        return Some(stored.to_owned());
    }
    if first && (is_reserved(stored) != is_reserved(asked)) {
        return None;
    }
    if stored == "*" {
        return Some(asked.to_owned());
    }
    if asked == "*" {
        return Some(stored.to_owned());
    }
    if stored.split(':').count() != asked.split(':').count() {
        return None;
    }
    let parts: Option<Vec<&str>> = stored
        .split(':')
        .zip(asked.split(':'))
        .map(|(stored, asked)| match (stored, asked) {
            (same, other) if same == other => Some(same),
            ("*", name) | (name, "*") => Some(name),
            _ => None,
        })
        .collect();
    parts.map(|parts| parts.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unified(query: &str, collection: Collection, stored: &str) -> Option<String> {
        ResourceQuery::parse(query, collection).unwrap().unify(stored)
    }

    #[test]
    fn top_level_lists_direct_children_that_a_record_names() {
        for (stored, listed) in [
            ("c/r1", true),
            ("c/ns:*", true),
            ("c/r1/sub", false),
            ("c/*", false),
            ("c", false),
            ("*", false),
            ("", false),
            ("d/r1", false),
        ] {
            assert_eq!(unified("c", Collection::TopLevelOnly, stored).is_some(), listed, "{stored}");
            assert_eq!(unified("/c/*", Collection::TopLevelOnly, stored).is_some(), listed, "{stored}");
        }
    }

    #[test]
    fn nested_lists_what_is_below_and_echoes_the_query_for_broader_access() {
        for (query, stored, expected) in [
            ("resources", "resources/1", Some("resources/1")),
            ("resources", "resources/2/sub/*", Some("resources/2/sub/*")),
            ("resources", "resources", Some("resources/*")),
            ("resources", "*", Some("resources/*")),
            ("resources", "", Some("resources/*")),
            ("resources/*/sub/*", "resources/1", Some("resources/1/sub/*")),
            ("resources/*/sub/*", "resources/1/sub/2", Some("resources/1/sub/2")),
            ("resources/*/sub/*", "resources/1/other/2", None),
            ("resources/1/sub", "resources/*/sub/7", Some("resources/1/sub/7")),
            ("ns:*/r", "ns:a/r/1", Some("ns:a/r/1")),
            ("ns:*/r", "ns:a:b/r/1", None),
            ("doc", "docs/1", None),
        ] {
            assert_eq!(
                unified(query, Collection::IncludeNested, stored).as_deref(),
                expected,
                "{query} {stored}"
            );
        }
    }

    #[test]
    fn wildcards_do_not_reach_the_reserved_trees() {
        assert_eq!(unified("*", Collection::IncludeNested, "Authress:Roles/r"), None);
        assert_eq!(unified("Authress:Roles", Collection::IncludeNested, "*"), None);
        assert_eq!(unified("Authress:Roles", Collection::IncludeNested, "*/*"), None);
        assert_eq!(
            unified("Authress:Roles", Collection::IncludeNested, "Authress:*").as_deref(),
            Some("Authress:Roles/*")
        );
    }
}
