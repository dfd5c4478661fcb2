use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Where documents are kept.
pub trait Shelf: Send + Sync {
    /// Keeps a document.
    ///
    /// # Errors
    /// [`ShelfFull`].
    fn put(&self, title: &str) -> Result<(), ShelfFull>;
}

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShelfFull;

/// A shelf in memory.
#[derive(Debug)]
pub struct MemoryShelf {
    room: usize,
    titles: Mutex<Vec<String>>,
}

impl MemoryShelf {
    /// With room for so many documents.
    pub const fn new(room: usize) -> Self {
        Self { room, titles: Mutex::new(Vec::new()) }
    }
}

impl Shelf for MemoryShelf {
    fn put(&self, title: &str) -> Result<(), ShelfFull> {
        let mut titles = self.titles.lock().unwrap_or_else(PoisonError::into_inner);
        if titles.len() >= self.room {
            return Err(ShelfFull);
        }
        titles.push(title.to_owned());
        Ok(())
    }
}

impl fmt::Display for ShelfFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no room for another document")
    }
}

impl std::error::Error for ShelfFull {}
