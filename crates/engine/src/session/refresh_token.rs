use portcullis_domain::{RefreshToken, Session};
use portcullis_types::{Sensitive, Timestamp};

use crate::opaque_token::OpaqueToken;
use crate::{Error, Portcullis, Result};

const PREFIX: &str = "rt_";
/// What the key is for that a used token gives.
const SUCCESSOR: &[u8] = b"portcullis refresh token successor";

/// Whether a text says that it is a refresh token.
pub(crate) fn is_refresh_token(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// A refresh token as somebody holds it.
pub(crate) struct Held(OpaqueToken);

impl Held {
    /// A new one.
    pub(crate) fn mint(portcullis: &Portcullis) -> Result<Self> {
        OpaqueToken::mint(portcullis, PREFIX).map(Self)
    }

    /// Reads one that was sent. `None` if it cannot be one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        OpaqueToken::parse(text, PREFIX).map(Self)
    }

    pub(super) fn id(&self) -> &str {
        self.0.id()
    }

    /// The text for its holder.
    pub(crate) fn text(&self) -> Sensitive {
        self.0.text()
    }

    /// Whether this is the very token of that row.
    pub(super) fn is(&self, stored: &RefreshToken) -> bool {
        self.0.has_digest(stored.digest)
    }

    /// The row of this token, in the family of `session`.
    pub(crate) fn row(&self, session: &Session, parent: Option<&str>, now: Timestamp) -> RefreshToken {
        RefreshToken {
            token_id: self.id().to_owned(),
            session_id: session.session_id.clone(),
            parent: parent.map(str::to_owned),
            digest: self.0.digest(),
            issued_at: now,
            expires_at: session.absolute_expires_at,
            used_at: None,
            successor: None,
        }
    }

    /// Seals the token that replaces this one, so that only who holds this one can read it.
    pub(super) fn seal(&self, successor: &Self, portcullis: &Portcullis) -> Result<Vec<u8>> {
        let (key, text) = (self.0.key(SUCCESSOR), successor.text());
        Ok(key.seal(self.id().as_bytes(), text.expose().as_bytes(), portcullis.rng())?)
    }

    /// The token that replaced this one.
    pub(super) fn open(&self, stored: &RefreshToken) -> Result<Sensitive> {
        let sealed = stored.successor.as_deref().unwrap_or_default();
        let text = self.0.key(SUCCESSOR).open(self.id().as_bytes(), sealed)?;
        let text = String::from_utf8(text.expose().to_vec()).map_err(Error::internal)?;
        Ok(Sensitive::new(text))
    }
}
