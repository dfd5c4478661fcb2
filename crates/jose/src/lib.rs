//! Tokens and keys for Portcullis: what signs, what verifies, what is stored, and what is remembered.
//!
//! | file | its question |
//! |---|---|
//! | `secret.rs` | how is a secret held, and how is an opaque one stored? [`Secret`], [`Digest`] |
//! | `sealed.rs` | how is a secret stored that must come back? [`MasterKey`] |
//! | `algorithm.rs` | which signature algorithms are there? [`Algorithm`] |
//! | `signing.rs` | how is a token signed? [`SigningKey`] |
//! | `key_pair.rs` | how does each algorithm make, store and use a private key? |
//! | `verifying.rs` | whose is a public key, and how is it read and written? [`VerifyingKey`] |
//! | `public_key.rs` | may a public key be used, and how does it check a signature? |
//! | `jwk.rs` | how are public keys published? [`Jwk`], [`JwkSet`] |
//! | `token.rs` | is this a token, and is it good? [`UnverifiedToken`], [`TokenError`] |
//! | `claims.rs` | what does a good token say? [`Claims`] |
//! | `lifecycle.rs` | how old is it, how long is it good for, and is it time for a new one? [`RefreshPolicy`] |
//! | `access_key.rs` | what does a service client hold? [`AccessKey`] |
//! | `verified_cache.rs` | was this very token verified already? [`VerifiedTokens`] |
//! | `strict_json.rs` | JSON that two readers cannot read differently |
//!
//! No I/O, no clock and no random source of its own: time and chance come in as
//! [`Timestamp`](portcullis_types::Timestamp) and [`Rng`](portcullis_types::Rng).
//!
//! Signatures are made and checked by aws-lc-rs directly. A general JWT library would add the parsing, which we must do
//! ourselves anyway (duplicate members, depth, `crit`, a clock that is handed in), and a crypto provider chosen for the
//! whole process, which panics when another crate of the application turns on a second one. The tests check every
//! token against such a library.
//!
//! To add an algorithm: a variant of [`Algorithm`] with its JOSE name; its public key in `public_key.rs` with its import rules; its
//! members in [`Jwk`] and [`VerifyingKey`]; its private key in `key_pair.rs`. `token.rs` needs no change: it takes the algorithm
//! from the key.
//!
//! ```
//! use portcullis_jose::{SigningKey, TokenError, UnverifiedToken, VerifyingKey};
//! use portcullis_types::{Rng, RngError, Timestamp};
//! use serde_json::json;
//!
//! struct Fixed;
//! impl Rng for Fixed {
//!     fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
//!         dest.fill(7);
//!         Ok(())
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = SigningKey::generate("k1".to_owned(), &Fixed)?;
//! let token = key.sign("at+jwt", &json!({ "iss": "https://id.test", "sub": "alice", "aud": "api", "exp": 1_700_000_300 }))?;
//!
//! // Another process: it has the published key, and a clock.
//! let published = VerifyingKey::from_jwk(&key.verifying().jwk())?;
//! let now = Timestamp::from_secs(1_700_000_000);
//! let unverified = UnverifiedToken::parse(&token)?;
//! assert_eq!(unverified.kid(), published.kid());
//! let claims = unverified.verify(&published, now, 30)?;
//! assert_eq!(claims.subject(), "alice");
//! assert!(claims.issuer() == "https://id.test" && claims.has_audience("api"));
//!
//! let later = UnverifiedToken::parse(&token)?.verify(&published, now.plus_secs(300), 30);
//! assert_eq!(later, Err(TokenError::Expired));
//! # Ok(())
//! # }
//! ```

mod access_key;
mod algorithm;
mod claims;
mod jwk;
mod key_pair;
mod lifecycle;
mod public_key;
mod sealed;
mod secret;
mod signing;
mod strict_json;
#[cfg(test)]
mod testing;
mod token;
mod verified_cache;
mod verifying;

pub use access_key::{AccessKey, AccessKeyError, looks_like_access_key, mint_key_id};
pub use algorithm::Algorithm;
pub use claims::Claims;
pub use jwk::{Jwk, JwkSet};
pub use lifecycle::RefreshPolicy;
pub use sealed::{MasterKey, SealError};
pub use secret::{Digest, Secret};
pub use signing::{SignError, SigningKey};
pub use token::{MAX_TOKEN_LEN, TokenError, UnverifiedToken, unverified_claims};
pub use verified_cache::{Epoch, Proof, VerifiedTokens};
pub use verifying::{KeyError, VerifyingKey};
