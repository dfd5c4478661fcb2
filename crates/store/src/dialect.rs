//! What the two databases do differently. Queries are written once; where a text must differ, it asks [`Dialect`].

/// Chooses between two texts by the type of the connection.
pub(crate) trait Dialect {
    /// The text for this database.
    fn pick(sqlite: &'static str, postgres: &'static str) -> &'static str;

    /// The text, if this database is PostgreSQL: SQLite has one writer, which needs no locks and wakes nobody.
    fn on_postgres(postgres: &'static str) -> Option<&'static str> {
        Some(Self::pick("", postgres)).filter(|text| !text.is_empty())
    }
}

impl Dialect for sqlx::SqliteConnection {
    fn pick(sqlite: &'static str, _: &'static str) -> &'static str {
        sqlite
    }
}

impl Dialect for sqlx::PgConnection {
    fn pick(_: &'static str, postgres: &'static str) -> &'static str {
        postgres
    }
}

/// Stamps one `impl Area for Conn` for both drivers; in its body `Db` and `Conn` name the driver's types.
macro_rules! per_backend {
    ($(#[$meta:meta])* impl $area:ident for Conn { $($body:tt)* }) => {
        const _: () = {
            #[allow(dead_code)]
            type Db = sqlx::Sqlite;
            type Conn = sqlx::SqliteConnection;
            $(#[$meta])* impl $area for Conn { $($body)* }
        };
        const _: () = {
            #[allow(dead_code)]
            type Db = sqlx::Postgres;
            type Conn = sqlx::PgConnection;
            $(#[$meta])* impl $area for Conn { $($body)* }
        };
    };
}
pub(crate) use per_backend;

/// A list's text: `head` (ending in a condition), the test that the column `folded` contains `$2`, and `tail`.
macro_rules! filtered {
    ($head:literal, $tail:literal) => {
        <Self as $crate::dialect::Dialect>::pick(
            concat!($head, " AND instr(folded, $2) > 0 ", $tail),
            concat!($head, " AND strpos(folded, $2) > 0 ", $tail),
        )
    };
}
pub(crate) use filtered;

/// A text that reads one row and keeps others from changing it until the end of the transaction. SQLite, where whoever
/// writes is alone, needs no lock.
macro_rules! for_update {
    ($($text:tt)*) => {
        <Self as $crate::dialect::Dialect>::pick($($text)*, concat!($($text)*, " FOR UPDATE"))
    };
}
pub(crate) use for_update;
