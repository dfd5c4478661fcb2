use crate::asked::AskedPath;
use crate::hash::{HashKey, NameHash, NameKind};

/// Where a grant's path has wildcards before its last name. Every asked path, written with the same wildcards in the same
/// places, is found by one more look-up: cost grows with the number of shapes a principal has, not with its grants.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    segments: Box<[SegmentShape]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum SegmentShape {
    /// Taken as it is.
    Name,
    /// `*`: any one segment.
    Any,
    /// Parts joined by `:`, exactly this many, each taken as it is (`false`) or any one (`true`).
    Parts(Box<[bool]>),
}

impl Shape {
    /// The shape of a path, or none when it has no wildcard.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let segments: Box<[SegmentShape]> = path
            .split('/')
            .map(|segment| {
                if segment == "*" {
                    SegmentShape::Any
                } else if segment.split(':').any(|part| part == "*") {
                    SegmentShape::Parts(segment.split(':').map(|part| part == "*").collect())
                } else {
                    SegmentShape::Name
                }
            })
            .collect();
        segments.iter().any(|segment| *segment != SegmentShape::Name).then_some(Self { segments })
    }

    /// The hash of the asked path's beginning, written with this shape's wildcards; none when it cannot have the shape.
    pub(crate) fn apply(&self, key: &HashKey, asked: &AskedPath<'_>) -> Option<NameHash> {
        if usize::from(asked.depth()) < self.segments.len() || (asked.is_reserved() && self.begins_wild()) {
            return None;
        }
        let mut parts = key.parts(NameKind::Path);
        for (shape, segment) in self.segments.iter().zip(asked.segments()) {
            match shape {
                SegmentShape::Name => parts.push(segment.as_bytes(), 0, segment.len()),
                SegmentShape::Any => parts.push(b"*", 0, 1),
                SegmentShape::Parts(wild) => {
                    if segment.split(':').count() != wild.len() {
                        return None;
                    }
                    let mut text = Text { bytes: [0; MAX_BYTES], len: 0 };
                    for (index, (part, wild)) in segment.split(':').zip(wild.iter()).enumerate() {
                        if index > 0 {
                            text.push(":");
                        }
                        text.push(if *wild { "*" } else { part });
                    }
                    parts.push(&text.bytes, 0, text.len);
                }
            }
        }
        Some(parts.read())
    }

    fn begins_wild(&self) -> bool {
        match self.segments.first() {
            Some(SegmentShape::Any) => true,
            Some(SegmentShape::Parts(wild)) => wild.first() == Some(&true),
            Some(SegmentShape::Name) | None => false,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.segments.len() * size_of::<SegmentShape>()
    }
}

/// The most bytes that a path has, and so a segment; with wildcards in the place of names it is not longer.
const MAX_BYTES: usize = 512;

/// A text that is put together without allocation.
struct Text {
    bytes: [u8; MAX_BYTES],
    len: usize,
}

impl Text {
    fn push(&mut self, text: &str) {
        let end = self.len + text.len();
        if let Some(free) = self.bytes.get_mut(self.len..end) {
            free.copy_from_slice(text.as_bytes());
            self.len = end;
        }
    }
}
