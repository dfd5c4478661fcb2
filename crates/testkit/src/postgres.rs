use std::hash::{BuildHasher, RandomState};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::TestError;

/// The variable that names the PostgreSQL for tests; its user may create databases.
const VARIABLE: &str = "PORTCULLIS_TEST_POSTGRES";

/// An empty PostgreSQL database with a name that nobody else has. Dropping this drops it, whoever still uses it.
#[derive(Debug)]
pub struct FreshPostgres {
    server: String,
    name: String,
    url: String,
}

impl FreshPostgres {
    /// Makes a database on the server that `PORTCULLIS_TEST_POSTGRES` names.
    ///
    /// # Errors
    /// [`TestError::NoPostgres`] when the variable is not set; [`TestError::Postgres`].
    pub async fn create() -> Result<Self, TestError> {
        let server = std::env::var(VARIABLE).map_err(|_unset| TestError::NoPostgres)?;
        let name = format!("pc_testkit_{:016x}", RandomState::new().hash_one(0));
        execute(&server, &format!("CREATE DATABASE {name}")).await?;
        let url = in_database(&server, &name);
        Ok(Self { server, name, url })
    }

    /// The URL of the database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a statement in the database, behind the server's back.
    ///
    /// # Errors
    /// [`TestError::Postgres`].
    pub async fn execute(&self, sql: &str) -> Result<(), TestError> {
        execute(&self.url, sql).await
    }
}

impl Drop for FreshPostgres {
    fn drop(&mut self) {
        let (server, sql) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // Also from within a runtime, which may itself be at its end.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(execute(&server, &sql))
        });
        // Nothing useful is left to do: the whole cluster goes when the tests end.
        let _dropped = dropping.join();
    }
}

async fn execute(url: &str, sql: &str) -> Result<(), TestError> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// The same server, another database.
fn in_database(server: &str, name: &str) -> String {
    let (address, parameters) = server.split_once('?').unwrap_or((server, ""));
    let scheme_end = address.find("://").map_or(0, |at| at.saturating_add(3));
    let host_end =
        address.get(scheme_end..).and_then(|rest| rest.find('/')).map(|at| at.saturating_add(scheme_end));
    let base = host_end.and_then(|end| address.get(..end)).unwrap_or(address);
    if parameters.is_empty() { format!("{base}/{name}") } else { format!("{base}/{name}?{parameters}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_the_database_changes() {
        assert_eq!(in_database("postgres://u:p@h:1/postgres", "a"), "postgres://u:p@h:1/a");
        assert_eq!(in_database("postgres://u@h", "a"), "postgres://u@h/a");
        assert_eq!(in_database("postgres://h/d?host=/run/x", "a"), "postgres://h/a?host=/run/x");
    }
}
