//! A request on its way through sign-in and consent: sealed, so that nothing is stored before somebody is known, and nothing of it can
//! change (AS-23).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_jose::MasterKey;

use super::Refusal;
use super::request::Request;
use crate::{Error, Portcullis, Result};

/// For how long a request may wait for its person.
const GOOD_FOR_MICROS: i64 = 30 * 60 * 1_000_000;
/// What a key is for that the master key gives.
const PURPOSE: &[u8] = b"portcullis waiting authorization request";
const SALT_LEN: usize = 16;
/// The longest request, as JSON: its sealed text goes into addresses.
pub(super) const MAX_LEN: usize = 6_000;
/// The longest sealed text.
const MAX_TEXT_LEN: usize = 8_192;

/// Seals a request for the browser of `binding`.
pub(super) fn seal(portcullis: &Portcullis, request: &Request, binding: &str) -> Result<String> {
    let plain = serde_json::to_vec(request).map_err(Error::internal)?;
    let mut salt = [0; SALT_LEN];
    portcullis.rng().fill(&mut salt)?;
    let mut sealed = salt.to_vec();
    sealed.extend(key(portcullis, &salt).seal(binding.as_bytes(), &plain, portcullis.rng())?);
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// Opens what [`seal`] made for the same browser.
pub(super) fn open(portcullis: &Portcullis, text: &str, binding: &str) -> Result<Request, Refusal> {
    let refused = || Refusal::NotOfThisBrowser;
    if text.len() > MAX_TEXT_LEN || binding.is_empty() {
        return Err(refused());
    }
    let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_not_base64| refused())?;
    let (salt, sealed) = sealed.split_first_chunk::<SALT_LEN>().ok_or_else(refused)?;
    let plain = key(portcullis, salt).open(binding.as_bytes(), sealed).map_err(|_other| refused())?;
    // Sealed by another version of this program, which runs beside this one or did until now.
    let request: Request = serde_json::from_slice(plain.expose()).map_err(|_other| Refusal::Expired)?;
    let age = portcullis.now().micros().saturating_sub(request.created_at);
    // Of two nodes, one's clock may be behind.
    if !(-GOOD_FOR_MICROS..GOOD_FOR_MICROS).contains(&age) {
        return Err(Refusal::Expired);
    }
    Ok(request)
}

/// A key for each request: anybody can have requests sealed, more often than one key may seal with random nonces.
fn key(portcullis: &Portcullis, salt: &[u8; SALT_LEN]) -> MasterKey {
    MasterKey::from_bytes(*portcullis.inner.settings.master_key.digest(PURPOSE, salt).as_bytes())
}
