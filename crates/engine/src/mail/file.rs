use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use portcullis_types::{BoxFuture, Clock};

use super::{Mail, MailAddress, MailError, Mailer};

/// Writes each mail into a file of its own instead of sending it, for development: `<time>-<number>.eml` in one folder,
/// readable by nobody else (0600). A file appears when it is complete.
pub struct FileMailer {
    folder: PathBuf,
    from: MailAddress,
    clock: Arc<dyn Clock>,
    next: AtomicU64,
}

impl FileMailer {
    /// Writes into `folder`, which is made with the first mail if it is missing.
    pub fn new(folder: impl Into<PathBuf>, from: MailAddress, clock: Arc<dyn Clock>) -> Self {
        Self { folder: folder.into(), from, clock, next: AtomicU64::new(0) }
    }
}

impl std::fmt::Debug for FileMailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileMailer").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Mailer for FileMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        // The process's number keeps several processes on one folder apart.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let name = format!("{:020}-{}-{number:06}", self.clock.now().micros(), std::process::id());
        let (from, to, subject, text) = (&self.from, mail.to(), mail.subject(), mail.text());
        let content = format!("From: {from}\nTo: {to}\nSubject: {subject}\n\n{text}");
        let folder = self.folder.clone();
        Box::pin(async move {
            let written = tokio::task::spawn_blocking(move || write(&folder, &name, &content)).await;
            match written {
                Ok(written) => written.map_err(|error| MailError::Unavailable(error.into())),
                Err(error) => Err(MailError::Unavailable(error.into())),
            }
        })
    }
}

fn write(folder: &Path, name: &str, content: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        options.mode(0o600);
        builder.mode(0o700);
    }
    builder.create(folder)?;
    let unfinished = folder.join(format!(".{name}.part"));
    options.open(&unfinished)?.write_all(content.as_bytes())?;
    std::fs::rename(unfinished, folder.join(format!("{name}.eml")))
}

#[cfg(test)]
mod tests {
    use portcullis_types::Timestamp;

    use super::*;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(1_800_000_000)
        }
    }

    #[tokio::test]
    async fn each_mail_is_a_file_that_only_its_owner_reads() {
        let folder = tempfile::tempdir().unwrap();
        let mails = folder.path().join("a").join("mails");
        let mailer = FileMailer::new(&mails, "id@example.org".parse().unwrap(), Arc::new(Still));
        for number in 0..2 {
            let mail = Mail::new("alice@example.org".parse().unwrap(), &format!("Number {number}"), "text\n");
            mailer.send(&mail).await.unwrap();
        }
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&mails).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        assert_eq!(files.len(), 2);
        let content = std::fs::read_to_string(&files[1]).unwrap();
        assert_eq!(content, "From: id@example.org\nTo: alice@example.org\nSubject: Number 1\n\ntext\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(std::fs::metadata(&mails).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_no_success() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mailer = FileMailer::new(file.path(), "id@example.org".parse().unwrap(), Arc::new(Still));
        let mail = Mail::new("alice@example.org".parse().unwrap(), "Hello", "text");
        assert!(matches!(mailer.send(&mail).await, Err(MailError::Unavailable(_))));
    }
}
