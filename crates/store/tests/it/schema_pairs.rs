//! The two schemas are one: tables, columns in their order, types, nullability, primary keys and indexes.
//!
//! | SQLite | PostgreSQL |
//! |---|---|
//! | TEXT | text |
//! | INTEGER | bigint |
//! | BLOB | bytea |

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::support::{on_postgres, on_sqlite};

/// A table's columns (name, type in PostgreSQL's words, nullable), primary key, and indexes (name, columns, predicate).
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: Vec<(String, String, bool)>,
    key: Vec<String>,
    indexes: BTreeMap<String, (Vec<String>, String)>,
}

type Schema = BTreeMap<String, Table>;

async fn sqlite(url: &str) -> Schema {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let tables: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name LIKE 'pc\\_%' ESCAPE '\\' AND name <> 'pc_migrations'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut schema = Schema::new();
    for (name, sql) in tables {
        assert!(sql.contains("STRICT"), "{name} is not STRICT");
        let mut table = Table::default();
        let text =
            format!("SELECT name, type, \"notnull\", pk FROM pragma_table_info('{name}') ORDER BY cid");
        let columns: Vec<(String, String, i64, i64)> =
            sqlx::query_as(AssertSqlSafe(text)).fetch_all(&mut connection).await.unwrap();
        let mut key: Vec<_> = columns.iter().filter(|column| column.3 > 0).collect();
        key.sort_by_key(|column| column.3);
        table.key = key.into_iter().map(|column| column.0.clone()).collect();
        for (column, kind, not_null, _) in columns {
            let kind = match kind.as_str() {
                "TEXT" => "text",
                "INTEGER" => "bigint",
                "BLOB" => "bytea",
                other => panic!("{name}.{column} has type {other}"),
            };
            table.columns.push((column, kind.to_owned(), not_null == 0));
        }
        let text = format!(
            "SELECT l.name, i.name, coalesce(s.sql, '') FROM pragma_index_list('{name}') l, pragma_index_info(l.name) i \
             LEFT JOIN sqlite_schema s ON s.name = l.name WHERE l.origin = 'c' ORDER BY l.name, i.seqno"
        );
        let indexes: Vec<(String, String, String)> =
            sqlx::query_as(AssertSqlSafe(text)).fetch_all(&mut connection).await.unwrap();
        for (index, column, sql) in indexes {
            let predicate = sql.split_once(" WHERE ").map_or("", |(_, predicate)| predicate).to_owned();
            table.indexes.entry(index).or_insert((Vec::new(), predicate)).0.push(column);
        }
        schema.insert(name, table);
    }
    schema
}

async fn postgres(url: &str) -> Schema {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let mut schema = Schema::new();
    let columns: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name LIKE 'pc\\_%' AND table_name <> 'pc_migrations' \
         ORDER BY table_name, ordinal_position",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    for (table, column, kind, nullable) in columns {
        schema.entry(table).or_default().columns.push((column, kind, nullable == "YES"));
    }
    type Index = (String, String, bool, String, String, Option<String>);
    let indexes: Vec<Index> = sqlx::query_as(
        "SELECT t.relname::text, i.relname::text, x.indisprimary, a.attname::text, \
         coalesce(trim(BOTH '()' FROM pg_get_expr(x.indpred, x.indrelid)), ''), co.collname::text \
         FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
         CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k (n, position) \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.n \
         LEFT JOIN pg_collation co ON co.oid = a.attcollation \
         WHERE t.relname LIKE 'pc\\_%' AND t.relname <> 'pc_migrations' ORDER BY i.relname, k.position",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    for (table, index, primary, column, predicate, collation) in indexes {
        assert!(
            matches!(collation.as_deref(), None | Some("C")),
            "{table}.{column} is ordered by {collation:?}"
        );
        let table = schema.get_mut(&table).unwrap();
        if primary {
            table.key.push(column);
        } else {
            table.indexes.entry(index).or_insert((Vec::new(), predicate)).0.push(column);
        }
    }
    schema
}

#[tokio::test]
async fn both_databases_have_the_same_schema_and_keys_in_the_order_of_bytes() {
    on_sqlite(|one| async move {
        let ours = sqlite(&one.url).await;
        on_postgres(|other| async move {
            let theirs = postgres(&other.url).await;
            assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
            for (name, table) in &ours {
                assert_eq!(Some(table), theirs.get(name), "{name}");
            }
            assert!(ours.len() >= 20, "{}", ours.len());
        })
        .await;
    })
    .await;
}
