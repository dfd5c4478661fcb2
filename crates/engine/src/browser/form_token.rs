//! Was a form sent by the page that we gave to this browser (SE-08)? A browser that visits us gets a *binding*, 256 random bits in a
//! cookie. Each form holds a digest of it and, once somebody is signed in, of their cookie too, under a key that only
//! this installation has: another site can neither read nor compute it, and what a visitor was given is no good once somebody has
//! signed in, nor the other way round.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_jose::Digest;

use crate::{Portcullis, Result};

const PURPOSE: &[u8] = b"portcullis form token";
const BYTES: usize = 32;
const CHARS: usize = 43;

/// A binding for a browser that has none: 43 characters of base64url.
///
/// # Errors
/// [`Error::Internal`](crate::Error::Internal) without chance.
pub fn new_binding(portcullis: &Portcullis) -> Result<String> {
    let mut bytes = [0; BYTES];
    portcullis.rng().fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether this could be a binding.
pub fn is_binding(text: &str) -> bool {
    text.len() == CHARS && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// What the forms of a page hold. `cookie` is the browser's, if somebody is signed in with it.
pub fn form_token(portcullis: &Portcullis, binding: &str, cookie: Option<&str>) -> String {
    URL_SAFE_NO_PAD.encode(digest(portcullis, binding, cookie).as_bytes())
}

/// Whether a form held it; compared in constant time.
pub fn is_form_token(portcullis: &Portcullis, binding: &str, cookie: Option<&str>, presented: &str) -> bool {
    if presented.len() != CHARS {
        return false;
    }
    let mut bytes = [0; BYTES];
    let decoded = URL_SAFE_NO_PAD.decode_slice(presented, &mut bytes);
    matches!(decoded, Ok(BYTES)) && Digest::from_bytes(bytes) == digest(portcullis, binding, cookie)
}

fn digest(portcullis: &Portcullis, binding: &str, cookie: Option<&str>) -> Digest {
    // A binding holds no line end, so that no two pairs make one message.
    let message = format!("{binding}\n{}", cookie.unwrap_or_default());
    portcullis.inner.settings.master_key.digest(PURPOSE, message.as_bytes())
}
