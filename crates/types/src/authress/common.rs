use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::SchemaType};
use utoipa::{PartialSchema, ToSchema};

/// `tags`: free labels, values up to 128 characters.
pub type Tags = BTreeMap<String, String>;

/// A field that clients may echo and the server ignores: any value is accepted, none is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOnly;

impl ReadOnly {
    /// For writers of bodies: there is nothing to send.
    pub(crate) const fn is_never_sent(&self) -> bool {
        true
    }
}

impl Serialize for ReadOnly {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl PartialSchema for ReadOnly {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(SchemaType::AnyValue).into()
    }
}

impl ToSchema for ReadOnly {}

impl<'de> Deserialize<'de> for ReadOnly {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Never through `deserialize_ignored_any`, at no depth: that is how readers that refuse unknown fields find them.
        deserializer.deserialize_any(ReadOnlyVisitor)
    }
}

struct ReadOnlyVisitor;

impl<'de> Visitor<'de> for ReadOnlyVisitor {
    type Value = ReadOnly;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E>(self, _: bool) -> Result<ReadOnly, E> {
        Ok(ReadOnly)
    }

    fn visit_i64<E>(self, _: i64) -> Result<ReadOnly, E> {
        Ok(ReadOnly)
    }

    fn visit_u64<E>(self, _: u64) -> Result<ReadOnly, E> {
        Ok(ReadOnly)
    }

    fn visit_f64<E>(self, _: f64) -> Result<ReadOnly, E> {
        Ok(ReadOnly)
    }

    fn visit_str<E>(self, _: &str) -> Result<ReadOnly, E> {
        Ok(ReadOnly)
    }

    fn visit_unit<E>(self) -> Result<ReadOnly, E> {
        Ok(ReadOnly)
    }

    fn visit_none<E>(self) -> Result<ReadOnly, E> {
        Ok(ReadOnly)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<ReadOnly, D::Error> {
        ReadOnly::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<ReadOnly, A::Error> {
        while items.next_element::<ReadOnly>()?.is_some() {}
        Ok(ReadOnly)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<ReadOnly, A::Error> {
        while members.next_entry::<ReadOnly, ReadOnly>()?.is_some() {}
        Ok(ReadOnly)
    }
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// An absolute URL.
    pub href: String,
    /// The relation, when it says more than the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rel: Option<String>,
}

/// Where a thing is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Links {
    /// The thing itself; always present, may be null.
    #[serde(rename = "self")]
    pub this: Option<Link>,
}

/// Where a page of a collection is, and the next one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CollectionLinks {
    /// This page; always present, may be null.
    #[serde(rename = "self")]
    pub this: Option<Link>,
    /// The next page, an absolute URL that holds the cursor; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Link>,
}

/// How to go on in a collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pagination {
    /// The next page.
    // We write `pagination` only when there is one; other servers of the API may write null here.
    #[serde(default)]
    #[schema(value_type = PaginationNext, required = true)]
    pub next: Option<PaginationNext>,
}

/// See [`Pagination`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaginationNext {
    /// Opaque; goes into `?cursor=` of the next request.
    pub cursor: String,
}

/// The account: this installation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountRef {
    /// Its id.
    pub account_id: String,
}

/// A user (or a service client in the place of one), by id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// 1 to 128 of `a-z A-Z 0-9 + . _ | / ~ : @ -`.
    pub user_id: String,
}

/// A group, by id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkedGroup {
    /// 1 to 64 of `a-z A-Z 0-9 - _`.
    pub group_id: String,
}

/// A resource, by URI.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// 1 to 512 characters: `*`, or up to 16 segments separated by `/`, each of parts separated by `:`; a part is a name
    /// (`a-z A-Z 0-9 - _ . + = ~ | @`, 1 to 128) or `*`.
    pub resource_uri: String,
}

/// The account's settings, as accepting an invite answers with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id.
    pub account_id: String,
    /// When the installation was created.
    #[schema(value_type = String, format = DateTime)]
    pub created_time: crate::Timestamp,
    /// Free name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Always present, may be empty.
    pub company: BTreeMap<String, String>,
    /// Where it is.
    pub links: Links,
}

/// Reads `null`, which other servers of the API may write for what is not there, as nothing.
pub(super) fn null_is_nothing<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

macro_rules! named_by_one_text {
    ($($name:ident . $field:ident),*) => { $(
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self { $field: text.to_owned() }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self { $field: text }
            }
        }
    )* };
}

named_by_one_text!(User.user_id, LinkedGroup.group_id, Resource.resource_uri);
