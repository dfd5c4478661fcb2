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
    #[inline]
    pub fn parse(key: &HashKey, uri: &'a str) -> Result<Self, ResourceError> {
        let mut parts = key.parts(NameKind::Path);
        let mut prefixes = [NameHash::default(); PREFIXES];
        let mut slots = prefixes.iter_mut();
        if let Some(root) = slots.next() {
            *root = parts.read();
        }
        let mut depth = 0u8;
        let text = ResourcePath::normal_by_segments(uri, |text, segment| {
            parts.push(text.as_bytes(), segment.start, segment.end);
            if let Some(slot) = slots.next() {
                *slot = parts.read();
            }
            depth += 1;
        })?;
        let reserved = text.starts_with("Authress:") || text.starts_with("Portcullis:");
        Ok(Self { text, prefixes, depth, reserved })
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
