//! Only the tests in `tests/it` matter: they run the unmodified `authress` crate against the built server.
