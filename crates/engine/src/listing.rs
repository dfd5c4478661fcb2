use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_types::FieldError;

use crate::Result;

/// A page of a list, and the cursor of the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing<T> {
    /// In the order of their keys.
    pub items: Vec<T>,
    /// Absent on the last page.
    pub next: Option<String>,
}

/// What a caller may say about a page.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// At least 1; more than the list's maximum is refused.
    pub limit: Option<u32>,
    /// From the page before.
    pub cursor: Option<String>,
    /// A substring, case-insensitive.
    pub filter: Option<String>,
}

impl PageRequest {
    /// The first `limit` entries.
    pub fn first(limit: u32) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }

    pub(crate) fn limit(&self, max: u32) -> Result<u32> {
        match self.limit {
            None => Ok(max.min(20)),
            Some(limit) if (1..=max).contains(&limit) => Ok(limit),
            Some(_) => Err(FieldError::new("limit", format!("1 to {max}")).into()),
        }
    }

    /// The key after which the page begins.
    pub(crate) fn after(&self) -> Result<Option<String>> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let key = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match key {
            Some(key) if key.len() <= 1024 && !key.contains('\0') => Ok(Some(key)),
            _ => Err(FieldError::new("cursor", "the cursor of the page before").into()),
        }
    }

    pub(crate) fn filter(&self, max: usize) -> Result<Option<&str>> {
        match self.filter.as_deref() {
            Some(filter) if filter.chars().count() > max || filter.contains('\0') => {
                Err(FieldError::new("filter", format!("at most {max} characters, none of them NUL")).into())
            }
            filter => Ok(filter),
        }
    }

    /// For the store: one entry more than asked for, so that the last page is known to be the last.
    pub(crate) fn store_page(&self, max: u32, max_filter: usize) -> Result<portcullis_store::Page> {
        let limit = self.limit(max)?.saturating_add(1);
        Ok(portcullis_store::Page::new(self.after()?, self.filter(max_filter)?, limit))
    }
}

impl<T> Listing<T> {
    /// Of at most `limit + 1` entries: what is over goes, and makes the cursor.
    pub(crate) fn cut(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> &str) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(key(last)));
        Self { items, next }
    }

    pub(crate) fn map<U>(self, change: impl FnMut(T) -> U) -> Listing<U> {
        Listing { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}
