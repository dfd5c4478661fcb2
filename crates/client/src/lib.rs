//! The Portcullis SDK for Rust: sign-in, guard, authorization, credits and organizations against a server.
