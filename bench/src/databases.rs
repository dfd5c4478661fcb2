//! Databases of one's own in the PostgreSQL that is there.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::Result;
use crate::process::POSTGRES;

/// A database that is dropped with this value.
pub struct Fresh {
    cluster: String,
    name: String,
    url: String,
}

impl Fresh {
    pub fn create(purpose: &str) -> Result<Self> {
        let cluster = std::env::var(POSTGRES)?;
        let name = format!("bench_{}_{purpose}", std::process::id());
        let url = at(&cluster, &name);
        administer(&cluster, &format!("CREATE DATABASE {name}"))?;
        Ok(Self { cluster, name, url })
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        // The cluster itself ends with the benchmark.
        administer(&self.cluster, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).ok();
    }
}

/// The address of another database in the same cluster.
fn at(cluster: &str, database: &str) -> String {
    let (address, parameters) = cluster.split_once('?').map_or((cluster, None), |(a, b)| (a, Some(b)));
    let scheme = address.find("://").map_or(0, |place| place + 3);
    let host = address[scheme..].find('/').map_or(address.len(), |place| scheme + place);
    let parameters = parameters.map(|text| format!("?{text}")).unwrap_or_default();
    format!("{}/{database}{parameters}", &address[..host])
}

fn administer(cluster: &str, sql: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = PgConnection::connect(cluster).await?;
        connection.execute(AssertSqlSafe(sql.to_owned())).await?;
        connection.close().await?;
        Ok(())
    })
}
