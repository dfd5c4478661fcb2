/// Paths where no credential is looked at.
#[derive(Clone, Debug, Default)]
pub(in crate::guard) struct Skipped {
    exact: Vec<String>,
    below: Vec<String>,
}

impl Skipped {
    /// Adds a pattern: a path, or `path/*` for everything below it.
    pub(in crate::guard) fn add(&mut self, pattern: &str) {
        match pattern.strip_suffix('*') {
            Some(prefix) if prefix.ends_with('/') => self.below.push(prefix.to_owned()),
            _ => self.exact.push(pattern.to_owned()),
        }
    }

    /// Whether a path is one of them, byte by byte: nothing is decoded or normalised, as the router does neither.
    pub(in crate::guard) fn contains(&self, path: &str) -> bool {
        self.exact.iter().any(|exact| exact == path)
            || self.below.iter().any(|prefix| path.starts_with(prefix.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_path_or_all_below_one() {
        let mut skipped = Skipped::default();
        for pattern in ["/health", "/.well-known/*", "/odd*"] {
            skipped.add(pattern);
        }
        for path in ["/health", "/.well-known/", "/.well-known/a/b", "/odd*"] {
            assert!(skipped.contains(path), "{path}");
        }
        for path in [
            "/",
            "/health/",
            "/healthy",
            "/.well-known",
            "/.well-knownx/a",
            "/odd",
            "/odder",
            "/HEALTH",
            "/%68ealth",
        ] {
            assert!(!skipped.contains(path), "{path}");
        }
    }
}
