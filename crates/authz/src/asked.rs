use portcullis_domain::{ResourceError, ResourcePath};

use crate::hash::{HashKey, NameHash, NameKind};

const PREFIXES: usize = ResourcePath::MAX_SEGMENTS + 1;

/// A resource that is asked about: its normal form and the hash of each of its prefixes, made in one pass and without
/// allocation.
///
/// A `*` in it is an ordinary name: only a grant that covers it as a wildcard or from above answers (spec
/// `authress-api.md` §4.2).
pub struct AskedPath<'a> {
    text: &'a str,
    prefixes: [NameHash; PREFIXES],
    depth: u8,
    reserved: bool,
}

impl<'a> AskedPath<'a> {
    /// Reads a URI that was decoded exactly once.
    ///
    /// # Errors
    /// [`ResourceError`] when it is not a resource URI.
    pub fn parse(key: &HashKey, uri: &'a str) -> Result<Self, ResourceError> {
        Ok(Self::of_normal(key, ResourcePath::normal(uri)?))
    }

    /// From a path that was parsed before.
    pub fn of(key: &HashKey, path: &'a ResourcePath) -> Self {
        Self::of_normal(key, path.as_str())
    }

    fn of_normal(key: &HashKey, text: &'a str) -> Self {
        let mut prefixes = [NameHash::default(); PREFIXES];
        let mut hasher = key.start(NameKind::Path);
        let mut depth = 0u8;
        let mut slots = prefixes.iter_mut();
        if let Some(root) = slots.next() {
            *root = hasher.read();
        }
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len());
            let (segment, tail) = rest.split_at(end);
            hasher.feed(segment.as_bytes());
            if let Some(slot) = slots.next() {
                *slot = hasher.read();
            }
            hasher.feed(b"/");
            depth = depth.saturating_add(1);
            rest = tail.get(1..).unwrap_or_default();
        }
        let reserved = text.starts_with("Authress:") || text.starts_with("Portcullis:");
        Self { text, prefixes, depth, reserved }
    }

    /// How many segments.
    pub(crate) fn depth(&self) -> u8 {
        self.depth
    }

    /// Whether the path lies in a tree that `*` does not reach.
    pub(crate) fn is_reserved(&self) -> bool {
        self.reserved
    }

    /// The prefix of no segment, of one, and so on up to the whole path.
    pub(crate) fn prefixes(&self) -> &[NameHash] {
        self.prefixes.get(..=usize::from(self.depth)).unwrap_or(&self.prefixes)
    }

    pub(crate) fn segments(&self) -> impl Iterator<Item = &'a str> {
        self.text.split('/').filter(|segment| !segment.is_empty())
    }
}
