//! What a refresh token looks like, and how it is kept: `rt_<25 characters>.<43 characters>`, an id that rows are found by and
//! 256 random bits in base64url. Only the digest of the second part is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_domain::{RefreshToken, Session};
use portcullis_jose::{Digest, MasterKey, Secret};
use portcullis_types::{Sensitive, Timestamp};

use crate::{Error, Portcullis, Result};

const PREFIX: &str = "rt_";
const ID_LEN: usize = PREFIX.len() + 25;
const SECRET_BYTES: usize = 32;
const SECRET_LEN: usize = 43;

/// A refresh token as somebody holds it.
pub(super) struct Held {
    pub(super) token_id: String,
    secret: Secret,
}

impl Held {
    /// A new one.
    pub(super) fn mint(portcullis: &Portcullis) -> Result<Self> {
        let token_id = portcullis.mint(PREFIX)?;
        let mut bytes = [0; SECRET_BYTES];
        portcullis.rng().fill(&mut bytes)?;
        Ok(Self { token_id, secret: Secret::new(URL_SAFE_NO_PAD.encode(bytes).into_bytes()) })
    }

    /// Reads one that was sent. `None` if it cannot be one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (token_id, secret) = text.split_once('.')?;
        let plain =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let is_one = token_id.len() == ID_LEN
            && token_id.starts_with(PREFIX)
            && secret.len() == SECRET_LEN
            && plain(token_id)
            && plain(secret);
        is_one
            .then(|| Self { token_id: token_id.to_owned(), secret: Secret::new(secret.as_bytes().to_vec()) })
    }

    /// The text for its holder.
    pub(super) fn text(&self) -> Sensitive {
        Sensitive::new(format!("{}.{}", self.token_id, String::from_utf8_lossy(self.secret.expose())))
    }

    /// Whether this is the very token of that row: the whole secret, byte for byte, compared in constant time.
    pub(super) fn is(&self, stored: &RefreshToken) -> bool {
        Digest::from_bytes(stored.digest).matches(self.secret.expose())
    }

    /// The row of this token, in the family of `session`.
    pub(super) fn row(&self, session: &Session, parent: Option<&str>, now: Timestamp) -> RefreshToken {
        RefreshToken {
            token_id: self.token_id.clone(),
            session_id: session.session_id.clone(),
            parent: parent.map(str::to_owned),
            digest: *Digest::of(self.secret.expose()).as_bytes(),
            issued_at: now,
            expires_at: session.absolute_expires_at,
            used_at: None,
            successor: None,
        }
    }

    /// Seals the token that replaces this one, so that only who holds this one can read it.
    pub(super) fn seal(&self, successor: &Self, portcullis: &Portcullis) -> Result<Vec<u8>> {
        let text = successor.text();
        Ok(self.key().seal(self.token_id.as_bytes(), text.expose().as_bytes(), portcullis.rng())?)
    }

    /// The token that replaced this one.
    pub(super) fn open(&self, stored: &RefreshToken) -> Result<Sensitive> {
        let sealed = stored.successor.as_deref().unwrap_or_default();
        let text = self.key().open(self.token_id.as_bytes(), sealed)?;
        let text = String::from_utf8(text.expose().to_vec()).map_err(Error::internal)?;
        Ok(Sensitive::new(text))
    }

    fn key(&self) -> MasterKey {
        MasterKey::derived(b"portcullis refresh token successor", self.secret.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tk_19_only_the_exact_form_is_read() {
        let good = format!("rt_{}.{}", "0".repeat(25), "a".repeat(43));
        assert_eq!(Held::parse(&good).unwrap().text().expose(), good);
        for bad in [
            "",
            ".",
            &good[1..],
            &good[..good.len() - 1],
            &format!("{good}a"),
            &format!("{good}."),
            &format!(" {good}"),
            &good.replacen("rt_", "xx_", 1),
            &good.replacen('0', "/", 1),
            &good.replacen('a', "=", 1),
            &good.replacen('.', ":", 1),
            &"x".repeat(1 << 20),
        ] {
            assert!(Held::parse(bad).is_none(), "{bad:.80}");
        }
    }
}
