use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_types::{Rng, RngError, Timestamp, id};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::secret::equal_in_constant_time;
use crate::{KeyError, Secret, SignError, SigningKey, VerifyingKey};

/// The longest text read as an access key: three ids of 64 characters and 64 characters of key, with room to spare so
/// that a part that is a little too long is named.
const MAX_TEXT_LEN: usize = 512;
/// What comes before the 32 bytes of seed in the PKCS#8 v1 of an Ed25519 key (RFC 8410 §7).
const PKCS8_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
const PKCS8_LEN: usize = PKCS8_PREFIX.len() + 32;

/// Why a text is no access key, or not the one expected. Holds no part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessKeyError {
    /// Longer than 512 characters.
    #[error("an access key has at most 512 characters")]
    TooLong,
    /// Not four parts with dots between.
    #[error("an access key has four parts: clientId.keyId.accountId.privateKey")]
    Parts,
    /// The client id is not 1 to 64 of `a-z A-Z 0-9 - _`.
    #[error("the client id is 1 to 64 of a-z A-Z 0-9 - _")]
    ClientId,
    /// The key id is not 1 to 64 of `a-z A-Z 0-9 - _`.
    #[error("the key id is 1 to 64 of a-z A-Z 0-9 - _")]
    KeyId,
    /// The account id is not 1 to 64 of `a-z A-Z 0-9 - _`.
    #[error("the account id is 1 to 64 of a-z A-Z 0-9 - _")]
    AccountId,
    /// The private key is not the base64 of a 48-byte Ed25519 PKCS#8 v1.
    #[error("the private key is the base64 of the 48-byte PKCS#8 v1 of an Ed25519 key")]
    PrivateKey,
    /// The private key does not belong to the public key it was compared with.
    #[error("another key than the registered one")]
    OtherKey,
    /// The cryptographic side refused the key, or there was no chance to make one.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A service client's access key (spec `authress-api.md` §5.1): what the client keeps, and signs its own tokens with.
/// We keep its [`VerifyingKey`] only.
///
/// There is no `Display`; `Debug` shows the ids, [`AccessKey::reveal`] gives the key itself.
pub struct AccessKey {
    client_id: String,
    account_id: String,
    signing: SigningKey,
}

impl AccessKey {
    /// A new key. Each id is 1 to 64 of `a-z A-Z 0-9 - _`; [`mint_key_id`] makes the second.
    ///
    /// # Errors
    /// The [`AccessKeyError`] of the id that is wrong, or [`KeyError::Random`] inside [`AccessKeyError::Key`].
    pub fn generate(
        client_id: &str,
        key_id: &str,
        account_id: &str,
        rng: &dyn Rng,
    ) -> Result<Self, AccessKeyError> {
        check_ids(client_id, key_id, account_id)?;
        let signing = SigningKey::generate(key_id.to_owned(), rng)?;
        Ok(Self { client_id: client_id.to_owned(), account_id: account_id.to_owned(), signing })
    }

    /// Reads `{clientId}.{keyId}.{accountId}.{privateKey}`, at most 512 characters, the last part standard base64 of the
    /// 48-byte PKCS#8 v1 form. PKCS#8 v2 is refused, as the clients do.
    ///
    /// # Errors
    /// The [`AccessKeyError`] of the first rule that is broken.
    pub fn parse(text: &str) -> Result<Self, AccessKeyError> {
        let (client_id, key_id, account_id, private_key) = split(text)?;
        check_ids(client_id, key_id, account_id)?;
        let mut der = Zeroizing::new([0; PKCS8_LEN]);
        let seed = match STANDARD.decode_slice(private_key, der.as_mut_slice()) {
            Ok(PKCS8_LEN) => der.strip_prefix(&PKCS8_PREFIX).and_then(|rest| rest.first_chunk::<32>()),
            // The decoder's own error would quote a character of the key.
            Ok(_) | Err(_) => None,
        };
        let seed = Secret::new(seed.ok_or(AccessKeyError::PrivateKey)?.to_vec());
        let signing = SigningKey::from_seed(key_id.to_owned(), &seed)?;
        Ok(Self { client_id: client_id.to_owned(), account_id: account_id.to_owned(), signing })
    }

    /// The service client's id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The key's id, which is `kid` in the tokens it signs.
    pub fn key_id(&self) -> &str {
        self.signing.kid()
    }

    /// The account's id.
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// The key in full, to be shown once to whoever asked for it: `{clientId}.{keyId}.{accountId}.{privateKey}`.
    pub fn reveal(&self) -> String {
        format!("{}.{}.{}.{}", self.client_id, self.key_id(), self.account_id, self.private_key_base64())
    }

    /// The last part alone: 64 characters of standard base64 that begin `MC4CAQAwBQYDK2VwBCIEI`.
    pub fn private_key_base64(&self) -> String {
        let seed = self.signing.private_bytes();
        STANDARD.encode(Zeroizing::new([PKCS8_PREFIX.as_slice(), seed.expose()].concat()).as_slice())
    }

