//! What an opaque token looks like that is used once, and how it is kept: `<prefix><25 characters>.<43 characters>`, an id that rows are
//! found by and 256 random bits in base64url. Only the digest of the second part is stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_jose::{Digest, MasterKey, Secret};
use portcullis_types::Sensitive;

use crate::{Portcullis, Result};

const ID_CHARS: usize = 25;
const SECRET_BYTES: usize = 32;
const SECRET_CHARS: usize = 43;

/// An opaque token as somebody holds it.
pub(crate) struct OpaqueToken {
    id: String,
    secret: Secret,
}

impl OpaqueToken {
    /// A new one; `prefix` says of which kind.
    pub(crate) fn mint(portcullis: &Portcullis, prefix: &str) -> Result<Self> {
        let id = portcullis.mint(prefix)?;
        let mut bytes = [0; SECRET_BYTES];
        portcullis.rng().fill(&mut bytes)?;
        Ok(Self { id, secret: Secret::new(URL_SAFE_NO_PAD.encode(bytes).into_bytes()) })
    }

    /// Reads one that was sent. `None` if it cannot be one of this kind.
    pub(crate) fn parse(text: &str, prefix: &str) -> Option<Self> {
        let (id, secret) = text.split_once('.')?;
        let plain =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let is_one = id.strip_prefix(prefix).is_some_and(|rest| rest.len() == ID_CHARS)
            && secret.len() == SECRET_CHARS
            && plain(id)
            && plain(secret);
        is_one.then(|| Self { id: id.to_owned(), secret: Secret::new(secret.as_bytes().to_vec()) })
    }

    /// The public half, under which it is found.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// What is stored of the secret half.
    pub(crate) fn digest(&self) -> [u8; 32] {
        *Digest::of(self.secret.expose()).as_bytes()
    }

    /// Whether it is the very token whose secret half has this digest: byte for byte, compared in constant time.
    pub(crate) fn has_digest(&self, stored: [u8; 32]) -> bool {
        Digest::from_bytes(stored).matches(self.secret.expose())
    }

    /// A key that only its holder has.
    pub(crate) fn key(&self, purpose: &[u8]) -> MasterKey {
        MasterKey::derived(purpose, self.secret.expose())
    }

    /// The text for its holder.
    pub(crate) fn text(&self) -> Sensitive {
        Sensitive::new(format!("{}.{}", self.id, String::from_utf8_lossy(self.secret.expose())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tk_19_only_the_exact_form_is_read() {
        let good = format!("pwr_{}.{}", "0".repeat(25), "a".repeat(43));
        assert_eq!(OpaqueToken::parse(&good, "pwr_").unwrap().text().expose(), good);
        assert!(OpaqueToken::parse(&good, "emv_").is_none());
        for bad in [
            "",
            ".",
            &good[1..],
            &good[..good.len() - 1],
            &format!("{good}a"),
            &format!("{good}."),
            &format!(" {good}"),
            &good.replacen('0', "/", 1),
            &good.replacen('a', "=", 1),
            &good.replacen('.', ":", 1),
            &"x".repeat(1 << 20),
        ] {
            assert!(OpaqueToken::parse(bad, "pwr_").is_none(), "{bad:.80}");
        }
    }
}
