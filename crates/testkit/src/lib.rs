//! A real Portcullis server in one call, for tests
