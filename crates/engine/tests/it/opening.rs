//! Opening inside an application: what is made, where the master key is, and what is refused.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use portcullis::jose::MasterKey;
use portcullis::{Cx, OpenError, Portcullis, token};
use portcullis_types::{Guard as _, GuardRequest, Rng, RngError};
use tempfile::TempDir;

fn url(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("app.db").display())
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A token that only an installation with these signing keys accepts.
async fn token_of(portcullis: &Portcullis) -> String {
    token::mint(portcullis, &Cx::local("test"), "alice", 60).await.unwrap().token
}

async fn knows(portcullis: &Portcullis, token: &str) -> bool {
    portcullis.authenticate(token).await.is_ok()
}

#[tokio::test]
async fn a_file_and_its_key_are_made_once_and_found_again() {
    let folder = TempDir::new().unwrap();
    let first = Portcullis::open(url(&folder)).await.unwrap();
    let key = folder.path().join("app.db.master.key");
    let text = std::fs::read(&key).unwrap();
    assert_eq!((mode(&key), mode(&folder.path().join("app.db"))), (0o600, 0o600));
    let (account, token) = (first.account().clone(), token_of(&first).await);
    first.close().await;

    let second = Portcullis::open(url(&folder)).await.unwrap();
    assert_eq!(second.account(), &account);
    assert!(knows(&second, &token).await);
    assert_eq!(std::fs::read(&key).unwrap(), text, "a key is never replaced");
    second.close().await;
}

#[tokio::test]
async fn a_lost_key_is_named_and_no_other_is_made() {
    let folder = TempDir::new().unwrap();
    Portcullis::open(url(&folder)).await.unwrap().close().await;
    let key = folder.path().join("app.db.master.key");
    std::fs::rename(&key, folder.path().join("elsewhere")).unwrap();
    let error = Portcullis::open(url(&folder)).await.err().unwrap();
    assert!(matches!(&error, OpenError::KeyMissing { path } if *path == key), "{error}");
    assert!(!key.exists());

    std::fs::write(&key, "short").unwrap();
    let error = Portcullis::open(url(&folder)).await.err().unwrap();
    assert!(matches!(&error, OpenError::NoKey { path, .. } if *path == key), "{error}");

    let other = Portcullis::builder(url(&folder)).master_key(MasterKey::from_bytes([7; 32])).open().await;
    assert!(matches!(other.err().unwrap(), OpenError::Start(_)), "another key opens nothing");
    let found =
        Portcullis::builder(url(&folder)).master_key_file(folder.path().join("elsewhere")).open().await;
    found.unwrap().close().await;
}

#[tokio::test]
async fn a_data_folder_holds_the_key_where_the_server_looks() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("a/data");
    let portcullis =
        Portcullis::builder(url(&folder)).data_dir(&data).public_url("https://app.example/").open();
    let portcullis = portcullis.await.unwrap();
    assert_eq!(portcullis.public_url(), "https://app.example");
    assert_eq!((mode(&data), mode(&data.join("master.key"))), (0o700, 0o600));
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1, "no scratch file stays");
    assert!(!folder.path().join("app.db.master.key").exists());
    portcullis.close().await;
}

#[tokio::test]
async fn a_given_key_is_written_nowhere() {
    let folder = TempDir::new().unwrap();
    let portcullis =
        Portcullis::builder(url(&folder)).master_key(MasterKey::from_bytes([7; 32])).open().await;
    portcullis.unwrap().close().await;
    let names = std::fs::read_dir(folder.path()).unwrap();
    let keys = names.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("key"));
    assert_eq!(keys.count(), 0);
}

#[tokio::test]
async fn a_database_in_memory_has_a_key_of_its_own() {
    let (one, other) = (
        Portcullis::open("sqlite::memory:").await.unwrap(),
        Portcullis::open("sqlite::memory:").await.unwrap(),
    );
    let token = token_of(&one).await;
    assert!(knows(&one, &token).await && !knows(&other, &token).await);
    one.close().await;
    other.close().await;
}

#[tokio::test]
async fn a_shared_database_needs_a_key_that_was_given() {
    let error = Portcullis::open("postgres://nobody:secret@127.0.0.1:1/none").await.err().unwrap();
    assert!(matches!(error, OpenError::KeyNotGiven), "{error}");
    let builder = Portcullis::builder("postgres://nobody:secret@127.0.0.1:1/none");
    assert!(!format!("{builder:?} {error:?} {error}").contains("secret"));
}

struct NoChance;

impl Rng for NoChance {
    fn fill(&self, _: &mut [u8]) -> Result<(), RngError> {
        Err(RngError)
    }
}

#[tokio::test]
async fn without_chance_nothing_is_made() {
    let folder = TempDir::new().unwrap();
    let opened = Portcullis::builder(url(&folder)).rng(std::sync::Arc::new(NoChance)).open().await;
    assert!(matches!(opened.err().unwrap(), OpenError::Start(_)));
    assert!(!folder.path().join("app.db.master.key").exists());
    Portcullis::open(url(&folder)).await.unwrap().close().await;
}

#[tokio::test]
async fn an_application_may_develop_against_made_up_people() {
    let folder = TempDir::new().unwrap();
    let portcullis = Portcullis::builder(url(&folder)).fake_guard_context().open().await.unwrap();
    // {"alg":"none"} and {"sub":"alice"}
    let outcome = portcullis.check(GuardRequest::who("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.")).await;
    let context = outcome.context.unwrap();
    assert_eq!((context.subject(), context.fake), (Some("alice"), true));
    portcullis.close().await;
}
