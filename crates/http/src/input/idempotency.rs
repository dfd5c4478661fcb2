use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::failure::Failure;

/// `Idempotency-Key`, which says the same as `idempotencyKey` in a body.
pub(crate) struct IdempotencyKey(Option<String>);

impl IdempotencyKey {
    const NAME: &'static str = "Idempotency-Key";

    /// The key of the header, else the body's. Two that differ would be a guess.
    pub(crate) fn or(self, body: Option<String>) -> Result<Option<String>, Failure> {
        match (self.0, body) {
            (Some(header), Some(body)) if header != body => {
                Err(Failure::invalid(Self::NAME, "the same as idempotencyKey, or none"))
            }
            (header, body) => Ok(header.or(body)),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let mut given = parts.headers.get_all(Self::NAME).iter();
        let Some(value) = given.next() else { return Ok(Self(None)) };
        let key = value.to_str().ok().filter(|key| (1..=255).contains(&key.len()));
        match key {
            Some(key) if given.next().is_none() => Ok(Self(Some(key.to_owned()))),
            _ => Err(Failure::invalid(Self::NAME, "one of 1 to 255 visible ASCII characters")),
        }
    }
}
