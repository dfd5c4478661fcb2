//! A store whose next commit is lost, as when the process dies just before or just after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use portcullis::store::{ChangeListener, MigrationReport, Queries, Result, Snapshot, Store, StoreError, Tx};

/// What becomes of the next commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It lands, and is answered.
    None,
    /// Nothing lands.
    Before,
    /// It lands, and nobody hears of it.
    After,
}

/// The fault that comes next; once.
#[derive(Clone, Default)]
pub(crate) struct Faults(Arc<AtomicU8>);

impl Faults {
    pub(crate) fn next(&self, fault: Fault) {
        self.0.store(fault as u8, Ordering::SeqCst);
    }

    fn take(&self) -> Fault {
        match self.0.swap(0, Ordering::SeqCst) {
            0 => Fault::None,
            1 => Fault::Before,
            _ => Fault::After,
        }
    }
}

pub(crate) struct FaultyStore {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) faults: Faults,
}

struct FaultyTx {
    tx: Box<dyn Tx>,
    faults: Faults,
}

#[async_trait]
impl Tx for FaultyTx {
    fn queries(&mut self) -> &mut dyn Queries {
        self.tx.queries()
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        match self.faults.take() {
            Fault::None => return self.tx.commit().await,
            Fault::Before => drop(self.tx),
            Fault::After => self.tx.commit().await?,
        }
        Err(StoreError::Unavailable { source: "the process died".into() })
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        Ok(Box::new(FaultyTx { tx: self.store.begin().await?, faults: self.faults.clone() }))
    }

    async fn read(&self) -> Result<Box<dyn Snapshot>> {
        self.store.read().await
    }

    async fn migrate(&self) -> Result<MigrationReport> {
        self.store.migrate().await
    }

    async fn migrated(&self) -> Result<bool> {
        self.store.migrated().await
    }

    async fn ping(&self) -> Result<()> {
        self.store.ping().await
    }

    async fn listen(&self) -> Result<Option<Box<dyn ChangeListener>>> {
        self.store.listen().await
    }

    async fn close(&self) {
        self.store.close().await;
    }

    fn kind(&self) -> &'static str {
        self.store.kind()
    }
}
