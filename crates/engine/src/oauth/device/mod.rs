//! Signing in on a device that has no browser of its own (RFC 8628, spec `client-handlers.md` §3.1). The device asks and polls; a
//! person who is signed in elsewhere enters the code that it shows, and decides.
//!
//! | file | its question |
//! |---|---|
//! | `start.rs` | which codes does a device get, and when none? |
//! | `look_up.rs` | what is asked of the person who entered a user code? |
//! | `decide.rs` | what comes of their answer? |
//! | `guess.rs` | how many wrong user codes may be entered? |
//! | `pace.rs` | does a device poll too often? |
//! | `settings.rs` | how long, how often, how many? |
//!
//! Redeeming is a grant: `oauth/grant/device_code.rs`.

mod decide;
mod guess;
mod look_up;
mod network;
mod pace;
mod settings;
mod start;

pub use decide::decide;
pub(crate) use guess::KEPT_SECS as GUESSES_KEPT_SECS;
pub use look_up::{DeviceQuestion, look_up};
pub(crate) use pace::Paces;
pub use portcullis_domain::{MAIN_POOL, UserCode};
pub use settings::DeviceSettings;
pub use start::start;

use portcullis_types::FieldError;

use crate::{Error, Portcullis};

/// What device codes begin with.
pub(crate) const PREFIX: &str = "dc_";
/// Where user codes are entered.
const PAGE: &str = "/device";

/// What a user code is found by. Keyed: whoever reads the database could else try all of them.
fn user_code_digest(portcullis: &Portcullis, code: &UserCode) -> [u8; 32] {
    let key = &portcullis.inner.settings.master_key;
    *key.digest(b"portcullis device user code", code.letters()).as_bytes()
}

/// One answer for a user code that is none, is nobody's, is somebody else's, was decided, or has expired (DV-01).
fn unknown_code() -> Error {
    FieldError::new("user_code", "the code that the device shows").into()
}
