//! Portcullis storage: one SQL text for SQLite and PostgreSQL, migrations, the conformance suite
