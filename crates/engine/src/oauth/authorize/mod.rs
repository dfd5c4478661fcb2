//! The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2, RFC 9207): an application sends a person's browser here, and
//! it goes back with a code.
//!
//! [`begin`] checks the request, whole and once. While its person signs in and is asked, it travels through the pages as a sealed text
//! ([`Waiting`]): nothing is stored before somebody is known, nothing of it can change on the way, and it is of no use in another browser
//! (AS-23). [`resume`] and [`decide`] take it further. Each gives the next [`Step`].
//!
//! | file | its question |
//! |---|---|
//! | `request.rs` | whose request is it, where does the answer go, and is everything in it good? |
//! | `prompt.rs`, `pkce.rs`, `expected.rs` | the same for some of its parts |
//! | `sealed.rs` | how does it wait? |
//! | `advance.rs` | what does it wait for next? |
//! | `question.rs` | is the person asked, and what? |
//! | `code.rs` | what is a code, and what is bound to it? |
//! | `response.rs` | what does the browser bring back? |
//!
//! Redeeming a code is `grant/authorization_code.rs`.

mod advance;
mod begin;
pub(crate) mod code;
mod decide;
mod expected;
pub(crate) mod pkce;
mod prompt;
mod question;
mod request;
mod response;
mod resume;
mod sealed;
mod step;

pub use begin::{begin, refuse_unreadable};
pub use decide::decide;
pub use response::AuthorizationResponse;
pub use resume::resume;
pub use step::{ConsentQuestion, Refusal, Step, Waiting};