    /// The public half, named by the key id: what is stored.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        self.signing.verifying()
    }

    /// Whether this is the private half of `registered`, compared in constant time (spec `authress-api.md` §5.4, step 5).
    /// That client, key and account are the ones `registered` was found under is the caller's to see.
    ///
    /// # Errors
    /// [`AccessKeyError::OtherKey`].
    pub fn verify_against(&self, registered: &VerifyingKey) -> Result<(), AccessKeyError> {
        let same = self.verifying_key().algorithm() == registered.algorithm()
            && equal_in_constant_time(self.verifying_key().public_bytes(), registered.public_bytes());
        if same { Ok(()) } else { Err(AccessKeyError::OtherKey) }
    }

    /// Signs the token with which the client calls the API at `base_url` (trailing slashes do not count), good from `now`
    /// for `ttl_secs` (spec `authress-api.md` §5.3).
    ///
    /// # Errors
    /// [`SignError::TooLong`] for a `base_url` of many kilobytes.
    pub fn mint_client_token(
        &self,
        base_url: &str,
        now: Timestamp,
        ttl_secs: u32,
    ) -> Result<String, SignError> {
        #[derive(Serialize)]
        struct ClientClaims<'a> {
            iss: String,
            aud: String,
            sub: &'a str,
            client_id: &'a str,
            iat: i64,
            exp: i64,
            scope: &'a str,
        }
        let iat = now.secs();
        self.signing.sign(
            "at+jwt",
            &ClientClaims {
                // Percent-encoding, which the clients apply here, changes no character a client id may have.
                iss: format!("{}/v1/clients/{}", base_url.trim_end_matches('/'), self.client_id),
                aud: format!("{}.accounts.authress.io", self.account_id),
                sub: &self.client_id,
                client_id: &self.client_id,
                iat,
                exp: iat.saturating_add(ttl_secs.into()),
                scope: "openid",
            },
        )
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccessKey({}.{}.{}.(..))", self.client_id, self.key_id(), self.account_id)
    }
}

/// Whether a bearer is an access key rather than a token: at most 512 characters, four parts, the first three of them ids
/// (a JWT has three parts). Says nothing about whether the key is good.
pub fn looks_like_access_key(bearer: &str) -> bool {
    split(bearer)
        .is_ok_and(|(client_id, key_id, account_id, _)| check_ids(client_id, key_id, account_id).is_ok())
}

/// Mints a key id: 6 characters of `a-z 0-9`, as public secret scanners expect in an access key (spec `authress-api.md`
/// §5.1), each equally likely. About 31 bits: it is unique within one client only if the caller checks that.
///
/// # Errors
/// [`RngError`] when the random source failed, or gave so many bytes out of range that it must be broken.
pub fn mint_key_id(rng: &dyn Rng) -> Result<String, RngError> {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    const LEN: usize = 6;
    // Seven bytes per character the alphabet has; the four bytes above would favour the first letters.
    const FAIR: u8 = 7 * 36;
    let mut drawn = [0; 64];
    rng.fill(&mut drawn)?;
    let id: String = drawn
        .iter()
        .filter(|&&byte| byte < FAIR)
        .filter_map(|&byte| ALPHABET.get(usize::from(byte % 36)).map(|&letter| char::from(letter)))
        .take(LEN)
        .collect();
    if id.len() == LEN { Ok(id) } else { Err(RngError) }
}

fn split(text: &str) -> Result<(&str, &str, &str, &str), AccessKeyError> {
    if text.len() > MAX_TEXT_LEN {
        return Err(AccessKeyError::TooLong);
    }
    let mut parts = text.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(client_id), Some(key_id), Some(account_id), Some(private_key), None) => {
            Ok((client_id, key_id, account_id, private_key))
        }
        _ => Err(AccessKeyError::Parts),
    }
}

fn check_ids(client_id: &str, key_id: &str, account_id: &str) -> Result<(), AccessKeyError> {
    id::client_id(client_id).ok().ok_or(AccessKeyError::ClientId)?;
    id::key_id(key_id).ok().ok_or(AccessKeyError::KeyId)?;
    id::client_id(account_id).ok().ok_or(AccessKeyError::AccountId)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NoChance, Seeded};

    struct Bytes(u8);
    impl Rng for Bytes {
        fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
            dest.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn minted_key_ids_are_what_secret_scanners_look_for() {
        let rng = Seeded::new(1);
        for _ in 0..200 {
            let id = mint_key_id(&rng).unwrap();
            assert!(
                id.len() == 6 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
                "{id}"
            );
        }
    }

    #[test]
    fn bytes_that_would_favour_some_letters_are_not_used() {
        assert_eq!(mint_key_id(&Bytes(251)).unwrap(), "999999");
        assert_eq!(mint_key_id(&Bytes(252)), Err(RngError));
        assert_eq!(mint_key_id(&NoChance), Err(RngError));
    }
}
