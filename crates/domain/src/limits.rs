use std::fmt;

use portcullis_types::authress::{LinkedGroup, Tags, User};
use portcullis_types::{FieldError, id};

/// The most bytes that a record or a group may take, as JSON: about 100 KB (spec `authress-api.md` §1.4).
pub const MAX_DOCUMENT_BYTES: usize = 100 * 1024;

/// A record or a group is over [`MAX_DOCUMENT_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "larger than {MAX_DOCUMENT_BYTES} bytes")
    }
}

impl std::error::Error for TooLarge {}

pub(crate) fn text(field: &str, value: &str, min: usize, max: usize) -> Result<(), FieldError> {
    // NUL cannot be stored by PostgreSQL, and no name needs it.
    if (min..=max).contains(&value.chars().count()) && !value.contains('\0') {
        Ok(())
    } else {
        Err(FieldError::new(field, format!("{min} to {max} characters, none of them NUL")))
    }
}

pub(crate) fn optional_text(field: &str, value: Option<&str>, max: usize) -> Result<(), FieldError> {
    value.map_or(Ok(()), |value| text(field, value, 0, max))
}

pub(crate) fn count(field: &str, len: usize, min: usize, max: usize) -> Result<(), FieldError> {
    if (min..=max).contains(&len) {
        Ok(())
    } else {
        Err(FieldError::new(field, format!("{min} to {max} entries")))
    }
}

pub(crate) fn amount(field: &str, value: i64, min: i64, max: i64) -> Result<(), FieldError> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(FieldError::new(field, format!("{min} to {max}"))) }
}

pub(crate) fn users(field: &str, users: &[User], max: usize) -> Result<(), FieldError> {
    count(field, users.len(), 0, max)?;
    for (index, user) in users.iter().enumerate() {
        id::user_id(&user.user_id)
            .map_err(|error| FieldError::new(format!("{field}[{index}].userId"), error.expected))?;
    }
    Ok(())
}

pub(crate) fn groups(field: &str, groups: &[LinkedGroup], max: usize) -> Result<(), FieldError> {
    count(field, groups.len(), 0, max)?;
    for (index, group) in groups.iter().enumerate() {
        id::group_id(&group.group_id)
            .map_err(|error| FieldError::new(format!("{field}[{index}].groupId"), error.expected))?;
    }
    Ok(())
}

pub(crate) fn tags(tags: Option<&Tags>) -> Result<(), FieldError> {
    let Some(tags) = tags else { return Ok(()) };
    count("tags", tags.len(), 0, 100)?;
    for (key, value) in tags {
        text("tags", key, 1, 128)?;
        text(&format!("tags.{key}"), value, 0, 128)?;
    }
    Ok(())
}
