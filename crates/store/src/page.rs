use portcullis_types::authress::Tags;

/// Where a list goes on, what it is filtered by, and how much of it is wanted.
///
/// Lists are complete and in the order of their keys: whoever asks again with the last key as `after`, until fewer than
/// `limit` rows come, has seen every row that was there all the time, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The key of the last row of the page before; `None` for the first page.
    pub after: Option<String>,
    /// A substring of the searchable text, folded as the stored text is. Made by [`Page::new`].
    pub filter: Option<String>,
    /// The most rows to give.
    pub limit: u32,
}

impl Page {
    /// A page with the filter folded, so that case makes no difference. An empty filter is none.
    pub fn new(after: Option<String>, filter: Option<&str>, limit: u32) -> Self {
        Self { after, filter: filter.filter(|text| !text.is_empty()).map(fold), limit }
    }

    /// The first `limit` rows, unfiltered.
    pub fn first(limit: u32) -> Self {
        Self { after: None, filter: None, limit }
    }

    pub(crate) fn start(&self) -> String {
        start(self.after.as_deref())
    }

    /// The filter as a parameter: every text contains the empty one.
    pub(crate) fn needle(&self) -> &str {
        self.filter.as_deref().unwrap_or_default()
    }

    pub(crate) fn limit(&self) -> i64 {
        i64::from(self.limit)
    }
}

/// The smallest key that may follow `after`: for `key >= start`, so that one SQL text serves first and later pages, and
/// the root's empty URI is on the first one.
///
/// True because no key holds a character below U+0002, so nothing lies between a key and that key followed by U+0001. A
/// NUL (which PostgreSQL refuses as a parameter) cannot be in a key either: what follows it orders nothing.
pub(crate) fn start(after: Option<&str>) -> String {
    after.map_or_else(String::new, |after| {
        let mut start = after.split('\0').next().unwrap_or_default().to_owned();
        start.push('\u{1}');
        start
    })
}

/// Folds a text for searching: lower case, character by character, both small sigmas as one.
///
/// Character by character, because `str::to_lowercase` looks at what follows a sigma: a substring would fold otherwise than
/// the text that it was cut from. NUL, which PostgreSQL cannot store, becomes U+FFFD.
pub(crate) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'ς' => 'σ',
            '\0' => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}

/// Names and values of tags, to be searched.
pub(crate) fn tag_texts(tags: Option<&Tags>) -> impl Iterator<Item = &str> {
    tags.into_iter().flatten().flat_map(|(name, value)| [name.as_str(), value.as_str()])
}

/// Folds the searchable texts of an entity into one, a line each.
pub(crate) fn fold_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut folded = String::new();
    for text in texts {
        if !folded.is_empty() {
            folded.push('\n');
        }
        folded.push_str(&fold(text));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_substring_folds_as_the_text_that_it_was_cut_from() {
        for (text, part) in [("ΟΔΟΣΑ", "ΟΔΟΣ"), ("οδος", "ΟΔΟΣ"), ("CAFÉ", "fé"), ("İSTANBUL", "i\u{307}s")]
        {
            assert!(fold(text).contains(&fold(part)), "{part} in {text}");
        }
    }

    #[test]
    fn a_page_starts_right_after_the_last_key() {
        assert!(start(None).as_str() <= "");
        let after = start(Some("a"));
        assert!(after.as_str() > "a" && after.as_str() <= "a-" && after.as_str() <= "a\u{2}");
        assert_eq!(start(Some("a\0b")), "a\u{1}");
    }
}
