use crate::{ResourceError, ResourcePath};

/// A resource URI as a record, a policy or an override names it: what it covers by the rules of records (spec
/// `authress-api.md` §4.2). For the few things that are compared one by one; grants are matched by `portcullis-authz`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePattern {
    path: ResourcePath,
}

impl ResourcePattern {
    /// Reads a URI.
    ///
    /// # Errors
    /// [`ResourceError`] when it is none.
    pub fn parse(uri: &str) -> Result<Self, ResourceError> {
        Ok(Self { path: ResourcePath::parse(uri)? })
    }

    /// Whether it covers `asked`, which is in normal form: the thing itself and what is below it; with a `*` at the end only
    /// what is below. A `*` elsewhere is any one segment, or any one part of a segment. Neither `*` nor `/` reaches the
    /// reserved trees.
    pub fn covers(&self, asked: &str) -> bool {
        let reserved = asked.starts_with("Authress:") || asked.starts_with("Portcullis:");
        let text = self.path.as_str();
        if text.is_empty() || text == "*" {
            return !reserved;
        }
        let mut rest = asked.split('/').filter(|segment| !segment.is_empty());
        let mut held = text.split('/').peekable();
        while let Some(segment) = held.next() {
            let Some(other) = rest.next() else { return false };
            let is_last = held.peek().is_none();
            if segment == "*" && is_last {
                return true;
            }
            if !same_segment(segment, other) {
                return false;
            }
        }
        true
    }
}

fn same_segment(held: &str, asked: &str) -> bool {
    let (mut held, mut asked) = (held.split(':'), asked.split(':'));
    if held.clone().eq(["*"]) {
        return true;
    }
    loop {
        match (held.next(), asked.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == "*" || one == other => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(held: &str, asked: &str) -> bool {
        ResourcePattern::parse(held).unwrap().covers(asked)
    }

    #[test]
    fn az_08_inheritance_and_wildcards_stop_at_segments() {
        for (held, asked) in [
            ("a", "a"),
            ("a", "a/b"),
            ("a/*", "a/b/c"),
            ("*", "a"),
            ("/", "a/b"),
            ("a/*/c", "a/b/c/d"),
            ("ns:*", "ns:x/y"),
            ("Portcullis:Guard", "Portcullis:Guard"),
            ("Portcullis:*", "Portcullis:Guard/x"),
        ] {
            assert!(covers(held, asked), "{held} {asked}");
        }
        for (held, asked) in [
            ("a", "ab"),
            ("a/*", "a"),
            ("a/*", "ab/c"),
            ("a/*/c", "a/c"),
            ("ns:*", "ns"),
            ("ns:*", "ns:x:y"),
            ("*", "Portcullis:Guard"),
            ("/", "Authress:Roles"),
            ("a/b", "a"),
            ("A", "a"),
        ] {
            assert!(!covers(held, asked), "{held} {asked}");
        }
    }
}
