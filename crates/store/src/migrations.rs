//! The schema's versions. The table is ours (`pc_migrations`), because an application's own sqlx migrations may live in the
//! same database.

use sqlx::migrate::Migrator;

use crate::{Result, StoreError};

pub(crate) fn sqlite() -> Migrator {
    ours(sqlx::migrate!("migrations/sqlite"))
}

pub(crate) fn postgres() -> Migrator {
    ours(sqlx::migrate!("migrations/postgres"))
}

fn ours(mut migrator: Migrator) -> Migrator {
    migrator.dangerous_set_table_name("pc_migrations");
    migrator
}

/// The version that a migrator brings a schema to.
pub(crate) fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Whether a schema of version `found` is at the migrator's version.
pub(crate) fn is_newest(migrator: &Migrator, found: i64) -> Result<bool> {
    let known = newest(migrator);
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(found == known) }
}
