use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Makes a folder, and those above it, for its owner only; one that exists is taken as it is.
///
/// # Errors
/// Any error of the file system.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(path)
}

/// Writes a file that only its owner may read, and waits until the disk has it. A file of the name is replaced. Its name is durable
/// after [`sync_folder`].
///
/// # Errors
/// Any error of the file system.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    // A leftover may have any mode; a new file has ours.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut create = OpenOptions::new();
    create.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut create, 0o600);
    let mut file = create.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes the names in a folder durable: a synced file whose name is lost is lost.
///
/// # Errors
/// Any error of the file system.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and names are the file system's own care.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
