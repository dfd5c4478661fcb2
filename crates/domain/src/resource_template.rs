use portcullis_types::FieldError;

use crate::ResourcePath;

const EXPECTED: &str = "a resource URI whose segments are text or one of {organization} {tenant} {product} {subject} \
    {type} {id} {owner} {metadata.NAME}";

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The organization: the resource's, else the one in force.
    Organization,
    /// The tenant: the resource's, else the one in force.
    Tenant,
    /// The product in force.
    Product,
    /// Whoever asks.
    Subject,
    /// The kind of the resource.
    Kind,
    /// The id of the resource.
    Id,
    /// The owner of the resource.
    Owner,
    /// A text of the request's metadata.
    Metadata(Box<str>),
}

/// One segment of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Text(Box<str>),
    Slot(Slot),
}

/// A resource's URI with placeholders, made ready: `organizations/{organization}/documents/{id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceTemplate {
    segments: Vec<Segment>,
}

/// Why no URI could be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateError {
    /// A placeholder has no value.
    Missing(Slot),
    /// Its value is not one segment of a URI, or is a wildcard.
    Malformed(Slot),
}

impl ResourceTemplate {
    /// Reads a template.
    ///
    /// # Errors
    /// [`FieldError`] for `field` when it is not a resource URI with known placeholders.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        let refused = || FieldError::new(field, EXPECTED);
        let mut segments = Vec::new();
        for part in text.split('/') {
            let slot = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            segments.push(match slot {
                Some(name) => Segment::Slot(slot_of(name).ok_or_else(refused)?),
                None if Self::is_segment(part) => Segment::Text(part.into()),
                None => return Err(refused()),
            });
        }
        if segments.len() > ResourcePath::MAX_SEGMENTS || text.len() > 512 {
            return Err(refused());
        }
        Ok(Self { segments })
    }

    /// Whether a text can be a segment: what a value must be, so that no value can name another place.
    pub fn is_segment(text: &str) -> bool {
        !text.contains(['/', '*']) && ResourcePath::normal(text) == Ok(text)
    }

    /// Writes the URI into `uri`. A last `{id}` without a value is left out: what is created has none yet.
    ///
    /// # Errors
    /// [`TemplateError`] when another placeholder has no value, or one that is not a segment.
    pub fn write<'v>(
        &self,
        uri: &mut String,
        value: impl Fn(&Slot) -> Option<&'v str>,
    ) -> Result<(), TemplateError> {
        let last = self.segments.len().saturating_sub(1);
        for (index, segment) in self.segments.iter().enumerate() {
            let text = match segment {
                Segment::Text(text) => text,
                Segment::Slot(slot) => match value(slot) {
                    Some(text) if Self::is_segment(text) => text,
                    Some(_) => return Err(TemplateError::Malformed(slot.clone())),
                    None if *slot == Slot::Id && index == last && index > 0 => break,
                    None => return Err(TemplateError::Missing(slot.clone())),
                },
            };
            if index > 0 {
                uri.push('/');
            }
            uri.push_str(text);
        }
        Ok(())
    }
}

fn slot_of(name: &str) -> Option<Slot> {
    Some(match name {
        "organization" => Slot::Organization,
        "tenant" => Slot::Tenant,
        "product" => Slot::Product,
        "subject" => Slot::Subject,
        "type" => Slot::Kind,
        "id" => Slot::Id,
        "owner" => Slot::Owner,
        other => Slot::Metadata(other.strip_prefix("metadata.").filter(|name| !name.is_empty())?.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(template: &str, tenant: Option<&str>, id: Option<&str>) -> Result<String, TemplateError> {
        let mut uri = String::new();
        let template = ResourceTemplate::parse("resource", template).unwrap();
        template.write(&mut uri, |slot| match slot {
            Slot::Tenant => tenant,
            Slot::Id => id,
            _ => None,
        })?;
        Ok(uri)
    }

    #[test]
    fn placeholders_are_filled_and_a_last_id_may_be_missing() {
        assert_eq!(uri("tenants/{tenant}/docs/{id}", Some("t"), Some("1")).unwrap(), "tenants/t/docs/1");
        assert_eq!(uri("tenants/{tenant}/docs/{id}", Some("t"), None).unwrap(), "tenants/t/docs");
        assert_eq!(uri("docs/{id}/parts", None, None), Err(TemplateError::Missing(Slot::Id)));
        assert_eq!(uri("tenants/{tenant}", None, None), Err(TemplateError::Missing(Slot::Tenant)));
    }

    #[test]
    fn az_07_a_value_cannot_name_another_place() {
        for value in ["a/b", "*", "a:*", "/", "", "a%2Fb", "a b"] {
            assert_eq!(
                uri("docs/{id}", None, Some(value)),
                Err(TemplateError::Malformed(Slot::Id)),
                "{value}"
            );
        }
    }

    #[test]
    fn unknown_placeholders_are_refused() {
        for text in ["", "a//b", "{x}", "a/{metadata.}", "a{id}", "*", "a/{id", &["a"; 17].join("/")] {
            assert!(ResourceTemplate::parse("resource", text).is_err(), "{text}");
        }
    }
}
